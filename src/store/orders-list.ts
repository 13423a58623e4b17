import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { AppError } from '../lib/errors.ts';
import type { OrderRecord } from '../orders/model.ts';
import { withPackages } from './order-queries.ts';
import type { OrderRow } from './schema.ts';
import type { Connection } from './sqlite/driver.ts';
import { type Query, queriesByShape, query, type Slot } from './sqlite/query.ts';
import type { OrderQuery } from './store.ts';
import { READ, REVIEW_DEADLINE, UNREAD } from './tables/orders.ts';

/** What `REVIEW_DEADLINE` is for an order without a ship-by time. */
const NO_DEADLINE = Number.MAX_SAFE_INTEGER;

const deadline = sql<number>`${sql.raw(REVIEW_DEADLINE)}`;

type ListValues = {
  stage: string;
  reason: string;
  q: string;
  /** The last order of the page before. */
  lastId: number;
  lastDeadline: number;
  limit: number;
};

const matches = (slot: Slot<ListValues>): RawBuilder<SqlBool> => {
  const q = slot('q');
  return sql<SqlBool>`id in (
    select id from orders where order_id = ${q}
    union select id from orders where fulfillment_id = ${q}
    union select order_ref from packages where reported_number = ${q}
    union select order_ref from packages where carrier_tracking = ${q}
    union select order_ref from packages where amazon_tracking = ${q}
  )`;
};

const afterDeadline = (slot: Slot<ListValues>): RawBuilder<SqlBool> =>
  sql<SqlBool>`${deadline} >= ${slot('lastDeadline')}
    and (${deadline} > ${slot('lastDeadline')} or id > ${slot('lastId')})`;

/** A shape names the filters in use: `stage`, `reason`, `q`, `cursor`. */
const has = (shape: string, part: string): boolean => shape.split(' ').includes(part);

const read = sql<SqlBool>`${sql.raw(READ)}`;
const unread = sql<SqlBool>`${sql.raw(UNREAD)}`;

/** Newest first. What is filtered by stage or reason is merged out of the indexes of read and of unread orders. */
export const newestOrders = queriesByShape(
  (shape): Query<ListValues, OrderRow> =>
    query<ListValues>()((db, slot) => {
      const select = () => {
        let found = db.selectFrom('orders').selectAll();
        // The plus keeps SQLite from going through the index of stages: a reason's holds the stage too.
        if (has(shape, 'stage'))
          found = found.where(
            sql<SqlBool>`${sql.raw(has(shape, 'reason') ? '+' : '')}stage = ${slot('stage')}`,
          );
        if (has(shape, 'reason')) found = found.where('reason', '=', slot('reason'));
        if (has(shape, 'q')) found = found.where(matches(slot));
        return has(shape, 'cursor') ? found.where('id', '<', slot('lastId')) : found;
      };
      const isFiltered = !has(shape, 'q') && (has(shape, 'stage') || has(shape, 'reason'));
      const found = isFiltered ? select().where(read).unionAll(select().where(unread)) : select();
      return found.orderBy('id', 'desc').limit(slot('limit'));
    }),
);

/** Orders in review, soonest deadline first. */
export const reviewOrders = queriesByShape(
  (shape): Query<ListValues, OrderRow> =>
    query<ListValues>()((db, slot) => {
      let select = db.selectFrom('orders').selectAll().where(sql<SqlBool>`stage = 'review'`);
      if (has(shape, 'reason')) select = select.where('reason', '=', slot('reason'));
      if (has(shape, 'q')) select = select.where(matches(slot));
      if (has(shape, 'cursor')) select = select.where(afterDeadline(slot));
      return select.orderBy(deadline).orderBy('id').limit(slot('limit'));
    }),
);

type Position = { id: number; deadline: number };

const CURSOR = /^(\d{1,16})\.(\d{1,16})$/;

const writeCursor = (position: Position): string =>
  Buffer.from(`${position.deadline}.${position.id}`).toString('base64url');

const readCursor = (cursor: string): Position => {
  const [, deadline, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (deadline === undefined || id === undefined)
    throw new AppError('cursor_invalid', 400, 'The cursor is not one that this service gave out.');
  return { deadline: Number(deadline), id: Number(id) };
};

/** One page of orders, and where the next one begins. */
export const listOrders = (
  connection: Connection,
  { stage, reason, q, cursor, limit }: OrderQuery,
): { orders: OrderRecord[]; nextCursor: string | null } => {
  const last = cursor === undefined ? null : readCursor(cursor);
  const filters = { stage, reason, q, cursor };
  const shape = Object.entries(filters).flatMap(([part, value]) => (value === undefined ? [] : [part]));
  const pages = stage === 'review' ? reviewOrders : newestOrders;
  const rows = connection.all(pages(shape.join(' ')), {
    stage: stage ?? '',
    reason: reason ?? '',
    q: q ?? '',
    lastId: last?.id ?? 0,
    lastDeadline: last?.deadline ?? 0,
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const end = rows.length > limit ? page.at(-1) : undefined;
  return {
    orders: page.map((row) => withPackages(connection, row)),
    nextCursor: end ? writeCursor({ id: end.id, deadline: end.ship_by ?? NO_DEADLINE }) : null,
  };
};
