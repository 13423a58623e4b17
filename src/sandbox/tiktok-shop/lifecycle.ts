import { completeAddress } from './address.ts';
import { cancelLines } from './cancelling.ts';
import { nowSeconds, requireOrder, salesWarehouse, setStatus, type World } from './state.ts';
import { commitUnit, ensureSku, levelOf } from './stock.ts';
import { SELLER_DELIVERY_OPTION } from './tracking.ts';
import type { Line, Order, OrderStatus, Package, SandboxAddress } from './types.ts';

export type NewLine = {
  /** Seller SKU; a SKU the shop does not know is added with plenty of stock. */
  sku: string;
  units?: number;
  /** Laid over each of the line items, e.g. `{ is_gift: true }` or `{ seller_sku: '' }`. */
  overrides?: Record<string, unknown>;
};

export type NewOrder = {
  lines: NewLine[];
  address?: Partial<SandboxAddress>;
  /** Paid at once (default). */
  paid?: boolean;
  /** Goes through the remorse hour; the shop's setting when nothing is said. */
  hold?: boolean;
  /** Placed and paid in the past with the remorse hour over: shippable now. Announced once. */
  ready?: boolean;
  shippingType?: 'SELLER' | 'TIKTOK';
  fulfillmentType?: string;
  orderId?: string;
  /** Sells more than there is instead of throwing. */
  oversell?: boolean;
  /** Laid over the rendered order. */
  overrides?: Record<string, unknown>;
};

const takeUnit = (world: World, wish: NewLine, oversell: boolean): Line => {
  const { product, sku } = ensureSku(world, wish.sku);
  if (!oversell && levelOf(world, sku).available < 1)
    throw new Error(`the sandbox shop has no ${wish.sku} left to sell`);
  commitUnit(world, sku);
  return {
    id: world.nextId.line(),
    skuId: sku.id,
    productId: product.id,
    sellerSku: sku.sellerSku,
    status: 'UNPAID',
    packageId: null,
    cancelUser: null,
    cancelReason: null,
    overrides: wish.overrides ?? {},
  };
};

const buildOrder = (world: World, wish: NewOrder): Order => {
  const now = nowSeconds(world);
  const wishes = wish.lines.flatMap((line) => Array.from({ length: line.units ?? 1 }, () => line));
  return {
    id: wish.orderId ?? world.nextId.order(),
    status: 'UNPAID',
    createTime: now,
    paidTime: null,
    updateTime: now,
    completedTime: null,
    cancelTime: null,
    holds: wish.hold ?? world.settings.holdPhase,
    holdEndsMs: null,
    shippingType: wish.shippingType ?? 'SELLER',
    fulfillmentType: wish.fulfillmentType ?? 'FULFILLMENT_BY_SELLER',
    deliveryOptionId: SELLER_DELIVERY_OPTION,
    warehouseId: salesWarehouse(world),
    address: completeAddress(wish.address ?? {}),
    addressUpdated: false,
    cancelInitiator: null,
    cancelReason: null,
    correctionsUsed: 0,
    cancellationIds: [],
    lines: wishes.map((line) => takeUnit(world, line, wish.oversell ?? false)),
    overrides: wish.overrides ?? {},
  };
};

const announceUnpaid = (world: World, order: Order): void => {
  const data = {
    order_id: order.id,
    order_status: 'UNPAID',
    is_on_hold_order: order.holds,
    update_time: order.updateTime,
  };
  world.announce(1, data, order.id);
};

const moveLines = (order: Order, status: OrderStatus): void => {
  for (const line of order.lines) if (line.status !== 'CANCELLED') line.status = status;
};

/** A buyer places an order; stock is committed at once. */
export const placeOrder = (world: World, wish: NewOrder): { orderId: string; lineIds: string[] } => {
  const order = buildOrder(world, wish);
  if (world.orders.has(order.id)) throw new Error(`the sandbox already has an order ${order.id}`);
  world.orders.set(order.id, order);
  if (wish.ready === true) {
    order.paidTime = order.createTime - world.settings.holdSeconds;
    order.createTime = order.paidTime - 60;
    moveLines(order, 'AWAITING_SHIPMENT');
    setStatus(world, order, 'AWAITING_SHIPMENT', nowSeconds(world));
  } else {
    announceUnpaid(world, order);
    if (wish.paid ?? true) pay(world, order.id);
  }
  return { orderId: order.id, lineIds: order.lines.map(({ id }) => id) };
};

const toAwaitingShipment = (world: World, order: Order, atSeconds: number): void => {
  order.holdEndsMs = null;
  moveLines(order, 'AWAITING_SHIPMENT');
  setStatus(world, order, 'AWAITING_SHIPMENT', atSeconds);
};

/** The buyer pays: the remorse hour begins, or the order may ship at once where the shop has none. */
export const pay = (world: World, orderId: string): void => {
  const order = requireOrder(world, orderId);
  if (order.status !== 'UNPAID') throw new Error(`order ${orderId} is ${order.status}, not UNPAID`);
  order.paidTime = nowSeconds(world);
  if (!order.holds) {
    toAwaitingShipment(world, order, order.paidTime);
    return;
  }
  const endsMs = world.clock.nowMs() + world.settings.holdSeconds * 1000;
  order.holdEndsMs = endsMs;
  // Line items know no ON_HOLD: the enum of display_status goes from UNPAID to AWAITING_SHIPMENT.
  setStatus(world, order, 'ON_HOLD', order.paidTime);
  world.timers.at(endsMs, (dueMs) => {
    if (order.status === 'ON_HOLD' && order.holdEndsMs === dueMs)
      toAwaitingShipment(world, order, Math.floor(dueMs / 1000));
  });
};

/** Ends the remorse hour now. */
export const endHold = (world: World, orderId: string): void => {
  const order = requireOrder(world, orderId);
  if (order.status !== 'ON_HOLD') throw new Error(`order ${orderId} is ${order.status}, not ON_HOLD`);
  toAwaitingShipment(world, order, nowSeconds(world));
};

/** The buyer or the seller edits the recipient. */
export const changeAddress = (world: World, orderId: string, wishes: Partial<SandboxAddress>): void => {
  const order = requireOrder(world, orderId);
  const now = nowSeconds(world);
  order.address = completeAddress(wishes, order.address);
  order.addressUpdated = true;
  if (world.settings.addressEditBumpsUpdateTime) order.updateTime = now;
  world.announce(3, { order_id: order.id, update_time: now }, order.id);
};

const PACKAGE_AT: Partial<Record<OrderStatus, Package['status']>> = {
  IN_TRANSIT: 'FULFILLING',
  DELIVERED: 'COMPLETED',
  COMPLETED: 'COMPLETED',
};

/** Moves an order to any state, as TikTok does from carrier scans. */
export const advance = (world: World, orderId: string, status: OrderStatus): void => {
  const order = requireOrder(world, orderId);
  const now = nowSeconds(world);
  if (status === 'CANCELLED') {
    cancelLines(world, order, order.lines, {
      role: 'SYSTEM',
      reason: 'system_cancel_order_untracked',
      at: now,
    });
    return;
  }
  const parcelStatus = PACKAGE_AT[status];
  for (const line of order.lines) {
    const parcel = line.packageId === null ? undefined : world.packages.get(line.packageId);
    if (parcel === undefined || parcelStatus === undefined) continue;
    parcel.status = parcelStatus;
    parcel.updateTime = now;
  }
  if (status !== 'PARTIALLY_SHIPPING') moveLines(order, status === 'ON_HOLD' ? 'UNPAID' : status);
  setStatus(world, order, status, now);
};
