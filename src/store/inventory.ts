import { sql } from 'kysely';
import type { Access } from './access.ts';
import { components, readColumn } from './json-columns.ts';
import type { ListingTableRow } from './schema.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { ListingRow, StockRow, Store } from './store.ts';

const upsertStock = query<StockRow>()((db, slot) => {
  const figures = {
    fulfillable: slot('fulfillable'),
    promised: slot('promised'),
    buffer: slot('buffer'),
    available: slot('available'),
    read_at: slot('readAtMs'),
  };
  return db
    .insertInto('stock')
    .values({ amazon_account: slot('amazonAccount'), amazon_sku: slot('amazonSku'), ...figures })
    .onConflict((conflict) => conflict.columns(['amazon_account', 'amazon_sku']).doUpdateSet(figures));
});

const allStock = query<NoValues>()((db) =>
  db
    .selectFrom('stock')
    .select([
      'amazon_account as amazonAccount',
      'amazon_sku as amazonSku',
      'fulfillable',
      'promised',
      'buffer',
      'available',
      'read_at as readAtMs',
    ])
    .orderBy('amazon_account')
    .orderBy('amazon_sku'),
);

const upsertListing = query<Omit<ListingRow, 'components'> & { components: string }>()((db, slot) => {
  const contents = {
    seller_sku: slot('sellerSku'),
    components: slot('components'),
    pushed_quantity: slot('pushedQuantity'),
    pushed_at: slot('pushedAtMs'),
  };
  return db
    .insertInto('listings')
    .values({
      channel: slot('channel'),
      shop_id: slot('shopId'),
      product_id: slot('productId'),
      sku_id: slot('skuId'),
      ...contents,
    })
    .onConflict((conflict) =>
      conflict.columns(['channel', 'shop_id', 'product_id', 'sku_id']).doUpdateSet({
        seller_sku: contents.seller_sku,
        components: contents.components,
        pushed_quantity: sql`coalesce(excluded.pushed_quantity, pushed_quantity)`,
        pushed_at: sql`coalesce(excluded.pushed_at, pushed_at)`,
      }),
    );
});

const allListings = query<NoValues>()((db) =>
  db
    .selectFrom('listings')
    .selectAll()
    .orderBy('channel')
    .orderBy('shop_id')
    .orderBy('product_id')
    .orderBy('sku_id'),
);

const toListing = (row: ListingTableRow): ListingRow => ({
  channel: row.channel,
  shopId: row.shop_id,
  productId: row.product_id,
  skuId: row.sku_id,
  sellerSku: row.seller_sku,
  components: readColumn(components, row.components, 'listings.components'),
  pushedQuantity: row.pushed_quantity,
  pushedAtMs: row.pushed_at,
});

/** What Amazon has, and what each listing was last given. Rows are replaced one by one, none is removed. */
export const createInventory = ({ connection, read, write }: Access): Omit<Store['inventory'], 'sold'> => ({
  saveStock: (rows) =>
    write(() => {
      for (const row of rows) connection.run(upsertStock, row);
    }),
  saveListings: (rows) =>
    write(() => {
      for (const row of rows)
        connection.run(upsertListing, { ...row, components: JSON.stringify(row.components) });
    }),
  stock: () => read(() => connection.all(allStock, {}).map((row) => ({ ...row }))),
  listings: () => read(() => connection.all(allListings, {}).map(toListing)),
});
