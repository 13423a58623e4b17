import { liveLines, nowSeconds, pendingRequest, requireOrder, setStatus, type World } from './state.ts';
import { releaseUnit } from './stock.ts';
import type { Cancellation, CancelStatus, Line, Order } from './types.ts';

type Canceller = { role: Cancellation['role']; reason: string; at: number };

const statusAfter = (order: Order): Order['status'] => {
  const live = liveLines(order);
  if (live.length === 0) return 'CANCELLED';
  if (order.status !== 'AWAITING_SHIPMENT' && order.status !== 'PARTIALLY_SHIPPING') return order.status;
  const shipped = live.filter((line) => line.packageId !== null).length;
  if (shipped === live.length) return 'AWAITING_COLLECTION';
  return shipped > 0 ? 'PARTIALLY_SHIPPING' : 'AWAITING_SHIPMENT';
};

/** Derives the order's status from its lines after some of them moved. */
export const followLines = (world: World, order: Order, at: number): void =>
  setStatus(world, order, statusAfter(order), at);

/** Cancels lines; the order is cancelled when none is left. */
export const cancelLines = (world: World, order: Order, lines: Line[], by: Canceller): void => {
  for (const line of lines) {
    if (line.status === 'CANCELLED') continue;
    if (line.packageId === null) releaseUnit(world, line.sellerSku, 'shelf');
    line.status = 'CANCELLED';
    line.cancelUser = by.role;
    line.cancelReason = by.reason;
  }
  if (liveLines(order).length === 0) {
    order.cancelInitiator = by.role;
    order.cancelReason = by.reason;
    for (const line of order.lines) {
      const parcel = line.packageId === null ? undefined : world.packages.get(line.packageId);
      if (parcel !== undefined) parcel.status = 'CANCELLED';
    }
  }
  followLines(world, order, by.at);
};

const announceRequest = (world: World, request: Cancellation): void => {
  // The webhook spells the withdrawn state in full, the API does not.
  const status =
    request.status === 'CANCELLATION_REQUEST_CANCEL' ? 'CANCELLATION_REQUEST_CANCELLED' : request.status;
  const data = {
    order_id: request.orderId,
    cancellations_role: request.role,
    cancel_status: status,
    cancel_id: request.id,
    create_time: request.createTime,
  };
  world.announce(11, data, request.orderId);
};

/** Notes a cancellation, still without any effect on the order. */
export const openCancellation = (
  world: World,
  order: Order,
  wish: Pick<Cancellation, 'type' | 'role' | 'reason' | 'lineIds'> & { deadlineMs: number | null },
): Cancellation => {
  const at = nowSeconds(world);
  const request: Cancellation = {
    ...wish,
    id: world.nextId.cancellation(),
    orderId: order.id,
    status: 'CANCELLATION_REQUEST_PENDING',
    createTime: at,
    updateTime: at,
    idempotencyKeys: [],
    answeredBy: null,
  };
  world.cancellations.set(request.id, request);
  order.cancellationIds.push(request.id);
  return request;
};

const answer = (
  world: World,
  request: Cancellation,
  status: CancelStatus,
  by: { answeredBy: Cancellation['answeredBy']; at: number },
): void => {
  request.status = status;
  request.updateTime = by.at;
  request.answeredBy = by.answeredBy;
  announceRequest(world, request);
};

/** The cancellation takes effect. */
export const grant = (
  world: World,
  request: Cancellation,
  answeredBy: Cancellation['answeredBy'],
  at = nowSeconds(world),
): void => {
  const order = requireOrder(world, request.orderId);
  answer(world, request, 'CANCELLATION_REQUEST_SUCCESS', { answeredBy, at });
  const lines = order.lines.filter((line) => request.lineIds.includes(line.id));
  const affected = request.type === 'BUYER_CANCEL' ? lines.filter((line) => line.packageId === null) : lines;
  cancelLines(world, order, affected, { role: request.role, reason: request.reason, at });
};

/** The request is closed and the order lives on. */
export const dismiss = (
  world: World,
  request: Cancellation,
  answeredBy: Cancellation['answeredBy'],
): void => {
  const order = requireOrder(world, request.orderId);
  const at = nowSeconds(world);
  answer(world, request, 'CANCELLATION_REQUEST_CANCEL', { answeredBy, at });
  order.updateTime = at;
};

const BUYER_REASON = 'ecom_order_to_ship_canceled_reason_created_by_mistakes';

/** The buyer cancels: at once before the order may ship, as a request after that, never once it left. */
export const buyerCancel = (world: World, orderId: string): string => {
  const order = requireOrder(world, orderId);
  const lineIds = liveLines(order).map(({ id }) => id);
  const wish = { role: 'BUYER' as const, reason: BUYER_REASON, lineIds };
  if (order.status === 'UNPAID' || order.status === 'ON_HOLD') {
    const request = openCancellation(world, order, { ...wish, type: 'CANCEL', deadlineMs: null });
    grant(world, request, 'system');
    return request.id;
  }
  if (order.status !== 'AWAITING_SHIPMENT' && order.status !== 'PARTIALLY_SHIPPING')
    throw new Error(`a buyer cannot cancel order ${orderId}: it is ${order.status}`);
  if (pendingRequest(world, order) !== undefined)
    throw new Error(`order ${orderId} already has a pending cancellation`);
  const deadlineMs = world.clock.nowMs() + world.settings.cancelAnswerSeconds * 1000;
  const request = openCancellation(world, order, { ...wish, type: 'BUYER_CANCEL', deadlineMs });
  order.updateTime = request.createTime;
  announceRequest(world, request);
  world.timers.at(deadlineMs, (dueMs) => {
    if (request.status === 'CANCELLATION_REQUEST_PENDING')
      grant(world, request, 'system', Math.floor(dueMs / 1000));
  });
  return request.id;
};

/** The buyer takes the request back. */
export const buyerWithdraw = (world: World, orderId: string): void => {
  const request = pendingRequest(world, requireOrder(world, orderId));
  if (request === undefined) throw new Error(`order ${orderId} has no pending cancellation`);
  dismiss(world, request, 'system');
};

/** A person cancels the order, or some of its lines, in Seller Center. */
export const sellerCancel = (
  world: World,
  orderId: string,
  options: { reason?: string; lineIds?: string[] } = {},
): string => {
  const order = requireOrder(world, orderId);
  const pending = pendingRequest(world, order);
  if (pending !== undefined) {
    grant(world, pending, 'seller-center');
    return pending.id;
  }
  const request = openCancellation(world, order, {
    type: 'CANCEL',
    role: 'SELLER',
    reason: options.reason ?? 'seller_cancel_reason_out_of_stock',
    lineIds: options.lineIds ?? liveLines(order).map(({ id }) => id),
    deadlineMs: null,
  });
  grant(world, request, 'seller-center');
  return request.id;
};
