import type { Access } from './access.ts';
import { applyHints, hintsOfDeliveries } from './order-hints.ts';
import type { Connection } from './sqlite/driver.ts';
import { manyRows, type NoValues, query } from './sqlite/query.ts';
import { type Hint, type NewNotification, type Store, StoreUnavailable } from './store.ts';

type NotificationValues = NewNotification & {
  nowMs: number;
  orderId: string | null;
  orderUpdatedAtMs: number | null;
};

export const insertNotification = query<NotificationValues>()((db, slot) =>
  db
    .insertInto('notifications')
    // Its task is taken back as a whole: SQLite need not be able to take back the statement alone.
    .orFail()
    .values({
      channel: slot('channel'),
      dedupe_key: slot('dedupeKey'),
      type: slot('type'),
      shop_id: slot('shopId'),
      sent_at: slot('sentAtMs'),
      received_at: slot('nowMs'),
      order_id: slot('orderId'),
      order_updated_at: slot('orderUpdatedAtMs'),
      body: slot('body'),
    })
    .onConflict((conflict) => conflict.columns(['dedupe_key', 'channel']).doNothing()),
);

/** Rows of one statement where there are as many: each costs a fifth less than by itself. */
const ROWS_TOGETHER = 16;
const insertNotifications = manyRows(insertNotification, ROWS_TOGETHER);

const lastDelivery = query<NoValues>()((db) =>
  db.selectFrom('notifications').select((select) => select.fn.max<number | null>('id').as('id')),
);

const keysBehind = query<{ afterId: number }>()((db, slot) =>
  db
    .selectFrom('notifications')
    .select(['channel', 'dedupe_key as dedupeKey'])
    .where('id', '>', slot('afterId')),
);

const countAll = query<NoValues>()((db) =>
  db.selectFrom('notifications').select((select) => select.fn.countAll<number>().as('count')),
);

type Outcome = 'stored' | 'duplicate';

type Delivery = {
  row: NotificationValues;
  /** Those that its row cannot hold. */
  otherHints: readonly Hint[];
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
};

/** Bounds how long one task holds the event loop. */
const MAX_TOGETHER = 1_000;

/** The hint that can stand in the row of its delivery: nearly always it is the only one. */
const ownHint = ({ channel, shopId }: NewNotification, hints: readonly Hint[]): Hint | null => {
  const [hint] = hints;
  return hint && hints.length === 1 && hint.key.shopId === shopId && hint.key.channel === channel
    ? hint
    : null;
};

const NO_HINTS: readonly Hint[] = [];

const deliveryOf = (
  notification: NewNotification,
  hints: readonly Hint[],
  nowMs: number,
): Pick<Delivery, 'row' | 'otherHints'> => {
  const { channel, dedupeKey, type, shopId, sentAtMs, body } = notification;
  const own = ownHint(notification, hints);
  const orderId = own ? own.key.orderId : null;
  const orderUpdatedAtMs = own ? own.updatedAtMs : null;
  // Spelt out, as a copy of the whole object costs a burst more.
  const row = { channel, dedupeKey, type, shopId, sentAtMs, body, nowMs, orderId, orderUpdatedAtMs };
  return { row, otherHints: own ? NO_HINTS : hints };
};

/** Answers how many were news. */
const insertAll = (connection: Connection, rows: readonly NotificationValues[]): number => {
  let inserted = 0;
  let at = 0;
  for (; at + ROWS_TOGETHER <= rows.length; at += ROWS_TOGETHER)
    inserted += connection.run(insertNotifications, rows.slice(at, at + ROWS_TOGETHER));
  for (const row of rows.slice(at)) inserted += connection.run(insertNotification, row);
  return inserted;
};

/** Of deliveries with the same key the first is the one that was stored, if any was. */
const tellApart = (connection: Connection, deliveries: readonly Delivery[], afterId: number): Outcome[] => {
  const keyOf = (row: { channel: string; dedupeKey: string }): string => `${row.channel} ${row.dedupeKey}`;
  const stored = new Set(connection.all(keysBehind, { afterId }).map(keyOf));
  return deliveries.map(({ row }) => (stored.delete(keyOf(row)) ? 'stored' : 'duplicate'));
};

/** Runs inside a write task. */
const keepAll = (connection: Connection, deliveries: readonly Delivery[]): Outcome[] => {
  const afterId = connection.get(lastDelivery, {})?.id ?? 0;
  const rows = deliveries.map(({ row }) => row);
  const inserted = insertAll(connection, rows);
  const outcomes =
    inserted === deliveries.length
      ? deliveries.map((): Outcome => 'stored')
      : tellApart(connection, deliveries, afterId);
  connection.run(hintsOfDeliveries, { afterId });
  for (const [at, { row, otherHints }] of deliveries.entries())
    if (otherHints.length > 0 && outcomes[at] === 'stored') applyHints(connection, otherHints, row.nowMs);
  return outcomes;
};

/**
 * The deliveries of one turn of the event loop are one task, which takes a quarter off what each costs. Should one of
 * them break it, each is a task of its own.
 */
const createIntake = ({ connection, write }: Access): ((delivery: Delivery) => void) => {
  let waiting: Delivery[] = [];

  const keep = async (deliveries: readonly Delivery[], begun: () => void): Promise<void> => {
    try {
      const outcomes = await write(() => {
        begun();
        return keepAll(connection, deliveries);
      });
      for (const [at, delivery] of deliveries.entries()) delivery.resolve(outcomes[at] ?? 'duplicate');
    } catch (error) {
      begun();
      const isOfAll = deliveries.length === 1 || error instanceof StoreUnavailable;
      for (const delivery of deliveries) {
        if (isOfAll) delivery.reject(error);
        else void keep([delivery], () => undefined);
      }
    }
  };

  return (delivery) => {
    waiting.push(delivery);
    if (waiting.length === 1) {
      const together = waiting;
      void keep(together, () => {
        if (waiting === together) waiting = [];
      });
    } else if (waiting.length === MAX_TOGETHER) waiting = [];
  };
};

/** Webhook deliveries. */
export const createNotifications = (access: Access): Omit<Store['notifications'], 'newest'> => {
  const { connection, read } = access;
  const take = createIntake(access);
  return {
    accept: (notification, hints, nowMs) =>
      new Promise((resolve, reject) => {
        const { row, otherHints } = deliveryOf(notification, hints, nowMs);
        take({ row, otherHints, resolve, reject });
      }),
    count: () => read(() => connection.get(countAll, {})?.count ?? 0),
  };
};
