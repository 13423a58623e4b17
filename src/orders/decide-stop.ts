import type { Fulfillment } from '../fulfillment/provider.ts';
import { addressFingerprintText, normaliseAddress } from './address/index.ts';
import { isOtherAddress } from './correction.ts';
import { type Decision, done, HOUR_MS, type KnownInput, review, wait } from './decision.ts';

const MINUTE_MS = 60_000;
/** After that the provider is asked to cancel once more: its first answer may have been lost inside. */
const ASK_AGAIN_AFTER_MS = 5 * MINUTE_MS;
const PROOF_LOOK_MS = 10_000;
/** Documented for both markets: the parcel is packed and cannot be stopped (partner docs 2025-12, 8.2). */
const REJECT_PACKED = 'seller_reject_apply_product_has_been_packed';

/** Who wants the fulfillment stopped, strongest first. */
type Wish = 'order_cancelled' | 'operator' | 'buyer' | 'address';

/** How far stopping has come. Only what the provider shows counts as proof. */
type Progress = 'stopped' | 'too_late' | { ask: true } | { lookAtMs: number };

const ENDED = new Set(['cancelled', 'unfulfillable', 'invalid']);
const BEYOND_STOPPING = new Set(['processing', 'complete', 'partial']);

export const isStopped = (fulfillment: Fulfillment): boolean => ENDED.has(fulfillment.state);

const addressChanged = ({ order, record, policy }: KnownInput): boolean => {
  if (!order.addressEdited || record.addressHash === null) return false;
  const address = normaliseAddress(order.recipient, { marketplaceCountry: policy.marketplaceCountry });
  const fingerprint = address.ok ? addressFingerprintText(address.value) : null;
  return isOtherAddress(record.addressHash, order.recipient, fingerprint, policy.hash);
};

const findWish = (input: KnownInput): Wish | null => {
  if (input.order.status === 'cancelled') return 'order_cancelled';
  if (input.record.cancelRequest) return 'operator';
  if (input.order.buyerRequestedCancel && input.policy.cancellation === 'auto') return 'buyer';
  return addressChanged(input) ? 'address' : null;
};

const progressOf = ({ record, nowMs }: KnownInput, fulfillment: Fulfillment): Progress => {
  if (isStopped(fulfillment)) return 'stopped';
  if (BEYOND_STOPPING.has(fulfillment.state)) return 'too_late';
  const triedAtMs = record.stop?.fulfillmentId === fulfillment.fulfillmentId ? record.stop.triedAtMs : null;
  if (triedAtMs === null || nowMs - triedAtMs >= ASK_AGAIN_AFTER_MS) return { ask: true };
  return { lookAtMs: nowMs + PROOF_LOOK_MS };
};

const WHY: Readonly<Record<Wish, string>> = {
  order_cancelled: 'cancelled at TikTok',
  operator: 'a person asked',
  buyer: 'the buyer asks to cancel',
  address: 'the address changed',
};

/** Amazon's side is proven stopped. Null: the order goes on as one that has nothing at Amazon. */
const whenStopped = (input: KnownInput, wish: Wish): Decision | 'create' => {
  const { record, cancellation, nowMs } = input;
  switch (wish) {
    case 'order_cancelled':
      return done('cancelled', 'cancelled');
    case 'operator':
      if (!record.cancelRequest || record.cancelRequest.keepOrder) {
        return review('mcf_cancelled', nowMs + HOUR_MS, 'A person asked for it.');
      }
      return { kind: 'cancelOrder', reason: record.cancelRequest.reason };
    case 'buyer':
      if (cancellation) return { kind: 'approveCancellation', cancelId: cancellation.cancelId };
      return wait('routing', 'cancelling', nowMs + MINUTE_MS);
    case 'address':
      return 'create';
  }
};

/** Amazon can no longer stop. Null: the life of the order goes on, with its parcels reported. */
const whenTooLate = (input: KnownInput, wish: Wish, fulfillment: Fulfillment): Decision | null => {
  const { cancellation, order, policy, nowMs } = input;
  switch (wish) {
    case 'order_cancelled':
      return review('cancelled_but_shipped', nowMs + HOUR_MS, `Amazon: ${fulfillment.rawState}.`);
    case 'buyer': {
      // In the US a report rejects the request by itself and the reject call is deprecated (partner docs 2024).
      if (policy.marketplaceCountry === 'US' || !cancellation) return null;
      const shippable = order.status === 'awaiting_shipment' || order.status === 'partially_shipped';
      return shippable
        ? { kind: 'rejectCancellation', cancelId: cancellation.cancelId, rejectReason: REJECT_PACKED }
        : null;
    }
    case 'operator':
    case 'address':
      return null;
  }
};

/**
 * Stopping what is live at Amazon, on either side's wish. Amazon's cancel is "try, then look": only a read proves
 * it (MCF fact sheet 2026-08, 2.8). `create`: stopped for a new address, to be made anew. Null: nothing to stop.
 */
export const decideStop = (input: KnownInput, fulfillment: Fulfillment): Decision | 'create' | null => {
  const wish = findWish(input);
  if (!wish) return null;
  const progress = progressOf(input, fulfillment);
  if (progress === 'stopped') return whenStopped(input, wish);
  if (progress === 'too_late') return whenTooLate(input, wish, fulfillment);
  if ('ask' in progress) return { kind: 'cancel', fulfillmentId: fulfillment.fulfillmentId, why: WHY[wish] };
  return wait('routing', 'cancelling', progress.lookAtMs);
};

/** Why a person should know although the order goes on; said once nothing else is to be done. */
export const lateWish = (input: KnownInput, fulfillment: Fulfillment): Decision | null => {
  const wish = findWish(input);
  if (!wish || progressOf(input, fulfillment) !== 'too_late') return null;
  if (wish === 'address') return review('address_changed_after_create', input.nowMs + HOUR_MS);
  return review('cancel_requested_too_late', input.nowMs + HOUR_MS);
};
