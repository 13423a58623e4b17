import type { Access } from './access.ts';
import { applyHints } from './order-hints.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { NewNotification, Store } from './store.ts';

export const insertNotification = query<NewNotification & { nowMs: number }>()((db, slot) =>
  db
    .insertInto('notifications')
    .values({
      channel: slot('channel'),
      dedupe_key: slot('dedupeKey'),
      type: slot('type'),
      shop_id: slot('shopId'),
      sent_at: slot('sentAtMs'),
      received_at: slot('nowMs'),
      body: slot('body'),
    })
    .onConflict((conflict) => conflict.columns(['dedupe_key', 'channel']).doNothing()),
);

const countAll = query<NoValues>()((db) =>
  db.selectFrom('notifications').select((select) => select.fn.countAll<number>().as('count')),
);

/** Webhook deliveries. */
export const createNotifications = ({ connection, read, write }: Access): Store['notifications'] => ({
  accept: ({ channel, dedupeKey, type, shopId, sentAtMs, body }, hints, nowMs) =>
    write(() => {
      // Spelt out, as a copy of the whole object costs a burst more.
      const row = { channel, dedupeKey, type, shopId, sentAtMs, body, nowMs };
      if (connection.run(insertNotification, row) === 0) return 'duplicate';
      applyHints(connection, hints, nowMs);
      return 'stored';
    }),
  count: () => read(() => connection.get(countAll, {})?.count ?? 0),
});
