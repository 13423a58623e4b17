import { type SqlBool, sql } from 'kysely';
import type { OrderKey } from '../orders/model.ts';
import type { Access } from './access.ts';
import { applyRest, updateAnyway, updateLeased } from './order-changes.ts';
import { applyHintsCountingNew } from './order-hints.ts';
import { dueOrders } from './order-lanes.ts';
import { type KeyValues, keyIs, recordById, sooner, withPackages } from './order-queries.ts';
import { patchValues } from './order-row.ts';
import type { Connection } from './sqlite/driver.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { OrderChange, Store } from './store.ts';
import { FAILED, READ, UNREAD } from './tables/orders.ts';

/** Long enough for a step's slowest calls; a runner that died is replaced at the latest after this. */
export const LEASE_MS = 120_000;

type LeaseValues = { owner: string; nowMs: number; untilMs: number };

const takeLease = query<KeyValues & LeaseValues>()((db, slot) =>
  db
    .updateTable('orders')
    .set({ lease_owner: slot('owner'), lease_until: slot('untilMs') })
    .where(keyIs(slot))
    .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', slot('nowMs'))]))
    .returningAll(),
);

const leaseById = query<{ id: number; owner: string; untilMs: number }>()((db, slot) =>
  db
    .updateTable('orders')
    .set({ lease_owner: slot('owner'), lease_until: slot('untilMs') })
    .where('id', '=', slot('id'))
    .returningAll(),
);

/** A mark that was not looked at stays one. */
const giveLeaseBack = query<{ id: number; seenHintSeq: number }>()((db, slot) =>
  db
    .updateTable('orders')
    .set({
      lease_owner: null,
      lease_until: null,
      seen_seq: sql<number>`case when ${slot('seenHintSeq')} > hint_seq then seen_seq else ${slot('seenHintSeq')} end`,
    })
    .where('id', '=', slot('id')),
);

const makeDue = query<{ id: number; nowMs: number }>()((db, slot) =>
  db
    .updateTable('orders')
    .set({ next_attempt_at: sooner(slot('nowMs')) })
    .where('id', '=', slot('id')),
);

/** Read and unread orders stand in indexes of their own. */
export const wakeByReason = [READ, UNREAD].map((condition) =>
  query<{ reason: string; nowMs: number }>()((db, slot) =>
    db
      .updateTable('orders')
      .set({ next_attempt_at: sooner(slot('nowMs')) })
      .where('reason', '=', slot('reason'))
      .where(sql<SqlBool>`${sql.raw(condition)}`),
  ),
);

export const wakeFailed = query<{ nowMs: number }>()((db, slot) =>
  db
    .updateTable('orders')
    .set({ next_attempt_at: sooner(slot('nowMs')) })
    .where(sql<SqlBool>`${sql.raw(FAILED)}`),
);

/** Each through the index of a lane. */
export const wakeOfShop = ['accepted_at is null', 'accepted_at is not null'].map((condition) =>
  query<{ shopId: string; nowMs: number }>()((db, slot) =>
    db
      .updateTable('orders')
      .set({ next_attempt_at: sooner(slot('nowMs')) })
      .where('shop_id', '=', slot('shopId'))
      .where(sql<SqlBool>`next_attempt_at is not null and ${sql.raw(condition)}`),
  ),
);

export const expiredLeases = query<{ untilMs: number; nowMs: number }>()((db, slot) =>
  db
    .updateTable('orders')
    .set({ lease_owner: null, lease_until: null, next_attempt_at: sooner(slot('nowMs')) })
    .where('lease_until', '<=', slot('untilMs')),
);

export const nextExpiry = query<NoValues>()((db) =>
  db
    .selectFrom('orders')
    .select('lease_until as at')
    .where('lease_until', 'is not', null)
    .orderBy('lease_until')
    .limit(1),
);

/**
 * Takes back leases that ran out by `untilMs` and makes their orders due: whoever held one did not finish, and may
 * have set a late next attempt or seen no hint that came meanwhile.
 */
export const takeBackLeases = (connection: Connection, untilMs: number, nowMs: number): void => {
  connection.run(expiredLeases, { untilMs, nowMs });
};

type Writes = Pick<
  Store['orders'],
  'hint' | 'wake' | 'wakeShop' | 'lease' | 'claimDue' | 'takeBackExpired' | 'commit' | 'release' | 'amend'
>;

/** Everything that changes an order. */
export const createOrderWrites = ({ connection, write }: Access, leaseMs: number): Writes => ({
  hint: (hints, nowMs) => write(() => applyHintsCountingNew(connection, hints, nowMs)),
  wake: (reasons, nowMs) =>
    write(() => {
      for (const reason of reasons)
        for (const query of wakeByReason) connection.run(query, { reason, nowMs });
      connection.run(wakeFailed, { nowMs });
    }),
  wakeShop: (shopId, nowMs) =>
    write(() => {
      for (const query of wakeOfShop) connection.run(query, { shopId, nowMs });
    }),
  lease: (key, owner, nowMs) =>
    write(() => {
      const row = connection.get(takeLease, { ...key, owner, nowMs, untilMs: nowMs + leaseMs });
      return row ? withPackages(connection, row) : null;
    }),
  claimDue: (owner, nowMs, limit, lane, shopId) =>
    write(() => {
      takeBackLeases(connection, nowMs, nowMs);
      return connection
        .all(dueOrders(lane), { shopId, nowMs, limit })
        .flatMap(({ id }) => connection.all(leaseById, { id, owner, untilMs: nowMs + leaseMs }))
        .map((row) => withPackages(connection, row));
    }),
  takeBackExpired: (nowMs) =>
    write(() => {
      takeBackLeases(connection, nowMs, nowMs);
      return connection.get(nextExpiry, {})?.at ?? null;
    }),
  commit: (key, owner, change, nowMs) =>
    write(() => applyLeased(connection, key, owner, change, nowMs + leaseMs) !== null),
  release: (key, owner, seenHintSeq, change, nowMs) =>
    write(() => {
      const changed = applyLeased(connection, key, owner, change, nowMs + leaseMs);
      if (!changed) return { outcome: 'lost' };
      if (changed.hint_seq <= seenHintSeq) {
        connection.run(giveLeaseBack, { id: changed.id, seenHintSeq });
        return { outcome: 'released' };
      }
      connection.run(makeDue, { id: changed.id, nowMs });
      const record = recordById(connection, changed.id);
      return record ? { outcome: 'hinted', record } : { outcome: 'lost' };
    }),
  amend: (key, change, nowMs) =>
    write(() => {
      const values = { ...patchValues(change.patch), next_attempt_at: nowMs };
      const changed = connection.get(updateAnyway(Object.keys(values).join()), { ...values, ...key });
      if (!changed) return false;
      applyRest(connection, changed.id, change);
      return true;
    }),
});

/** Null when `owner` does not hold the lease (any more). */
const applyLeased = (
  connection: Connection,
  key: OrderKey,
  owner: string,
  change: OrderChange,
  untilMs: number,
): { id: number; hint_seq: number } | null => {
  const values = { ...patchValues(change.patch), lease_until: untilMs };
  const changed = connection.get(updateLeased(Object.keys(values).join()), { ...values, ...key, owner });
  if (!changed) return null;
  applyRest(connection, changed.id, change);
  return changed;
};
