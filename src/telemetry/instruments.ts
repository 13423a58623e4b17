import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricName } from './catalogue.ts';

type NameOf<Kind> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

/** Upper bounds in seconds. */
const BUCKETS: Record<NameOf<'histogram'>, number[]> = {
  mcf_hold_end_to_create_seconds: [5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400],
  mcf_ship_to_report_seconds: [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400],
  mcf_upstream_call_duration_seconds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  mcf_reconcile_duration_seconds: [1, 5, 15, 30, 60, 120, 300, 900],
};

/** The event loop's delay is sampled so often; more often would wake an idle process. */
const EVENT_LOOP_SAMPLE_MS = 50;

/** Made from the catalogue, in a registry of its own. This file alone loads prom-client. */
export const createInstruments = () => {
  const registry = new Registry();
  const options = (name: MetricName) => ({
    name,
    help: METRICS[name].help,
    labelNames: [...METRICS[name].labels],
    registers: [registry],
  });
  let hasDefaults = false;
  return {
    counter: (name: NameOf<'counter'>) => new Counter(options(name)),
    gauge: (name: NameOf<'gauge'>) => new Gauge(options(name)),
    histogram: (name: NameOf<'histogram'>) => new Histogram({ ...options(name), buckets: BUCKETS[name] }),
    /** The text of everything, the process's own figures included. */
    text(): Promise<string> {
      // What measures the process runs all the time, so it begins with the first one who asks.
      if (!hasDefaults)
        collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
      hasDefaults = true;
      return registry.metrics();
    },
  };
};

export type Instruments = ReturnType<typeof createInstruments>;
