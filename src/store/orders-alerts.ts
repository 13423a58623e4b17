import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { isReasonCode } from '../orders/reasons.ts';
import type { Connection } from './sqlite/driver.ts';
import { type NoValues, query, type Slot } from './sqlite/query.ts';
import type { AlertFacts, OrderGroup } from './store.ts';
import { FIRST_DEADLINE, HAS_DEADLINE, REVIEW_DEADLINE } from './tables/orders.ts';

const EXAMPLES = 5;

type Times = { nowMs: number; soonMs: number };

/** Conditions and expressions are spelt exactly as in their indexes, or SQLite would read whole tables. */
const inReview = sql<SqlBool>`stage = 'review'`;
const firstDeadline = sql<number>`${sql.raw(FIRST_DEADLINE)}`;

export const reviewCounts = query<NoValues>()((db) =>
  db
    .selectFrom('orders')
    .select((select) => ['reason', select.fn.countAll<number>().as('count')])
    .where(inReview)
    .groupBy('reason'),
);

export const reviewExamples = query<{ reason: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select('order_id as orderId')
    .where(inReview)
    .where('reason', '=', slot('reason'))
    .orderBy(sql.raw(REVIEW_DEADLINE))
    .orderBy('id')
    .limit(EXAMPLES),
);

/** Exactly the orders of which `riskOf` says that they are at risk or that a deadline is breached. */
const isRisky = (slot: Slot<Times>): RawBuilder<SqlBool> =>
  sql<SqlBool>`${sql.raw(HAS_DEADLINE)} and ${firstDeadline} <= ${slot('soonMs')}`;

/** Of those: as `riskOf`, TikTok's own cancellation is looked at before the ship-by time. */
const isBreached = (slot: Slot<Times>): RawBuilder<number> =>
  sql<number>`case when auto_cancel <= ${slot('soonMs')} then auto_cancel <= ${slot('nowMs')}
    else ship_by <= ${slot('nowMs')} end`;

const deadlineMeant = (slot: Slot<Times>): RawBuilder<number> =>
  sql<number>`case when auto_cancel <= ${slot('soonMs')} then auto_cancel else ship_by end`;

export const riskCounts = query<Times>()((db, slot) =>
  db
    .selectFrom('orders')
    .select([
      sql<number>`count(*)`.as('risky'),
      sql<number>`count(*) filter (where ${isBreached(slot)})`.as('breached'),
      sql<number | null>`min(${deadlineMeant(slot)}) filter (where not ${isBreached(slot)})`.as('soonestMs'),
    ])
    .where(isRisky(slot)),
);

export const riskExamples = query<Times & { breached: number }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select('order_id as orderId')
    .where(isRisky(slot))
    .where(isBreached(slot), '=', slot('breached'))
    .orderBy(firstDeadline)
    .limit(EXAMPLES),
);

const warned = sql<SqlBool>`warning is not null`;

export const warningCount = query<NoValues>()((db) =>
  db
    .selectFrom('packages')
    .innerJoin('orders', 'orders.id', 'packages.order_ref')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where(warned)
    .where('stage', 'not in', ['completed', 'cancelled']),
);

export const warningExamples = query<NoValues>()((db) =>
  db
    .selectFrom('orders')
    .select('order_id as orderId')
    .where('id', 'in', (packages) => packages.selectFrom('packages').select('order_ref').where(warned))
    .where('stage', 'not in', ['completed', 'cancelled'])
    .orderBy('id', 'desc')
    .limit(EXAMPLES),
);

const groupOf = (count: number, rows: readonly { orderId: string }[]): OrderGroup => ({
  count,
  orderIds: rows.map(({ orderId }) => orderId),
});

/** What is wrong with orders at `nowMs`. */
export const readAlertFacts = (connection: Connection, nowMs: number, atRiskMs: number): AlertFacts => {
  const times = { nowMs, soonMs: nowMs + atRiskMs };
  const risk = connection.get(riskCounts, times) ?? { risky: 0, breached: 0, soonestMs: null };
  const riskGroup = (count: number, breached: number): OrderGroup =>
    groupOf(count, connection.all(riskExamples, { ...times, breached }));
  const reviews: AlertFacts['reviews'] = new Map();
  for (const { reason, count } of connection.all(reviewCounts, {})) {
    if (reason === null || !isReasonCode(reason)) continue;
    reviews.set(reason, groupOf(count, connection.all(reviewExamples, { reason })));
  }
  return {
    reviews,
    atRisk: riskGroup(risk.risky - risk.breached, 0),
    breached: riskGroup(risk.breached, 1),
    soonestDeadlineMs: risk.soonestMs,
    warnings: groupOf(connection.get(warningCount, {})?.count ?? 0, connection.all(warningExamples, {})),
  };
};
