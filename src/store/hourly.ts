import { sql } from 'kysely';
import type { Access } from './access.ts';
import { query } from './sqlite/query.ts';
import type { Store } from './store.ts';

const HOUR_MS = 3_600_000;

/** Of the newest orders only, whose rows lie together; the time stands before the long columns of a row. */
export const acceptedByHour = query<{ sinceMs: number; most: number }>()((db, slot) =>
  db
    .selectFrom((newest) =>
      newest
        .selectFrom('orders')
        .select(['shop_id', 'accepted_at'])
        .orderBy('id', 'desc')
        .limit(slot('most'))
        .as('newest'),
    )
    .where('accepted_at', '>=', slot('sinceMs'))
    .groupBy(['shop_id', sql`accepted_at / ${sql.lit(HOUR_MS)}`])
    .select([
      'shop_id as shopId',
      sql<number>`accepted_at / ${sql.lit(HOUR_MS)} * ${sql.lit(HOUR_MS)}`.as('hourMs'),
      sql<number>`count(*)`.as('count'),
    ]),
);

/** Of the newest parcels; the shop is looked up for those alone that were reported in time. */
export const reportedByHour = query<{ sinceMs: number; most: number }>()((db, slot) =>
  db
    .selectFrom((newest) =>
      newest
        .selectFrom('packages')
        .select(['order_ref', 'reported_at'])
        .orderBy('id', 'desc')
        .limit(slot('most'))
        .as('newest'),
    )
    .crossJoin('orders')
    .whereRef('orders.id', '=', 'newest.order_ref')
    .where('reported_at', '>=', slot('sinceMs'))
    .groupBy(['shop_id', sql`reported_at / ${sql.lit(HOUR_MS)}`])
    .select([
      'shop_id as shopId',
      sql<number>`reported_at / ${sql.lit(HOUR_MS)} * ${sql.lit(HOUR_MS)}`.as('hourMs'),
      sql<number>`count(*)`.as('count'),
    ]),
);

/** What was done in each hour. */
export const createHourly = ({ connection, read }: Access): Pick<Store['orders'], 'perHour'> => ({
  perHour: (sinceMs, most) =>
    read(() => {
      const rows = (what: typeof acceptedByHour) =>
        connection
          .all(what, { sinceMs, most })
          .map(({ shopId, hourMs, count }) => ({ shopId, hourMs, count }));
      return { routed: rows(acceptedByHour), reported: rows(reportedByHour) };
    }),
});
