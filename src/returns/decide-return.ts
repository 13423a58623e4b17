import { isoTime } from '../lib/clock.ts';
import type { OrderRecord, ReturnRecord, ReturnReview } from '../orders/model.ts';
import { planUnits, type ReturnUnit, shippedByUs } from './units.ts';

/** What happens with an approved return: a person decides, or Amazon is told to expect it. */
export type ReturnSetting = 'review' | 'create';

export type ReturnDecision =
  /** The order was not read yet, so nobody knows whether Amazon shipped it. */
  | { kind: 'wait' }
  | { kind: 'nothing' }
  | { kind: 'createAtAmazon'; fulfillmentId: string; units: ReturnUnit[] }
  /** `askedFor` names the question: the same one is put to a person once. */
  | { kind: 'review'; review: ReturnReview; askedFor: string };

const ENDED = new Set<ReturnRecord['state']>(['rejected', 'succeeded', 'cancelled', 'completed']);

const ask = (
  returned: ReturnRecord,
  askedFor: string,
  detail: string,
  reason: ReturnReview['reason'] = 'return_needs_action',
): ReturnDecision => ({
  kind: 'review',
  askedFor,
  review: {
    returnId: returned.returnId,
    reason,
    detail: `Return ${returned.returnId}: ${detail}`,
    respondByMs: returned.respondByMs,
  },
});

/** The seller has to answer: the request itself, or the parcel that came back. */
const askForAnswer = (returned: ReturnRecord): ReturnDecision => {
  const deadline = returned.respondByMs === null ? '' : ` by ${isoTime(returned.respondByMs)}`;
  return ask(returned, `answer/${returned.state}`, `to be answered in Seller Center${deadline}.`);
};

/** An approved return whose goods are on their way back. */
const decideApproved = (
  returned: ReturnRecord,
  order: OrderRecord,
  setting: ReturnSetting,
): ReturnDecision => {
  const wantsCreate =
    returned.amazonState === 'requested' || (setting === 'create' && returned.amazonState === null);
  const plan = wantsCreate ? planUnits(returned, order) : null;
  if (plan?.ok) return { kind: 'createAtAmazon', ...plan.value };
  if (returned.respondByMs !== null) return askForAnswer(returned);
  if (returned.amazonState === 'created') return { kind: 'nothing' };
  if (returned.amazonState === 'refused') {
    return ask(returned, 'refused', 'Amazon does not expect it.', 'return_refused');
  }
  const why = plan ? ` ${plan.problem}` : '';
  return ask(returned, 'ship_back', `approved; Amazon does not expect it.${why}`);
};

/**
 * What a return asks for: nothing once it ended, when only money goes back or the buyer keeps the goods, or when
 * Amazon shipped none of its lines; an answer while the seller owes one (TikTok approves by itself after that
 * deadline: partner docs, 2025-12); an Amazon return or a person's decision once the goods come back. Pure.
 */
export const decideReturn = (
  returned: ReturnRecord,
  order: OrderRecord,
  setting: ReturnSetting,
): ReturnDecision => {
  if (ENDED.has(returned.state) || returned.type === 'refund' || returned.buyerKeepsItem) {
    return { kind: 'nothing' };
  }
  if (order.snapshot === null) return { kind: 'wait' };
  if (!shippedByUs(returned, order)) return { kind: 'nothing' };
  switch (returned.state) {
    case 'pending':
      return askForAnswer(returned);
    case 'awaiting_parcel':
    case 'parcel_sent':
      return decideApproved(returned, order, setting);
    default:
      return ask(returned, `status/${returned.rawStatus}`, `status ${returned.rawStatus || 'empty'}.`);
  }
};
