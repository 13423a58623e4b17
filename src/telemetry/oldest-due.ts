import type { Lane, Store, VisibleShops } from '../store/store.ts';

/** In `ready` every order counts as due since ever: it waits for quota and not for its look. */
const LOOKED_AT: readonly Lane[] = ['new', 'moved', 'placed'];

/** When the order of these shops that waits longest for its look became due; null: none waits. */
export const oldestDueMs = async (
  store: Pick<Store, 'orders'>,
  nowMs: number,
  shopIds: VisibleShops,
): Promise<number | null> => {
  const due = (await Promise.all(LOOKED_AT.map((lane) => store.orders.dueShops(lane)))).flat();
  const mine = due.filter(({ shopId }) => shopIds === null || shopIds.includes(shopId));
  const times = mine.map(({ dueMs }) => dueMs).filter((dueMs) => dueMs <= nowMs);
  return times.length === 0 ? null : Math.min(...times);
};
