import type { Clock } from '../../lib/clock.ts';
import { createTimers, type Timers } from './timers.ts';
import type {
  Cancellation,
  Order,
  OrderStatus,
  Package,
  Product,
  Registration,
  ReturnRequest,
  SandboxSeller,
  SandboxSettings,
  SandboxShop,
  ShipReport,
  Sku,
  StockPush,
  TrackingCorrection,
  Violation,
  Warehouse,
} from './types.ts';

/** Sends one webhook to whoever listens. */
export type Announce = (type: number, data: Record<string, unknown>, orderId: string | null) => void;

/** Everything the simulated shop knows. */
export type World = {
  clock: Clock;
  timers: Timers;
  settings: SandboxSettings;
  shop: SandboxShop;
  seller: SandboxSeller;
  /** By event type. */
  registrations: Map<string, Registration>;
  warehouses: Warehouse[];
  orders: Map<string, Order>;
  packages: Map<string, Package>;
  cancellations: Map<string, Cancellation>;
  returns: Map<string, ReturnRequest>;
  products: Map<string, Product>;
  reports: ShipReport[];
  corrections: TrackingCorrection[];
  stockPushes: StockPush[];
  violations: Violation[];
  /** Warnings the next successful ship calls will carry. */
  shipWarnings: string[];
  nextId: Record<IdKind, () => string>;
  announce: Announce;
};

type IdKind = 'order' | 'line' | 'package' | 'cancellation' | 'return' | 'product' | 'sku' | 'notification';

const FIRST_IDS: Record<IdKind, bigint> = {
  order: 576900000000000101n,
  line: 576910000000000201n,
  package: 1153900000000000301n,
  cancellation: 4035900000000000401n,
  return: 4035910000000000501n,
  product: 1729592969712207008n,
  sku: 1729592969812207012n,
  notification: 7327112393057371910n,
};

const SCOPES = [
  'seller.authorization.info',
  'seller.order.info',
  'seller.fulfillment.basic',
  'seller.logistics',
  'seller.product.basic',
  'seller.product.write',
  'seller.return_refund.basic',
];

export const defaultSeller = (): SandboxSeller => ({
  openId: 'ExampleSellerOpenId0001',
  name: 'Example Goods LLC',
  userType: 0,
  scopes: [...SCOPES],
  shops: [],
});

const counter = (first: bigint) => {
  let next = first;
  return (): string => {
    const id = String(next);
    next += 1n;
    return id;
  };
};

export const defaultSettings = (): SandboxSettings => ({
  holdSeconds: 3600,
  holdPhase: true,
  maskStyle: 'stars',
  addressEditBumpsUpdateTime: true,
  rotateRefreshToken: true,
  refreshKillsOldAccessToken: true,
  accessTokenSeconds: 7 * 86_400,
  refreshTokenSeconds: 365 * 86_400,
  rateLimitPerSecond: 50,
  trackingMismatch: 'warn',
  allowZeroQuantity: true,
  lockedProducts: new Set(),
  searchShowsBundles: false,
  cancelAnswerSeconds: 48 * 3600,
  returnAnswerSeconds: 48 * 3600,
  replacementAnswerSeconds: 24 * 3600,
  maxOrdersPerTrackingNumber: 20,
  correctionWindowSeconds: 72 * 3600,
  needsRegistration: false,
  refusalHttpStatus: 200,
});

const defaultShop = (): SandboxShop => ({
  id: '7494049642642441621',
  name: 'Example Goods',
  region: 'US',
  cipher: 'TTP_ExampleCipher0001',
  code: 'USLCEXMPL01',
});

const defaultWarehouses = (): Warehouse[] => [
  { id: '7000714532876273410', name: 'US Main', type: 'SALES_WAREHOUSE' },
  { id: '7000714532876273411', name: 'US Returns', type: 'RETURN_WAREHOUSE' },
];

/** Ids of one shop are far from those of the next. */
const IDS_PER_SHOP = 1_000_000n;

const createCounters = (shopNumber: number): World['nextId'] => {
  const from = (kind: IdKind) => counter(FIRST_IDS[kind] + BigInt(shopNumber) * IDS_PER_SHOP);
  return {
    order: from('order'),
    line: from('line'),
    package: from('package'),
    cancellation: from('cancellation'),
    return: from('return'),
    product: from('product'),
    sku: from('sku'),
    notification: from('notification'),
  };
};

/** A shop with two warehouses and nothing in it. It joins the shops of its seller. */
export const createWorld = (options: {
  clock: Clock;
  seller?: SandboxSeller | undefined;
  /** Tells the ids of several shops apart. */
  shopNumber?: number | undefined;
  shop?: Partial<SandboxShop> | undefined;
  settings?: Partial<SandboxSettings> | undefined;
}): World => {
  const shop = { ...defaultShop(), ...options.shop };
  const seller = options.seller ?? defaultSeller();
  seller.shops.push(shop);
  return {
    ...emptyWorld(options.clock),
    shop,
    seller,
    settings: settingsOf(options.settings),
    nextId: createCounters(options.shopNumber ?? 0),
  };
};

const settingsOf = (settings: Partial<SandboxSettings> | undefined): SandboxSettings => ({
  ...defaultSettings(),
  ...settings,
});

const emptyWorld = (clock: Clock): Omit<World, 'shop' | 'seller' | 'settings' | 'nextId'> => ({
  clock,
  timers: createTimers(clock),
  registrations: new Map(),
  warehouses: defaultWarehouses(),
  orders: new Map(),
  packages: new Map(),
  cancellations: new Map(),
  returns: new Map(),
  products: new Map(),
  reports: [],
  corrections: [],
  stockPushes: [],
  violations: [],
  shipWarnings: [],
  announce: () => {},
});

export const nowSeconds = (world: World): number => Math.floor(world.clock.nowMs() / 1000);

/** The order a test talks about; a wrong id is the test's mistake. */
export const requireOrder = (world: World, orderId: string): Order => {
  const order = world.orders.get(orderId);
  if (order === undefined) throw new Error(`the sandbox has no order ${orderId}`);
  return order;
};

/** The warehouse that sells. */
export const salesWarehouse = (world: World): string =>
  world.warehouses.find((warehouse) => warehouse.type === 'SALES_WAREHOUSE')?.id ?? '';

export const findSku = (world: World, sellerSku: string): { product: Product; sku: Sku } | undefined => {
  for (const product of world.products.values()) {
    const sku = product.skus.find((candidate) => candidate.sellerSku === sellerSku);
    if (sku !== undefined) return { product, sku };
  }
  return undefined;
};

/** Changes the order's status, dates the change and announces it. */
export const setStatus = (world: World, order: Order, status: OrderStatus, atSeconds: number): void => {
  const changed = order.status !== status;
  order.status = status;
  order.updateTime = atSeconds;
  if (status === 'COMPLETED') order.completedTime = atSeconds;
  if (status === 'CANCELLED') order.cancelTime = atSeconds;
  // Topic 1 does not list PARTIALLY_SHIPPING, so TikTok may well be silent about it.
  if (!changed || status === 'PARTIALLY_SHIPPING') return;
  const data = {
    order_id: order.id,
    order_status: status === 'CANCELLED' ? 'CANCEL' : status,
    is_on_hold_order: order.holds,
    update_time: atSeconds,
  };
  world.announce(1, data, order.id);
};

export const liveLines = (order: Order) => order.lines.filter((line) => line.status !== 'CANCELLED');

/** The buyer's request that waits for the seller's answer, if there is one. */
export const pendingRequest = (world: World, order: Order): Cancellation | undefined =>
  order.cancellationIds
    .map((id) => world.cancellations.get(id))
    .find((request) => request?.status === 'CANCELLATION_REQUEST_PENDING');
