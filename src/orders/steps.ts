import type { ChannelOrder } from '../channels/channel.ts';
import { act } from './act.ts';
import { applyCorrection, type Correction } from './correction.ts';
import { decide } from './decide.ts';
import { type Decision, type Observation, type Rest, wait } from './decision.ts';
import type { Draft } from './draft.ts';
import { settleIntent, sightAfterSettling } from './intents.ts';
import { observe } from './observe.ts';
import type { Policy } from './policy.ts';
import { lookAfterRestore } from './restored.ts';
import { recordOnly } from './shadow.ts';
import { takeIn } from './take-in.ts';
import { NO_WATCH, type Seen } from './watch.ts';
import type { ActContext } from './with-intent.ts';

/** More effects in one run than the largest order has parcels; a higher count is a fault of the rules. */
const MAX_STEPS = 300;
/** A trigger newer than what was read is believed this long: the channel's reads may lag behind its webhooks. */
const STALE_READ_MS = 2 * 60_000;
const STALE_LOOK_MS = 10_000;
/** An order that waits for quota is looked at so often although nothing names it. */
const QUEUED_LOOK_MS = 15 * 60_000;
/** Effects whose outcome the channel may show late; repeated in a later run at the soonest. */
const SHOWN_LATE = new Set<Decision['kind']>(['approveCancellation', 'rejectCancellation', 'cancelOrder']);
const SHOWN_WITHIN_MS = 60_000;

/** Writes where the order rests and when it is looked at next. `failures` in a row end, unless it only queues. */
const rest = (draft: Draft, next: Rest, nowMs: number, failures = 0): void => {
  const { record } = draft;
  const changed = record.stage !== next.stage || record.reason !== next.reason;
  const behind =
    record.hintUpdatedAtMs !== null &&
    record.orderUpdatedAtMs !== null &&
    record.hintUpdatedAtMs > record.orderUpdatedAtMs &&
    nowMs - record.hintUpdatedAtMs < STALE_READ_MS;
  const staleLookMs = behind ? nowMs + STALE_LOOK_MS : Infinity;
  const nextMs = Math.min(next.nextAttemptAtMs ?? Infinity, staleLookMs);
  draft.set({
    stage: next.stage,
    reason: next.reason,
    detail: next.detail,
    failures,
    nextAttemptAtMs: Number.isFinite(nextMs) ? nextMs : null,
  });
  if (changed)
    draft.note(`stage_${next.stage}`, next.detail ? `${next.reason}: ${next.detail}` : next.reason);
};

/** Takes in what was seen and decides. Changes the draft and nothing else. */
export const decideNext = (
  context: Pick<ActContext, 'draft' | 'nowMs' | 'watch'>,
  seen: Observation,
  policy: Policy,
): { seen: Observation; decision: Decision } => {
  const { draft } = context;
  const nowMs = context.nowMs();
  if (seen.order && draft.record.snapshot === null) context.watch?.firstRead(draft.record.key, seen.order);
  takeIn(draft, seen, policy.skuMap, nowMs);
  const open = settleIntent(draft, seen, nowMs);
  const settled = { ...seen, sight: sightAfterSettling(draft, seen) };
  return { seen: settled, decision: open ?? decide({ ...settled, record: draft.record, policy, nowMs }) };
};

/** The create has to wait for quota: the order queues for it by its deadline. */
const queueForQuota = (draft: Draft, nowMs: number): void =>
  rest(draft, wait('routing', 'awaiting_quota', nowMs + QUEUED_LOOK_MS), nowMs, draft.record.failures);

export type StepOptions = {
  /** The channel's order, read a moment ago. */
  prefetched?: ChannelOrder | null | undefined;
  correction?: Correction | undefined;
  /** Asked just before a create; where it says no, the order queues. Absent: it may. */
  mayCreate?: (() => boolean) | undefined;
};

/** Observes, then decides and acts until the order rests. Throws `UpstreamError` and `LeaseLost`. */
export const runSteps = async (
  context: ActContext,
  policy: Policy,
  { prefetched, correction, mayCreate = () => true }: StepOptions = {},
): Promise<void> => {
  const { draft, sides, watch = NO_WATCH } = context;
  const look = (known?: ChannelOrder | null): Promise<Observation> =>
    watch.looking(async () => applyCorrection(await observe(sides, draft.record, known), correction));
  const made = new Set<string>();
  const restored = await lookAfterRestore(context, policy, prefetched);
  if (restored.rest) {
    rest(draft, restored.rest, context.nowMs());
    return;
  }
  let seen = await look(restored.order);
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const next = decideNext(context, seen, policy);
    const basis: Seen = { observation: next.seen, record: draft.record, policy, nowMs: context.nowMs() };
    watch.decided(next.decision, basis);
    if (context.shadow) {
      rest(draft, await recordOnly(context.shadow, draft, next, context.nowMs()), context.nowMs());
      return;
    }
    if ('stage' in next.decision) {
      rest(draft, next.decision, context.nowMs());
      return;
    }
    const effect = next.decision;
    const { kind } = effect;
    if (kind === 'create' && !mayCreate()) {
      queueForQuota(draft, context.nowMs());
      return;
    }
    const mark = kind === 'ship' ? `ship ${effect.request.trackingNumber}` : kind;
    if (kind === 'ship' && made.has(mark)) {
      const detail = 'TikTok refused a report and still shows its lines as open.';
      rest(
        draft,
        wait('fulfilling', 'at_amazon', context.nowMs() + SHOWN_WITHIN_MS, detail),
        context.nowMs(),
      );
      return;
    }
    if (SHOWN_LATE.has(kind) && made.has(mark)) {
      rest(draft, wait('routing', 'cancelling', context.nowMs() + SHOWN_WITHIN_MS), context.nowMs());
      return;
    }
    made.add(mark);
    const outcome = await watch.acting(effect, basis, context.tally, context.nowMs, () =>
      act(context, effect),
    );
    seen = outcome === 'look' ? await look() : { ...next.seen, sight: outcome.sight ?? next.seen.sight };
  }
  throw new Error('an order needs more steps than any rule asks for');
};
