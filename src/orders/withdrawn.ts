import { DAY_MS } from './decision.ts';
import type { Draft } from './draft.ts';
import type { Stage } from './model.ts';

const OVER = new Set<Stage>(['shipped', 'completed', 'cancelled', 'ignored']);

/**
 * An order whose shop withdrew its authorisation: what is not over is for a person, without a call. An effect whose
 * outcome is not known stays noted, so that it is looked up once the shop is connected again.
 */
export const restWithdrawn = (draft: Draft, nowMs: number): void => {
  const { stage, reason } = draft.record;
  draft.set({ nextAttemptAtMs: nowMs + DAY_MS });
  if (OVER.has(stage) || reason === 'shop_disconnected') return;
  draft.set({ stage: 'review', reason: 'shop_disconnected', detail: null, failures: 0 });
  draft.note('stage_review', 'shop_disconnected');
};
