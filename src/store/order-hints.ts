import { sql } from 'kysely';
import { type KeyValues, keyIs, sooner } from './order-queries.ts';
import type { Connection } from './sqlite/driver.ts';
import { query } from './sqlite/query.ts';
import type { Hint } from './store.ts';

/** What a hint changes about an order that is known. */
const HINTED = {
  next_attempt_at: sooner(sql`excluded.next_attempt_at`),
  hint_seq: sql<number>`hint_seq + 1`,
  hint_updated_at: sql<number | null>`case
    when excluded.hint_updated_at is null or hint_updated_at > excluded.hint_updated_at then hint_updated_at
    else excluded.hint_updated_at end`,
};

const upsertHint = query<KeyValues & { updatedAtMs: number | null; nowMs: number }>()((db, slot) =>
  db
    .insertInto('orders')
    .values({
      channel: slot('channel'),
      shop_id: slot('shopId'),
      order_id: slot('orderId'),
      stage: sql.lit('waiting'),
      reason: sql.lit('received'),
      next_attempt_at: slot('nowMs'),
      hint_seq: sql.lit(1),
      hint_updated_at: slot('updatedAtMs'),
      received_at: slot('nowMs'),
    })
    .onConflict((conflict) => conflict.columns(['order_id', 'shop_id', 'channel']).doUpdateSet(HINTED)),
);

/** The hints of all deliveries behind the one named, by one statement for all of them. */
export const hintsOfDeliveries = query<{ afterId: number }>()((db, slot) =>
  db
    .insertInto('orders')
    .columns([
      'channel',
      'shop_id',
      'order_id',
      'stage',
      'reason',
      'next_attempt_at',
      'hint_seq',
      'hint_updated_at',
      'received_at',
    ])
    .expression((select) =>
      select
        .selectFrom('notifications')
        .select([
          'channel',
          'shop_id',
          sql<string>`order_id`.as('order_id'),
          sql.lit('waiting').as('stage'),
          sql.lit('received').as('reason'),
          'received_at as next_attempt_at',
          sql.lit(1).as('hint_seq'),
          'order_updated_at as hint_updated_at',
          'received_at',
        ])
        .where('id', '>', slot('afterId'))
        .where('order_id', 'is not', null)
        .orderBy('id'),
    )
    .onConflict((conflict) => conflict.columns(['order_id', 'shop_id', 'channel']).doUpdateSet(HINTED)),
);

const orderIsKnown = query<KeyValues>()((db, slot) =>
  db.selectFrom('orders').select('id').where(keyIs(slot)),
);

/** Makes the orders due, inserting those not known yet. Runs inside a write task. */
export const applyHints = (connection: Connection, hints: readonly Hint[], nowMs: number): void => {
  for (const { key, updatedAtMs } of hints) {
    const { channel, shopId, orderId } = key;
    connection.run(upsertHint, { channel, shopId, orderId, updatedAtMs, nowMs });
  }
};

/** Like `applyHints`; answers how many orders were not known before. */
export const applyHintsCountingNew = (
  connection: Connection,
  hints: readonly Hint[],
  nowMs: number,
): number => {
  let unknown = 0;
  for (const hint of hints) {
    if (!connection.get(orderIsKnown, hint.key)) unknown += 1;
    applyHints(connection, [hint], nowMs);
  }
  return unknown;
};
