import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Alerts } from '../alerts/index.ts';
import type { Config } from '../config/variables.ts';
import type { Lowering } from '../inventory/lowering.ts';
import type { Clock } from '../lib/clock.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { Dispatcher } from '../orders/dispatch.ts';
import type { Sender } from '../outgoing/sender.ts';
import { createAudit } from '../people/audit.ts';
import { type Probes, startProbes } from '../reconcile/probes.ts';
import type { Reconciler } from '../reconcile/reconcile.ts';
import type { Worker } from '../reconcile/worker.ts';
import type { Returns } from '../returns/sync.ts';
import type { Store } from '../store/store.ts';
import type { DailyReporter } from '../telemetry/daily-report.ts';
import { wireAlerts } from './alerts.ts';
import { wireApp } from './app.ts';
import { wireConnections } from './connect.ts';
import type { Connected } from './connected.ts';
import { wireDailyReport } from './daily-report.ts';
import { wireEngine } from './engine.ts';
import { wireOutgoing } from './outgoing.ts';
import { MACHINE, openParts, type Parts } from './parts.ts';
import { wireReconciler } from './reconciler.ts';
import { wireProbe } from './sides.ts';
import type { Telemetry } from './telemetry.ts';

export type { Runtime } from './parts.ts';

export type Service = {
  app: FastifyInstance;
  store: Store;
  worker: Worker;
  dispatcher: Dispatcher;
  connected: Connected;
  lowering: Lowering;
  returns: Returns;
  reconciler: Reconciler;
  /** Null when alerts go nowhere. */
  alerts: Alerts | null;
  dailyReports: DailyReporter;
  /** Of outgoing webhooks. */
  sender: Sender;
  telemetry: Telemetry;
  /** Finds out by itself when a side is back. */
  startProbes(): Probes;
  http: HttpClient;
};

const wireParts = async (parts: Parts): Promise<Service> => {
  const engine = await wireEngine(parts);
  const connections = wireConnections(parts, engine.connected, createAudit(parts));
  const reconciler = parts.telemetry.reconciler(wireReconciler(parts, engine, connections));
  const dailyReports = wireDailyReport(parts, engine);
  const outgoing = wireOutgoing(parts);
  const app = await wireApp(parts, engine, reconciler, connections, dailyReports, outgoing.endpoints);
  const { worker, dispatcher, returns } = engine;
  const alerts = await wireAlerts(parts, engine);
  return {
    app,
    store: parts.store,
    worker,
    dispatcher,
    connected: engine.connected,
    lowering: engine.lowering,
    returns,
    reconciler,
    alerts,
    dailyReports,
    sender: outgoing.sender,
    telemetry: parts.telemetry,
    http: parts.http,
    startProbes: () =>
      startProbes({
        sides: () => [...parts.sides.values()],
        probe: wireProbe(parts, engine.connected),
        clock: parts.clock,
      }),
  };
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
