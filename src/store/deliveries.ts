import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import {
  DELIVERY_STATUSES,
  type DeliveryQuery,
  type DeliveryRow,
  type DisabledWhy,
  type OutgoingStore,
} from '../outgoing/records.ts';
import type { Access } from './access.ts';
import { createEndpoints } from './outgoing-endpoints.ts';
import type { DeliveryTableRow } from './schema-deliveries.ts';
import { type NoValues, type Query, queriesByShape, query } from './sqlite/query.ts';

const Status = z.enum(DELIVERY_STATUSES);

const endpointWorks = query<{ endpointId: string }>()((db, slot) =>
  db
    .updateTable('outgoing_endpoints')
    .set({ failing_since: null, last_error: null })
    .where('endpoint_id', '=', slot('endpointId'))
    .where('failing_since', 'is not', null),
);

const endpointFails = query<{ endpointId: string; atMs: number; error: string | null }>()((db, slot) =>
  db
    .updateTable('outgoing_endpoints')
    .set((row) => ({
      failing_since: row.fn.coalesce('failing_since', slot('atMs')),
      last_error: slot('error'),
    }))
    .where('endpoint_id', '=', slot('endpointId')),
);

const disableEndpoint = query<{ endpointId: string; atMs: number; why: DisabledWhy }>()((db, slot) =>
  db
    .updateTable('outgoing_endpoints')
    .set({ disabled_at: slot('atMs'), disabled_why: slot('why') })
    .where('endpoint_id', '=', slot('endpointId'))
    .where('disabled_at', 'is', null),
);

export const dueDeliveries = query<{ endpointId: string; nowMs: number; limit: number }>()((db, slot) =>
  db
    .selectFrom('deliveries')
    .selectAll()
    .where('endpoint_id', '=', slot('endpointId'))
    .where('next_attempt_at', '<=', slot('nowMs'))
    .orderBy('next_attempt_at')
    .orderBy('id')
    .limit(slot('limit')),
);

type SettleValues = {
  id: number;
  status: string;
  nextAttemptAtMs: number | null;
  atMs: number;
  answer: number | null;
  error: string | null;
};

const settleDelivery = query<SettleValues>()((db, slot) =>
  db
    .updateTable('deliveries')
    .set((row) => ({
      status: slot('status'),
      attempts: row('attempts', '+', 1),
      next_attempt_at: slot('nextAttemptAtMs'),
      last_attempt_at: slot('atMs'),
      last_status: slot('answer'),
      last_error: slot('error'),
    }))
    .where('id', '=', slot('id')),
);

const insertDelivery = query<Omit<DeliveryRow, 'id'>>()((db, slot) =>
  db.insertInto('deliveries').values({
    endpoint_id: slot('endpointId'),
    message_id: slot('messageId'),
    type: slot('type'),
    at: slot('atMs'),
    shop_id: slot('shopId'),
    order_id: slot('orderId'),
    data: slot('data'),
    status: slot('status'),
    attempts: slot('attempts'),
    next_attempt_at: slot('nextAttemptAtMs'),
    last_attempt_at: slot('lastAttemptAtMs'),
    last_status: slot('lastStatus'),
    last_error: slot('lastError'),
  }),
);

const deliveryByMessage = query<{ messageId: string }>()((db, slot) =>
  db.selectFrom('deliveries').selectAll().where('message_id', '=', slot('messageId')),
);

const replayDelivery = query<{ messageId: string; nowMs: number }>()((db, slot) =>
  db
    .updateTable('deliveries')
    .set({ status: 'waiting', attempts: 0, next_attempt_at: slot('nowMs') })
    .where('message_id', '=', slot('messageId')),
);

/** Within the oldest page only, so that a page that is too young ends the walk. */
export const oldDeliveries = query<{ beforeMs: number; limit: number }>()((db, slot) =>
  db
    .deleteFrom('deliveries')
    .where('id', 'in', (page) =>
      page.selectFrom('deliveries').select('id').orderBy('id').limit(slot('limit')),
    )
    .where('at', '<', slot('beforeMs')),
);

type ListValues = { endpointId: string; orderId: string; status: string; lastId: number; limit: number };

/** A shape names the filters in use. */
const deliveryPages = queriesByShape(
  (shape): Query<ListValues, DeliveryTableRow> =>
    query<ListValues>()((db, slot) => {
      const filters = shape.split(' ');
      let found = db.selectFrom('deliveries').selectAll();
      if (filters.includes('endpointId')) found = found.where('endpoint_id', '=', slot('endpointId'));
      if (filters.includes('orderId')) found = found.where('order_id', '=', slot('orderId'));
      if (filters.includes('status')) found = found.where('status', '=', slot('status'));
      if (filters.includes('cursor')) found = found.where('id', '<', slot('lastId'));
      return found.orderBy('id', 'desc').limit(slot('limit'));
    }),
);

const waitingDeliveries = query<NoValues>()((db) =>
  db
    .selectFrom('deliveries')
    .where('status', '=', 'waiting')
    .select(({ fn }) => fn.countAll<number>().as('count')),
);

const toDelivery = (row: DeliveryTableRow): DeliveryRow => ({
  id: row.id,
  endpointId: row.endpoint_id,
  messageId: row.message_id,
  type: row.type,
  atMs: row.at,
  shopId: row.shop_id,
  orderId: row.order_id,
  data: row.data,
  status: Status.parse(row.status),
  attempts: row.attempts,
  nextAttemptAtMs: row.next_attempt_at,
  lastAttemptAtMs: row.last_attempt_at,
  lastStatus: row.last_status,
  lastError: row.last_error,
});

const readCursor = (cursor: string): number => {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{1,16}$/.test(text))
    throw new AppError('cursor_invalid', 400, 'The cursor is not one that this service gave out.');
  return Number(text);
};

/** Deliveries, and endpoints with their secrets sealed under `key`. */
export const createOutgoing = (access: Access, key: Uint8Array): OutgoingStore => {
  const { connection, read, write } = access;
  const list = async ({ endpointId, orderId, status, cursor, limit }: DeliveryQuery) => {
    const lastId = cursor === undefined ? 0 : readCursor(cursor);
    const filters = Object.entries({ endpointId, orderId, status, cursor });
    const shape = filters.flatMap(([name, value]) => (value === undefined ? [] : [name])).join(' ');
    const values = { endpointId: endpointId ?? '', orderId: orderId ?? '', status: status ?? '' };
    const rows = await read(() =>
      connection.all(deliveryPages(shape), { ...values, lastId, limit: limit + 1 }),
    );
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      deliveries: page.map(toDelivery),
      nextCursor: last ? Buffer.from(String(last.id)).toString('base64url') : null,
    };
  };

  return {
    ...createEndpoints(access, key),
    due: (endpointId, nowMs, limit) =>
      read(() => connection.all(dueDeliveries, { endpointId, nowMs, limit }).map(toDelivery)),
    settle: ({ id, endpointId }, { atMs, status: answer, error }, outcome) =>
      write(() => {
        const isOver = outcome.kind === 'delivered' || outcome.kind === 'ended';
        const nextAttemptAtMs = isOver ? null : outcome.kind === 'again' ? outcome.atMs : atMs;
        const status = outcome.kind === 'delivered' ? 'delivered' : isOver ? 'failed' : 'waiting';
        connection.run(settleDelivery, { id, status, nextAttemptAtMs, atMs, answer, error });
        if (outcome.kind === 'delivered') connection.run(endpointWorks, { endpointId });
        else connection.run(endpointFails, { endpointId, atMs, error });
        if (outcome.kind === 'disable')
          connection.run(disableEndpoint, { endpointId, atMs, why: outcome.why });
      }),
    addDelivery: (delivery) => write(() => void connection.run(insertDelivery, delivery)),
    countWaiting: () => read(() => connection.get(waitingDeliveries, {})?.count ?? 0),
    findDelivery: (messageId) =>
      read(() => {
        const row = connection.get(deliveryByMessage, { messageId });
        return row ? toDelivery(row) : null;
      }),
    replay: (messageId, nowMs) => write(() => connection.run(replayDelivery, { messageId, nowMs }) > 0),
    deliveries: list,
    prune: (beforeMs, limit) => write(() => connection.run(oldDeliveries, { beforeMs, limit })),
  };
};
