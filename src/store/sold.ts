import { sql } from 'kysely';
import type { Access } from './access.ts';
import { query } from './sqlite/query.ts';
import type { Store } from './store.ts';

/** Of the newest orders only, whose rows lie together: as many are read in some tens of milliseconds. */
export const soldOfNewest = query<{ sinceMs: number; most: number }>()((db, slot) =>
  db
    .selectFrom((newest) =>
      newest
        .selectFrom('orders')
        .select(['id', 'amazon_account', 'received_at', 'stage'])
        .orderBy('id', 'desc')
        .limit(slot('most'))
        .as('newest'),
    )
    .crossJoin('order_units')
    .whereRef('order_units.order_ref', '=', 'newest.id')
    .where('received_at', '>=', slot('sinceMs'))
    .where('stage', 'not in', ['cancelled', 'ignored'])
    .groupBy(['amazon_account', 'amazon_sku'])
    .select([
      'amazon_account as amazonAccount',
      'amazon_sku as amazonSku',
      sql<number>`sum(units)`.as('units'),
      sql<number>`min(received_at)`.as('firstMs'),
    ]),
);

/** What was sold of each Amazon SKU. */
export const createSold = ({ connection, read }: Access): Pick<Store['inventory'], 'sold'> => ({
  sold: (sinceMs, most) =>
    read(() =>
      connection.all(soldOfNewest, { sinceMs, most }).map((row) => ({
        amazonAccount: row.amazonAccount,
        amazonSku: row.amazonSku,
        units: row.units,
        firstMs: row.firstMs,
      })),
    ),
});
