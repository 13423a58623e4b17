import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { AT_RISK_MS } from '../orders/deadlines.ts';
import { STAGES } from '../orders/model.ts';
import type { OrderRow } from './schema.ts';
import { type Query, queriesByShape, query, type Slot } from './sqlite/query.ts';
import {
  FIRST_DEADLINE,
  HAS_DEADLINE,
  READ,
  READ_OF_SHOP,
  REVIEW_DEADLINE,
  UNREAD,
} from './tables/orders.ts';

/** The filters in use. Each combination is a query of its own, compiled once. */
export type ListShape = {
  hasShop: boolean;
  hasStage: boolean;
  hasReason: boolean;
  hasQ: boolean;
  hasTimes: boolean;
  hasCursor: boolean;
};

export type ListValues = {
  shopId: string;
  stage: string;
  reason: string;
  q: string;
  nowMs: number;
  isBreached: number;
  /** Received in these ids, the second not among them. */
  firstId: number;
  beforeId: number;
  /** The last order of the page before. */
  lastId: number;
  lastDeadline: number;
  limit: number;
};

type Condition = RawBuilder<SqlBool>;
type ListSlot = Slot<ListValues>;
type ListQuery = Query<ListValues, OrderRow>;

const NO_SHAPE: ListShape = {
  hasShop: false,
  hasStage: false,
  hasReason: false,
  hasQ: false,
  hasTimes: false,
  hasCursor: false,
};

const read: Condition = sql`${sql.raw(READ)}`;
const readOfShop: Condition = sql`${sql.raw(READ_OF_SHOP)}`;
const unread: Condition = sql`${sql.raw(UNREAD)}`;
const reviewDeadline = sql<number>`${sql.raw(REVIEW_DEADLINE)}`;
const firstDeadline = sql<number>`${sql.raw(FIRST_DEADLINE)}`;

const matches = (slot: ListSlot): Condition => {
  const q = slot('q');
  return sql`id in (
    select id from orders where order_id = ${q}
    union select id from orders where fulfillment_id = ${q}
    union select order_ref from packages where reported_number = ${q}
    union select order_ref from packages where carrier_tracking = ${q}
    union select order_ref from packages where amazon_tracking = ${q}
  )`;
};

const afterDeadline = (deadline: RawBuilder<number>, slot: ListSlot): Condition =>
  sql`${deadline} >= ${slot('lastDeadline')} and (${deadline} > ${slot('lastDeadline')} or id > ${slot('lastId')})`;

const all = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`true` : sql`${sql.join(conditions, sql` and `)}`;

const byShape = (build: (shape: ListShape) => ListQuery) => {
  const known = queriesByShape((text): ListQuery => {
    const parts = text.split(' ');
    return build({
      hasShop: parts.includes('hasShop'),
      hasStage: parts.includes('hasStage'),
      hasReason: parts.includes('hasReason'),
      hasQ: parts.includes('hasQ'),
      hasTimes: parts.includes('hasTimes'),
      hasCursor: parts.includes('hasCursor'),
    });
  });
  return (shape: Partial<ListShape>): ListQuery =>
    known(
      Object.entries({ ...NO_SHAPE, ...shape })
        .flatMap(([part, isIn]) => (isIn ? [part] : []))
        .join(' '),
    );
};

/**
 * Conditions that no index of the list leads with. The plus keeps SQLite from going through another index instead: the
 * column is then read from the one in use where that holds it.
 */
const others = (shape: ListShape, slot: ListSlot, leading: readonly ('shop' | 'stage' | 'reason')[]) => {
  const plus = (name: 'shop' | 'stage' | 'reason'): RawBuilder<unknown> =>
    sql.raw(leading.includes(name) ? '' : '+');
  const conditions: Condition[] = [];
  if (shape.hasShop) conditions.push(sql`${plus('shop')}shop_id = ${slot('shopId')}`);
  if (shape.hasStage) conditions.push(sql`${plus('stage')}stage = ${slot('stage')}`);
  if (shape.hasReason) conditions.push(sql`${plus('reason')}reason = ${slot('reason')}`);
  if (shape.hasQ) conditions.push(matches(slot));
  return conditions;
};

const inTimes = (slot: ListSlot): Condition => sql`id >= ${slot('firstId')} and id < ${slot('beforeId')}`;

/** Each is a walk through one index, newest first; SQLite merges them, and stops at the limit. */
const newestBranches = (shape: ListShape, slot: ListSlot): Condition[] => {
  const upTo: Condition[] = [
    ...(shape.hasTimes ? [inTimes(slot)] : []),
    ...(shape.hasCursor ? [sql<SqlBool>`id < ${slot('lastId')}`] : []),
  ];
  if (shape.hasQ) return [all([...others(shape, slot, []), ...upTo])];
  const neverRead = all([unread, ...others(shape, slot, ['reason', 'stage']), ...upTo]);
  if (shape.hasReason) return [all([read, ...others(shape, slot, ['reason']), ...upTo]), neverRead];
  const walked = shape.hasShop ? readOfShop : read;
  if (shape.hasStage) return [all([walked, ...others(shape, slot, ['shop', 'stage']), ...upTo]), neverRead];
  if (!shape.hasShop) return [all(upTo)];
  const ofShop = others(shape, slot, ['shop']);
  const stages = STAGES.map((stage) => all([walked, sql`stage = ${sql.lit(stage)}`, ...ofShop, ...upTo]));
  return [...stages, neverRead];
};

/** Newest first. */
export const newestOrders = byShape((shape) =>
  query<ListValues>()((db, slot) => {
    const [first = sql`true`, ...more] = newestBranches(shape, slot);
    let found = db.selectFrom('orders').selectAll().where(first);
    for (const branch of more) found = found.unionAll(db.selectFrom('orders').selectAll().where(branch));
    return found.orderBy('id', 'desc').limit(slot('limit'));
  }),
);

/** Orders in review, soonest deadline first. */
export const reviewOrders = byShape((shape) =>
  query<ListValues>()((db, slot) => {
    const conditions = [
      sql<SqlBool>`stage = 'review'`,
      ...others({ ...shape, hasStage: false }, slot, ['reason']),
      ...(shape.hasTimes ? [inTimes(slot)] : []),
      ...(shape.hasCursor ? [afterDeadline(reviewDeadline, slot)] : []),
    ];
    return db
      .selectFrom('orders')
      .selectAll()
      .where(all(conditions))
      .orderBy(reviewDeadline)
      .orderBy('id')
      .limit(slot('limit'));
  }),
);

/** As `riskOf`: TikTok's own cancellation is looked at before the ship-by time. */
const isBreached = (slot: ListSlot): RawBuilder<number> =>
  sql`case when auto_cancel <= ${slot('nowMs')} + ${sql.lit(AT_RISK_MS)} then auto_cancel <= ${slot('nowMs')}
    else ship_by <= ${slot('nowMs')} end`;

/** Orders at risk, or of which a deadline is breached: soonest deadline first. */
export const riskyOrders = byShape((shape) =>
  query<ListValues>()((db, slot) => {
    const conditions: Condition[] = [
      sql`${sql.raw(HAS_DEADLINE)}`,
      sql`${firstDeadline} <= ${slot('nowMs')} + ${sql.lit(AT_RISK_MS)}`,
      sql`${isBreached(slot)} = ${slot('isBreached')}`,
      ...others(shape, slot, []),
      ...(shape.hasTimes ? [inTimes(slot)] : []),
      ...(shape.hasCursor ? [afterDeadline(firstDeadline, slot)] : []),
    ];
    return db
      .selectFrom('orders')
      .selectAll()
      .where(all(conditions))
      .orderBy(firstDeadline)
      .orderBy('id')
      .limit(slot('limit'));
  }),
);
