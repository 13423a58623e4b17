import { kill, reserve, setState, shipShipment, writeOff } from './effects.ts';
import { completeIfShipped, processOrder, settle, touch } from './life.ts';
import { addParcelTo, remainderPlan } from './parcels.ts';
import {
  type Delays,
  type Order,
  type OrderPlan,
  type OrderState,
  type Parcel,
  type ParcelPlan,
  putStock,
  type ReturnedUnit,
  type Shipment,
  type StockRow,
  TERMINAL,
  type World,
} from './state.ts';

export type OrderSnapshot = {
  fulfillmentId: string;
  state: OrderState;
  createdAtMs: number;
  updatedAtMs: number;
  held: boolean;
  cancelRequested: boolean;
  body: Order['body'];
  items: { itemId: string; sku: string; quantity: number; cancelled: number; unfulfillable: number }[];
  parcels: {
    shipmentId: string;
    status: Shipment['status'];
    packageNumber: number;
    carrier: string;
    /** As it can be read now. */
    trackingNumber: string | undefined;
    aftn: string | undefined;
    items: Parcel['items'];
  }[];
  returns: readonly ReturnedUnit[];
};

export type HandParcel = Pick<ParcelPlan, 'items' | 'carrier' | 'tracking' | 'aftn'> & {
  /** Default: `PENDING`. */
  status?: 'PENDING' | 'SHIPPED';
};

export type MoreStock = Partial<
  Pick<StockRow, 'pendingTransshipment' | 'fcProcessing' | 'inbound' | 'unfulfillable'>
>;

export type Driver = {
  /** What can be shipped of a SKU; makes the SKU known. `more` sets what must never be sold. */
  setStock(sku: string, fulfillable: number, more?: MoreStock): void;
  stockOf(sku: string): Readonly<StockRow> | undefined;
  addSku(sku: string, fulfillable?: number): void;
  removeSku(sku: string): void;
  order(fulfillmentId: string): OrderSnapshot | undefined;
  orders(): OrderSnapshot[];
  /** Scripts orders to come: by fulfillment id, displayable id, channel order id, or a SKU in it. The last wins. */
  planFor(match: { orderId?: string; sku?: string }, plan: OrderPlan): void;
  /** Moves an order forward now, past the states between. Lack of stock does not stop it. */
  advanceOrder(fulfillmentId: string, to: Exclude<OrderState, 'New'>): void;
  /** A parcel with its number readable at once; takes the place of what was laid out but not packed. Answers its package number. */
  addParcel(fulfillmentId: string, parcel: HandParcel): number;
  /** Changes what is read of a package; null takes the carrier's number away. */
  setTracking(
    fulfillmentId: string,
    packageNumber: number,
    change: { trackingNumber?: string | null; aftn?: string; carrier?: string },
  ): void;
  /** The package's shipment leaves. */
  shipParcel(fulfillmentId: string, packageNumber: number): void;
  setDelays(delays: Partial<Delays>): void;
};

const snapshot = (order: Order): OrderSnapshot => ({
  returns: order.returns,
  fulfillmentId: order.fulfillmentId,
  state: order.state,
  createdAtMs: order.createdAtMs,
  updatedAtMs: order.updatedAtMs,
  held: order.held,
  cancelRequested: order.cancelRequestedAtMs !== undefined,
  body: order.body,
  items: order.items.map(({ reserved: _reserved, ...item }) => item),
  parcels: order.shipments.flatMap((shipment) =>
    shipment.parcels.map((parcel) => ({
      shipmentId: shipment.shipmentId,
      status: shipment.status,
      packageNumber: parcel.packageNumber,
      carrier: parcel.carrier,
      trackingNumber: parcel.tracked ? parcel.tracking : undefined,
      aftn: parcel.numbered ? parcel.aftn : undefined,
      items: parcel.items,
    })),
  ),
});

const PATH: readonly OrderState[] = ['New', 'Received', 'Planning', 'Processing'];

/** Up to and including `Processing`, each state once. */
const walk = (world: World, order: Order, to: OrderState): void => {
  const nowMs = world.clock.nowMs();
  for (const state of PATH.slice(PATH.indexOf(order.state) + 1, PATH.indexOf(to) + 1)) {
    if (state === 'Planning') reserve(world, order, nowMs);
    if (state === 'Processing') processOrder(world, order, nowMs);
    else setState(order, state, nowMs);
  }
};

const shipAll = (world: World, order: Order): void => {
  for (const shipment of order.shipments) shipShipment(world, order, shipment, world.clock.nowMs());
};

/** What is laid out for the whole order is not what a partial one ships. */
const layOutAgain = (world: World, order: Order): void => {
  const packed = order.shipments.some((shipment) => shipment.parcels.some((parcel) => parcel.numbered));
  if (packed || order.byHand) return;
  order.shipments = [];
  processOrder(world, order, world.clock.nowMs());
};

const finish = (world: World, order: Order, to: 'Complete' | 'CompletePartialled'): void => {
  const nowMs = world.clock.nowMs();
  if (to === 'CompletePartialled') {
    order.plan = { ...order.plan, state: to };
    if (order.state === 'Processing') layOutAgain(world, order);
  }
  walk(world, order, 'Processing');
  if (to === 'Complete') addParcelTo(world, order, remainderPlan(world, order));
  else writeOff(world, order, nowMs);
  shipAll(world, order);
  setState(order, to, nowMs);
};

const advance = (world: World, order: Order, to: Exclude<OrderState, 'New'>): void => {
  if (TERMINAL.has(order.state))
    throw new Error(`sandbox: ${order.fulfillmentId} has ended (${order.state})`);
  if (to === 'Complete' || to === 'CompletePartialled') finish(world, order, to);
  else if (to === 'Cancelled' || to === 'Unfulfillable' || to === 'Invalid') {
    kill(world, order, to, world.clock.nowMs());
  } else if (PATH.indexOf(to) <= PATH.indexOf(order.state)) {
    throw new Error(`sandbox: ${order.fulfillmentId} cannot go from ${order.state} to ${to}`);
  } else walk(world, order, to);
};

const takeInHand = (world: World, order: Order): void => {
  if (order.byHand) return;
  order.byHand = true;
  for (const shipment of order.shipments) {
    shipment.parcels = shipment.parcels.filter((parcel) => parcel.numbered);
  }
  order.shipments = order.shipments.filter((shipment) => shipment.parcels.length > 0);
  walk(world, order, 'Processing');
};

const addByHand = (world: World, order: Order, parcel: HandParcel): number => {
  takeInHand(world, order);
  const { status, ...plan } = parcel;
  const onlyAftn = plan.aftn === true && plan.tracking === undefined;
  const made = addParcelTo(world, order, onlyAftn ? { ...plan, tracking: null } : plan);
  const wanted = parcel.items.reduce((sum, item) => sum + item.quantity, 0);
  const taken = made?.parcel.items.reduce((sum, item) => sum + item.quantity, 0);
  if (!made || taken !== wanted) throw new Error('sandbox: the order has no such units left to pack');
  made.parcel.numbered = true;
  made.parcel.tracked = true;
  if (status === 'SHIPPED') shipByHand(world, order, made.shipment);
  return made.parcel.packageNumber;
};

const shipByHand = (world: World, order: Order, shipment: Shipment): void => {
  shipShipment(world, order, shipment, world.clock.nowMs());
  if (world.automatic) completeIfShipped(order, world.clock.nowMs());
};

const findParcel = (order: Order, packageNumber: number): { shipment: Shipment; parcel: Parcel } => {
  for (const shipment of order.shipments) {
    const parcel = shipment.parcels.find((one) => one.packageNumber === packageNumber);
    if (parcel) return { shipment, parcel };
  }
  throw new Error(`sandbox: no package ${packageNumber} in ${order.fulfillmentId}`);
};

const stockDriver = (world: World): Pick<Driver, 'setStock' | 'stockOf' | 'addSku' | 'removeSku'> => ({
  setStock(sku, fulfillable, more) {
    settle(world);
    const row = putStock(world, sku, fulfillable);
    if (more) Object.assign(row, more, { updatedAtMs: world.clock.nowMs() });
    touch(world);
  },
  stockOf(sku) {
    settle(world);
    const row = world.stock.get(sku);
    return row && { ...row };
  },
  addSku(sku, fulfillable = 0) {
    putStock(world, sku, fulfillable);
  },
  removeSku(sku) {
    world.stock.delete(sku);
  },
});

/** The hands of a test or a demo inside the simulator. */
export const createDriver = (world: World): Driver => {
  const settledOrder = (fulfillmentId: string): Order => {
    settle(world);
    const order = world.orders.get(fulfillmentId);
    if (!order) throw new Error(`sandbox: no order ${fulfillmentId}`);
    touch(world);
    return order;
  };

  return {
    ...stockDriver(world),
    order(fulfillmentId) {
      settle(world);
      const order = world.orders.get(fulfillmentId);
      return order && snapshot(order);
    },
    orders() {
      settle(world);
      return [...world.orders.values()].map(snapshot);
    },
    planFor(match, plan) {
      world.plans.push({ match, plan });
    },
    advanceOrder: (fulfillmentId, to) => advance(world, settledOrder(fulfillmentId), to),
    addParcel: (fulfillmentId, parcel) => addByHand(world, settledOrder(fulfillmentId), parcel),
    setTracking(fulfillmentId, packageNumber, change) {
      const { parcel } = findParcel(settledOrder(fulfillmentId), packageNumber);
      parcel.numbered = true;
      if (change.carrier !== undefined) parcel.carrier = change.carrier;
      if (change.aftn !== undefined) parcel.aftn = change.aftn;
      if (change.trackingNumber === undefined) return;
      parcel.tracking = change.trackingNumber ?? undefined;
      parcel.tracked = true;
    },
    shipParcel(fulfillmentId, packageNumber) {
      const order = settledOrder(fulfillmentId);
      shipByHand(world, order, findParcel(order, packageNumber).shipment);
    },
    setDelays(delays) {
      Object.assign(world.delays, delays);
      touch(world);
    },
  };
};
