import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { vi } from 'vitest';
import { type AppDeps, buildApp } from '../../src/app.ts';
import { createWebhookReader } from '../../src/channels/tiktok-shop/webhook.ts';
import { createScavenger } from '../../src/lib/scavenge.ts';
import { wait } from '../../src/orders/decision.ts';
import { createDispatcher } from '../../src/orders/dispatch.ts';
import type { OrderKey } from '../../src/orders/model.ts';
import { createOperator } from '../../src/orders/operate.ts';
import { openPauses } from '../../src/orders/pauses.ts';
import { openSkuMap } from '../../src/orders/sku-map-service.ts';
import { createEndpoints } from '../../src/outgoing/endpoints.ts';
import { createPeople } from '../../src/people/index.ts';
import type { PassReport } from '../../src/reconcile/reconcile.ts';
import { noWebhooks } from '../../src/telemetry/webhook-counts.ts';
import { openWorld } from '../fake-world.ts';
import { NOW, SHOP } from '../fakes.ts';

export const TOKEN = 'an-admin-token-of-tests';
export const APP_KEY = 'appkey1';
export const SECRETS = ['app-secret-of-the-tests', 'an-older-secret-still-valid'];
export const SHOP_ID = SHOP.shopId;

const FUZZ_RUNS = Number(process.env['FUZZ_RUNS'] ?? 1);
vi.setConfig({ testTimeout: 20_000 * Math.max(1, FUZZ_RUNS) });

/** Runs of a property in one go; FUZZ_RUNS times as many where it is set. */
export const runs = (ordinary: number): { numRuns: number } => ({
  numRuns: Math.ceil(ordinary * FUZZ_RUNS),
});

export const sign = (body: Uint8Array | string, secret = SECRETS[0] ?? ''): string =>
  createHmac('sha256', secret).update(APP_KEY).update(body).digest('hex');

const REPORT: PassReport = {
  startedAt: new Date(NOW).toISOString(),
  durationMs: 0,
  orders: { discovered: 0, converged: 0, created: 0, cancelled: 0, review: 0, failed: 0 },
  tracking: { checked: 0, reported: 0 },
  inventory: { skus: 0, pushed: 0, unchanged: 0, failed: 0 },
  errors: [],
};

/** The real app over a real store in memory, with both sides replaced by fakes. */
export const openHostile = async (
  options: Partial<Pick<AppDeps, 'trustProxy' | 'limits' | 'reconciler'>> = {},
) => {
  const world = await openWorld();
  const { store, clock, converger } = world;
  const dispatched: OrderKey[] = [];
  const logs: string[] = [];
  const dispatcher = createDispatcher({
    converger,
    capacity: () => 1,
    isBehind: () => false,
    leaveToWorker: () => undefined,
    clock,
    budgetMs: 1_000,
    onFault: (error) => world.faults.push(error),
  });
  const skuMap = await openSkuMap({ store, clock, fallback: 'identity', file: undefined });
  const app: FastifyInstance = await buildApp({
    logger: pino({ level: 'warn' }, { write: (line: string) => void logs.push(line) }),
    people: createPeople({ store, adminToken: TOKEN, clock }),
    publicUrl: null,
    connections: null,
    console: null,
    singleSignOn: null,
    trustProxy: options.trustProxy ?? false,
    ...(options.limits ? { limits: options.limits } : {}),
    webhook: {
      channel: 'tiktok-shop',
      reader: createWebhookReader({ appKey: APP_KEY, secrets: SECRETS }),
      deliveries: store.notifications,
      counts: noWebhooks(),
      dispatcher: {
        ...dispatcher,
        dispatch: (keys) => {
          dispatched.push(...keys);
          return dispatcher.dispatch(keys);
        },
      },
      lookAtReturns: () => undefined,
      servesShop: (shopId) => shopId === SHOP_ID,
      clock,
      scavenger: createScavenger(clock, null),
    },
    health: {
      store,
      sides: () => [],
      lastReport: () => null,
      clock,
      startedAtMs: NOW,
      version: '1.2.3',
    },
    orders: {
      store,
      operator: createOperator({ store, converger, clock }),
      dryRun: () => Promise.resolve(wait('waiting', 'received', null)),
      skuMap,
      clock,
    },
    reconciler: options.reconciler ?? { run: () => Promise.resolve(REPORT), lastReport: () => null },
    skuMap,
    skuReport: () =>
      Promise.resolve({ rows: [], summary: { mapped: 0, identity: 0, suggested: 0, unmapped: 0 } } as never),
    store,
    pauses: await openPauses({ store, clock, wake: () => undefined }),
    doctor: { run: () => Promise.resolve([]) },
    outgoing: createEndpoints({
      store,
      clock,
      http: { send: () => Promise.reject(new Error('nothing goes out')), close: () => undefined },
      random: () => 0,
      allowPrivate: false,
      userAgent: 'mcf-connector',
      wake: () => undefined,
    }),
    mode: { mode: 'live', liveFromMs: null },
    metrics: { metricsToken: 'a-token-for-metrics-alone', scrape: () => Promise.resolve('') },
    dailyReports: { find: () => Promise.resolve(null) },
    wake: () => undefined,
  });
  return {
    ...world,
    app,
    skuMap,
    dispatched,
    logs,
    /** The webhook route, signed unless told otherwise. */
    deliver: (body: Buffer | string, headers: Record<string, string> = { authorization: sign(body) }) =>
      app.inject({
        method: 'POST',
        url: '/webhooks/tiktok',
        headers: { 'content-type': 'application/json', ...headers },
        payload: body,
      }),
    async close() {
      await app.close();
      await store.close();
    },
  };
};

export type Hostile = Awaited<ReturnType<typeof openHostile>>;
