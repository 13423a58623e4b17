import type { Fulfillment } from '../fulfillment/provider.ts';
import { decideCreate, reviewRequest } from './decide-create.ts';
import { allReported, decideParcels } from './decide-parcels.ts';
import { cancelAtChannel, decideStop, hasEnded, hasReport, isStuck, lateWish } from './decide-stop.ts';
import {
  DAY_MS,
  type DecideInput,
  type Decision,
  done,
  HOUR_MS,
  ignore,
  type KnownInput,
  nextPollMs,
  review,
  wait,
} from './decision.ts';
import { isOpenLine } from './lines.ts';
import type { OrderRecord, ReturnReview } from './model.ts';

const MINUTE_MS = 60_000;
/** An accepted order that cannot be read yet (MCF fact sheet 2026-08, 2.2: ten minutes, then alarm). */
const VISIBLE_WITHIN_MS = 10 * MINUTE_MS;

/** Orders that are not the seller's to ship; null when they are. */
const notOurs = ({ order, nowMs }: KnownInput): Decision | null => {
  if (order.fulfilledBy === 'platform') return ignore('platform_fulfilled');
  if (order.shippedBy === 'platform') return ignore('tiktok_shipping');
  const waiting = order.status === 'unpaid' || order.status === 'on_hold';
  if (!waiting && (order.fulfilledBy === 'unknown' || order.shippedBy === 'unknown')) {
    return review('shipping_type_unknown', nowMs + HOUR_MS);
  }
  return null;
};

/** An order with nothing at Amazon. */
const decideNew = (input: KnownInput): Decision => {
  const { order, policy, nowMs } = input;
  if (order.status === 'cancelled') return done('cancelled', 'cancelled');
  if (order.status === 'completed') return done('completed', 'completed');
  const foreign = notOurs(input);
  if (foreign) return foreign;
  if (input.record.cancelRequest) return decideOperatorCancel(input);
  switch (order.status) {
    case 'unpaid':
      return wait('waiting', 'unpaid', nowMs + HOUR_MS);
    case 'on_hold': {
      const endMs = (order.paidAtMs ?? order.createdAtMs) + policy.remorseHoldMs;
      return wait('waiting', 'on_hold', endMs > nowMs ? endMs + 2000 : nowMs + 5 * MINUTE_MS);
    }
    case 'awaiting_shipment':
    case 'partially_shipped':
      return decideCreate(input);
    case 'awaiting_collection':
    case 'in_transit':
    case 'delivered':
      return done('shipped', 'shipped_elsewhere', nowMs + DAY_MS);
    case 'unknown':
      return review('status_unknown', nowMs + HOUR_MS, `Order status: ${order.rawStatus || 'empty'}.`);
  }
};

const decideOperatorCancel = ({ record, nowMs }: KnownInput): Decision => {
  if (record.cancelRequest && !record.cancelRequest.keepOrder)
    return cancelAtChannel(record.cancelRequest, nowMs);
  return review('mcf_cancelled', nowMs + HOUR_MS, 'A person asked for it; nothing is live at Amazon.');
};

/** A fulfillment that ended without shipping everything. A new one is made only when a person asks for it. */
const decideEnded = (input: KnownInput, fulfillment: Fulfillment): Decision => {
  const isClosed = hasReport(input.record, fulfillment) && !input.order.lines.some(isOpenLine);
  if (input.record.recreate && !isClosed) return decideNew(input);
  const lookAgainMs = input.nowMs + HOUR_MS;
  switch (fulfillment.state) {
    case 'unfulfillable':
      return review(input.policy.sharesStock ? 'sold_by_other_shop' : 'mcf_unfulfillable', lookAgainMs);
    case 'invalid':
      return review('mcf_invalid', lookAgainMs);
    default:
      return review('mcf_cancelled', lookAgainMs);
  }
};

/** Nothing to report and nothing to stop: where the order rests. */
const restAtProvider = (input: KnownInput, fulfillment: Fulfillment): Decision => {
  const { record, nowMs } = input;
  const pollAtMs = nextPollMs(record.acceptedAtMs, nowMs);
  const ended = fulfillment.state === 'complete' || fulfillment.state === 'partial';
  if (allReported(input)) return done('shipped', 'shipped', ended ? nowMs + DAY_MS : pollAtMs);
  const awaitsNumbers = fulfillment.packages.some(
    (parcel) => parcel.shipmentState !== 'cancelled' && !parcel.carrierTracking && !parcel.amazonTracking,
  );
  if (ended && !awaitsNumbers) return review('mcf_partial', nowMs + HOUR_MS);
  if (fulfillment.state === 'unknown') {
    return review('mcf_status_unknown', pollAtMs, `Amazon: ${fulfillment.rawState || 'empty'}.`);
  }
  if (isStuck(input, fulfillment)) return review('mcf_stuck', pollAtMs, `Id: ${fulfillment.fulfillmentId}.`);
  return wait('fulfilling', 'at_amazon', pollAtMs, `Amazon: ${fulfillment.rawState}.`);
};

/** Items at Amazon that are not what we sent under this id. */
const isOtherOrder = ({ record }: KnownInput, fulfillment: Fulfillment): boolean => {
  const sent = new Map(record.items.map((item) => [item.amazonSku, item.quantity]));
  const there = fulfillment.items.filter((item) => item.quantity > 0);
  return there.length !== sent.size || there.some((item) => sent.get(item.amazonSku) !== item.quantity);
};

const decideAtProvider = (input: KnownInput, fulfillment: Fulfillment): Decision => {
  if (input.order.status === 'completed') return done('completed', 'completed');
  if (isOtherOrder(input, fulfillment)) {
    if (input.record.recreate) return decideNew(input);
    return review('mcf_mismatch', input.nowMs + HOUR_MS, `Id: ${fulfillment.fulfillmentId}.`);
  }
  const stop = decideStop(input, fulfillment);
  if (stop === 'create') return decideNew(input);
  if (stop) return stop;
  const { act, problem } = decideParcels(input, fulfillment);
  if (act) return act;
  if (problem) return problem;
  if (hasEnded(fulfillment)) return decideEnded(input, fulfillment);
  return lateWish(input, fulfillment) ?? manualRequest(input) ?? restAtProvider(input, fulfillment);
};

const manualRequest = ({ order, policy, cancellation, nowMs }: KnownInput): Decision | null =>
  order.buyerRequestedCancel && policy.cancellation === 'manual' ? reviewRequest(cancellation, nowMs) : null;

/** Accepted by Amazon but not readable yet. */
const decideInvisible = (input: KnownInput): Decision => {
  const { order, record, nowMs } = input;
  const sinceMs = record.acceptedAtMs ?? nowMs;
  if (nowMs - sinceMs < VISIBLE_WITHIN_MS) return wait('fulfilling', 'not_visible_yet', nowMs + MINUTE_MS);
  if (order.status === 'completed') return decideNew(input);
  // It may still show up, and must be stopped then.
  if (order.status === 'cancelled') {
    return done('cancelled', 'cancelled', nowMs - sinceMs < DAY_MS ? nowMs + HOUR_MS : null);
  }
  return review('mcf_lost', nowMs + HOUR_MS, `Id: ${record.fulfillmentId ?? ''}.`);
};

/** Closed by hand: nothing is made, stopped or asked any more, but what Amazon ships is still reported. */
const afterResolving = (decision: Decision, nowMs: number): Decision => {
  if (decision.kind === 'ship' || decision.kind === 'correctTracking') return decision;
  const isOpen = 'stage' in decision && (decision.stage === 'fulfilling' || decision.stage === 'review');
  return done('completed', 'resolved', isOpen ? nowMs + HOUR_MS : null);
};

const decideKnown = (input: KnownInput): Decision => {
  const { sight, record, nowMs } = input;
  switch (sight.kind) {
    case 'none':
      return decideNew(input);
    case 'accepted':
      return wait('fulfilling', 'at_amazon', nextPollMs(record.acceptedAtMs, nowMs));
    case 'missing':
      return record.recreate ? decideNew(input) : decideInvisible(input);
    case 'found':
      return decideAtProvider(input, sight.fulfillment);
  }
};

/** A return that waits for a person is shown once nothing else is to be done, the soonest deadline first. */
const withReturns = (decision: Decision, { returnReviews }: OrderRecord, nowMs: number): Decision => {
  const deadline = (of: ReturnReview): number => of.respondByMs ?? Number.MAX_SAFE_INTEGER;
  const [first] = returnReviews.toSorted((a, b) => deadline(a) - deadline(b));
  if (decision.kind !== 'done' || decision.stage === 'cancelled' || !first) return decision;
  return review(first.reason, decision.nextAttemptAtMs ?? nowMs + DAY_MS, first.detail);
};

/**
 * Every business rule: from what both sides say now and what was done before to the next single step. Pure: no
 * clock, no randomness, no I/O. Its rows, in order: closed by hand; nothing at Amazon (cancelled, completed, not
 * ours, waiting, create); at Amazon (another order's id, stop, completed, report, review, rest); a return.
 */
export const decide = (input: DecideInput): Decision => {
  const { order, record, nowMs } = input;
  if (!order) return review('order_missing', nowMs + HOUR_MS);
  const decision = decideKnown({ ...input, order });
  const settled = record.resolvedAtMs === null ? decision : afterResolving(decision, nowMs);
  return withReturns(settled, record, nowMs);
};
