import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import type { OrderEvent, ReturnReading, ReturnRecord } from '../orders/model.ts';
import type { Access } from './access.ts';
import { lineIds, readColumn, returnReviews, rmaIds } from './json-columns.ts';
import { applyRest, updateAnyway } from './order-changes.ts';
import { type KeyValues, keyIs, orderByKey } from './order-queries.ts';
import type { OrderRow, ReturnTableRow } from './schema.ts';
import type { Connection } from './sqlite/driver.ts';
import { query, type Slot, type SqlValue } from './sqlite/query.ts';
import type { ReturnChange, Store } from './store.ts';

type Key = KeyValues & { returnId: string };

const isReturn = <P extends Key>(slot: Slot<P>): RawBuilder<SqlBool> =>
  sql<SqlBool>`${keyIs(slot)} and return_id = ${slot('returnId')}`;

const returnByKey = query<Key>()((db, slot) => db.selectFrom('returns').selectAll().where(isReturn(slot)));

/** Spelt exactly as in the index `returns_unsettled`. */
export const unsettledReturns = query<{ channel: string; shopId: string }>()((db, slot) =>
  db
    .selectFrom('returns')
    .selectAll()
    .where('channel', '=', slot('channel'))
    .where('shop_id', '=', slot('shopId'))
    .where(sql<SqlBool>`settled_seq < seq`)
    .orderBy('updated_at'),
);

export const returnsOfOrder = query<KeyValues>()((db, slot) =>
  db.selectFrom('returns').selectAll().where(keyIs(slot)).orderBy('return_id'),
);

type ReadingValues = Omit<ReturnReading, 'key' | 'lineIds' | 'buyerKeepsItem'> &
  Key & { lineIds: string; buyerKeepsItem: number };

const upsertReading = query<ReadingValues>()((db, slot) => {
  const contents = {
    type: slot('type'),
    state: slot('state'),
    raw_status: slot('rawStatus'),
    reason_code: slot('reasonCode'),
    line_ids: slot('lineIds'),
    buyer_keeps_item: slot('buyerKeepsItem'),
    respond_by: slot('respondByMs'),
    updated_at: slot('updatedAtMs'),
  };
  return db
    .insertInto('returns')
    .values({
      channel: slot('channel'),
      shop_id: slot('shopId'),
      return_id: slot('returnId'),
      order_id: slot('orderId'),
      ...contents,
      seq: 1,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['channel', 'shop_id', 'order_id', 'return_id'])
        .doUpdateSet({ ...contents, seq: sql<number>`seq + 1` }),
    );
});

type ChangeValues = Key & {
  seenState: string | null;
  seenRequestedAtMs: number | null;
  amazonState: string | null;
  requestedAtMs: number | null;
  rmaIds: string;
  askedFor: string | null;
  seq: number;
  settledSeq: number;
};

const changeReturn = query<ChangeValues>()((db, slot) =>
  db
    .updateTable('returns')
    .set({
      amazon_state: slot('amazonState'),
      requested_at: slot('requestedAtMs'),
      amazon_rma: slot('rmaIds'),
      asked_for: slot('askedFor'),
      settled_seq: sql<number>`max(settled_seq, ${slot('settledSeq')})`,
    })
    .where(isReturn(slot))
    .where(sql<SqlBool>`settled_seq < ${slot('seq')}`)
    .where(
      sql<SqlBool>`amazon_state is ${slot('seenState')} and requested_at is ${slot('seenRequestedAtMs')}`,
    ),
);

const types = z.enum(['refund', 'return_and_refund', 'replacement', 'unknown']).catch('unknown');
const states = z
  .enum([
    'pending',
    'awaiting_parcel',
    'parcel_sent',
    'rejected',
    'succeeded',
    'cancelled',
    'completed',
    'unknown',
  ])
  .catch('unknown');
const amazonStates = z.enum(['requested', 'created', 'refused']).nullable();

const toReading = (row: ReturnTableRow): ReturnReading => ({
  key: { channel: row.channel, shopId: row.shop_id, orderId: row.order_id },
  returnId: row.return_id,
  type: types.parse(row.type),
  state: states.parse(row.state),
  rawStatus: row.raw_status,
  reasonCode: row.reason_code,
  lineIds: readColumn(lineIds, row.line_ids, 'returns.line_ids'),
  buyerKeepsItem: row.buyer_keeps_item === 1,
  respondByMs: row.respond_by,
  updatedAtMs: row.updated_at,
});

const toRecord = (row: ReturnTableRow): ReturnRecord => ({
  ...toReading(row),
  seq: row.seq,
  amazonState: amazonStates.parse(row.amazon_state),
  requestedAtMs: row.requested_at,
  rmaIds: readColumn(rmaIds, row.amazon_rma, 'returns.amazon_rma'),
  askedFor: row.asked_for,
});

const contentOf = ({ updatedAtMs: _updatedAtMs, ...content }: ReturnReading): string =>
  JSON.stringify(Object.entries(content).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const eventOf = (reading: ReturnReading, nowMs: number): OrderEvent => {
  const raw = reading.state === 'unknown' ? ` (${reading.rawStatus})` : '';
  return {
    atMs: nowMs,
    event: `return_${reading.state}`,
    detail: `${reading.returnId}${raw}: lines ${reading.lineIds.join(', ')}`,
  };
};

/** What is not understood is told apart by the channel's own word. */
const sameState = (known: ReturnReading, reading: ReturnReading): boolean =>
  known.state === reading.state && (known.state !== 'unknown' || known.rawStatus === reading.rawStatus);

const takeIn = (connection: Connection, reading: ReturnReading, nowMs: number): void => {
  const order = connection.get(orderByKey, reading.key);
  if (!order) return;
  const { key, ...rest } = reading;
  const row = connection.get(returnByKey, { ...key, returnId: reading.returnId });
  const known = row && toReading(row);
  if (known && known.updatedAtMs > reading.updatedAtMs) return;
  if (known && contentOf(known) === contentOf(reading)) return;
  connection.run(upsertReading, {
    ...rest,
    ...key,
    lineIds: JSON.stringify(reading.lineIds),
    buyerKeepsItem: Number(reading.buyerKeepsItem),
  });
  if (known && sameState(known, reading)) return;
  applyRest(connection, order.id, { patch: {}, events: [eventOf(reading, nowMs)] });
};

const showOnOrder = (
  connection: Connection,
  order: OrderRow,
  record: ReturnRecord,
  change: ReturnChange,
  nowMs: number,
): void => {
  if (change.event) applyRest(connection, order.id, { patch: {}, events: [change.event] });
  if (change.review === undefined) return;
  const shown = readColumn(returnReviews, order.return_reviews, 'orders.return_reviews');
  const others = shown.filter((review) => review.returnId !== record.returnId);
  if (others.length === shown.length && change.review === null) return;
  const reviews = JSON.stringify(change.review ? [...others, change.review] : others);
  const values: Record<string, SqlValue> = { return_reviews: reviews, next_attempt_at: nowMs };
  connection.get(updateAnyway(Object.keys(values).join()), { ...values, ...record.key });
};

const commit = (
  connection: Connection,
  record: ReturnRecord,
  change: ReturnChange,
  nowMs: number,
): boolean => {
  const { amazonState, requestedAtMs, rmaIds: rmas, askedFor } = { ...record, ...change };
  const changed = connection.run(changeReturn, {
    ...record.key,
    returnId: record.returnId,
    seenState: record.amazonState,
    seenRequestedAtMs: record.requestedAtMs,
    amazonState,
    requestedAtMs,
    rmaIds: JSON.stringify(rmas),
    askedFor,
    seq: record.seq,
    settledSeq: change.isSettled ? record.seq : 0,
  });
  if (changed === 0) return false;
  const order = connection.get(orderByKey, record.key);
  if (order) showOnOrder(connection, order, record, change, nowMs);
  return true;
};

/** Returns, and what orders show of them. */
export const createReturns = ({ connection, read, write }: Access): Store['returns'] => ({
  takeIn: (reading, nowMs) => write(() => takeIn(connection, reading, nowMs)),
  unsettled: ({ channel, shopId }) =>
    read(() => connection.all(unsettledReturns, { channel, shopId }).map(toRecord)),
  commit: (record, change, nowMs) => write(() => commit(connection, record, change, nowMs)),
  ofOrder: (key) => read(() => connection.all(returnsOfOrder, key).map(toRecord)),
});
