import { sql } from 'kysely';
import { z } from 'zod';
import type { OrderKey } from '../orders/model.ts';
import type { Access } from './access.ts';
import { readColumn } from './json-columns.ts';
import type { ShadowOrderRow } from './schema-shadow.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { PausedSku, ShadowAction, ShadowOrder, ShadowStock, ShadowWhat, Store } from './store.ts';

const what: z.ZodType<ShadowWhat> = z.object({
  items: z.array(z.object({ amazonSku: z.string(), quantity: z.number() })).optional(),
  speed: z.string().optional(),
  reason: z.string().optional(),
  trackingNumber: z.string().optional(),
  carrier: z.string().optional(),
});

const parcels: z.ZodType<ShadowOrder['parcels']> = z.array(
  z.object({
    trackingNumber: z.string(),
    carrierId: z.string().nullable(),
    carrier: z.string().nullable(),
    lines: z.number(),
  }),
);

const allPaused = query<NoValues>()((db) =>
  db
    .selectFrom('paused_skus')
    .select(['shop_id as shopId', 'amazon_sku as amazonSku'])
    .orderBy('amazon_sku')
    .orderBy('shop_id'),
);

const pause = query<PausedSku & { nowMs: number }>()((db, slot) =>
  db
    .insertInto('paused_skus')
    .values({ shop_id: slot('shopId'), amazon_sku: slot('amazonSku'), paused_at: slot('nowMs') })
    .onConflict((conflict) => conflict.doNothing()),
);

const unpause = query<PausedSku>()((db, slot) =>
  db
    .deleteFrom('paused_skus')
    .where('amazon_sku', '=', slot('amazonSku'))
    .where('shop_id', 'is', slot('shopId')),
);

/** Which Amazon SKUs are paused. */
export const createPausedSkus = ({ connection, read, write }: Access): Store['pausedSkus'] => {
  const all = (): PausedSku[] => connection.all(allPaused, {}).map((row) => ({ ...row }));
  return {
    all: () => read(all),
    add: (paused, nowMs) => write(() => void connection.run(pause, { ...paused, nowMs })),
    remove: (paused) =>
      write(() => {
        const isKnown = all().some(
          ({ shopId, amazonSku }) => shopId === paused.shopId && amazonSku === paused.amazonSku,
        );
        connection.run(unpause, paused);
        return isKnown;
      }),
  };
};

type ActionValues = OrderKey & { kind: string; subject: string; atMs: number; what: string };

const recordAction = query<ActionValues>()((db, slot) =>
  db
    .insertInto('shadow_actions')
    .values({
      channel: slot('channel'),
      shop_id: slot('shopId'),
      order_id: slot('orderId'),
      kind: slot('kind'),
      subject: slot('subject'),
      at: slot('atMs'),
      what: slot('what'),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'shop_id', 'order_id', 'kind', 'subject'])
        .doUpdateSet({ what: slot('what') }),
    ),
);

const allActions = query<NoValues>()((db) => db.selectFrom('shadow_actions').selectAll().orderBy('at'));

type SightingValues = OrderKey & Omit<ShadowOrder, 'key' | 'parcels'> & { parcels: string };

const seeOrder = query<SightingValues>()((db, slot) =>
  db
    .insertInto('shadow_orders')
    .values({
      channel: slot('channel'),
      shop_id: slot('shopId'),
      order_id: slot('orderId'),
      status: slot('status'),
      first_seen_at: slot('firstSeenAtMs'),
      seen_at: slot('seenAtMs'),
      ship_by: slot('shipByMs'),
      shipped_by: slot('shippedByMs'),
      cancelled_by: slot('cancelledByMs'),
      parcels: slot('parcels'),
    })
    .onConflict((conflict) =>
      conflict.columns(['channel', 'shop_id', 'order_id']).doUpdateSet({
        status: slot('status'),
        seen_at: slot('seenAtMs'),
        ship_by: slot('shipByMs'),
        shipped_by: sql`coalesce(shadow_orders.shipped_by, ${slot('shippedByMs')})`,
        cancelled_by: sql`coalesce(shadow_orders.cancelled_by, ${slot('cancelledByMs')})`,
        parcels: slot('parcels'),
      }),
    ),
);

const allOrders = query<NoValues>()((db) =>
  db.selectFrom('shadow_orders').selectAll().orderBy('first_seen_at', 'desc').orderBy('order_id', 'desc'),
);

const oneOrder = query<OrderKey>()((db, slot) =>
  db
    .selectFrom('shadow_orders')
    .selectAll()
    .where('channel', '=', slot('channel'))
    .where('shop_id', '=', slot('shopId'))
    .where('order_id', '=', slot('orderId')),
);

const saveStockRow = query<ShadowStock>()((db, slot) => {
  const contents = {
    seller_sku: slot('sellerSku'),
    ours: slot('ours'),
    shown: slot('shown'),
    at: slot('atMs'),
  };
  return db
    .insertInto('shadow_stock')
    .values({ channel: slot('channel'), shop_id: slot('shopId'), sku_id: slot('skuId'), ...contents })
    .onConflict((conflict) => conflict.columns(['channel', 'shop_id', 'sku_id']).doUpdateSet(contents));
});

const allStock = query<NoValues>()((db) =>
  db
    .selectFrom('shadow_stock')
    .select([
      'channel',
      'shop_id as shopId',
      'sku_id as skuId',
      'seller_sku as sellerSku',
      'ours',
      'shown',
      'at as atMs',
    ])
    .orderBy('shop_id')
    .orderBy('seller_sku'),
);

const pruneActions = query<{ beforeMs: number }>()((db, slot) =>
  db
    .deleteFrom('shadow_actions')
    .where('order_id', 'in', (inner) =>
      inner.selectFrom('shadow_orders').select('order_id').where('seen_at', '<', slot('beforeMs')),
    ),
);
const pruneOrders = query<{ beforeMs: number }>()((db, slot) =>
  db.deleteFrom('shadow_orders').where('seen_at', '<', slot('beforeMs')),
);
const pruneStock = query<{ beforeMs: number }>()((db, slot) =>
  db.deleteFrom('shadow_stock').where('at', '<', slot('beforeMs')),
);

const toOrder = (row: ShadowOrderRow): ShadowOrder => ({
  key: { channel: row.channel, shopId: row.shop_id, orderId: row.order_id },
  status: row.status,
  firstSeenAtMs: row.first_seen_at,
  seenAtMs: row.seen_at,
  shipByMs: row.ship_by,
  shippedByMs: row.shipped_by,
  cancelledByMs: row.cancelled_by,
  parcels: readColumn(parcels, row.parcels, 'shadow_orders.parcels'),
});

const ordersPart = ({ connection, read, write }: Access) =>
  ({
    record: ({ key, what: contents, ...action }: ShadowAction) =>
      write(() => void connection.run(recordAction, { ...key, ...action, what: JSON.stringify(contents) })),
    actions: () =>
      read(() =>
        connection.all(allActions, {}).map((row) => ({
          key: { channel: row.channel, shopId: row.shop_id, orderId: row.order_id },
          kind: row.kind,
          subject: row.subject,
          atMs: row.at,
          what: readColumn(what, row.what, 'shadow_actions.what'),
        })),
      ),
    see: ({ key, parcels: shipped, ...order }: ShadowOrder) =>
      write(() => void connection.run(seeOrder, { ...key, ...order, parcels: JSON.stringify(shipped) })),
    order: (key: OrderKey) => read(() => connection.all(oneOrder, key).map(toOrder)[0] ?? null),
    orders: () => read(() => connection.all(allOrders, {}).map(toOrder)),
  }) satisfies Partial<Store['shadow']>;

/** What MODE=shadow recorded. */
export const createShadow = (access: Access): Store['shadow'] => {
  const { connection, read, write } = access;
  return {
    ...ordersPart(access),
    saveStock: (rows) =>
      write(() => {
        for (const row of rows) connection.run(saveStockRow, row);
      }),
    stock: () => read(() => connection.all(allStock, {}).map((row) => ({ ...row }))),
    prune: (beforeMs) =>
      write(() => {
        for (const remove of [pruneActions, pruneOrders, pruneStock]) connection.run(remove, { beforeMs });
      }),
  };
};
