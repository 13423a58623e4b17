import { UpstreamError } from '../lib/errors.ts';
import type { Decision, Observation, Rest } from './decision.ts';
import type { Draft } from './draft.ts';
import type { Intent } from './model.ts';
import type { Sides } from './observe.ts';
import type { Shadow } from './shadow.ts';
import type { OrderWatch } from './watch.ts';

/** Counts of effects, for the report of a pass. */
export type Tally = { created: number; reported: number; cancelled: number };

export type ActContext = {
  sides: Sides;
  draft: Draft;
  nowMs: () => number;
  tally: Tally;
  /** When the store was restored from a backup; null: never. */
  restoredAtMs: number | null;
  /** Set in shadow mode: what would be done is recorded in the place of doing it. */
  shadow: Shadow | null;
  /** Looks on; absent: nobody does. */
  watch?: OrderWatch | undefined;
};

/** An effect: every decision that is not rest. */
export type Effect = Exclude<Decision, Rest>;
export type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;

/** How to go on: with what was seen, changed by the effect, or by reading both sides anew. */
export type ActOutcome = { sight?: Observation['sight'] } | 'look';

export type IntentBody = Intent extends infer I
  ? I extends Intent
    ? Omit<I, 'atMs' | 'inFlight'>
    : never
  : never;

/**
 * Commits the intent, makes the call, takes the intent away with its outcome. When the call fails, `before` proves
 * that nothing happened; otherwise the intent stays and the next step is a look.
 */
export const withIntent = async <T>(
  context: ActContext,
  body: IntentBody,
  call: () => Promise<T>,
): Promise<T> => {
  const { draft } = context;
  draft.set({ intent: { ...body, atMs: context.nowMs(), inFlight: true } });
  await draft.flush();
  try {
    const answer = await call();
    draft.set({ intent: null });
    return answer;
  } catch (error) {
    const { intent } = draft.record;
    if (error instanceof UpstreamError && intent) {
      const ended = error.code !== 'upstream_timeout' && error.code !== 'upstream_unreachable';
      draft.set({ intent: error.stage === 'before' ? null : { ...intent, inFlight: !ended } });
    }
    throw error;
  }
};
