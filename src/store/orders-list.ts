import { AppError } from '../lib/errors.ts';
import type { OrderKey, OrderRecord } from '../orders/model.ts';
import { orderByKey, withPackages } from './order-queries.ts';
import {
  type ListShape,
  type ListValues,
  newestOrders,
  reviewOrders,
  riskyOrders,
} from './orders-list-queries.ts';
import type { OrderRow } from './schema.ts';
import type { Connection } from './sqlite/driver.ts';
import { type NoValues, type Query, query } from './sqlite/query.ts';
import type { OrderQuery } from './store.ts';

/** What deadlines are for an order without one. */
const NO_DEADLINE = Number.MAX_SAFE_INTEGER;

/** Where an order stands in the list; `deadline` is 0 where the newest come first. */
type Position = { id: number; deadline: number };

/** How one kind of list is asked for and sorted. */
type Order = {
  queries: (shape: ListShape) => Query<ListValues, OrderRow>;
  deadlineOf: (row: OrderRow) => number;
  compare: (one: Position, other: Position) => number;
};

const soonestFirst = (one: Position, other: Position): number =>
  one.deadline - other.deadline || one.id - other.id;

const NEWEST: Order = {
  queries: newestOrders,
  deadlineOf: () => 0,
  compare: (one, other) => other.id - one.id,
};
const REVIEWS: Order = {
  queries: reviewOrders,
  deadlineOf: (row) => row.ship_by ?? NO_DEADLINE,
  compare: soonestFirst,
};
/** As `FIRST_DEADLINE` of the tables says. */
const RISKY: Order = {
  queries: riskyOrders,
  deadlineOf: ({ auto_cancel, ship_by, expected_ship }) => {
    const isLate = ship_by !== null && expected_ship !== null && expected_ship > ship_by;
    return Math.min(auto_cancel ?? NO_DEADLINE, isLate ? 0 : (ship_by ?? NO_DEADLINE));
  },
  compare: soonestFirst,
};

const orderOf = ({ stage, risk }: OrderQuery): Order => {
  if (risk) return RISKY;
  return stage === 'review' ? REVIEWS : NEWEST;
};

const badCursor = (): AppError =>
  new AppError('cursor_invalid', 400, 'cursor: is not one that this service gave out for these shops.');

const writeCursor = ({ channel, shop_id, order_id }: OrderRow, deadline: number): string =>
  Buffer.from(JSON.stringify([deadline, channel, shop_id, order_id])).toString('base64url');

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const readCursor = (cursor: string): { deadline: number; key: OrderKey } => {
  const parts = parse(Buffer.from(cursor, 'base64url').toString());
  const [deadline, ...names]: unknown[] = Array.isArray(parts) ? parts : [];
  const [channel, shopId, orderId, ...more] = names.flatMap((name) =>
    typeof name === 'string' ? [name] : [],
  );
  if (!Number.isSafeInteger(deadline) || orderId === undefined || more.length > 0) throw badCursor();
  return { deadline: Number(deadline), key: { channel: channel ?? '', shopId: shopId ?? '', orderId } };
};

/** A row's number would tell how many orders other shops have, so a cursor names the order instead. */
const positionOf = (connection: Connection, { cursor, shopIds }: OrderQuery): Position | null => {
  if (cursor === undefined) return null;
  const { deadline, key } = readCursor(cursor);
  const row = shopIds === null || shopIds.includes(key.shopId) ? connection.get(orderByKey, key) : undefined;
  if (!row) throw badCursor();
  return { deadline, id: row.id };
};

const newestId = query<NoValues>()((db) =>
  db.selectFrom('orders').select('id').orderBy('id', 'desc').limit(1),
);

export const receiptFrom = query<{ id: number }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select(['id', 'received_at as atMs'])
    .where('id', '>=', slot('id'))
    .orderBy('id')
    .limit(1),
);

/** The first order received at a time or later: ids are given in the order of receipt, so a few looks find it. */
const firstIdFrom = (connection: Connection, atMs: number): number => {
  let low = 0;
  let high = (connection.get(newestId, {})?.id ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = connection.get(receiptFrom, { id: middle });
    if (!row || row.atMs >= atMs) high = middle;
    else low = row.id + 1;
  }
  return low;
};

const valuesOf = (connection: Connection, asked: OrderQuery, last: Position | null): ListValues => {
  const { receivedFromMs, receivedBeforeMs, risk } = asked;
  const beforeId = receivedBeforeMs === undefined ? NO_DEADLINE : firstIdFrom(connection, receivedBeforeMs);
  return {
    shopId: '',
    stage: asked.stage ?? '',
    reason: asked.reason ?? '',
    q: asked.q ?? '',
    nowMs: risk?.nowMs ?? 0,
    isBreached: risk?.state === 'breached' ? 1 : 0,
    firstId: receivedFromMs === undefined ? 0 : firstIdFrom(connection, receivedFromMs),
    beforeId,
    lastId: last?.id ?? NO_DEADLINE,
    lastDeadline: last?.deadline ?? 0,
    limit: asked.limit + 1,
  };
};

/** One page of orders, and where the next one begins. */
export const listOrders = (
  connection: Connection,
  asked: OrderQuery,
): { orders: OrderRecord[]; nextCursor: string | null } => {
  const { queries, deadlineOf, compare } = orderOf(asked);
  const last = positionOf(connection, asked);
  const shape: ListShape = {
    hasShop: asked.shopIds !== null,
    hasStage: asked.stage !== undefined,
    hasReason: asked.reason !== undefined,
    hasQ: asked.q !== undefined,
    hasTimes: asked.receivedFromMs !== undefined || asked.receivedBeforeMs !== undefined,
    hasCursor: last !== null,
  };
  const values = valuesOf(connection, asked, last);
  const shops = asked.shopIds === null ? [''] : [...new Set(asked.shopIds)];
  const rows = shops
    .flatMap((shopId) => connection.all(queries(shape), { ...values, shopId }))
    .map((row) => ({ row, id: row.id, deadline: deadlineOf(row) }))
    .sort(compare);
  const page = rows.slice(0, asked.limit);
  const end = rows.length > asked.limit ? page.at(-1) : undefined;
  return {
    orders: page.map(({ row }) => withPackages(connection, row)),
    nextCursor: end ? writeCursor(end.row, end.deadline) : null,
  };
};
