import type { ChannelOrder } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError, UpstreamError } from '../lib/errors.ts';
import type { OrderPatch, Store } from '../store/store.ts';
import type { AddressCorrection } from './correction.ts';
import type { Observation } from './decision.ts';
import { createDraft, type Draft, LeaseLost } from './draft.ts';
import { type FailureRules, failurePatch } from './failure.ts';
import type { OrderKey, OrderRecord, PackageRecord, Stage } from './model.ts';
import type { Sides } from './observe.ts';
import type { Policy } from './policy.ts';
import { runSteps } from './steps.ts';
import { takeIn } from './take-in.ts';
import type { ActContext, Tally } from './with-intent.ts';

export type ConvergeReport = Tally & {
  /** `busy`: another runner has the order and was left a mark. `lost`: its lease went elsewhere meanwhile. */
  outcome: 'settled' | 'failed' | 'busy' | 'lost';
  stage: Stage | null;
  error: { code: string; message: string } | null;
};

export type ConvergeDeps = FailureRules & {
  store: Pick<Store, 'orders' | 'restored'>;
  sidesFor(key: OrderKey): Sides;
  policy(): Policy;
  clock: Clock;
  /** A name for one run, never used before. */
  newOwner(): string;
  /** Told about faults that are ours; upstream failures are in the report. */
  onFault(error: unknown, key: OrderKey): void;
};

/** What a person changes about an order before its next look. */
export type Amendment = {
  patch: OrderPatch;
  packages?: PackageRecord[];
  event: string;
  detail: string;
  /** Holds for this run only. */
  correction?: AddressCorrection | undefined;
};

export type RunOptions = {
  /** The order at the channel, read after the lease; null: the channel does not know it. */
  prefetched?: ChannelOrder | null | undefined;
  /** Asked just before a create; where it says no, the order queues for quota. Absent: it may. */
  mayCreate?: (() => boolean) | undefined;
};
type TurnOptions = RunOptions & { amendment?: Amendment | undefined };

export type Converger = {
  /** Takes the order's lease, makes a person's amendment, and runs it; `busy` when somebody else has it. */
  converge(
    key: OrderKey,
    amend?: (record: OrderRecord) => Amendment,
    options?: RunOptions,
  ): Promise<ConvergeReport>;
  /** Runs an order whose lease `owner` holds. */
  run(record: OrderRecord, owner: string, options?: RunOptions): Promise<ConvergeReport>;
  /** Takes in what the channel says of an order that was never read, and decides nothing. */
  read(key: OrderKey, order: ChannelOrder): Promise<void>;
  /** Gives back an order whose lease is held, after a failure that came before its turn. */
  fail(record: OrderRecord, owner: string, error: unknown): Promise<ConvergeReport>;
};

/** Looks once more for so many marks left by other triggers, then leaves the rest to the order's next turn. */
const MAX_TURNS = 3;
/** As `seenHintSeq` of a release: give the lease back whatever marks there are. */
const ANY_HINT = Number.MAX_SAFE_INTEGER;

const reportOf = (
  outcome: ConvergeReport['outcome'],
  stage: Stage | null = null,
  tally: Tally = { created: 0, reported: 0, cancelled: 0 },
  error: unknown = null,
): ConvergeReport => ({ ...tally, outcome, stage, error: error === null ? null : describeError(error) });

const recordFailure = (deps: ConvergeDeps, draft: Draft, error: unknown): void => {
  if (!(error instanceof UpstreamError)) deps.onFault(error, draft.record.key);
  draft.set(failurePatch(draft.record, error, deps, deps.clock.nowMs()));
  draft.note('attempt_failed', describeError(error).message);
};

/** One look at the order. Answers the failure that ended it, null when it came to rest. */
const turn = async (deps: ConvergeDeps, context: ActContext, options: TurnOptions): Promise<unknown> => {
  try {
    const { prefetched, mayCreate, amendment } = options;
    await runSteps(context, deps.policy(), { prefetched, mayCreate, correction: amendment?.correction });
    return null;
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    recordFailure(deps, context.draft, error);
    return error;
  }
};

const amend = (draft: Draft, { patch, packages, event, detail }: Amendment): void => {
  draft.set(patch);
  for (const parcel of packages ?? []) draft.putPackage(parcel);
  draft.note(event, detail);
};

const draftOf = (deps: ConvergeDeps, record: OrderRecord, owner: string): Draft =>
  createDraft({ record, store: deps.store, owner, nowMs: () => deps.clock.nowMs() });

/** A mark came meanwhile, and somebody else has to follow it: the lease goes back, the order stays due. */
const giveBackDue = async (deps: ConvergeDeps, key: OrderKey, owner: string): Promise<void> => {
  await deps.store.orders.release(key, owner, ANY_HINT, { patch: {} }, deps.clock.nowMs());
};

const runTurns = async (
  deps: ConvergeDeps,
  first: OrderRecord,
  owner: string,
  tally: Tally,
  options: TurnOptions,
): Promise<ConvergeReport> => {
  const nowMs = (): number => deps.clock.nowMs();
  let record = first;
  for (let count = 1; ; count += 1) {
    const draft = draftOf(deps, record, owner);
    const restoredAtMs = deps.store.restored?.atMs ?? null;
    const context: ActContext = { sides: deps.sidesFor(record.key), draft, nowMs, tally, restoredAtMs };
    if (count === 1 && options.amendment) amend(draft, options.amendment);
    const error = await turn(deps, context, count === 1 ? options : { mayCreate: options.mayCreate });
    const end = await deps.store.orders.release(record.key, owner, record.hintSeq, draft.take(), nowMs());
    if (end.outcome === 'lost') return reportOf('lost');
    if (end.outcome === 'released' || error !== null || count === MAX_TURNS) {
      if (end.outcome === 'hinted') await giveBackDue(deps, record.key, owner);
      return reportOf(error === null ? 'settled' : 'failed', draft.record.stage, tally, error);
    }
    record = end.record;
  }
};

/**
 * observe → decide → act → record, until decide says rest. Webhooks, sweeps, timers and operators all end here, so
 * duplicates, lost webhooks and crashes are all the same case.
 */
export const createConverger = (deps: ConvergeDeps): Converger => {
  const runLeased = async (
    record: OrderRecord,
    owner: string,
    options: TurnOptions,
  ): Promise<ConvergeReport> => {
    try {
      return await runTurns(deps, record, owner, { created: 0, reported: 0, cancelled: 0 }, options);
    } catch (error) {
      if (error instanceof LeaseLost) return reportOf('lost');
      throw error;
    }
  };
  return {
    run: (record, owner, options = {}) => runLeased(record, owner, options),
    async converge(key, amend, options = {}) {
      const owner = deps.newOwner();
      const record = await deps.store.orders.lease(key, owner, deps.clock.nowMs());
      return record ? runLeased(record, owner, { ...options, amendment: amend?.(record) }) : reportOf('busy');
    },
    async read(key, order) {
      const owner = deps.newOwner();
      const record = await deps.store.orders.lease(key, owner, deps.clock.nowMs());
      if (!record) return;
      const draft = draftOf(deps, record, owner);
      const nowMs = deps.clock.nowMs();
      const seen: Observation = { order, sight: { kind: 'none' }, carriers: null, cancellation: null };
      takeIn(draft, seen, deps.policy().skuMap, nowMs);
      await deps.store.orders.release(key, owner, ANY_HINT, draft.take(), nowMs);
    },
    async fail(record, owner, error) {
      const draft = draftOf(deps, record, owner);
      recordFailure(deps, draft, error);
      await deps.store.orders.release(record.key, owner, ANY_HINT, draft.take(), deps.clock.nowMs());
      return reportOf('failed', draft.record.stage, undefined, error);
    },
  };
};
