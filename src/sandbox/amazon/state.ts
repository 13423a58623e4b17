import type { Clock } from '../../lib/clock.ts';
import type { CreateBody } from './schema.ts';

export type OrderState =
  | 'New'
  | 'Received'
  | 'Planning'
  | 'Processing'
  | 'Complete'
  | 'CompletePartialled'
  | 'Cancelled'
  | 'Unfulfillable'
  | 'Invalid';

export type Operation =
  | 'token'
  | 'create'
  | 'get'
  | 'list'
  | 'cancel'
  | 'update'
  | 'preview'
  | 'inventory'
  | 'returnReasons'
  | 'createReturn'
  | 'unknown';

export type UnitsOfSku = { sku: string; quantity: number };

export type ParcelPlan = {
  items: UnitsOfSku[];
  /** Default: `AMZN_US`. */
  carrier?: string;
  /** The carrier's number; made up when absent, none at all when null. */
  tracking?: string | null;
  /** Also gets an Amazon Fulfillment Tracking Number, minutes after create. */
  aftn?: boolean;
  /** Parcels with the same number share one shipment; by default each parcel is a shipment of its own. */
  shipment?: number;
  /** From create; default: the sandbox's delays. */
  packedMs?: number;
  /** From create; default: the sandbox's delays. */
  shippedMs?: number;
};

/** What will become of an order. Units no parcel holds never ship by themselves, unless `state` says they are lost. */
export type OrderPlan = {
  parcels?: ParcelPlan[];
  state?: 'Unfulfillable' | 'Invalid' | 'CompletePartialled';
  /** Nobody can read the order until then, although its create was answered with 200. */
  visibleAfterMs?: number;
  /** A cancel is answered with 200 and nothing comes of it. */
  ignoreCancel?: boolean;
  /** It does not leave Planning by itself. */
  stuck?: boolean;
  /** When Amazon says that it means to ship, from create; default: a day. */
  expectedShipMs?: number;
};

export type OrderItem = {
  itemId: string;
  sku: string;
  quantity: number;
  cancelled: number;
  unfulfillable: number;
  /** Units taken out of stock for this order and not yet shipped. */
  reserved: number;
};

export type Parcel = {
  packageNumber: number;
  carrier: string;
  tracking: string | undefined;
  aftn: string | undefined;
  items: { itemId: string; sku: string; quantity: number }[];
  /** The package number (and the AFTN) can be read. */
  numbered: boolean;
  /** The carrier's number can be read. */
  tracked: boolean;
  packedMs: number;
  shippedMs: number;
};

export type Shipment = {
  shipmentId: string;
  status: 'PENDING' | 'SHIPPED' | 'CANCELLED_BY_SELLER';
  shippedAtMs: number | undefined;
  parcels: Parcel[];
};

/** One unit that Amazon expects back. */
export type ReturnedUnit = {
  returnItemId: string;
  itemId: string;
  shipmentId: string;
  reasonCode: string;
  authorizationId: string;
  rmaId: string;
  at: number;
};

export type Order = {
  fulfillmentId: string;
  body: CreateBody;
  plan: OrderPlan;
  state: OrderState;
  createdAtMs: number;
  /** What the delays count from: create, or the release of a hold. */
  startMs: number;
  updatedAtMs: number;
  held: boolean;
  cancelRequestedAtMs: number | undefined;
  /** A FillAll order that waits for stock, until this time. */
  waitsForStockUntilMs: number | undefined;
  /** Its parcels are made by hand, so nothing is packed by itself any more. */
  byHand: boolean;
  items: OrderItem[];
  shipments: Shipment[];
  returns: ReturnedUnit[];
};

export type StockRow = {
  sku: string;
  asin: string;
  fnSku: string;
  fulfillable: number;
  pendingCustomerOrder: number;
  pendingTransshipment: number;
  fcProcessing: number;
  inbound: number;
  unfulfillable: number;
  updatedAtMs: number;
};

/** All but the cancel's are counted from create. */
export type Delays = {
  receivedMs: number;
  planningMs: number;
  aftnMs: number;
  processingMs: number;
  packedMs: number;
  shippedMs: number;
  /** From an accepted cancel until the order reads as cancelled. */
  cancelMs: number;
  visibleMs: number;
};

export type Violation = { operation: Operation; rule: string; detail: string; at: number };
export type Call = { operation: Operation; at: number; status: number | null; account: string };
/** One call of createFulfillmentReturn that was answered with 200, whatever it accepted. */
export type ReturnCall = {
  fulfillmentId: string;
  body: unknown;
  accepted: string[];
  refused: string[];
  at: number;
};
export type AcceptedCreate = { fulfillmentId: string; body: unknown; at: number };

export type World = {
  clock: Clock;
  marketplaceId: string;
  automatic: boolean;
  aftn: boolean;
  delays: Delays;
  orders: Map<string, Order>;
  /** Orders of one channel order: `TTS-1`, `TTS-1-2`, … */
  families: Map<string, Order[]>;
  stock: Map<string, StockRow>;
  plans: { match: { orderId?: string; sku?: string }; plan: OrderPlan }[];
  /** Nothing changes by itself before this time. */
  dueMs: number;
  counter: number;
  creates: AcceptedCreate[];
  duplicateCreates: AcceptedCreate[];
  cancels: { fulfillmentId: string; at: number }[];
  updates: { fulfillmentId: string; body: unknown; at: number }[];
  returns: ReturnCall[];
  calls: Call[];
  violations: Violation[];
};

export const TERMINAL: ReadonlySet<OrderState> = new Set([
  'Complete',
  'CompletePartialled',
  'Cancelled',
  'Unfulfillable',
  'Invalid',
]);

export const DEFAULT_DELAYS: Delays = {
  receivedMs: 5_000,
  planningMs: 60_000,
  aftnMs: 180_000,
  processingMs: 20 * 60_000,
  packedMs: 30 * 60_000,
  shippedMs: 2 * 3_600_000,
  cancelMs: 2_000,
  visibleMs: 0,
};

/** Counts up, so that all that is made up (packages, numbers, identifiers) is distinct and the same in each run. */
export const nextNumber = (world: World): number => {
  world.counter += 1;
  return world.counter;
};

/** Notes something a correct client never does. Never give it an address or a token. */
export const violate = (world: World, operation: Operation, rule: string, detail = ''): void => {
  world.violations.push({ operation, rule, detail, at: world.clock.nowMs() });
};

/** Makes a SKU known to Amazon, or sets what can be shipped of it. */
export const putStock = (world: World, sku: string, fulfillable: number): StockRow => {
  const known = world.stock.get(sku);
  if (known) {
    if (known.fulfillable !== fulfillable) known.updatedAtMs = world.clock.nowMs();
    known.fulfillable = fulfillable;
    return known;
  }
  const number = String(nextNumber(world)).padStart(7, '0');
  const row: StockRow = {
    sku,
    asin: `B0S${number}`,
    fnSku: `X00${number}`,
    fulfillable,
    pendingCustomerOrder: 0,
    pendingTransshipment: 0,
    fcProcessing: 0,
    inbound: 0,
    unfulfillable: 0,
    updatedAtMs: world.clock.nowMs(),
  };
  world.stock.set(sku, row);
  return row;
};

/** Amazon's dates have no fraction of a second. */
export const amazonDate = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
