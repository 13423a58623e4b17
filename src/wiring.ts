import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Alerts } from './alerts/index.ts';
import { buildApp } from './app.ts';
import type { Shop } from './channels/channel.ts';
import { createWebhookReader } from './channels/tiktok-shop/webhook.ts';
import { ConfigError } from './config/load.ts';
import type { Config } from './config/variables.ts';
import { countryOfMarketplace } from './fulfillment/amazon-mcf/regions.ts';
import { createSkuReporter } from './inventory/sku-report.ts';
import { type Clock, daysToMs, isoTime, secondsToMs } from './lib/clock.ts';
import { type CallOutcome, createHttpClient, type HttpClient, type Transport } from './lib/http-client.ts';
import { ownerNames } from './lib/owner-names.ts';
import { createQuota } from './lib/quota.ts';
import { createConverger } from './orders/converge.ts';
import { createCreateGate } from './orders/create-gate.ts';
import { createDispatcher, type Dispatcher } from './orders/dispatch.ts';
import type { OrderKey } from './orders/model.ts';
import { createOperator } from './orders/operate.ts';
import type { Policy } from './orders/policy.ts';
import { openSkuMap, type SkuMapService } from './orders/sku-map-service.ts';
import { type Probes, startProbes } from './reconcile/probes.ts';
import { createReconciler, type Reconciler } from './reconcile/reconcile.ts';
import { createWorker, type Worker } from './reconcile/worker.ts';
import { createReturns, type Returns } from './returns/sync.ts';
import { openStore } from './store/open.ts';
import type { Connect } from './store/sqlite/driver.ts';
import type { Store } from './store/store.ts';
import { VERSION } from './version.ts';
import { faultLog } from './wiring-faults.ts';
import { type Parts, wireChannel, wireProbe, wireProvider, wireShops } from './wiring-sides.ts';

export type Service = {
  app: FastifyInstance;
  store: Store;
  worker: Worker;
  dispatcher: Dispatcher;
  returns: Returns;
  reconciler: Reconciler;
  /** Null when alerts go nowhere. */
  alerts: Alerts | null;
  /** Finds out by itself when a side is back. */
  startProbes(): Probes;
  http: HttpClient;
};

/** What a simulation puts in the place of the machine. */
export type Runtime = {
  /** Default: the network. */
  transport?: Transport;
  /** In [0, 1). */
  random: () => number;
  /** Default: the file or memory that `DATABASE_URL` names. */
  connect?: Connect;
};

const MACHINE: Runtime = { random: Math.random };

/** TikTok turns a shop’s MCF warehouse off at five such numbers (Seller Academy, 2026-02-25); we stop before. */
const MAX_REFUSED_REPORTS = 3;

const logCall = (logger: FastifyBaseLogger, call: CallOutcome): void => {
  const level = call.status === null || call.status >= 400 ? 'warn' : 'debug';
  logger[level](call, 'upstream call');
};

const wirePolicy = ({ config, store }: Parts, skuMap: SkuMapService): (() => Policy) => {
  const marketplaceCountry = countryOfMarketplace(config.AMAZON_MARKETPLACE_ID);
  if (!marketplaceCountry) throw new ConfigError(['AMAZON_MARKETPLACE_ID: is not a marketplace of Amazon']);
  const fixed = {
    remorseHoldMs: secondsToMs(config.REMORSE_HOLD_SECONDS),
    cancellation: config.CANCELLATION_POLICY,
    speed: { fallback: config.MCF_SHIPPING_SPEED, byDeliveryOption: config.MCF_SPEED_BY_DELIVERY_OPTION },
    holdKinds: config.HOLD_FOR_REVIEW,
    resubmitStuck: config.MCF_RESUBMIT_STUCK,
    fulfillmentPolicy: config.MCF_FULFILLMENT_POLICY,
    blockAmzl: config.MCF_BLOCK_AMZL,
    unbranded: config.MCF_UNBRANDED,
    marketplaceCountry,
    hash: (text: string): string => store.keyedHash(text),
  };
  return () => ({ ...fixed, skuMap: skuMap.current() });
};

const openParts = async (
  config: Config,
  clock: Clock,
  logger: FastifyBaseLogger,
  { transport, connect, random }: Runtime,
): Promise<Parts> => {
  const quota = createQuota(clock);
  const http = createHttpClient({ quota, onCall: (call) => logCall(logger, call), transport });
  const store = await openStore({
    databaseUrl: config.DATABASE_URL,
    encryptionKey: config.ENCRYPTION_KEY ?? null,
    clock,
    connect,
  });
  if (store.restored) {
    const { atMs, backupTakenAtMs } = store.restored;
    const times = { backupTakenAt: isoTime(backupTakenAtMs), restoredAt: isoTime(atMs) };
    logger.info(times, 'this database is a restored backup: Amazon is asked before older orders are created');
  }
  return { config, clock, logger, quota, http, store, random, sides: new Map() };
};

/**
 * Puts the service together; the only place that constructs adapters. Nothing listens and no timer runs yet. Throws
 * `ConfigError`, `AppError` (SKU map) or `StoreUnavailable`.
 */
export const wire = async (
  config: Config,
  clock: Clock,
  logger: FastifyBaseLogger,
  runtime = MACHINE,
): Promise<Service> => {
  const parts = await openParts(config, clock, logger, runtime);
  try {
    return await wireParts(parts);
  } catch (error) {
    await parts.store.close();
    throw error;
  }
};

/** What turns triggers into effects. */
const wireEngine = async (parts: Parts) => {
  const { config, clock, store } = parts;
  const fallback = config.SKU_MAP_DEFAULT;
  const skuMap = await openSkuMap({ store, clock, fallback, file: config.SKU_MAP_FILE });
  const provider = wireProvider(parts);
  const channel = wireChannel(parts);
  const shops = await wireShops(parts, channel);
  const shopOf = ({ channel: name, shopId }: OrderKey): Shop => ({ channel: name, shopId, region: null });
  const onFault = faultLog(parts);
  const newOwner = ownerNames();
  const converger = createConverger({
    store,
    sidesFor: (key) => ({
      channel,
      shop: shopOf(key),
      provider,
      reportsStopped: async () =>
        (await store.orders.countInReview('tracking_rejected', key)) >= MAX_REFUSED_REPORTS,
    }),
    policy: wirePolicy(parts, skuMap),
    clock,
    random: parts.random,
    backoff: {
      baseMs: secondsToMs(config.RETRY_BASE_SECONDS),
      maxMs: secondsToMs(config.RETRY_MAX_SECONDS),
    },
    newOwner,
    onFault,
  });
  const gate = createCreateGate({
    capacity: () => provider.createCapacity(),
    onQueued: () => worker.wake(),
  });
  const worker: Worker = createWorker({
    store,
    converger,
    channelOf: () => channel,
    provider,
    gate,
    clock,
    newOwner,
    onFault,
  });
  const dispatcher = createDispatcher({
    converger: {
      converge: (key) => gate.pass((mayCreate) => converger.converge(key, undefined, { mayCreate })),
    },
    capacity: (key) => Math.min(provider.createCapacity(), channel.readCapacity(shopOf(key))),
    isBehind: () => worker.isBehind(),
    leaveToWorker: () => worker.wake(),
    clock,
    budgetMs: config.WEBHOOK_BUDGET_MS,
    onFault,
  });
  const returns = createReturns({
    store,
    channel,
    provider,
    clock,
    onFault,
    setting: config.RETURNS_TO_AMAZON,
    wake: () => worker.wake(),
  });
  return { skuMap, provider, channel, shops, converger, worker, dispatcher, returns };
};

type Engine = Awaited<ReturnType<typeof wireEngine>>;

const wireReconciler = (parts: Parts, engine: Engine): Reconciler =>
  createReconciler({
    store: parts.store,
    channel: engine.channel,
    provider: engine.provider,
    converger: engine.converger,
    worker: engine.worker,
    returns: engine.returns,
    clock: parts.clock,
    shops: () => engine.shops.list(),
    skuMap: () => engine.skuMap.current(),
    buffer: { units: parts.config.INVENTORY_BUFFER_UNITS, percent: parts.config.INVENTORY_BUFFER_PERCENT },
    sides: () => [...parts.sides.values()],
    retention: {
      notificationsMs: daysToMs(parts.config.RETENTION_NOTIFICATIONS_DAYS),
      ordersMs: daysToMs(parts.config.RETENTION_ORDERS_DAYS),
    },
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
      lookAtReturns: (keys) => engine.returns.look(keys),
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
    skuReport: createSkuReporter(engine),
    store,
    trustProxy: config.TRUST_PROXY,
    wake: () => worker.wake(),
  });
};

/** Loaded only where alerts go somewhere: a start should not pay for what it does not use. */
const wireAlerts = async (parts: Parts): Promise<Alerts | null> => {
  const { config, http, store, sides, clock, logger } = parts;
  if (!config.ALERT_WEBHOOK_URL && !config.ALERT_SMTP_URL) return null;
  const { createAlerts } = await import('./alerts/index.ts');
  return createAlerts({
    webhookUrl: config.ALERT_WEBHOOK_URL,
    smtpUrl: config.ALERT_SMTP_URL,
    mailFrom: config.ALERT_MAIL_FROM,
    mailTo: config.ALERT_MAIL_TO,
    http,
    store,
    clock,
    logger,
    sides: () => [...sides.values()].map((side) => side.state()),
    onFault: faultLog(parts),
  });
};

const wireParts = async (parts: Parts): Promise<Service> => {
  const engine = await wireEngine(parts);
  const reconciler = wireReconciler(parts, engine);
  const app = await wireApp(parts, engine, reconciler);
  const { worker, dispatcher, returns } = engine;
  const alerts = await wireAlerts(parts);
  return {
    app,
    store: parts.store,
    worker,
    dispatcher,
    returns,
    reconciler,
    alerts,
    http: parts.http,
    startProbes: () =>
      startProbes({
        sides: () => [...parts.sides.values()],
        probe: wireProbe(parts, engine.provider, engine.channel),
        clock: parts.clock,
      }),
  };
};
