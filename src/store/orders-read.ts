import { type SqlBool, sql } from 'kysely';
import type { Stage } from '../orders/model.ts';
import type { Access } from './access.ts';
import { OPEN_FULFILLMENT } from './migrations.ts';
import { type KeyValues, keyIs, recordByKey, withPackages } from './order-queries.ts';
import { readStage } from './order-row.ts';
import { readAlertFacts } from './orders-alerts.ts';
import { listOrders } from './orders-list.ts';
import type { Connection } from './sqlite/driver.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { Hint, Store } from './store.ts';

export const ordersByOrderId = query<{ orderId: string }>()((db, slot) =>
  db.selectFrom('orders').selectAll().where('order_id', '=', slot('orderId')).orderBy('id', 'desc').limit(1),
);

export const ordersByFulfillment = query<{ fulfillmentId: string }>()((db, slot) =>
  db.selectFrom('orders').selectAll().where('fulfillment_id', '=', slot('fulfillmentId')),
);

const eventsOf = query<KeyValues>()((db, slot) =>
  db
    .selectFrom('order_events')
    .select(['at', 'event', 'detail'])
    .where('order_ref', '=', (ref) => ref.selectFrom('orders').select('id').where(keyIs(slot)))
    .orderBy('seq'),
);

export const countByStage = query<NoValues>()((db) =>
  db
    .selectFrom('orders')
    .select((select) => ['stage', select.fn.countAll<number>().as('count')])
    .groupBy('stage'),
);

export const reviewsOfShop = query<{ reason: string; channel: string; shopId: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('reason', '=', slot('reason'))
    .where('shop_id', '=', slot('shopId'))
    .where('channel', '=', slot('channel'))
    .where('stage', '=', 'review'),
);

export const longestDue = query<{ nowMs: number }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select('next_attempt_at as at')
    .where('next_attempt_at', '<=', slot('nowMs'))
    .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', slot('nowMs'))]))
    .orderBy('next_attempt_at')
    .limit(1),
);

/** A leased order becomes due when its lease runs out, not before. */
const nextUnleased = query<NoValues>()((db) =>
  db
    .selectFrom('orders')
    .select('next_attempt_at as at')
    .where('next_attempt_at', 'is not', null)
    .where('lease_until', 'is', null)
    .orderBy('next_attempt_at')
    .limit(1),
);

const nextExpiry = query<NoValues>()((db) =>
  db
    .selectFrom('orders')
    .select('lease_until as at')
    .where('lease_until', 'is not', null)
    .orderBy('lease_until')
    .limit(1),
);

const lastRead = query<KeyValues>()((db, slot) =>
  db
    .selectFrom('orders')
    .select(['order_updated_at as at', sql<string | null>`snapshot ->> '$.rawStatus'`.as('rawStatus')])
    .where(keyIs(slot)),
);

/** Conditions spelt exactly as in the index `orders_unread`. */
export const neverRead = query<{ limit: number }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select(['channel', 'shop_id as shopId', 'order_id as orderId'])
    .where(sql<SqlBool>`snapshot is null and stage = 'waiting'`)
    .orderBy('id')
    .limit(slot('limit')),
);

export const readLongestAgo = query<{ limit: number }>()((db, slot) =>
  db
    .selectFrom('orders')
    .selectAll()
    .where(sql<SqlBool>`${sql.raw(OPEN_FULFILLMENT)}`)
    .orderBy('fulfillment_read_at')
    .limit(slot('limit')),
);

/** Stages whose orders still bind stock, until Amazon has reserved it. */
const BINDING: readonly Stage[] = ['waiting', 'routing', 'fulfilling', 'shipped', 'review'];

/** States in which Amazon has taken the units out of its own count. */
const RESERVED = ['planning', 'processing', 'complete', 'partial'];

export const promised = query<NoValues>()((db) =>
  db
    .selectFrom('orders')
    .innerJoin('order_units', 'order_units.order_ref', 'orders.id')
    .select(['amazon_sku as amazonSku', 'units', 'accepted_at as acceptedAtMs', 'fulfillment_state as state'])
    .where('stage', 'in', BINDING),
);

const isUnseen = (connection: Connection, listed: Hint & { rawStatus: string }): boolean => {
  const { key, updatedAtMs, rawStatus } = listed;
  const last = connection.get(lastRead, key);
  if (!last || last.at === null) return true;
  return last.rawStatus !== rawStatus || (updatedAtMs !== null && updatedAtMs > last.at);
};

const countStages = (connection: Connection): Record<Stage, number> => {
  const counts: Record<Stage, number> = {
    waiting: 0,
    routing: 0,
    fulfilling: 0,
    shipped: 0,
    completed: 0,
    cancelled: 0,
    review: 0,
    ignored: 0,
  };
  for (const { stage, count } of connection.all(countByStage, {})) counts[readStage(stage)] = count;
  return counts;
};

type Reads = Omit<Store['orders'], 'hint' | 'wake' | 'lease' | 'claimDue' | 'commit' | 'release' | 'amend'>;

/** Everything that is asked about orders. */
export const createOrderReads = ({ connection, read }: Access): Reads => ({
  get: (key) => read(() => recordByKey(connection, key)),
  findByOrderId: (orderId) =>
    read(() => {
      const row = connection.get(ordersByOrderId, { orderId });
      return row ? withPackages(connection, row) : null;
    }),
  findByFulfillmentIds: (fulfillmentIds) =>
    read(() =>
      fulfillmentIds
        .flatMap((fulfillmentId) => connection.all(ordersByFulfillment, { fulfillmentId }))
        .map((row) => withPackages(connection, row)),
    ),
  events: (key) =>
    read(() => connection.all(eventsOf, key).map(({ at, event, detail }) => ({ atMs: at, event, detail }))),
  list: (orderQuery) => read(() => listOrders(connection, orderQuery)),
  stageCounts: () => read(() => countStages(connection)),
  alertFacts: (nowMs, atRiskMs) => read(() => readAlertFacts(connection, nowMs, atRiskMs)),
  countInReview: (reason, { channel, shopId }) =>
    read(() => connection.get(reviewsOfShop, { reason, channel, shopId })?.count ?? 0),
  oldestDueMs: (nowMs) => read(() => connection.get(longestDue, { nowMs })?.at ?? null),
  nextDueMs: () =>
    read(() => {
      const due = connection.get(nextUnleased, {})?.at ?? null;
      const expiry = connection.get(nextExpiry, {})?.at ?? null;
      return due === null || expiry === null ? (due ?? expiry) : Math.min(due, expiry);
    }),
  unseen: (listed) => read(() => listed.filter((order) => isUnseen(connection, order))),
  unread: (limit) => read(() => connection.all(neverRead, { limit }).map((key) => ({ ...key }))),
  openFulfillments: (limit) =>
    read(() => connection.all(readLongestAgo, { limit }).map((row) => withPackages(connection, row))),
  promisedUnits: () =>
    read(() =>
      connection.all(promised, {}).map(({ state, ...units }) => ({
        ...units,
        reserved: state !== null && RESERVED.includes(state),
      })),
    ),
});
