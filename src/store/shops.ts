import type { Access } from './access.ts';
import { readSettings } from './connection-columns.ts';
import type { ShopsTableRow } from './schema.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { ShopRow, Store } from './store.ts';

type ShopValues = Omit<ShopRow, 'settings'> & { settings: string };

const upsertShop = query<ShopValues>()((db, slot) => {
  const contents = {
    name: slot('name'),
    region: slot('region'),
    cipher: slot('cipher'),
    authorization: slot('authorization'),
    amazon_account: slot('amazonAccount'),
    settings: slot('settings'),
    connected_at: slot('connectedAtMs'),
    paused_at: slot('pausedAtMs'),
    stopped_at: slot('stoppedAtMs'),
    authorization_expires_at: slot('authorizationExpiresAtMs'),
  };
  return db
    .insertInto('shops')
    .values({ channel: slot('channel'), shop_id: slot('shopId'), ...contents })
    .onConflict((conflict) => conflict.columns(['channel', 'shop_id']).doUpdateSet(contents));
});

const allShops = query<NoValues>()((db) =>
  db.selectFrom('shops').selectAll().orderBy('channel').orderBy('shop_id'),
);

const shopById = query<{ shopId: string }>()((db, slot) =>
  db.selectFrom('shops').selectAll().where('shop_id', '=', slot('shopId')),
);

const deleteShop = query<{ shopId: string }>()((db, slot) =>
  db.deleteFrom('shops').where('shop_id', '=', slot('shopId')),
);

const toShop = (row: ShopsTableRow): ShopRow => ({
  channel: row.channel,
  shopId: row.shop_id,
  name: row.name,
  region: row.region,
  cipher: row.cipher,
  authorization: row.authorization,
  amazonAccount: row.amazon_account,
  settings: readSettings(row.settings),
  connectedAtMs: row.connected_at,
  pausedAtMs: row.paused_at,
  stoppedAtMs: row.stopped_at,
  authorizationExpiresAtMs: row.authorization_expires_at,
});

/** Shops, connected here or named by the environment. */
export const createShops = ({ connection, read, write }: Access): Store['shops'] => {
  const save = (row: ShopRow): void => {
    connection.run(upsertShop, { ...row, settings: JSON.stringify(row.settings) });
  };
  const find = (shopId: string): ShopRow | null => {
    const row = connection.get(shopById, { shopId });
    return row ? toShop(row) : null;
  };
  return {
    upsert: (row) => write(() => save(row)),
    all: () => read(() => connection.all(allShops, {}).map(toShop)),
    find: (shopId) => read(() => find(shopId)),
    change: (shopId, change) =>
      write(() => {
        const row = find(shopId);
        if (row) save({ ...row, ...change });
        return row !== null;
      }),
    remove: (shopId) => write(() => void connection.run(deleteShop, { shopId })),
  };
};
