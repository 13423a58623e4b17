import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';

/** How long things are kept; 0: for ever. */
export type RetentionRules = { notificationsMs: number; ordersMs: number; auditMs: number };

export type RetentionDeps = {
  store: Pick<Store, 'retention' | 'cursors' | 'audit'>;
  clock: Clock;
  retention: RetentionRules;
};

const DAY_MS = 24 * 3_600_000;
/** Rows in one write. A webhook that comes meanwhile waits for one of these. */
const ORDERS = 50;
const NOTIFICATIONS = 500;
const AUDIT_ENTRIES = 500;
/** In one pass. What is left is left to the next one, so that a long neglected database does not hold up a pass. */
const WRITES = 40;

const DONE = 'retention/done';
const POSITION = 'retention/orders';

/** Answers whether nothing is left. */
const pruneNotifications = async ({ store, retention }: RetentionDeps, nowMs: number): Promise<boolean> => {
  if (retention.notificationsMs === 0) return true;
  const beforeMs = nowMs - retention.notificationsMs;
  for (let count = 0; count < WRITES; count += 1) {
    if ((await store.retention.pruneNotifications(beforeMs, NOTIFICATIONS)) === 0) return true;
  }
  return false;
};

/** Answers whether nothing is left. */
const pruneAudit = async ({ store, retention }: RetentionDeps, nowMs: number): Promise<boolean> => {
  if (retention.auditMs === 0) return true;
  const beforeMs = nowMs - retention.auditMs;
  for (let count = 0; count < WRITES; count += 1) {
    if ((await store.audit.prune(beforeMs, AUDIT_ENTRIES)) === 0) return true;
  }
  return false;
};

/** Answers whether nothing is left. Goes on where the pass before it stopped. */
const pruneOrders = async ({ store, retention }: RetentionDeps, nowMs: number): Promise<boolean> => {
  if (retention.ordersMs === 0) return true;
  const beforeMs = nowMs - retention.ordersMs;
  let position: number | null = Number((await store.cursors.get(POSITION)) ?? 0);
  for (let count = 0; count < WRITES && position !== null; count += 1) {
    ({ position } = await store.retention.pruneOrders(beforeMs, position, ORDERS));
  }
  await store.cursors.set(POSITION, String(position ?? 0));
  return position === null;
};

/**
 * Once a day deletes what was kept long enough, in short writes. An order named again after its row is gone is read
 * like a new one, and the channel says that it is over.
 */
export const pruneDaily = async (deps: RetentionDeps): Promise<void> => {
  const { store, clock } = deps;
  const nowMs = clock.nowMs();
  const doneMs = Number((await store.cursors.get(DONE)) ?? 0);
  if (nowMs - doneMs < DAY_MS) return;
  const notificationsDone = await pruneNotifications(deps, nowMs);
  const ordersDone = await pruneOrders(deps, nowMs);
  const auditDone = await pruneAudit(deps, nowMs);
  if (notificationsDone && ordersDone && auditDone) await store.cursors.set(DONE, String(nowMs));
};
