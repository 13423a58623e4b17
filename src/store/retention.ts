import { sql } from 'kysely';
import type { OrderKey, Stage } from '../orders/model.ts';
import type { Access } from './access.ts';
import { type KeyValues, keyIs } from './order-queries.ts';
import { returnsOfOrder } from './returns.ts';
import type { Connection } from './sqlite/driver.ts';
import { query } from './sqlite/query.ts';
import type { Store } from './store.ts';

/*
 * Ids grow with time, so old rows are found by walking the table from its begin, a page at a time. An index by age
 * would cost every order and every webhook a write for the sake of a walk once a day.
 */

/** Deletes within the first page only, so that a page that is too young ends the walk. */
export const oldNotifications = query<{ beforeMs: number; limit: number }>()((db, slot) =>
  db
    .deleteFrom('notifications')
    .where('id', 'in', (page) =>
      page.selectFrom('notifications').select('id').orderBy('id').limit(slot('limit')),
    )
    .where('received_at', '<', slot('beforeMs')),
);

export const nextOrders = query<{ position: number; limit: number }>()((db, slot) =>
  db
    .selectFrom('orders')
    .select([
      'id',
      'channel',
      'shop_id as shopId',
      'order_id as orderId',
      'stage',
      'received_at as receivedAtMs',
      'order_updated_at as updatedAtMs',
      'next_attempt_at as nextAttemptAtMs',
      'lease_until as leaseUntilMs',
      'return_reviews as returnReviews',
      sql<string | null>`snapshot ->> '$.status'`.as('channelStatus'),
    ])
    .where('id', '>', slot('position'))
    .orderBy('id')
    .limit(slot('limit')),
);

export const lastEvent = query<{ id: number }>()((db, slot) =>
  db
    .selectFrom('order_events')
    .select('at')
    .where('order_ref', '=', slot('id'))
    .orderBy('seq', 'desc')
    .limit(1),
);

/** What hangs on an order by a foreign key, so that it goes first. */
export const partsOfOrder = [
  query<{ id: number }>()((db, slot) => db.deleteFrom('order_events').where('order_ref', '=', slot('id'))),
  query<{ id: number }>()((db, slot) => db.deleteFrom('order_units').where('order_ref', '=', slot('id'))),
  query<{ id: number }>()((db, slot) => db.deleteFrom('packages').where('order_ref', '=', slot('id'))),
  query<{ id: number }>()((db, slot) => db.deleteFrom('order_calls').where('order_ref', '=', slot('id'))),
];

export const forgetReturns = query<KeyValues>()((db, slot) => db.deleteFrom('returns').where(keyIs(slot)));

export const forgetOrder = query<{ id: number }>()((db, slot) =>
  db.deleteFrom('orders').where('id', '=', slot('id')),
);

type Candidate = OrderKey & {
  id: number;
  stage: string;
  receivedAtMs: number;
  updatedAtMs: number | null;
  nextAttemptAtMs: number | null;
  leaseUntilMs: number | null;
  returnReviews: string;
  channelStatus: string | null;
};

const FINAL: readonly Stage[] = ['completed', 'cancelled', 'ignored'];
/** What the channel never leaves: such an order, named again after its row is gone, leads to no effect. */
const FINAL_AT_CHANNEL = ['completed', 'cancelled'];
const ENDED_RETURNS = ['rejected', 'succeeded', 'cancelled', 'completed'];

const isOver = (order: Candidate): boolean =>
  FINAL.some((stage) => stage === order.stage) &&
  order.channelStatus !== null &&
  FINAL_AT_CHANNEL.includes(order.channelStatus) &&
  order.nextAttemptAtMs === null &&
  order.leaseUntilMs === null &&
  order.returnReviews === '[]';

const isUntouched = (connection: Connection, order: Candidate, beforeMs: number): boolean =>
  order.receivedAtMs < beforeMs &&
  (order.updatedAtMs ?? 0) < beforeMs &&
  (connection.get(lastEvent, { id: order.id })?.at ?? 0) < beforeMs;

const hasOpenReturn = (connection: Connection, { channel, shopId, orderId }: Candidate): boolean =>
  connection
    .all(returnsOfOrder, { channel, shopId, orderId })
    .some((row) => row.settled_seq < row.seq || !ENDED_RETURNS.includes(row.state));

const forget = (connection: Connection, { id, channel, shopId, orderId }: Candidate): void => {
  for (const part of partsOfOrder) connection.run(part, { id });
  connection.run(forgetReturns, { channel, shopId, orderId });
  connection.run(forgetOrder, { id });
};

const pruneOrders = (
  connection: Connection,
  beforeMs: number,
  position: number,
  limit: number,
): { pruned: number; position: number | null } => {
  const page = connection.all(nextOrders, { position, limit });
  const old = page.filter(
    (order) => isOver(order) && isUntouched(connection, order, beforeMs) && !hasOpenReturn(connection, order),
  );
  for (const order of old) forget(connection, order);
  const last = page.at(-1);
  const goesOn = page.length === limit && page.some((order) => order.receivedAtMs < beforeMs);
  return { pruned: old.length, position: goesOn && last ? last.id : null };
};

/** What is no longer needed. Each call is one short write. */
export const createRetention = ({ connection, write }: Access): Store['retention'] => ({
  pruneNotifications: (beforeMs, limit) => write(() => connection.run(oldNotifications, { beforeMs, limit })),
  pruneOrders: (beforeMs, position, limit) => write(() => pruneOrders(connection, beforeMs, position, limit)),
});
