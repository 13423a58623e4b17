import type { OrderCall } from '../orders/model.ts';
import type { Access } from './access.ts';
import { type KeyValues, keyIs } from './order-queries.ts';
import type { Connection } from './sqlite/driver.ts';
import { query } from './sqlite/query.ts';
import type { Store } from './store.ts';

/** So many calls of an order are kept, the newest ones. */
export const KEPT_CALLS = 50;

export const lastCall = query<{ id: number }>()((db, slot) =>
  db
    .selectFrom('order_calls')
    .select('seq')
    .where('order_ref', '=', slot('id'))
    .orderBy('seq', 'desc')
    .limit(1),
);

const insertCall = query<OrderCall & { id: number; seq: number }>()((db, slot) =>
  db.insertInto('order_calls').values({
    order_ref: slot('id'),
    seq: slot('seq'),
    at: slot('atMs'),
    upstream: slot('upstream'),
    operation: slot('operation'),
    status: slot('status'),
    duration_ms: slot('durationMs'),
    request_id: slot('requestId'),
    orders: slot('orders'),
  }),
);

export const oldCalls = query<{ id: number; seq: number }>()((db, slot) =>
  db.deleteFrom('order_calls').where('order_ref', '=', slot('id')).where('seq', '<=', slot('seq')),
);

export const callsOf = query<KeyValues>()((db, slot) =>
  db
    .selectFrom('order_calls')
    .select([
      'at as atMs',
      'upstream',
      'operation',
      'status',
      'duration_ms as durationMs',
      'request_id as requestId',
      'orders',
    ])
    .where('order_ref', '=', (ref) => ref.selectFrom('orders').select('id').where(keyIs(slot)))
    .orderBy('seq', 'desc'),
);

/** Adds calls to an order's and drops what is beyond those kept. Runs inside a write task. */
export const appendCalls = (connection: Connection, id: number, calls: readonly OrderCall[]): void => {
  if (calls.length === 0) return;
  const first = (connection.get(lastCall, { id })?.seq ?? 0) + 1;
  for (const [index, call] of calls.slice(-KEPT_CALLS).entries())
    connection.run(insertCall, { ...call, id, seq: first + index });
  const last = first + Math.min(calls.length, KEPT_CALLS) - 1;
  if (last > KEPT_CALLS) connection.run(oldCalls, { id, seq: last - KEPT_CALLS });
};

export const createCalls = ({ connection, read }: Access): Pick<Store['orders'], 'calls'> => ({
  calls: (key) => read(() => connection.all(callsOf, key)),
});
