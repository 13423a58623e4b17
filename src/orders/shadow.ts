import type { ChannelOrder } from '../channels/channel.ts';
import type { ShadowAction } from '../store/store.ts';
import { type Decision, HOUR_MS, type Observation, type Rest, wait } from './decision.ts';
import type { Draft } from './draft.ts';
import type { OrderKey } from './model.ts';
import type { Effect } from './with-intent.ts';

/** Takes down what is not done in shadow mode, and what the channel shows instead. */
export type Shadow = {
  saw(key: OrderKey, order: ChannelOrder): Promise<void>;
  wouldHave(action: ShadowAction): Promise<void>;
};

type Told = Pick<ShadowAction, 'kind' | 'subject' | 'what'>;

/** An effect as it is recorded: names, codes and numbers of goods, nothing of the buyer. */
export const describeEffect = (effect: Effect): Told => {
  const { kind } = effect;
  switch (kind) {
    case 'create': {
      const items = effect.request.items.map(({ amazonSku, quantity }) => ({ amazonSku, quantity }));
      return { kind, subject: '', what: { items, speed: effect.chooseFrom ? 'auto' : effect.request.speed } };
    }
    case 'cancel':
      return { kind, subject: effect.fulfillmentId, what: { reason: effect.why } };
    case 'cancelOrder':
      return { kind, subject: '', what: { reason: effect.reason } };
    case 'approveCancellation':
      return { kind, subject: effect.cancelId, what: {} };
    case 'rejectCancellation':
      return { kind, subject: effect.cancelId, what: { reason: effect.rejectReason } };
    case 'ship': {
      const { trackingNumber } = effect.request;
      return { kind, subject: trackingNumber, what: { trackingNumber, carrier: effect.carrier.name } };
    }
    case 'correctTracking': {
      const { trackingNumber } = effect;
      return { kind, subject: trackingNumber, what: { trackingNumber, carrier: effect.carrier.name } };
    }
  }
};

const describeReview = (rest: Rest): Told | null =>
  rest.kind === 'review' ? { kind: 'review', subject: rest.reason, what: { reason: rest.reason } } : null;

/**
 * The place where every decision ends in shadow mode: it is recorded, and the order rests until the channel shows
 * something new. Nothing goes out, so the same is decided again at the next look.
 */
export const recordOnly = async (
  shadow: Shadow,
  { record }: Draft,
  { seen, decision }: { seen: Observation; decision: Decision },
  nowMs: number,
): Promise<Rest> => {
  if (seen.order) await shadow.saw(record.key, seen.order);
  const isRest = 'stage' in decision;
  const told = isRest ? describeReview(decision) : describeEffect(decision);
  if (told) await shadow.wouldHave({ ...told, key: record.key, atMs: nowMs });
  if (isRest) return decision;
  const stage = record.acceptedAtMs === null ? 'waiting' : 'fulfilling';
  return wait(stage, 'shadow_would_act', nowMs + HOUR_MS, `Next step: ${decision.kind}.`);
};
