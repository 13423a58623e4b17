import type { Access } from './access.ts';
import { query } from './sqlite/query.ts';
import type { Store } from './store.ts';

export const newestReceived = query<{ beforeId: number; limit: number }>()((db, slot) =>
  db
    .selectFrom('notifications')
    .select(['id', 'type', 'shop_id as shopId', 'received_at as receivedAtMs', 'order_id as orderId'])
    .where('id', '<', slot('beforeId'))
    .orderBy('id', 'desc')
    .limit(slot('limit')),
);

/** Webhook deliveries as a person looks through them. */
export const createReceived = ({ connection, read }: Access): Pick<Store['notifications'], 'newest'> => ({
  newest: (limit, beforeId = Number.MAX_SAFE_INTEGER) =>
    read(() => connection.all(newestReceived, { beforeId, limit }).map((row) => ({ ...row }))),
});
