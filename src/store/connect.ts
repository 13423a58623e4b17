import { sql } from 'kysely';
import type { Access } from './access.ts';
import { query } from './sqlite/query.ts';
import type { ConnectState, Store } from './store.ts';
import { OPEN_FULFILLMENT } from './tables/orders.ts';

const insertState = query<ConnectState>()((db, slot) =>
  db.insertInto('connect_states').values({
    state_hash: slot('stateHash'),
    kind: slot('kind'),
    browser_hash: slot('browserHash'),
    detail: slot('detail'),
    expires_at: slot('expiresAtMs'),
  }),
);

const stateByHash = query<{ stateHash: string }>()((db, slot) =>
  db
    .selectFrom('connect_states')
    .select([
      'state_hash as stateHash',
      'kind',
      'browser_hash as browserHash',
      'detail',
      'expires_at as expiresAtMs',
    ])
    .where('state_hash', '=', slot('stateHash')),
);

const deleteState = query<{ stateHash: string }>()((db, slot) =>
  db.deleteFrom('connect_states').where('state_hash', '=', slot('stateHash')),
);

const deleteExpired = query<{ nowMs: number }>()((db, slot) =>
  db.deleteFrom('connect_states').where('expires_at', '<=', slot('nowMs')),
);

/** The condition is that of the index, word for word. */
export const noticesAfter = query<{ position: number; limit: number }>()((db, slot) =>
  db
    .selectFrom('notifications')
    .select(['id', 'type', 'shop_id as shopId', 'body', 'received_at as receivedAtMs'])
    .where(sql<boolean>`type in (6, 7)`)
    .where('id', '>', slot('position'))
    .orderBy('id')
    .limit(slot('limit')),
);

type ShopValues = { channel: string; shopId: string };

const clearBodies = query<ShopValues>()((db, slot) =>
  db
    .updateTable('notifications')
    .set({ body: null })
    .where('channel', '=', slot('channel'))
    .where('shop_id', '=', slot('shopId'))
    .where('body', 'is not', null),
);

const clearHashes = query<ShopValues>()((db, slot) =>
  db
    .updateTable('orders')
    .set({ address_hash: null, request_hash: null })
    .where('channel', '=', slot('channel'))
    .where('shop_id', '=', slot('shopId')),
);

const clearListings = query<ShopValues>()((db, slot) =>
  db.deleteFrom('listings').where('channel', '=', slot('channel')).where('shop_id', '=', slot('shopId')),
);

/** Of outgoing webhooks. */
const clearDeliveries = query<ShopValues>()((db, slot) =>
  db.deleteFrom('deliveries').where('shop_id', '=', slot('shopId')),
);

const openOrders = query<{ accountId: string }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where(sql<boolean>`${sql.raw(OPEN_FULFILLMENT)}`)
    .where(sql<boolean>`amazon_account = ${slot('accountId')}`),
);

/** What connecting and disconnecting needs beyond shops, accounts and tokens. */
export const createConnect = ({ connection, read, write }: Access): Store['connect'] => ({
  addState: (state, nowMs) =>
    write(() => {
      connection.run(deleteExpired, { nowMs });
      connection.run(insertState, state);
    }),
  takeState: (stateHash, nowMs) =>
    write(() => {
      const row = connection.get(stateByHash, { stateHash });
      if (row) connection.run(deleteState, { stateHash });
      return row && row.expiresAtMs > nowMs ? { ...row } : null;
    }),
  notices: (position, limit) =>
    read(() => connection.all(noticesAfter, { position, limit }).map((row) => ({ ...row }))),
  forgetShop: (channel, shopId) =>
    write(() => {
      for (const statement of [clearBodies, clearHashes, clearListings, clearDeliveries])
        connection.run(statement, { channel, shopId });
    }),
  countOpenOrders: (accountId) => read(() => connection.get(openOrders, { accountId })?.count ?? 0),
});
