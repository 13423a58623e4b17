import type { Access } from './access.ts';
import { applyHints } from './order-hints.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { Hint, NewNotification, Store } from './store.ts';

type NotificationValues = NewNotification & {
  nowMs: number;
  orderId: string | null;
  orderUpdatedAtMs: number | null;
};

export const insertNotification = query<NotificationValues>()((db, slot) =>
  db
    .insertInto('notifications')
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

const countAll = query<NoValues>()((db) =>
  db.selectFrom('notifications').select((select) => select.fn.countAll<number>().as('count')),
);

/** The hint that can stand in the row of its delivery: nearly always it is the only one. */
const ownHint = ({ channel, shopId }: NewNotification, hints: readonly Hint[]): Hint | null => {
  const [hint] = hints;
  return hint && hints.length === 1 && hint.key.shopId === shopId && hint.key.channel === channel
    ? hint
    : null;
};

/** Webhook deliveries. */
export const createNotifications = ({
  connection,
  read,
  deliver,
}: Access): Omit<Store['notifications'], 'newest'> => ({
  accept: (notification, hints, nowMs) =>
    deliver((groupHints) => {
      const { channel, dedupeKey, type, shopId, sentAtMs, body } = notification;
      const own = ownHint(notification, hints);
      if (own) groupHints.expect();
      // Spelt out, as a copy of the whole object costs a burst more.
      const row = {
        channel,
        dedupeKey,
        type,
        shopId,
        sentAtMs,
        body,
        nowMs,
        orderId: own ? own.key.orderId : null,
        orderUpdatedAtMs: own ? own.updatedAtMs : null,
      };
      if (connection.run(insertNotification, row) === 0) return 'duplicate';
      if (!own) applyHints(connection, hints, nowMs);
      return 'stored';
    }),
  count: () => read(() => connection.get(countAll, {})?.count ?? 0),
});
