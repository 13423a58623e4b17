import type { ChannelOrder } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError, UpstreamError } from '../lib/errors.ts';
import type { OrderPatch, Store } from '../store/store.ts';
import { type CallLog, NO_CALL_LOG } from './call-log.ts';
import type { Correction } from './correction.ts';
import type { Observation } from './decision.ts';
import { createDraft, type Draft, LeaseLost } from './draft.ts';
import { type FailureRules, failurePatch } from './failure.ts';
import type { OrderCall, OrderKey, OrderRecord, PackageRecord, Stage } from './model.ts';
import type { OrderSource, Sides } from './observe.ts';
import type { Policy } from './policy.ts';
import type { Shadow } from './shadow.ts';
import { runSteps } from './steps.ts';
import { takeIn } from './take-in.ts';
import { NO_WATCH, type OrderWatch } from './watch.ts';
import type { ActContext, Tally } from './with-intent.ts';
import { restWithdrawn } from './withdrawn.ts';

export type ConvergeReport = Tally & {
  /** `busy`: another runner has the order and was left a mark. `lost`: its lease went elsewhere meanwhile. */
  outcome: 'settled' | 'failed' | 'busy' | 'lost';
  stage: Stage | null;
  error: { code: string; message: string } | null;
};

export type ConvergeDeps = FailureRules & {
  store: Pick<Store, 'orders' | 'restored'>;
  sidesFor(order: OrderSource): Sides;
  policy(order: OrderSource): Policy;
  clock: Clock;
  /** A name for one run, never used before. */
  newOwner(): string;
  /** Set in shadow mode, where nothing is done. */
  shadow?: Shadow | null;
  /** Looks on; absent: nobody does. */
  watch?: OrderWatch;
  /** Tells which calls were made for an order; absent: nobody does. */
  callLog?: CallLog;
  /** Told of an order whose lines became known, so that its units are promised from now on. */
  onTakenIn?(record: OrderRecord): void;
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
  correction?: Correction | undefined;
};

export type RunOptions = {
  /** The order at the channel, read after the lease; null: the channel does not know it. */
  prefetched?: ChannelOrder | null | undefined;
  /** Asked just before a create with the account that ships it; where it says no, the order queues for quota. Absent: it may. */
  mayCreate?: ((amazonAccount: string) => boolean) | undefined;
  /** What was called for it before its turn, together with others. */
  calls?: readonly OrderCall[] | undefined;
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
  fail(
    record: OrderRecord,
    owner: string,
    error: unknown,
    calls?: readonly OrderCall[],
  ): Promise<ConvergeReport>;
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

const mayCreateAt = ({ mayCreate }: RunOptions, amazonAccount: string | null): boolean =>
  amazonAccount === null || mayCreate === undefined || mayCreate(amazonAccount);

const isRead = (before: OrderRecord, after: OrderRecord): boolean =>
  before.snapshot === null && after.snapshot !== null;

/** One look at the order. Answers the failure that ended it, null when it came to rest. */
const turn = async (deps: ConvergeDeps, context: ActContext, options: TurnOptions): Promise<unknown> => {
  try {
    const { draft, sides } = context;
    if (sides.isWithdrawn) {
      restWithdrawn(draft, deps.clock.nowMs());
      return null;
    }
    const { prefetched, amendment } = options;
    const mayCreate = options.mayCreate && ((): boolean => mayCreateAt(options, sides.amazonAccount));
    await runSteps(context, deps.policy(draft.record), {
      prefetched,
      mayCreate,
      correction: amendment?.correction,
    });
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

const draftOf = (deps: ConvergeDeps, record: OrderRecord, owner: string, calls: OrderCall[] = []): Draft =>
  createDraft({ record, store: deps.store, owner, nowMs: () => deps.clock.nowMs(), calls });

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
  calls: OrderCall[],
): Promise<ConvergeReport> => {
  const nowMs = (): number => deps.clock.nowMs();
  let record = first;
  for (let count = 1; ; count += 1) {
    const draft = draftOf(deps, record, owner, calls);
    const restoredAtMs = deps.store.restored?.atMs ?? null;
    const shadow = deps.shadow ?? null;
    const context: ActContext = {
      sides: deps.sidesFor(record),
      draft,
      nowMs,
      tally,
      restoredAtMs,
      shadow,
      watch: deps.watch,
    };
    if (count === 1 && options.amendment) amend(draft, options.amendment);
    const error = await turn(deps, context, count === 1 ? options : { mayCreate: options.mayCreate });
    const end = await deps.store.orders.release(record.key, owner, record.hintSeq, draft.take(), nowMs());
    if (end.outcome === 'lost') return reportOf('lost');
    if (isRead(record, draft.record)) deps.onTakenIn?.(draft.record);
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
  const { watch = NO_WATCH, callLog = NO_CALL_LOG } = deps;
  const runLeased = async (
    record: OrderRecord,
    owner: string,
    options: TurnOptions,
  ): Promise<ConvergeReport> => {
    try {
      const tally = { created: 0, reported: 0, cancelled: 0 };
      const calls = [...(options.calls ?? [])];
      const run = () => runTurns(deps, record, owner, tally, options, calls);
      return await watch.running(record, () => callLog.gather(calls, 1, run));
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
      if (record.snapshot === null) watch.firstRead(key, order);
      takeIn(draft, seen, deps.policy(record).skuMap, nowMs);
      await deps.store.orders.release(key, owner, ANY_HINT, draft.take(), nowMs);
      if (isRead(record, draft.record)) deps.onTakenIn?.(draft.record);
    },
    async fail(record, owner, error, calls = []) {
      const draft = draftOf(deps, record, owner, [...calls]);
      const { isWithdrawn } = deps.sidesFor(record);
      if (isWithdrawn) restWithdrawn(draft, deps.clock.nowMs());
      else recordFailure(deps, draft, error);
      await deps.store.orders.release(record.key, owner, ANY_HINT, draft.take(), deps.clock.nowMs());
      return isWithdrawn
        ? reportOf('settled', draft.record.stage)
        : reportOf('failed', draft.record.stage, undefined, error);
    },
  };
};
