import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { OrderKey, OrderRecord } from '../orders/model.ts';
import { toRecord } from './order-row.ts';
import type { OrderRow } from './schema.ts';
import type { Connection } from './sqlite/driver.ts';
import { query, type Slot } from './sqlite/query.ts';

export type KeyValues = { channel: string; shopId: string; orderId: string };

/** The condition that names one order. */
export const keyIs = <P extends KeyValues>(slot: Slot<P>): RawBuilder<SqlBool> =>
  sql<SqlBool>`order_id = ${slot('orderId')} and shop_id = ${slot('shopId')} and channel = ${slot('channel')}`;

/** The sooner of the next attempt already set and `at`: an order keeps its place among what is due. */
export const sooner = (at: RawBuilder<number>): RawBuilder<number> =>
  sql<number>`case when next_attempt_at < ${at} then next_attempt_at else ${at} end`;

export const orderByKey = query<KeyValues>()((db, slot) =>
  db.selectFrom('orders').selectAll().where(keyIs(slot)),
);

export const orderById = query<{ id: number }>()((db, slot) =>
  db.selectFrom('orders').selectAll().where('id', '=', slot('id')),
);

const packagesOf = query<{ id: number }>()((db, slot) =>
  db.selectFrom('packages').selectAll().where('order_ref', '=', slot('id')).orderBy('id'),
);

/** The whole record of a row. */
export const withPackages = (connection: Connection, row: OrderRow): OrderRecord =>
  toRecord(row, connection.all(packagesOf, { id: row.id }));

export const recordByKey = (connection: Connection, key: OrderKey): OrderRecord | null => {
  const row = connection.get(orderByKey, key);
  return row ? withPackages(connection, row) : null;
};

export const recordById = (connection: Connection, id: number): OrderRecord | null => {
  const row = connection.get(orderById, { id });
  return row ? withPackages(connection, row) : null;
};
