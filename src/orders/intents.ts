import { type Observation, type Rest, wait } from './decision.ts';
import type { Draft } from './draft.ts';
import type { Intent } from './model.ts';

/**
 * How long a request whose exchange never ended may still be on its way. Our calls are given up after 10 s; twice
 * that leaves the other side as long again to finish. Only then does "not there" mean "did not happen".
 */
export const IN_FLIGHT_MS = 20_000;
/** The exchange ended with an error of theirs; what it did may still take a moment to show. */
const ANSWERED_MS = 10_000;
/** An order cancelled meanwhile: nothing presses, and a create that shows up late must still be stopped. */
const CANCELLED_MS = 10 * 60_000;
const LOOK_MS = 60_000;

/** What the other side shows settles the create: there it is, or it is surely not coming. */
const createHappened = (seen: Observation): boolean => seen.sight.kind === 'found';

const openForMs = (intent: Intent, { order }: Observation): number => {
  if (intent.kind === 'create' && order?.status === 'cancelled') return CANCELLED_MS;
  return intent.inFlight ? IN_FLIGHT_MS : ANSWERED_MS;
};

/** Effects whose repetition the next decision judges by what both sides show, so that nothing is kept waiting. */
const REPEATABLE = new Set<Intent['kind']>(['cancel', 'approve', 'reject']);

/**
 * Settles an effect whose answer was lost, by what both sides show now. Answers a rest while it is still open.
 * Reports that happened were already taken in from the channel's lines.
 */
export const settleIntent = (draft: Draft, seen: Observation, nowMs: number): Rest | null => {
  const { intent } = draft.record;
  if (!intent) return null;
  const clear = (event?: string): null => {
    draft.set({ intent: null });
    if (event) draft.note(event);
    return null;
  };
  if (REPEATABLE.has(intent.kind)) return clear();
  if (intent.kind === 'create' && createHappened(seen)) return clear();
  if (intent.kind === 'ship') {
    const isReported = draft.record.packages.some(
      (parcel) => parcel.packageKey === intent.packageKey && parcel.reportedAtMs !== null,
    );
    if (isReported) return clear();
  }
  const settledAtMs = intent.atMs + openForMs(intent, seen);
  if (nowMs < settledAtMs) {
    return intent.kind === 'create'
      ? wait('routing', 'create_unclear', Math.min(settledAtMs, nowMs + LOOK_MS))
      : wait('fulfilling', 'at_amazon', settledAtMs, `The outcome of ${intent.kind} is being looked up.`);
  }
  return clear(`${intent.kind}_outcome_looked_up`);
};

/** The create's outcome was settled as "not there": the order has nothing at the provider. */
export const sightAfterSettling = (draft: Draft, seen: Observation): Observation['sight'] =>
  seen.sight.kind === 'missing' && draft.record.acceptedAtMs === null ? { kind: 'none' } : seen.sight;
