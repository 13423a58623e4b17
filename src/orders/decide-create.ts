import type { Cancellation } from '../channels/channel.ts';
import type { FulfillmentRequest } from '../fulfillment/provider.ts';
import { isoTime } from '../lib/clock.ts';
import { addressFingerprintText, normaliseAddress } from './address/index.ts';
import { addressHashOf } from './correction.ts';
import { olderThanLive, pauseOf } from './decide-pause.ts';
import { type Decision, done, HOUR_MS, type KnownInput, type Rest, review, wait } from './decision.ts';
import { isOpenLine, planLines, skuName } from './lines.ts';
import { fulfillmentIdFor } from './model.ts';
import { kindsOf } from './order-kinds.ts';
import { speedFor, speedsOf } from './speed.ts';

const MINUTE_MS = 60_000;

/** TikTok approves a request by itself after 48 hours, so the review says until when there is an answer to give. */
export const reviewRequest = (cancellation: Cancellation | null, nowMs: number): Rest => {
  const respondByMs = cancellation?.respondByMs ?? null;
  const detail = respondByMs === null ? null : `Answer by ${isoTime(respondByMs)}.`;
  return review('buyer_cancel_requested', nowMs + HOUR_MS, detail);
};

/** A buyer's request found before Amazon has anything: never create; answer it or leave it to a person. */
const decideRequestBeforeCreate = ({ cancellation, policy, nowMs }: KnownInput): Decision => {
  if (policy.cancellation === 'manual') return reviewRequest(cancellation, nowMs);
  if (cancellation) return { kind: 'approveCancellation', cancelId: cancellation.cancelId };
  return wait('waiting', 'buyer_cancel_requested', nowMs + MINUTE_MS);
};

/** Rules that keep an order from Amazon whatever its address and SKUs are. */
const findObstacle = ({ order, record, policy, nowMs }: KnownInput): Rest | null => {
  const lookAgainMs = nowMs + HOUR_MS;
  const held = kindsOf(order).filter((kind) => policy.holdKinds.includes(kind));
  if (held.length > 0 && !record.released) {
    return review('held_by_rule', lookAgainMs, `Kind: ${held.join(', ')}.`);
  }
  if (order.deliveryType === 'collection_point') return review('collection_point', lookAgainMs);
  const restricted = order.lines.filter((line) => isOpenLine(line) && line.isRestricted);
  if (restricted.length > 0) {
    return review('restricted_goods', lookAgainMs, `SKU: ${restricted.map(skuName).join(', ')}.`);
  }
  const unknown = order.lines.filter((line) => line.status === 'unknown');
  if (unknown.length > 0) {
    const statuses = [...new Set(unknown.map((line) => line.rawStatus || 'empty'))].join(', ');
    return review('status_unknown', lookAgainMs, `Line status: ${statuses}.`);
  }
  return null;
};

/** The remorse time that is still to be waited out; null when the order may go. */
const remorseEndMs = ({ order, policy, nowMs }: KnownInput): number | null => {
  if (order.hadChannelHold) return null;
  const endMs = (order.paidAtMs ?? order.createdAtMs) + policy.remorseHoldMs;
  return nowMs < endMs ? endMs : null;
};

const buildCreate = (input: KnownInput): Decision => {
  const { order, record, policy, nowMs } = input;
  const lookAgainMs = nowMs + HOUR_MS;
  const plan = planLines(order, record.key.shopId, policy.skuMap);
  if (!plan.ok) return review(plan.problem.reason, lookAgainMs, plan.problem.detail);
  const address = normaliseAddress(order.recipient, { marketplaceCountry: policy.marketplaceCountry });
  if (!address.ok) return review(address.problem.reason, lookAgainMs, address.problem.detail);

  const speed = input.chosenSpeed ?? speedFor(policy.speed, order.deliveryOptionName);
  const fingerprint = addressFingerprintText(address.value);
  const content: Omit<FulfillmentRequest, 'fulfillmentId' | 'destination'> = {
    displayOrderId: order.orderId,
    orderedAtMs: order.createdAtMs,
    speed: speed === 'auto' ? 'Standard' : speed,
    policy: policy.fulfillmentPolicy,
    blockAmzl: policy.blockAmzl,
    unbranded: policy.unbranded,
    items: plan.value.items,
  };
  const requestHash = policy.hash(`${fingerprint}\n${JSON.stringify(content)}`);
  if (record.refusal?.requestHash === requestHash && !record.recreate) {
    const { reason, detail } = record.refusal;
    const isSharedOut = reason === 'mcf_no_stock' && policy.sharesStock;
    return review(isSharedOut ? 'sold_by_other_shop' : reason, lookAgainMs, detail);
  }
  const hadOne = record.acceptedAtMs !== null;
  const fulfillmentCount = hadOne ? record.fulfillmentCount + 1 : Math.max(1, record.fulfillmentCount);
  const fulfillmentId = fulfillmentIdFor(order.orderId, fulfillmentCount);
  return {
    kind: 'create',
    request: { fulfillmentId, destination: address.value, ...content },
    chooseFrom: speed === 'auto' ? speedsOf(policy.marketplaceCountry) : null,
    shipByMs: order.deadlines.collectByMs ?? order.deadlines.shipByMs,
    arriveByMs: order.deadlines.deliverByMs,
    fulfillmentCount,
    requestHash,
    addressHash: addressHashOf(fingerprint, input.correctedFrom, policy.hash),
    lines: plan.value.lines,
  };
};

/**
 * An order that TikTok wants shipped and that has nothing live at Amazon. The hold is over when TikTok says so
 * (`is_on_hold_order` with AWAITING_SHIPMENT) or when our own remorse time from `paid_time` has passed.
 */
export const decideCreate = (input: KnownInput): Decision => {
  const { order, nowMs } = input;
  const isOpen = order.lines.some(isOpenLine);
  const older = isOpen ? olderThanLive(input) : null;
  if (older) return older;
  if (order.buyerRequestedCancel) return decideRequestBeforeCreate(input);
  const holdEndMs = remorseEndMs(input);
  if (holdEndMs !== null) return wait('waiting', 'remorse_hour', holdEndMs);
  const obstacle = findObstacle(input);
  if (obstacle) return obstacle;
  if (!isOpen) return done('shipped', 'shipped_elsewhere', nowMs + 24 * HOUR_MS);
  const { accountProblem } = input.policy;
  if (accountProblem !== null) return review('amazon_account_missing', nowMs + HOUR_MS, accountProblem);
  const decision = buildCreate(input);
  return decision.kind === 'create' ? (pauseOf(input, decision.request.items) ?? decision) : decision;
};
