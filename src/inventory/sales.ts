import { type Clock, daysToMs } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';

/** How fast each Amazon SKU sells, in units a day; the key is `<account>/<SKU>`. */
export type Sales = { perDay(): Promise<ReadonlyMap<string, number>> };

const WINDOW_MS = daysToMs(14);
/** Beyond this many orders the window is shorter, and the speed as good. */
const MOST_ORDERS = 20_000;
const FRESH_MS = 5 * 60_000;
/** A shop that began an hour ago tells little about a day; less than a day counts as one. */
const LEAST_MS = daysToMs(1);

export const saleKey = (amazonAccount: string | null, amazonSku: string): string =>
  `${amazonAccount ?? ''}/${amazonSku}`;

/** Sales of the last fourteen days, read anew when they are older than five minutes. */
export const createSales = ({
  store,
  clock,
}: {
  store: { inventory: Pick<Store['inventory'], 'sold'> };
  clock: Clock;
}): Sales => {
  let known: { atMs: number; perDay: Promise<ReadonlyMap<string, number>> } | null = null;
  const read = async (nowMs: number): Promise<ReadonlyMap<string, number>> => {
    const sold = await store.inventory.sold(nowMs - WINDOW_MS, MOST_ORDERS);
    const firstMs = sold.reduce((first, row) => Math.min(first, row.firstMs), nowMs);
    const days = Math.max(LEAST_MS, nowMs - firstMs) / daysToMs(1);
    return new Map(
      sold.map(({ amazonAccount, amazonSku, units }) => [saleKey(amazonAccount, amazonSku), units / days]),
    );
  };
  return {
    perDay() {
      const nowMs = clock.nowMs();
      if (known && nowMs - known.atMs < FRESH_MS) return known.perDay;
      const perDay = read(nowMs);
      const mine = { atMs: nowMs, perDay };
      known = mine;
      perDay.catch(() => {
        if (known === mine) known = null;
      });
      return perDay;
    },
  };
};
