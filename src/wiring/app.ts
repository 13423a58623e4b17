import type { FastifyInstance } from 'fastify';
import { buildApp } from '../app.ts';
import { createWebhookReader } from '../channels/tiktok-shop/webhook.ts';
import { createSkuReporter } from '../inventory/sku-report.ts';
import { once } from '../lib/once.ts';
import { createScavenger } from '../lib/scavenge.ts';
import { createDryRun } from '../orders/dry-run.ts';
import { createOperator } from '../orders/operate.ts';
import type { Endpoints } from '../outgoing/endpoints.ts';
import type { Reconciler } from '../reconcile/reconcile.ts';
import type { DailyReporter } from '../telemetry/daily-report.ts';
import { VERSION } from '../version.ts';
import type { Connections } from './connect.ts';
import { wireConsole } from './console.ts';
import type { Engine } from './engine.ts';
import type { Parts } from './parts.ts';
import { wirePeople } from './people.ts';
import { listSides } from './sides.ts';

const { gc } = globalThis;
const collectYoung = gc ? () => gc({ type: 'minor' }) : null;

export const wireApp = (
  parts: Parts,
  engine: Engine,
  reconciler: Reconciler,
  connections: Connections,
  dailyReports: DailyReporter,
  outgoing: Endpoints,
): Promise<FastifyInstance> => {
  const { config, clock, logger, store, telemetry } = parts;
  const { registry } = engine.connected;
  const { channel, dispatcher, converger, worker, skuMap } = engine;
  const doctor = once(async () =>
    (await import('./doctor.ts')).wireDoctor(parts, engine, { renewsTokens: true }),
  );
  const secrets = config.TIKTOK_APP_SECRET;
  return buildApp({
    logger,
    console: wireConsole(parts, engine, connections),
    ...wirePeople(parts),
    connections: connections.routes,
    webhook: {
      channel: channel.name,
      reader: connections.hearing(createWebhookReader({ appKey: config.TIKTOK_APP_KEY, secrets })),
      deliveries: telemetry.deliveries(store.notifications),
      counts: telemetry.webhookCounts,
      dispatcher,
      lookAtReturns: (keys) => engine.returns.look(keys),
      servesShop: (shopId) => registry.serves(shopId),
      clock,
      scavenger: createScavenger(clock, collectYoung),
    },
    health: {
      store,
      sides: () => listSides(parts, registry),
      lastReport: () => reconciler.lastReport(),
      clock,
      startedAtMs: clock.nowMs(),
      version: VERSION,
    },
    orders: {
      store,
      operator: createOperator({ store, converger, clock }),
      dryRun: createDryRun({ ...engine.converging, store, clock }),
      skuMap,
      clock,
    },
    reconciler,
    outgoing,
    doctor: { run: async () => (await doctor()).run() },
    pauses: engine.safety.pauses,
    mode: engine.safety,
    skuMap,
    skuReport: createSkuReporter({
      channel,
      providerOf: (shopId) => engine.providers.of(engine.connected.lanes.ofShop(shopId)),
      shops: engine.connected,
      skuMap,
    }),
    store,
    metrics: {
      metricsToken: config.METRICS_TOKEN ?? null,
      scrape: () => telemetry.metrics.scrape(listSides(parts, registry).map((side) => side.state())),
    },
    dailyReports,
    trustProxy: config.TRUST_PROXY,
    wake: () => worker.wake(),
  });
};
