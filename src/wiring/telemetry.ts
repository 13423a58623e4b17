import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config/variables.ts';
import type { Clock } from '../lib/clock.ts';
import type { CallOutcome } from '../lib/http-client.ts';
import { nowAndThen } from '../lib/now-and-then.ts';
import type { Quota } from '../lib/quota.ts';
import { bothWatch, type OrderWatch } from '../orders/watch.ts';
import type { Reconciler } from '../reconcile/reconcile.ts';
import type { Store } from '../store/store.ts';
import { newestReport } from '../telemetry/daily-report.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { createKeptPromises, type KeptPromises, watchPromises } from '../telemetry/promises.ts';
import { type Deliveries, openTraces, type Traces } from '../telemetry/traces.ts';
import { noWebhooks, type WebhookCounts } from '../telemetry/webhook-counts.ts';
import { VERSION } from '../version.ts';

export type TelemetryParts = {
  config: Config;
  clock: Clock;
  logger: FastifyBaseLogger;
  quota: Quota;
  store: Store;
};

/** What looks on: metrics always, traces where a collector is named. */
export type Telemetry = {
  metrics: Metrics;
  called(call: CallOutcome): void;
  watch: OrderWatch;
  promises: KeptPromises;
  /** Hears of which shop an order was run; answers how to stop. */
  onChange(listener: (shopId: string) => void): () => void;
  /** The webhook's route counts into it. */
  webhookCounts: WebhookCounts;
  deliveries(plain: Deliveries): Deliveries;
  /** The same passes, which are also measured. */
  reconciler(reconciler: Reconciler): Reconciler;
  /** Sends the traces that are left, as far as the collector takes them in time. */
  close(): Promise<void>;
};

/** A collector that is away is away for every batch. */
const UNDELIVERED_EVERY_MS = 10 * 60_000;

const wireTraces = async ({ config, clock, logger }: TelemetryParts): Promise<Traces | null> => {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return null;
  const undelivered = nowAndThen(clock, UNDELIVERED_EVERY_MS);
  return openTraces({
    endpoint,
    version: VERSION,
    nowMs: () => clock.nowMs(),
    onUndelivered: () => undelivered((keptBack) => logger.warn({ keptBack }, 'traces not delivered')),
  });
};

const measured = (reconciler: Reconciler, metrics: Metrics): Reconciler => {
  const known = new WeakSet<object>();
  return {
    ...reconciler,
    async run(scope) {
      const report = await reconciler.run(scope);
      // Who joins a pass gets the report of it.
      if (!known.has(report)) metrics.passed(scope, report);
      known.add(report);
      return report;
    },
  };
};

export const wireTelemetry = async (parts: TelemetryParts): Promise<Telemetry> => {
  const { clock, store, quota } = parts;
  const counts = noWebhooks();
  const metrics = createMetrics({
    version: VERSION,
    clock,
    webhooks: counts,
    store,
    quota,
    pendingDeliveries: () => store.outgoing.countWaiting(),
    reportDifferences: async () => (await newestReport(store))?.differenceCount ?? 0,
  });
  const traces = await wireTraces(parts);
  const promises = createKeptPromises(clock);
  const listeners = new Set<(shopId: string) => void>();
  const told: OrderWatch = {
    ...watchPromises(promises),
    async running(record, run) {
      try {
        return await run();
      } finally {
        for (const listener of listeners) listener(record.key.shopId);
      }
    },
  };
  const watch = bothWatch(metrics.watch, told);
  return {
    metrics,
    called(call) {
      metrics.called(call);
      traces?.called(call);
    },
    promises,
    watch: traces ? bothWatch(traces.watch, watch) : watch,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    webhookCounts: counts,
    deliveries: (plain) => traces?.deliveries(plain) ?? plain,
    reconciler: (reconciler) => measured(reconciler, metrics),
    close: () => traces?.close() ?? Promise.resolve(),
  };
};
