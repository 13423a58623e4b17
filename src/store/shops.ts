import type { Access } from './access.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { ShopRow, Store } from './store.ts';

const upsertShop = query<ShopRow>()((db, slot) => {
  const contents = { region: slot('region'), cipher: slot('cipher') };
  return db
    .insertInto('shops')
    .values({ channel: slot('channel'), shop_id: slot('shopId'), ...contents })
    .onConflict((conflict) => conflict.columns(['channel', 'shop_id']).doUpdateSet(contents));
});

const allShops = query<NoValues>()((db) =>
  db
    .selectFrom('shops')
    .select(['channel', 'shop_id as shopId', 'region', 'cipher'])
    .orderBy('channel')
    .orderBy('shop_id'),
);

/** Authorised shops. */
export const createShops = ({ connection, read, write }: Access): Store['shops'] => ({
  upsert: (row) => write(() => void connection.run(upsertShop, row)),
  all: () => read(() => connection.all(allShops, {}).map((row) => ({ ...row }))),
});
