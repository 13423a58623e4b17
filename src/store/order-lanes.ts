import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Connection } from './sqlite/driver.ts';
import { queriesByShape, query } from './sqlite/query.ts';
import type { DueShop, Lane } from './store.ts';
import { CREATE_BY, MOVED, READY } from './tables/orders.ts';

/** Conditions spelt exactly as in the index of the lane, or SQLite would not use it. */
const CONDITIONS: Readonly<Record<Lane, RawBuilder<SqlBool>>> = {
  new: sql<SqlBool>`next_attempt_at is not null and accepted_at is null`,
  ready: sql<SqlBool>`${sql.raw(READY)}`,
  moved: sql<SqlBool>`${sql.raw(MOVED)}`,
  placed: sql<SqlBool>`next_attempt_at is not null and accepted_at is not null`,
};

const isLane = (shape: string): shape is Lane => Object.hasOwn(CONDITIONS, shape);
const conditionOf = (shape: string): RawBuilder<SqlBool> => {
  if (!isLane(shape)) throw new TypeError('There is no such lane.');
  return CONDITIONS[shape];
};

const firstOf = (lane: string): RawBuilder<number> =>
  lane === 'ready' ? sql<number>`${sql.raw(CREATE_BY)}` : sql<number>`next_attempt_at`;

/** A shape is a lane. */
export const dueOrders = queriesByShape((lane) =>
  query<{ shopId: string; nowMs: number; limit: number }>()((db, slot) => {
    const select = db
      .selectFrom('orders')
      .select('id')
      .where(conditionOf(lane))
      .where('shop_id', '=', slot('shopId'))
      .where('lease_until', 'is', null)
      .orderBy(firstOf(lane))
      .orderBy('id')
      .limit(slot('limit'));
    return lane === 'ready' ? select : select.where('next_attempt_at', '<=', slot('nowMs'));
  }),
);

/** The next shop behind the one named: from one to the next through the index, whatever each of them holds. */
export const nextShop = queriesByShape((lane) =>
  query<{ shopId: string }>()((db, slot) =>
    db
      .selectFrom('orders')
      .select(['channel', 'shop_id as shopId'])
      .where(conditionOf(lane))
      .where('shop_id', '>', slot('shopId'))
      .orderBy('shop_id')
      .limit(1),
  ),
);

/** The first order of a shop that nobody works on; those worked on are few. */
export const firstOfShop = queriesByShape((lane) =>
  query<{ shopId: string }>()((db, slot) =>
    db
      .selectFrom('orders')
      .select('next_attempt_at as at')
      .where(conditionOf(lane))
      .where('shop_id', '=', slot('shopId'))
      .where('lease_until', 'is', null)
      .orderBy(firstOf(lane))
      .limit(1),
  ),
);

/** Costs two steps through an index for each shop, however long its queue is. */
export const findDueShops = (connection: Connection, lane: Lane): DueShop[] => {
  const found: DueShop[] = [];
  for (let last = ''; ; ) {
    const shop = connection.get(nextShop(lane), { shopId: last });
    if (!shop) return found;
    last = shop.shopId;
    const first = connection.get(firstOfShop(lane), { shopId: last });
    if (first) found.push({ ...shop, dueMs: lane === 'ready' ? 0 : (first.at ?? 0) });
  }
};
