import type { ChannelLine } from '../channels/channel.ts';
import type { Fulfillment } from '../fulfillment/provider.ts';
import { addressFingerprintText, normaliseAddress } from './address/index.ts';
import { isOtherAddress } from './correction.ts';
import { routedLines } from './decide-parcels.ts';
import { pauseOf } from './decide-pause.ts';
import { type Decision, done, HOUR_MS, type KnownInput, review, wait } from './decision.ts';
import type { CancelRequest, OrderRecord } from './model.ts';

const MINUTE_MS = 60_000;
/** After that the provider is asked to cancel once more: its first answer may have been lost inside. */
const ASK_AGAIN_AFTER_MS = 5 * MINUTE_MS;
const PROOF_LOOK_MS = 10_000;
/** Documented for both markets: the parcel is packed and cannot be stopped (partner docs 2025-12, 8.2). */
const REJECT_PACKED = 'seller_reject_apply_product_has_been_packed';

/** Who wants the fulfillment stopped, strongest first. */
type Wish = 'order_cancelled' | 'operator' | 'buyer' | 'address' | 'lines' | 'stuck';

/** Names a rejection, so that one TikTok refused is not tried again and the parcels are reported all the same. */
export const rejectKey = (cancelId: string): string => `reject/${cancelId}`;

/** How far stopping has come. Only what the provider shows counts as proof. */
type Progress = 'stopped' | 'too_late' | { ask: true } | { lookAtMs: number };

const ENDED = new Set(['cancelled', 'unfulfillable', 'invalid']);
const BEYOND_STOPPING = new Set(['processing', 'complete', 'partial']);

export const hasEnded = (fulfillment: Fulfillment): boolean => ENDED.has(fulfillment.state);

/** Nothing of it ships. One that ended after a parcel left is not stopped, whatever it calls itself. */
const isStopped = (fulfillment: Fulfillment): boolean =>
  hasEnded(fulfillment) && !fulfillment.packages.some((parcel) => parcel.shipmentState === 'shipped');

/** Compares what the channel itself has: a person's correction of it is no edit by the buyer. */
const addressChanged = ({ order, record, policy, correctedFrom }: KnownInput): boolean => {
  if (!order.addressEdited || record.addressHash === null) return false;
  const recipient = correctedFrom ?? order.recipient;
  const address = normaliseAddress(recipient, { marketplaceCountry: policy.marketplaceCountry });
  const fingerprint = address.ok ? addressFingerprintText(address.value) : null;
  return isOtherAddress(record.addressHash, recipient, fingerprint, policy.hash);
};

/**
 * Lines that went to Amazon and that it must not ship any more, the rest of the order living on: cancelled at the
 * channel afterwards, or shipped there by hand under a number that is not of ours.
 */
const lostLines = (input: KnownInput): string[] => {
  const routed = new Set(routedLines(input).map((line) => line.lineId));
  const reported = new Set(
    input.record.packages
      .filter((parcel) => parcel.reportedAtMs !== null)
      .flatMap((parcel) => parcel.lineIds),
  );
  const isLost = (line: ChannelLine): boolean =>
    line.status === 'cancelled' ||
    (line.status === 'shipped' && line.trackingNumber !== null && !reported.has(line.lineId));
  return input.order.lines
    .filter((line) => routed.has(line.lineId) && isLost(line))
    .map((line) => line.lineId);
};

/** New orders under the next suffix for one that does not leave planning: no more than this, then a person. */
const MAX_RESUBMITS = 3;

/**
 * Sits unpicked past the day Amazon meant to ship it: stock in transfer between its centers, typically, which
 * cancelling and making anew has cured (MCF fact sheet 2026-08, pitfall 9).
 */
export const isStuck = ({ record, nowMs }: KnownInput, fulfillment: Fulfillment): boolean =>
  (fulfillment.state === 'planning' || fulfillment.state === 'accepted') &&
  record.expectedShipAtMs !== null &&
  nowMs > record.expectedShipAtMs;

const isToResubmit = (input: KnownInput, fulfillment: Fulfillment): boolean =>
  input.policy.resubmitStuck &&
  input.record.fulfillmentCount <= MAX_RESUBMITS &&
  isStuck(input, fulfillment) &&
  pauseOf(input, input.record.items) === null;

const findWish = (input: KnownInput, fulfillment: Fulfillment): Wish | null => {
  if (input.order.status === 'cancelled') return 'order_cancelled';
  if (input.record.cancelRequest) return 'operator';
  if (input.order.buyerRequestedCancel && input.policy.cancellation === 'auto') return 'buyer';
  if (addressChanged(input)) return 'address';
  if (lostLines(input).length > 0) return 'lines';
  const { stop } = input.record;
  const isAsked = stop?.fulfillmentId === fulfillment.fulfillmentId && stop.remake;
  return isAsked || isToResubmit(input, fulfillment) ? 'stuck' : null;
};

/** Wishes for another fulfillment in the place of this one. */
const REMAKING = new Set<Wish>(['address', 'lines', 'stuck']);

/**
 * A number of it is reported, so the channel shows those lines as shipped and another fulfillment could not carry
 * them: Amazon's own number exists while the order is still in planning.
 */
export const hasReport = (record: OrderRecord, { fulfillmentId }: Fulfillment): boolean =>
  record.packages.some((parcel) => parcel.fulfillmentId === fulfillmentId && parcel.reportedAtMs !== null);

const progressOf = ({ record, nowMs }: KnownInput, fulfillment: Fulfillment, wish: Wish): Progress => {
  if (REMAKING.has(wish) && hasReport(record, fulfillment)) return 'too_late';
  if (isStopped(fulfillment)) return 'stopped';
  if (BEYOND_STOPPING.has(fulfillment.state) || hasEnded(fulfillment)) return 'too_late';
  const triedAtMs = record.stop?.fulfillmentId === fulfillment.fulfillmentId ? record.stop.triedAtMs : null;
  if (triedAtMs === null || nowMs - triedAtMs >= ASK_AGAIN_AFTER_MS) return { ask: true };
  return { lookAtMs: nowMs + PROOF_LOOK_MS };
};

const WHY: Readonly<Record<Wish, string>> = {
  order_cancelled: 'cancelled at TikTok',
  operator: 'a person asked',
  buyer: 'the buyer asks to cancel',
  address: 'the address changed',
  lines: 'lines of it were cancelled or shipped by hand',
  stuck: 'it sits in planning past its expected ship date',
};

/** TikTok may take a seller's cancellation without carrying it out at once; it is asked again only after this. */
const CANCEL_AGAIN_AFTER_MS = 15 * MINUTE_MS;

/** Asks the channel to cancel the order, or waits for it to do what it was asked. */
export const cancelAtChannel = ({ reason, sentAtMs }: CancelRequest, nowMs: number): Decision =>
  sentAtMs !== null && nowMs - sentAtMs < CANCEL_AGAIN_AFTER_MS
    ? wait('routing', 'cancelling', nowMs + MINUTE_MS)
    : { kind: 'cancelOrder', reason };

/** Amazon's side is proven stopped. `create`: another fulfillment takes its place. */
const whenStopped = (input: KnownInput, wish: Wish): Decision | 'create' => {
  const { record, cancellation, nowMs } = input;
  switch (wish) {
    case 'order_cancelled':
      return done('cancelled', 'cancelled');
    case 'operator':
      if (!record.cancelRequest || record.cancelRequest.keepOrder) {
        return review('mcf_cancelled', nowMs + HOUR_MS, 'A person asked for it.');
      }
      return cancelAtChannel(record.cancelRequest, nowMs);
    case 'buyer':
      if (cancellation) return { kind: 'approveCancellation', cancelId: cancellation.cancelId };
      return wait('routing', 'cancelling', nowMs + MINUTE_MS);
    case 'address':
    case 'lines':
    case 'stuck':
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
      if (input.record.refusal?.requestHash === rejectKey(cancellation.cancelId)) return null;
      const shippable = order.status === 'awaiting_shipment' || order.status === 'partially_shipped';
      return shippable
        ? { kind: 'rejectCancellation', cancelId: cancellation.cancelId, rejectReason: REJECT_PACKED }
        : null;
    }
    case 'operator':
    case 'address':
    case 'lines':
    case 'stuck':
      return null;
  }
};

/**
 * Stopping what is live at Amazon, on either side's wish. Amazon's cancel is "try, then look": only a read proves
 * it (MCF fact sheet 2026-08, 2.8). `create`: proven stopped, to be made anew. Null: nothing to stop.
 */
export const decideStop = (input: KnownInput, fulfillment: Fulfillment): Decision | 'create' | null => {
  const wish = findWish(input, fulfillment);
  if (!wish) return null;
  const progress = progressOf(input, fulfillment, wish);
  if (progress === 'stopped') return whenStopped(input, wish);
  if (progress === 'too_late') return whenTooLate(input, wish, fulfillment);
  if ('ask' in progress)
    return {
      kind: 'cancel',
      fulfillmentId: fulfillment.fulfillmentId,
      why: WHY[wish],
      remake: REMAKING.has(wish),
    };
  return wait('routing', 'cancelling', progress.lookAtMs);
};

/** Why a person should know although the order goes on; said once nothing else is to be done. */
export const lateWish = (input: KnownInput, fulfillment: Fulfillment): Decision | null => {
  const wish = findWish(input, fulfillment);
  if (!wish || wish === 'stuck' || progressOf(input, fulfillment, wish) !== 'too_late') return null;
  if (wish === 'address') return review('address_changed_after_create', input.nowMs + HOUR_MS);
  if (wish === 'lines') {
    return review(
      'lines_cancelled_too_late',
      input.nowMs + HOUR_MS,
      `Lines: ${lostLines(input).join(', ')}.`,
    );
  }
  return review('cancel_requested_too_late', input.nowMs + HOUR_MS);
};
