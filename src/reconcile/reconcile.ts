import type { Shop } from '../channels/channel.ts';
import { type SyncDeps, type SyncReport, syncInventory } from '../inventory/sync.ts';
import { isoTime } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Side } from '../lib/side.ts';
import type { ReasonCode } from '../orders/reasons.ts';
import type { Store } from '../store/store.ts';
import { readUnread, type UnreadDeps } from './read-unread.ts';
import { pruneDaily, type RetentionRules } from './retention.ts';
import { type SweepDeps, type SweptAccount, sweepFulfillments, sweepOrders } from './sweep.ts';
import type { Finished, Worker } from './worker.ts';

export const SCOPES = ['orders', 'tracking', 'inventory'] as const;
export type Scope = (typeof SCOPES)[number] | 'all';

export type PassReport = {
  startedAt: string;
  durationMs: number;
  orders: {
    discovered: number;
    converged: number;
    created: number;
    cancelled: number;
    review: number;
    failed: number;
  };
  tracking: { checked: number; reported: number };
  inventory: { skus: number; pushed: number; unchanged: number; failed: number };
  errors: { code: string; message: string; orderId?: string }[];
};

export type ReconcileDeps = SweepDeps &
  Omit<SyncDeps, 'readUnread'> &
  UnreadDeps & {
    store: Pick<Store, 'orders' | 'cursors' | 'inventory' | 'retention' | 'restored' | 'audit'>;
    retention: RetentionRules;
    worker: Worker;
    /** Brings in the returns of a shop and acts on them. Answers what has to be tried again. */
    returns: { sync(shop: Shop): Promise<PassReport['errors']> };
    /** Those that calls are made for. Throws `UpstreamError`. */
    shops(): Promise<Shop[]>;
    /** Accounts that calls are made for. */
    accounts(): readonly SweptAccount[];
    sides(): readonly Side[];
    /** Looks after authorisations and webhook registrations. Answers what could not be done; never throws. */
    keepConnections?(): Promise<PassReport['errors']>;
  };

export type Reconciler = {
  /** Runs one pass; a call during a pass of the same scope joins it, another one waits its turn. */
  run(scope: Scope): Promise<PassReport>;
  /** The last pass that ended in this process. */
  lastReport(): PassReport | null;
};

/** A pass waits so long for what is due; a longer queue goes on behind it at the quota's own speed. */
const DRAIN_WAIT_MS = 60_000;

/** Reasons that may have cleared without a trigger: a side that failed, an address that was hidden. */
const WOKEN: readonly ReasonCode[] = [
  'credentials_refused',
  'upstream_failing',
  'create_unclear',
  'order_missing',
  'address_masked',
  'address_missing',
];

const emptyReport = (startedMs: number): PassReport => ({
  startedAt: isoTime(startedMs),
  durationMs: 0,
  orders: { discovered: 0, converged: 0, created: 0, cancelled: 0, review: 0, failed: 0 },
  tracking: { checked: 0, reported: 0 },
  inventory: { skus: 0, pushed: 0, unchanged: 0, failed: 0 },
  errors: [],
});

const count = (report: PassReport, finished: readonly Finished[]): void => {
  for (const { key, report: result } of finished) {
    if (result.outcome === 'busy' || result.outcome === 'lost') continue;
    report.orders.converged += 1;
    report.orders.created += result.created;
    report.tracking.reported += result.reported;
    if (result.stage === 'cancelled') report.orders.cancelled += 1;
    if (result.stage === 'review') report.orders.review += 1;
    if (!result.error) continue;
    report.orders.failed += 1;
    report.errors.push({ ...result.error, orderId: key.orderId });
  }
};

/** A part that fails is reported and does not keep the others from running. */
const attempt = async (report: PassReport, part: () => Promise<void>): Promise<void> => {
  try {
    await part();
  } catch (error) {
    report.errors.push(describeError(error));
  }
};

const drain = async (deps: ReconcileDeps, report: PassReport): Promise<void> => {
  const timeUp = new AbortController();
  const over = new AbortController();
  const limit = (async (): Promise<void> => {
    await deps.clock.sleep(DRAIN_WAIT_MS, over.signal);
    if (!over.signal.aborted) timeUp.abort();
  })();
  try {
    count(report, await deps.worker.drain(timeUp.signal));
  } finally {
    over.abort();
    await limit;
  }
  if (timeUp.signal.aborted)
    report.errors.push({
      code: 'still_running',
      message: 'More orders are due than fit into one pass; they go on.',
    });
};

const runOrders = async (deps: ReconcileDeps, report: PassReport): Promise<void> => {
  const runShop = async (shop: Shop): Promise<void> => {
    await attempt(report, async () => {
      const discovered = await sweepOrders(deps, shop);
      report.orders.discovered += discovered;
    });
    // Before the drain, which shows on the orders what is found here.
    await attempt(report, async () => {
      report.errors.push(...(await deps.returns.sync(shop)));
    });
  };
  // Side by side: a shop whose side hangs keeps none of the others waiting.
  await Promise.all((await deps.shops()).map(runShop));
};

const addInventory = (report: PassReport, { errors, ...figures }: SyncReport): void => {
  report.inventory = figures;
  report.errors.push(...errors);
};

const runPass = async (deps: ReconcileDeps, scope: Scope): Promise<PassReport> => {
  const startedMs = deps.clock.nowMs();
  const report = emptyReport(startedMs);
  const includes = (part: Scope): boolean => scope === 'all' || scope === part;
  for (const side of deps.sides()) side.allowTrial();
  await attempt(report, async () => {
    await deps.store.orders.wake(WOKEN, startedMs);
  });
  if (includes('orders')) {
    // First, so that what follows has tokens that are good.
    report.errors.push(...((await deps.keepConnections?.()) ?? []));
    await attempt(report, () => runOrders(deps, report));
  }
  if (includes('tracking')) {
    const sweepAccount = (account: SweptAccount): Promise<void> =>
      attempt(report, async () => {
        const checked = await sweepFulfillments(deps, account);
        report.tracking.checked += checked;
      });
    await Promise.all(deps.accounts().map(sweepAccount));
  }
  // Before stock is counted too, so that every acknowledged order's units are known.
  await attempt(report, () => drain(deps, report));
  if (includes('inventory')) {
    await attempt(report, async () => {
      const readRest = async (): Promise<void> => {
        report.errors.push(...(await readUnread(deps)));
      };
      addInventory(report, await syncInventory({ ...deps, readUnread: readRest }));
    });
  }
  if (scope === 'all') await attempt(report, () => pruneDaily(deps));
  report.durationMs = deps.clock.nowMs() - startedMs;
  return report;
};

/**
 * One pass finds what webhooks missed, runs what is due, looks at fulfillments that moved and makes the stock true.
 * It keeps no state of its own, so one that dies half way is simply run again.
 */
export const createReconciler = (deps: ReconcileDeps): Reconciler => {
  let last: PassReport | null = null;
  let running: { scope: Scope; pass: Promise<PassReport> } | null = null;

  const start = (scope: Scope, after: Promise<unknown>): Promise<PassReport> => {
    const pass = after.then(() => runPass(deps, scope));
    const current = { scope, pass };
    running = current;
    return pass
      .then((report) => {
        last = report;
        return report;
      })
      .finally(() => {
        if (running === current) running = null;
      });
  };

  return {
    lastReport: () => last,
    run(scope) {
      if (running && (running.scope === 'all' || running.scope === scope)) return running.pass;
      return start(scope, running ? running.pass.catch(() => undefined) : Promise.resolve());
    },
  };
};
