import type { Clock } from '../../lib/clock.ts';
import { createFaults, type Faults } from '../faults.ts';
import { type Reply, type SandboxRequest, startSandboxServer } from '../http.ts';
import { buyerCancel, buyerWithdraw, sellerCancel } from './cancelling.ts';
import { advance, changeAddress, endHold, type NewOrder, pay, placeOrder } from './lifecycle.ts';
import { createReturnDriver, type ReturnDriver } from './returning.ts';
import { createHandler } from './server.ts';
import { markShipped } from './shipping.ts';
import { createWorld, findSku, requireOrder, type World } from './state.ts';
import { addProduct, levelOf, type NewProduct } from './stock.ts';
import { createTokens, type TokenPair, type Tokens } from './tokens.ts';
import { AMAZON_LOGISTICS } from './tracking.ts';
import type {
  CallRecord,
  Cancellation,
  Order,
  OrderStatus,
  Package,
  Registration,
  SandboxAddress,
  SandboxSeller,
  SandboxSettings,
  SandboxShop,
  ShipReport,
  StockLevel,
  StockPush,
  TrackingCorrection,
  Violation,
  Warehouse,
} from './types.ts';
import { createWebhooks, type Post, type SendOptions, type Webhooks } from './webhooks.ts';

export type { Fault, Faults } from '../faults.ts';
export type { NewLine, NewOrder } from './lifecycle.ts';
export type { NewProduct, NewSku } from './stock.ts';
export type { TokenPair } from './tokens.ts';
export * from './types.ts';
export type { SendOptions, WebhookDelivery, Webhooks } from './webhooks.ts';

export type TikTokSandboxOptions = {
  clock: Clock;
  port?: number;
  host?: string;
  appKey: string;
  appSecret: string;
  shop?: Partial<SandboxShop>;
  /** Several shops may have one seller and one seller's tokens. */
  seller?: SandboxSeller;
  tokens?: Tokens;
  shopNumber?: number;
  webhookUrl?: string | null;
  /** Takes webhooks in the place of the network; `webhookUrl` then only says whether there are any. */
  post?: Post;
  settings?: Partial<SandboxSettings>;
};

/** TikTok Shop in process: nothing listens. */
export type TikTokWorld = ReturnDriver & {
  /** Answers one request, as it would come over the wire. */
  handle: (request: SandboxRequest) => Promise<Reply>;
  readonly shop: SandboxShop;
  readonly warehouses: Warehouse[];
  /** Change a field at any time. */
  readonly settings: SandboxSettings;
  readonly faults: Faults;
  readonly webhooks: Webhooks;

  placeOrder(order: NewOrder): { orderId: string; lineIds: string[] };
  pay(orderId: string): void;
  endHold(orderId: string): void;
  /** Returns the id of the cancellation; throws where TikTok gives the buyer no such button. */
  buyerCancel(orderId: string): string;
  buyerWithdraw(orderId: string): void;
  /** By hand in Seller Center; answers a pending request of the buyer with yes. */
  sellerCancel(orderId: string, options?: { reason?: string; lineIds?: string[] }): string;
  /** By hand in Seller Center; not in `reports`. */
  sellerShip(
    orderId: string,
    shipment: { trackingNumber: string; providerId?: string; lineIds?: string[] },
  ): Package;
  changeAddress(orderId: string, address: Partial<SandboxAddress>): void;
  advance(orderId: string, status: OrderStatus): void;
  complete(orderId: string): void;
  addProduct(product: NewProduct): { productId: string; skuIds: string[] };
  /** Somebody edits the stock in Seller Center. */
  setStock(sellerSku: string, available: number, warehouseId?: string): void;
  /** The next successful ship call carries this warning. */
  warnNextShip(message: string): void;

  order(orderId: string): Order;
  orders(): Order[];
  package(packageId: string): Package | undefined;
  cancellationsOf(orderId: string): Cancellation[];
  stockOf(sellerSku: string): StockLevel;
  readonly reports: ShipReport[];
  readonly corrections: TrackingCorrection[];
  readonly stockPushes: StockPush[];
  readonly calls: CallRecord[];
  countCalls(operation?: string): number;
  readonly violations: Violation[];

  tokens(): TokenPair;
  setTokens(pair: Partial<TokenPair>): void;
  expireAccessToken(): void;
  expireRefreshToken(): void;
  revoke(): void;
  issueAuthCode(): string;

  readonly seller: SandboxSeller;
  /** Where topics are sent, by event type; tests may write into it. */
  readonly registrations: Map<string, Registration>;
  /** Sends a notification like those of its own events: with retries, noted in `deliveries`. */
  announce(type: number, data: Record<string, unknown>): void;

  sendWebhook(
    type: number,
    data: Record<string, unknown>,
    options?: SendOptions,
  ): Promise<{ status: number; body: string }>;
  signWebhook(rawBody: string): string;
  readonly deliveries: Webhooks['deliveries'];

  /** Runs every transition that is due by the clock; reads and a timer do the same by themselves. */
  tick(): void;
  /** Ends its timers and deliveries. */
  stop: () => void;
};

export type TikTokSandbox = Omit<TikTokWorld, 'handle' | 'stop'> & {
  /** Base address of the API host and of the auth host. */
  readonly url: string;
  close(): Promise<void>;
};

const orderActions = (world: World) => ({
  placeOrder: (order: NewOrder) => placeOrder(world, order),
  pay: (orderId: string) => pay(world, orderId),
  endHold: (orderId: string) => endHold(world, orderId),
  buyerCancel: (orderId: string) => buyerCancel(world, orderId),
  buyerWithdraw: (orderId: string) => buyerWithdraw(world, orderId),
  sellerCancel: (orderId: string, options?: { reason?: string; lineIds?: string[] }) =>
    sellerCancel(world, orderId, options),
  sellerShip(
    orderId: string,
    shipment: { trackingNumber: string; providerId?: string; lineIds?: string[] },
  ): Package {
    const wish = { providerId: AMAZON_LOGISTICS, ...shipment };
    const shipped = markShipped(world, requireOrder(world, orderId), wish, 'seller-center');
    if ('ok' in shipped) throw new Error(`Seller Center refuses: ${shipped.code} ${shipped.message}`);
    return shipped.parcel;
  },
  changeAddress: (orderId: string, address: Partial<SandboxAddress>) =>
    changeAddress(world, orderId, address),
  advance: (orderId: string, status: OrderStatus) => advance(world, orderId, status),
  complete: (orderId: string) => advance(world, orderId, 'COMPLETED'),
});

const requireSku = (world: World, sellerSku: string) => {
  const found = findSku(world, sellerSku);
  if (found === undefined) throw new Error(`the sandbox shop does not sell ${sellerSku}`);
  return found.sku;
};

const stockActions = (world: World) => ({
  addProduct(wish: NewProduct) {
    const product = addProduct(world, wish);
    return { productId: product.id, skuIds: product.skus.map(({ id }) => id) };
  },
  setStock(sellerSku: string, available: number, warehouseId?: string): void {
    const { stock } = requireSku(world, sellerSku);
    const level = warehouseId === undefined ? [...stock.values()][0] : stock.get(warehouseId);
    if (level === undefined) throw new Error(`${sellerSku} has no stock of its own there`);
    level.available = available;
  },
  stockOf: (sellerSku: string) => levelOf(world, requireSku(world, sellerSku)),
});

const observations = (world: World, calls: CallRecord[]) => ({
  order(orderId: string): Order {
    world.timers.settle();
    return requireOrder(world, orderId);
  },
  orders(): Order[] {
    world.timers.settle();
    return [...world.orders.values()];
  },
  package: (packageId: string) => world.packages.get(packageId),
  cancellationsOf: (orderId: string): Cancellation[] => {
    world.timers.settle();
    return [...world.cancellations.values()].filter((request) => request.orderId === orderId);
  },
  reports: world.reports,
  corrections: world.corrections,
  stockPushes: world.stockPushes,
  calls,
  countCalls: (operation?: string) =>
    calls.filter((call) => operation === undefined || call.operation === operation).length,
  violations: world.violations,
});

const tokenActions = (tokens: Tokens) => ({
  tokens: tokens.current,
  setTokens: tokens.setTokens,
  expireAccessToken: tokens.expireAccessToken,
  expireRefreshToken: tokens.expireRefreshToken,
  revoke: tokens.revoke,
  issueAuthCode: tokens.issueCode,
});

/** Makes a TikTok Shop with one seller: API host, auth host and webhooks, strict and stateful. */
export const createTikTokWorld = (options: TikTokSandboxOptions): TikTokWorld => {
  const { appKey, appSecret, webhookUrl: url = null, post } = options;
  const world = createWorld(options);
  const tokens = options.tokens ?? createTokens(world);
  const webhooks = createWebhooks(world, { appKey, appSecret, url, post });
  world.announce = webhooks.announce;
  const faults = createFaults();
  const calls: CallRecord[] = [];
  return {
    handle: createHandler({ world, tokens, faults, calls, appKey, appSecret }),
    shop: world.shop,
    seller: world.seller,
    registrations: world.registrations,
    announce: (type, data) => world.announce(type, data, null),
    warehouses: world.warehouses,
    settings: world.settings,
    faults,
    webhooks,
    ...orderActions(world),
    ...createReturnDriver(world),
    ...stockActions(world),
    warnNextShip: (message) => void world.shipWarnings.push(message),
    ...observations(world, calls),
    ...tokenActions(tokens),
    sendWebhook: webhooks.send,
    signWebhook: webhooks.sign,
    deliveries: webhooks.deliveries,
    tick: () => world.timers.settle(),
    stop() {
      world.timers.close();
      webhooks.close();
    },
  };
};

/** Starts a TikTok Shop on one real port. */
export const startTikTokSandbox = async (options: TikTokSandboxOptions): Promise<TikTokSandbox> => {
  const { handle, stop, ...world } = createTikTokWorld(options);
  const server = await startSandboxServer({ host: options.host, port: options.port, handle });
  return {
    ...world,
    url: server.url,
    async close() {
      stop();
      await server.close();
    },
  };
};
