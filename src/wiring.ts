import { randomUUID } from 'node:crypto';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import type { Shop } from './channels/channel.ts';
import { createTikTokShop, type TikTokShop } from './channels/tiktok-shop/index.ts';
import { createWebhookReader } from './channels/tiktok-shop/webhook.ts';
import { ConfigError } from './config/load.ts';
import type { Config } from './config/variables.ts';
import { createAmazonMcf } from './fulfillment/amazon-mcf/index.ts';
import { countryOfMarketplace, REGIONS } from './fulfillment/amazon-mcf/regions.ts';
import type { FulfillmentProvider } from './fulfillment/provider.ts';
import { type Clock, secondsToMs } from './lib/clock.ts';
import { type CallOutcome, createHttpClient, type HttpClient } from './lib/http-client.ts';
import { createQuota, type Quota } from './lib/quota.ts';
import { createSide, type Side, type SideArea } from './lib/side.ts';
import { createConverger } from './orders/converge.ts';
import { createDispatcher, type Dispatcher } from './orders/dispatch.ts';
import { keyText, type OrderKey } from './orders/model.ts';
import { createOperator } from './orders/operate.ts';
import type { Policy } from './orders/policy.ts';
import { openSkuMap, type SkuMapService } from './orders/sku-map-service.ts';
import { createReconciler, type Reconciler } from './reconcile/reconcile.ts';
import { createWorker, type Worker } from './reconcile/worker.ts';
import { openStore } from './store/open.ts';
import type { ShopRow, Store } from './store/store.ts';
import { VERSION } from './version.ts';

export type Service = {
  app: FastifyInstance;
  store: Store;
  worker: Worker;
  dispatcher: Dispatcher;
  reconciler: Reconciler;
  http: HttpClient;
};

type Parts = {
  config: Config;
  clock: Clock;
  logger: FastifyBaseLogger;
  quota: Quota;
  http: HttpClient;
  store: Store;
  sides: Map<string, Side>;
};

const logCall = (logger: FastifyBaseLogger, call: CallOutcome): void => {
  const level = call.status === null || call.status >= 400 ? 'warn' : 'debug';
  logger[level](call, 'upstream call');
};

const sideOf = ({ sides, clock }: Parts, account: string, area: SideArea): Side => {
  const name = area === 'orders' ? account : `${account}/${area}`;
  const side = sides.get(name) ?? createSide(name, clock);
  sides.set(name, side);
  return side;
};

const wireProvider = (parts: Parts): FulfillmentProvider => {
  const { config, http, quota, clock } = parts;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: session,
  } = config;
  const aws =
    accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, ...(session ? { sessionToken: session } : {}) }
      : null;
  return createAmazonMcf({
    http,
    quota,
    clock,
    sideFor: (area) => sideOf(parts, 'amazon-mcf', area),
    account: 'amazon',
    region: config.AMAZON_REGION,
    marketplaceId: config.AMAZON_MARKETPLACE_ID,
    spApiUrl: config.AMAZON_SP_API_URL ?? REGIONS[config.AMAZON_REGION].spApiUrl,
    lwaUrl: config.AMAZON_LWA_URL,
    clientId: config.AMAZON_LWA_CLIENT_ID,
    clientSecret: config.AMAZON_LWA_CLIENT_SECRET,
    refreshToken: config.AMAZON_LWA_REFRESH_TOKEN,
    aws,
    version: VERSION,
  });
};

/** The shop of the environment, if one is named there. */
const configuredShop = (config: Config): ShopRow | null =>
  config.TIKTOK_SHOP_ID
    ? {
        channel: 'tiktok-shop',
        shopId: config.TIKTOK_SHOP_ID,
        region: null,
        cipher: config.TIKTOK_SHOP_CIPHER ?? null,
      }
    : null;

const wireChannel = (parts: Parts): TikTokShop => {
  const { config, http, quota, clock, store } = parts;
  const own = configuredShop(config);
  const hasTokens = config.TIKTOK_ACCESS_TOKEN !== undefined || config.TIKTOK_REFRESH_TOKEN !== undefined;
  return createTikTokShop({
    http,
    quota,
    clock,
    tokens: store.tokens,
    sideFor: (shopId, area) => sideOf(parts, `tiktok-shop/${shopId}`, area),
    appKey: config.TIKTOK_APP_KEY,
    appSecrets: config.TIKTOK_APP_SECRET,
    apiUrl: config.TIKTOK_API_URL,
    authUrl: config.TIKTOK_AUTH_URL,
    shops: {
      async find(shopId) {
        if (own?.shopId === shopId && own.cipher) return own;
        const rows = await store.shops.all();
        return rows.find((row) => row.shopId === shopId) ?? null;
      },
      save: (row) => store.shops.upsert(row),
    },
    initialTokens: hasTokens
      ? {
          accessToken: config.TIKTOK_ACCESS_TOKEN ?? null,
          refreshToken: config.TIKTOK_REFRESH_TOKEN ?? null,
        }
      : null,
  });
};

/** The shops served: the one the environment names, else every shop of its token. */
const wireShops = async (parts: Parts, channel: TikTokShop) => {
  const own = configuredShop(parts.config);
  let rows = own ? [own] : await parts.store.shops.all();
  const hasTokens = parts.config.TIKTOK_ACCESS_TOKEN ?? parts.config.TIKTOK_REFRESH_TOKEN;
  return {
    serves: (shopId: string): boolean => rows.some((row) => row.shopId === shopId),
    async list(): Promise<Shop[]> {
      if (rows.length === 0 && hasTokens) rows = await channel.discoverShops();
      return rows.map(({ channel: name, shopId, region }) => ({ channel: name, shopId, region }));
    },
  };
};

const wirePolicy = ({ config, store }: Parts, skuMap: SkuMapService): (() => Policy) => {
  const marketplaceCountry = countryOfMarketplace(config.AMAZON_MARKETPLACE_ID);
  if (!marketplaceCountry) throw new ConfigError(['AMAZON_MARKETPLACE_ID: is not a marketplace of Amazon']);
  const fixed = {
    remorseHoldMs: secondsToMs(config.REMORSE_HOLD_SECONDS),
    cancellation: config.CANCELLATION_POLICY,
    speed: config.MCF_SHIPPING_SPEED,
    fulfillmentPolicy: config.MCF_FULFILLMENT_POLICY,
    blockAmzl: config.MCF_BLOCK_AMZL,
    unbranded: config.MCF_UNBRANDED,
    marketplaceCountry,
    hash: (text: string): string => store.keyedHash(text),
  };
  return () => ({ ...fixed, skuMap: skuMap.current() });
};

const openParts = async (config: Config, clock: Clock, logger: FastifyBaseLogger): Promise<Parts> => {
  const quota = createQuota(clock);
  const http = createHttpClient({ quota, onCall: (call) => logCall(logger, call) });
  const store = await openStore({
    databaseUrl: config.DATABASE_URL,
    encryptionKey: config.ENCRYPTION_KEY ?? null,
    clock,
  });
  return { config, clock, logger, quota, http, store, sides: new Map() };
};

/**
 * Puts the service together; the only place that constructs adapters. Nothing listens and no timer runs yet. Throws
 * `ConfigError`, `AppError` (SKU map) or `StoreUnavailable`.
 */
export const wire = async (config: Config, clock: Clock, logger: FastifyBaseLogger): Promise<Service> => {
  const parts = await openParts(config, clock, logger);
  try {
    return await wireParts(parts);
  } catch (error) {
    await parts.store.close();
    throw error;
  }
};

/** What turns triggers into effects. */
const wireEngine = async (parts: Parts) => {
  const { config, clock, logger, store } = parts;
  const fallback = config.SKU_MAP_DEFAULT;
  const skuMap = await openSkuMap({ store, clock, fallback, file: config.SKU_MAP_FILE });
  const provider = wireProvider(parts);
  const channel = wireChannel(parts);
  const shops = await wireShops(parts, channel);
  const shopOf = ({ channel: name, shopId }: OrderKey): Shop => ({ channel: name, shopId, region: null });
  const onFault = (error: unknown, key?: OrderKey): void =>
    logger.error({ err: error, ...(key ? { order: keyText(key) } : {}) }, 'internal fault');
  const newOwner = ownerNames();
  const converger = createConverger({
    store,
    sidesFor: (key) => ({ channel, shop: shopOf(key), provider }),
    policy: wirePolicy(parts, skuMap),
    clock,
    random: Math.random,
    backoff: {
      baseMs: secondsToMs(config.RETRY_BASE_SECONDS),
      maxMs: secondsToMs(config.RETRY_MAX_SECONDS),
    },
    newOwner,
    onFault,
  });
  const worker = createWorker({ store, converger, channelOf: () => channel, clock, newOwner, onFault });
  const dispatcher = createDispatcher({
    converger,
    capacity: (key) => Math.min(provider.createCapacity(), channel.readCapacity(shopOf(key))),
    isBehind: () => worker.isBehind(),
    leaveToWorker: () => worker.wake(),
    clock,
    budgetMs: config.WEBHOOK_BUDGET_MS,
    onFault,
  });
  return { skuMap, provider, channel, shops, converger, worker, dispatcher };
};

type Engine = Awaited<ReturnType<typeof wireEngine>>;

/** Names for runs that no other run, process or start has. */
const ownerNames = (): (() => string) => {
  const instance = randomUUID();
  let runs = 0;
  return () => {
    runs += 1;
    return `${instance}/${runs}`;
  };
};

const wireReconciler = (parts: Parts, engine: Engine): Reconciler =>
  createReconciler({
    store: parts.store,
    channel: engine.channel,
    provider: engine.provider,
    converger: engine.converger,
    worker: engine.worker,
    clock: parts.clock,
    shops: () => engine.shops.list(),
    skuMap: () => engine.skuMap.current(),
    buffer: { units: parts.config.INVENTORY_BUFFER_UNITS, percent: parts.config.INVENTORY_BUFFER_PERCENT },
    sides: () => [...parts.sides.values()],
  });

const wireApp = (parts: Parts, engine: Engine, reconciler: Reconciler): Promise<FastifyInstance> => {
  const { config, clock, logger, store } = parts;
  const { channel, shops, dispatcher, converger, worker, skuMap } = engine;
  const secrets = config.TIKTOK_APP_SECRET;
  return buildApp({
    logger,
    adminToken: config.ADMIN_TOKEN,
    webhook: {
      channel: channel.name,
      reader: createWebhookReader({ appKey: config.TIKTOK_APP_KEY, secrets }),
      store,
      dispatcher,
      servesShop: (shopId) => shops.serves(shopId),
      clock,
    },
    health: {
      store,
      sides: () => [...parts.sides.values()],
      lastReport: () => reconciler.lastReport(),
      clock,
      startedAtMs: clock.nowMs(),
      version: VERSION,
    },
    orders: { store, operator: createOperator({ store, converger, clock }), skuMap, clock },
    reconciler,
    skuMap,
    store,
    wake: () => worker.wake(),
  });
};

const wireParts = async (parts: Parts): Promise<Service> => {
  const engine = await wireEngine(parts);
  const reconciler = wireReconciler(parts, engine);
  const app = await wireApp(parts, engine, reconciler);
  const { worker, dispatcher } = engine;
  return { app, store: parts.store, worker, dispatcher, reconciler, http: parts.http };
};
