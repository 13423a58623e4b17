import { type SqlBool, sql } from 'kysely';
import type { Stage } from '../orders/model.ts';
import { isReasonCode, type ReasonCode } from '../orders/reasons.ts';
import type { Access } from './access.ts';
import { findDueShops } from './order-lanes.ts';
import { type KeyValues, keyIs, recordByKey, withPackages } from './order-queries.ts';
import { readStage } from './order-row.ts';
import { readAlertFacts, reviewCounts } from './orders-alerts.ts';
import { listOrders } from './orders-list.ts';
import type { OrderRow } from './schema.ts';
import type { Connection } from './sqlite/driver.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { Hint, Store, VisibleShops } from './store.ts';
import { OPEN_FULFILLMENT, READ, UNREAD } from './tables/orders.ts';

export const ordersByOrderId = query<{ orderId: string }>()((db, slot) =>
  db.selectFrom('orders').selectAll().where('order_id', '=', slot('orderId')).orderBy('id', 'desc').limit(1),
);

export const ordersByOrderIdOfShop = query<{ orderId: string; shopId: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .selectAll()
    .where('order_id', '=', slot('orderId'))
    .where('shop_id', '=', slot('shopId'))
    .orderBy('id', 'desc')
    .limit(1),
);

export const ordersByFulfillment = query<{ fulfillmentId: string; amazonAccount: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .selectAll()
    .where('fulfillment_id', '=', slot('fulfillmentId'))
    .where('amazon_account', '=', slot('amazonAccount')),
);

const eventsOf = query<KeyValues>()((db, slot) =>
  db
    .selectFrom('order_events')
    .select(['at', 'event', 'detail'])
    .where('order_ref', '=', (ref) => ref.selectFrom('orders').select('id').where(keyIs(slot)))
    .orderBy('seq'),
);

/** Costs as much as there are stages, and orders that were never read. */
export const countByStage = query<NoValues>()((db) =>
  db
    .selectFrom('stage_counts')
    .select(['stage', 'orders as count'])
    .unionAll(
      db
        .selectFrom('orders')
        .select([sql<string>`'waiting'`.as('stage'), sql<number>`count(*)`.as('count')])
        .where(sql<SqlBool>`${sql.raw(UNREAD)}`),
    ),
);

/** Those of one shop; its unread orders are found among all that are unread. */
export const countByStageOfShop = query<{ shopId: string }>()((db, slot) =>
  db
    .selectFrom('stage_counts')
    .select(['stage', 'orders as count'])
    .where('shop_id', '=', slot('shopId'))
    .unionAll(
      db
        .selectFrom('orders')
        .select([sql<string>`'waiting'`.as('stage'), sql<number>`count(*)`.as('count')])
        .where(sql<SqlBool>`${sql.raw(UNREAD)} and +shop_id = ${slot('shopId')}`),
    ),
);

export const reviewsOfShop = query<{ reason: string; channel: string; shopId: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('reason', '=', slot('reason'))
    .where('shop_id', '=', slot('shopId'))
    .where('channel', '=', slot('channel'))
    .where(sql<SqlBool>`stage = 'review'`),
);

export const reviewsByReason = query<{ shopId: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select((select) => ['reason', select.fn.countAll<number>().as('count')])
    .where(sql<SqlBool>`stage = 'review'`)
    .where('shop_id', '=', slot('shopId'))
    .groupBy('reason'),
);

const countReviews = (connection: Connection, shopIds: VisibleShops): Map<ReasonCode, number> => {
  const counts = new Map<ReasonCode, number>();
  const rows =
    shopIds === null
      ? connection.all(reviewCounts, {})
      : shopIds.flatMap((shopId) => connection.all(reviewsByReason, { shopId }));
  for (const { reason, count } of rows)
    if (reason !== null && isReasonCode(reason)) counts.set(reason, (counts.get(reason) ?? 0) + count);
  return counts;
};

const lastRead = query<KeyValues>()((db, slot) =>
  db
    .selectFrom('orders')
    .select(['order_updated_at as at', sql<string | null>`snapshot ->> '$.rawStatus'`.as('rawStatus')])
    .where(keyIs(slot)),
);

export const neverRead = query<{ limit: number }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select(['channel', 'shop_id as shopId', 'order_id as orderId'])
    .where(sql<SqlBool>`${sql.raw(UNREAD)}`)
    .orderBy('id')
    .limit(slot('limit')),
);

export const readLongestAgo = query<{ limit: number; amazonAccount: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .selectAll()
    .where('amazon_account', '=', slot('amazonAccount'))
    .where(sql<SqlBool>`${sql.raw(OPEN_FULFILLMENT)}`)
    .orderBy('fulfillment_read_at')
    .limit(slot('limit')),
);

/** Stages whose orders still bind stock, until Amazon has reserved it. */
const BINDING: readonly Stage[] = ['waiting', 'routing', 'fulfilling', 'shipped', 'review'];

/** States in which Amazon has taken the units out of its own count. */
const RESERVED = ['planning', 'processing', 'complete', 'partial'];

export const promised = query<NoValues>()((db) => {
  const units = () =>
    db
      .selectFrom('orders')
      // A cross join keeps this order: units are looked up for the orders found, never the other way round.
      .crossJoin('order_units')
      .whereRef('order_units.order_ref', '=', 'orders.id')
      .select([
        'amazon_sku as amazonSku',
        'units',
        'accepted_at as acceptedAtMs',
        'shop_id as shopId',
        'amazon_account as amazonAccount',
        'fulfillment_state as state',
      ]);
  return units()
    .where(sql<SqlBool>`${sql.raw(READ)}`)
    .where('stage', 'in', BINDING)
    .unionAll(units().where(sql<SqlBool>`${sql.raw(UNREAD)}`));
});

const isUnseen = (connection: Connection, listed: Hint & { rawStatus: string }): boolean => {
  const { key, updatedAtMs, rawStatus } = listed;
  const last = connection.get(lastRead, key);
  if (!last || last.at === null) return true;
  return last.rawStatus !== rawStatus || (updatedAtMs !== null && updatedAtMs > last.at);
};

const rowsByStage = (connection: Connection, shopIds: VisibleShops) =>
  shopIds === null
    ? connection.all(countByStage, {})
    : [...new Set(shopIds)].flatMap((shopId) => connection.all(countByStageOfShop, { shopId }));

const countStages = (connection: Connection, shopIds: VisibleShops): Record<Stage, number> => {
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
  for (const { stage, count } of rowsByStage(connection, shopIds)) counts[readStage(stage)] += count;
  return counts;
};

/** Of several shops' orders with one id, the newest. */
const findOrder = (connection: Connection, orderId: string, shopIds: VisibleShops): OrderRow | undefined =>
  shopIds === null
    ? connection.get(ordersByOrderId, { orderId })
    : shopIds
        .flatMap((shopId) => connection.get(ordersByOrderIdOfShop, { orderId, shopId }) ?? [])
        .sort((one, other) => other.id - one.id)[0];

type Reads = Omit<
  Store['orders'],
  | 'hint'
  | 'wake'
  | 'wakeShop'
  | 'lease'
  | 'claimDue'
  | 'takeBackExpired'
  | 'commit'
  | 'release'
  | 'amend'
  | 'calls'
  | 'perHour'
>;

/** Everything that is asked about orders. */
export const createOrderReads = ({ connection, read }: Access): Reads => ({
  get: (key) => read(() => recordByKey(connection, key)),
  findByOrderId: (orderId, shopIds) =>
    read(() => {
      const row = findOrder(connection, orderId, shopIds);
      return row ? withPackages(connection, row) : null;
    }),
  findByFulfillmentIds: (fulfillmentIds, amazonAccount) =>
    read(() =>
      fulfillmentIds
        .flatMap((fulfillmentId) => connection.all(ordersByFulfillment, { fulfillmentId, amazonAccount }))
        .map((row) => withPackages(connection, row)),
    ),
  events: (key) =>
    read(() => connection.all(eventsOf, key).map(({ at, event, detail }) => ({ atMs: at, event, detail }))),
  list: (orderQuery) => read(() => listOrders(connection, orderQuery)),
  stageCounts: (shopIds) => read(() => countStages(connection, shopIds)),
  alertFacts: (nowMs, atRiskMs) => read(() => readAlertFacts(connection, nowMs, atRiskMs)),
  reviewCounts: (shopIds) => read(() => countReviews(connection, shopIds)),
  countInReview: (reason, { channel, shopId }) =>
    read(() => connection.get(reviewsOfShop, { reason, channel, shopId })?.count ?? 0),
  dueShops: (lane) => read(() => findDueShops(connection, lane)),
  unseen: (listed) => read(() => listed.filter((order) => isUnseen(connection, order))),
  unread: (limit) => read(() => connection.all(neverRead, { limit }).map((key) => ({ ...key }))),
  openFulfillments: (limit, amazonAccount) =>
    read(() =>
      connection.all(readLongestAgo, { limit, amazonAccount }).map((row) => withPackages(connection, row)),
    ),
  promisedUnits: () =>
    read(() =>
      connection.all(promised, {}).map(({ state, ...units }) => ({
        ...units,
        reserved: state !== null && RESERVED.includes(state),
      })),
    ),
});
