import { sql } from 'kysely';
import type { Access } from './access.ts';
import { components, readColumn } from './json-columns.ts';
import { sooner } from './order-queries.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { Store } from './store.ts';

const allEntries = query<NoValues>()((db) => db.selectFrom('sku_map').selectAll().orderBy('id'));

const deleteAll = query<NoValues>()((db) => db.deleteFrom('sku_map'));

const insertEntry = query<{ shopId: string | null; channelSku: string; components: string }>()((db, slot) =>
  db
    .insertInto('sku_map')
    .values({ shop_id: slot('shopId'), channel_sku: slot('channelSku'), components: slot('components') }),
);

/** Whose units are counted by the map, until what was sent is known. A runner that has one looks once more. */
export const wakeUnplaced = query<{ nowMs: number }>()((db, slot) =>
  db
    .updateTable('orders')
    .set({ next_attempt_at: sooner(slot('nowMs')), hint_seq: sql`hint_seq + 1` })
    .where('next_attempt_at', 'is not', null)
    .where('accepted_at', 'is', null),
);

/** Which Amazon SKUs a channel SKU consists of. Replaced whole or not at all. */
export const createSkuMap = ({ connection, read, write }: Access): Store['skuMap'] => ({
  all: () =>
    read(() =>
      connection.all(allEntries, {}).map((row) => ({
        shopId: row.shop_id,
        channelSku: row.channel_sku,
        components: readColumn(components, row.components, 'sku_map.components'),
      })),
    ),
  replace: (entries, nowMs) =>
    write(() => {
      connection.run(deleteAll, {});
      for (const { shopId, channelSku, components } of entries)
        connection.run(insertEntry, { shopId, channelSku, components: JSON.stringify(components) });
      connection.run(wakeUnplaced, { nowMs });
    }),
});
