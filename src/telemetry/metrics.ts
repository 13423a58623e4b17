import type { Clock } from '../lib/clock.ts';
import type { CallOutcome } from '../lib/http-client.ts';
import type { Quota } from '../lib/quota.ts';
import type { SideState } from '../lib/side.ts';
import type { OrderWatch } from '../orders/watch.ts';
import type { Store } from '../store/store.ts';
import type { Instruments } from './instruments.ts';
import { oldestDueMs } from './oldest-due.ts';
import { watchPromises } from './promises.ts';
import { WEBHOOK_OUTCOMES, type WebhookCounts } from './webhook-counts.ts';

export type MetricsDeps = {
  version: string;
  clock: Clock;
  webhooks: WebhookCounts;
  store: Pick<Store, 'orders' | 'ping'>;
  quota: Pick<Quota, 'left'>;
  /** Outgoing webhooks not delivered yet. */
  pendingDeliveries(): Promise<number>;
  /** Differences that the last daily report found. */
  reportDifferences(): Promise<number>;
};

export type Metrics = {
  called(call: CallOutcome): void;
  /** A pass of this scope ended. */
  passed(scope: string, report: { durationMs: number; errors: readonly { code: string }[] }): void;
  watch: OrderWatch;
  /**
   * The metrics now, as Prometheus text, with the sides as they are. A store that cannot be read leaves its own figures
   * out.
   */
  scrape(sides: readonly SideState[]): Promise<string>;
};

/**
 * So many notes are kept before what measures is loaded for them: after the first orders, as it takes 50 ms that a burst
 * should not wait for, and 16 MiB more when it comes a second after the start. A load that fails must not fill the memory.
 */
const LOAD_AT_NOTES = 100;
const MAX_PENDING = 1_000;

const outcomeOf = (status: number | null): string => {
  if (status === null) return 'no_answer';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'ok';
};

const makeEvents = (instruments: Instruments) => ({
  decisions: instruments.counter('mcf_decisions_total'),
  created: instruments.histogram('mcf_hold_end_to_create_seconds'),
  reported: instruments.histogram('mcf_ship_to_report_seconds'),
  calls: instruments.counter('mcf_upstream_calls_total'),
  durations: instruments.histogram('mcf_upstream_call_duration_seconds'),
  passes: instruments.histogram('mcf_reconcile_duration_seconds'),
  passErrors: instruments.counter('mcf_reconcile_errors_total'),
  passEnd: instruments.gauge('mcf_reconcile_last_end_timestamp_seconds'),
});

/** What is counted where it happens. */
type Events = ReturnType<typeof makeEvents>;

const makeStates = (instruments: Instruments) => ({
  build: instruments.gauge('mcf_build_info'),
  storeUp: instruments.gauge('mcf_store_up'),
  webhooks: instruments.counter('mcf_webhooks_total'),
  orders: instruments.gauge('mcf_orders'),
  oldest: instruments.gauge('mcf_oldest_due_order_age_seconds'),
  quota: instruments.gauge('mcf_quota_left'),
  sides: instruments.gauge('mcf_side_state'),
  pending: instruments.gauge('mcf_outgoing_deliveries_pending'),
  differences: instruments.gauge('mcf_daily_report_differences'),
});

/** What is read when somebody asks. */
type States = ReturnType<typeof makeStates>;

const readStore = async (deps: MetricsDeps, states: States): Promise<void> => {
  const { storeUp, orders, oldest, pending, differences } = states;
  for (const gauge of [orders, oldest, pending, differences]) gauge.reset();
  try {
    await deps.store.ping();
    for (const [stage, count] of Object.entries(await deps.store.orders.stageCounts(null)))
      orders.set({ stage }, count);
    const nowMs = deps.clock.nowMs();
    oldest.set((nowMs - ((await oldestDueMs(deps.store, nowMs, null)) ?? nowMs)) / 1000);
    pending.set(await deps.pendingDeliveries());
    differences.set(await deps.reportDifferences());
    storeUp.set(1);
  } catch {
    // What the store says of itself is in the log and in /health.
    for (const gauge of [orders, oldest, pending, differences]) gauge.remove({});
    storeUp.set(0);
  }
};

const readMemory = (
  deps: MetricsDeps,
  { build, webhooks, quota, sides }: States,
  now: readonly SideState[],
): void => {
  build.set({ version: deps.version }, 1);
  webhooks.reset();
  for (const outcome of WEBHOOK_OUTCOMES) webhooks.inc({ outcome }, deps.webhooks[outcome]);
  quota.reset();
  for (const { key, tokens } of deps.quota.left()) {
    const [upstream = '', ...rest] = key.split('/');
    const operation = rest.pop() ?? '';
    quota.set({ upstream, account: rest.join('/'), operation }, tokens);
  }
  sides.reset();
  for (const { name, state } of now)
    for (const one of ['ok', 'failing', 'stopped'])
      sides.set({ side: name, state: one }, one === state ? 1 : 0);
};

const watchFor = (note: (what: (events: Events) => void) => void): OrderWatch => ({
  ...watchPromises({
    created: (waitedMs) => note(({ created }) => created.observe(waitedMs / 1000)),
    reported: (waitedMs) => note(({ reported }) => reported.observe(waitedMs / 1000)),
  }),
  decided: ({ kind }) => note(({ decisions }) => decisions.inc({ kind })),
});

/** Metrics of the service. prom-client is loaded by the first `scrape`, or for many notes: no start waits for it. */
export const createMetrics = (deps: MetricsDeps): Metrics => {
  let pending: ((events: Events) => void)[] = [];
  let events: Events | null = null;
  const load = async () => {
    const { createInstruments } = await import('./instruments.ts');
    const instruments = createInstruments();
    const made = makeEvents(instruments);
    const states = makeStates(instruments);
    events = made;
    for (const what of pending) what(made);
    pending = [];
    return { states, text: () => instruments.text() };
  };
  let loaded: ReturnType<typeof load> | undefined;
  const open = (): ReturnType<typeof load> => {
    loaded ??= load();
    return loaded;
  };
  const note = (what: (events: Events) => void): void => {
    if (events) return what(events);
    if (pending.length < MAX_PENDING) pending.push(what);
    // What fails here fails again, and is told, at a scrape.
    if (pending.length === LOAD_AT_NOTES) open().catch(() => undefined);
  };
  const scrape = async (sides: readonly SideState[]): Promise<string> => {
    const { states, text } = await open();
    readMemory(deps, states, sides);
    await readStore(deps, states);
    return text();
  };
  /** Who comes meanwhile gets the same text: two that write at a time would mix their figures. */
  let running: Promise<string> | null = null;
  return {
    called: ({ upstream, operation, status, durationMs }) =>
      note(({ calls, durations }) => {
        calls.inc({ upstream, operation, outcome: outcomeOf(status) });
        durations.observe({ upstream, operation }, durationMs / 1000);
      }),
    passed(scope, { durationMs, errors }) {
      const endMs = deps.clock.nowMs();
      note(({ passes, passErrors, passEnd }) => {
        passes.observe({ scope }, durationMs / 1000);
        for (const { code } of errors) passErrors.inc({ code });
        passEnd.set(endMs / 1000);
      });
    },
    watch: watchFor(note),
    scrape(sides) {
      running ??= scrape(sides).finally(() => {
        running = null;
      });
      return running;
    },
  };
};
