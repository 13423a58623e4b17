import { type Clock, secondsToMs } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { type HttpClient, quotaKey } from '../../lib/http-client.ts';
import type { Quota } from '../../lib/quota.ts';
import { ok, type Result, refuse } from '../../lib/result.ts';
import type { Side, SideArea } from '../../lib/side.ts';
import type { TokenStore } from '../../store/store.ts';
import type { WebhookRegistry } from '../authorizer.ts';
import type {
  Cancellation,
  ChannelOrder,
  ChannelRefusal,
  OrderSearch,
  OrderStub,
  SalesChannel,
  Shop,
} from '../channel.ts';
import type { ShopCheckup } from '../checkup.ts';
import { createTikTokAuth, type InitialTokens, type TikTokAuth } from './auth.ts';
import { createCall } from './call.ts';
import { createCarrierBook } from './carriers.ts';
import { createShopCheckup } from './checkup.ts';
import { createTikTokClient, type OrderFilter, type TikTokClient } from './client.ts';
import { refusalIn, UPSTREAM } from './errors.ts';
import { createWebhookRegistry } from './events.ts';
import { limitOf, MAX_ORDERS_PER_DETAIL_CALL } from './limits.ts';
import { mapCancellation, mapOrder } from './map.ts';
import { chunksOf, eachPage } from './pages.ts';
import { createReturnReads } from './returns.ts';
import { type AuthorizedShop, createShopDirectory, type ShopBook, type ShopDirectory } from './shops.ts';
import { fetchListings, pushStock } from './stock.ts';

export type TikTokShopOptions = {
  http: HttpClient;
  /** The quota that `http` takes from, asked for what is left. */
  quota: Pick<Quota, 'available'>;
  clock: Clock;
  tokens: TokenStore;
  sideFor: (shopId: string, area: SideArea) => Side;
  appKey: string;
  /** The first one signs. */
  appSecrets: readonly string[];
  apiUrl: string;
  authUrl: string;
  shops: ShopBook;
  /** The environment's tokens; null when there are none. */
  initialTokens: InitialTokens | null;
};

export type TikTokShop = SalesChannel & {
  /** Reads the shops that an authorisation may act for; saves nothing. Throws `UpstreamError`. */
  discoverShops: (authorization: string) => Promise<AuthorizedShop[]>;
  /** Renews the tokens of an authorisation if it is time. Throws `UpstreamError`. */
  keepFresh: (authorization: string) => Promise<void>;
  /** What a check of a shop's set-up reads. */
  readonly checkup: ShopCheckup;
  /** Where TikTok sends each shop's webhooks. */
  readonly webhooks: WebhookRegistry;
  /** Drops what is held in memory of an authorisation, so that its next call takes the stored tokens. */
  forget: (authorization: string) => void;
};

export type { AuthorizedShop } from './shops.ts';

/** Key of the environment's tokens, whatever shops they cover. */
export const ENVIRONMENT_AUTHORIZATION = UPSTREAM;

/** The tokens of each authorisation, made when they are first needed. */
const createAuths = (options: TikTokShopOptions, appSecret: string) => {
  const { http, clock, tokens, appKey, authUrl, initialTokens } = options;
  const auths = new Map<string, TikTokAuth>();
  return {
    of(account: string): TikTokAuth {
      const initial = account === ENVIRONMENT_AUTHORIZATION ? initialTokens : null;
      const auth =
        auths.get(account) ??
        createTikTokAuth({ http, clock, tokens, appKey, appSecret, authUrl, account, initial });
      auths.set(account, auth);
      return auth;
    },
    forget: (account: string): void => void auths.delete(account),
  };
};

const WIRE_STATUS = {
  unpaid: 'UNPAID',
  on_hold: 'ON_HOLD',
  awaiting_shipment: 'AWAITING_SHIPMENT',
  partially_shipped: 'PARTIALLY_SHIPPING',
} as const;

const toFilter = (search: OrderSearch): OrderFilter => ({
  ...(search.status === undefined ? {} : { order_status: WIRE_STATUS[search.status] }),
  ...(search.updatedFromMs === undefined ? {} : { update_time_ge: Math.floor(search.updatedFromMs / 1000) }),
});

/** Turns the refusal of an effect into a value; faults go on. */
const settle = async <Value>(effect: Promise<Value>): Promise<Result<Value, ChannelRefusal>> => {
  try {
    return ok(await effect);
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal) return refuse(refusal);
    throw error;
  }
};

type Parts = { client: TikTokClient; directory: ShopDirectory; clock: Clock };
type Reads = Pick<SalesChannel, 'fetchOrders' | 'searchOrders' | 'fetchCarriers' | 'fetchCancellations'>;
type Effects = Pick<
  SalesChannel,
  'ship' | 'correctTracking' | 'approveCancellation' | 'rejectCancellation' | 'cancelOrder'
>;

const createReads = ({ client, directory, clock }: Parts): Reads => {
  const carriers = createCarrierBook(client, clock);
  return {
    async fetchOrders(shop, orderIds) {
      const target = await directory.targetOf(shop);
      const orders = new Map<string, ChannelOrder>();
      for (const chunk of chunksOf([...new Set(orderIds)], MAX_ORDERS_PER_DETAIL_CALL)) {
        const answer = await client.getOrderDetail(target, chunk);
        for (const order of answer.orders) orders.set(order.id, mapOrder(order));
      }
      return orders;
    },
    async *searchOrders(shop, search): AsyncGenerator<OrderStub[]> {
      const target = await directory.targetOf(shop);
      const filter = toFilter(search);
      const pages = eachPage('searchOrders', (token) => client.searchOrders(target, filter, token));
      for await (const page of pages)
        yield page.orders.map((order) => ({
          orderId: order.id,
          rawStatus: order.status,
          updatedAtMs: secondsToMs(order.update_time ?? 0),
        }));
    },
    async fetchCarriers(shop, deliveryOptionId) {
      return carriers(await directory.targetOf(shop), deliveryOptionId);
    },
    async fetchCancellations(shop, orderId) {
      const target = await directory.targetOf(shop);
      const pages = eachPage('searchCancellations', (token) =>
        client.searchCancellations(target, orderId, token),
      );
      const cancellations: Cancellation[] = [];
      for await (const page of pages) cancellations.push(...page.cancellations.map(mapCancellation));
      return cancellations;
    },
  };
};

const trackingBody = (tracking: { trackingNumber: string; carrierId: string }) => ({
  tracking_number: tracking.trackingNumber.trim(),
  shipping_provider_id: tracking.carrierId,
});

const createEffects = ({ client, directory }: Parts): Effects => {
  const done = async (effect: Promise<unknown>): Promise<Result<true, ChannelRefusal>> => {
    const result = await settle(effect);
    return result.ok ? ok(true) : result;
  };
  return {
    async ship(shop, request) {
      const target = await directory.targetOf(shop);
      const body = { order_line_item_ids: request.lineIds, ...trackingBody(request) };
      const result = await settle(client.markPackageAsShipped(target, request.orderId, body));
      if (!result.ok) return result;
      const { package_id, warning } = result.value;
      return ok({ packageId: package_id || null, warning: warning?.message || null });
    },
    async correctTracking(shop, request) {
      const target = await directory.targetOf(shop);
      return done(client.updatePackageShippingInfo(target, request.packageId, trackingBody(request)));
    },
    async approveCancellation(shop, cancelId, key) {
      return done(client.approveCancellation(await directory.targetOf(shop), cancelId, key));
    },
    async rejectCancellation(shop, cancelId, key, reason) {
      return done(client.rejectCancellation(await directory.targetOf(shop), cancelId, key, reason));
    },
    async cancelOrder(shop, orderId, reason) {
      return done(client.createCancellation(await directory.targetOf(shop), orderId, reason));
    },
  };
};

/**
 * TikTok Shop behind the port. Calls need no shop to be connected by hand: the cipher of a shop is looked up when
 * its row has none. Facts: partner docs of 2025-12, see the README beside this file.
 */
export const createTikTokShop = (options: TikTokShopOptions): TikTokShop => {
  const { http, clock, appKey, apiUrl, shops, sideFor } = options;
  const [appSecret] = options.appSecrets;
  if (appSecret === undefined) throw new AppError('config_invalid', 500, 'TikTok Shop needs an app secret');
  const auths = createAuths(options, appSecret);
  const call = createCall({
    http,
    clock,
    authFor: (authorization) => auths.of(authorization),
    appKey,
    appSecret,
    apiUrl,
  });
  const client = createTikTokClient(call);
  const directory = createShopDirectory({ client, shops, sideFor });
  const parts: Parts = { client, directory, clock };
  return {
    name: UPSTREAM,
    ...createReads(parts),
    ...createEffects(parts),
    ...createReturnReads(parts),
    fetchListings: async (shop: Shop) => fetchListings(client, clock, await directory.targetOf(shop)),
    pushStock: async (shop, pushes) => pushStock(client, await directory.targetOf(shop), pushes),
    readCapacity(shop) {
      const key = quotaKey({ upstream: UPSTREAM, account: shop.shopId, operation: 'getOrderDetail' });
      const left = options.quota.available(key, limitOf('getOrderDetail'));
      return Math.min(sideFor(shop.shopId, 'orders').admits(), left);
    },
    discoverShops: (authorization) => directory.discover(authorization),
    keepFresh: async (authorization) => void (await auths.of(authorization).accessToken()),
    forget: auths.forget,
    checkup: createShopCheckup(client, directory),
    webhooks: createWebhookRegistry(call, (shop) => directory.targetOf(shop)),
  };
};
