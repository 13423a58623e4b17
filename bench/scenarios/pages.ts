import { join } from 'node:path';
import { daysToMs, systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import type { Context, Row } from '../lib/context.ts';
import { CHANNEL, fillOrders, keyOf, SHOP_ID } from '../lib/many-orders.ts';
import { spreadOf } from '../lib/stats.ts';
import { count, ms } from '../report.ts';

const ROUNDS = 15;
const PAGE = 50;
const DAY_MS = daysToMs(1);

/** What the API, the console, `/health`, alerts and passes ask. */
const READS: Record<string, (store: Store, orders: number) => Promise<unknown>> = {
  'the newest orders': ({ orders }) => orders.list({ shopIds: null, limit: PAGE }),
  'a stage': ({ orders }) => orders.list({ shopIds: null, limit: PAGE, stage: 'completed' }),
  'an open stage': ({ orders }) => orders.list({ shopIds: null, limit: PAGE, stage: 'waiting' }),
  'a reason': ({ orders }) => orders.list({ shopIds: null, limit: PAGE, reason: 'at_amazon' }),
  'the review queue': ({ orders }) => orders.list({ shopIds: null, limit: PAGE, stage: 'review' }),
  'a search': ({ orders }, all) => orders.list({ shopIds: null, limit: PAGE, q: keyOf(all >> 1).orderId }),
  'an order with its timeline': async ({ orders }, all) => {
    await orders.get(keyOf(all >> 1));
    return orders.events(keyOf(all >> 1));
  },
  'stage counts (/health)': ({ orders }) => orders.stageCounts(null),
  'reviews of a shop': ({ orders }) =>
    orders.countInReview('sku_unmapped', { channel: CHANNEL, shopId: SHOP_ID }),
  'facts for alerts': ({ orders }) => orders.alertFacts(systemClock.nowMs(), DAY_MS / 2),
  'units promised': ({ orders }) => orders.promisedUnits(),
  'orders of a search that are news': ({ orders }, all) =>
    orders.unseen(
      Array.from({ length: 100 }, (_, at) => ({
        key: keyOf(all - 1 - at),
        updatedAtMs: 1,
        rawStatus: 'AWAITING_SHIPMENT',
      })),
    ),
  'orders never read': ({ orders }) => orders.unread(500),
  stock: ({ inventory }) => inventory.stock(),
};

const medianMs = async (read: () => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    await read();
    times.push(performance.now() - startMs);
  }
  return spreadOf(times).median;
};

/** How long reads of the store take with ever more orders, a tenth of them open. The event loop waits as long. */
export const measurePages = async (context: Context): Promise<Row[]> => {
  const sizes = context.quick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
  const figures = new Map<string, number[]>(Object.keys(READS).map((name) => [name, []]));
  for (const orders of sizes) {
    const path = join(context.folder, `pages-${orders}.db`);
    const store = await openStore({ databaseUrl: `file:${path}`, encryptionKey: null, clock: systemClock });
    try {
      await fillOrders(store, orders);
      for (const [name, read] of Object.entries(READS))
        figures.get(name)?.push(await medianMs(() => read(store, orders)));
      context.progress(`pages: ${count(orders)} orders`);
    } finally {
      await store.close();
    }
  }
  const [least = 0] = sizes;
  return [...figures].map(([name, times]) => {
    const [first = Number.NaN] = times;
    const last = times.at(-1) ?? Number.NaN;
    return {
      name: `${name}, at ${sizes.map(count).join(' / ')} orders`,
      floor: '',
      service: times.map(ms).join(' / '),
      ratio: `${(last / first).toFixed(1)} times that of ${count(least)}`,
      target: null,
      figures: { sizes, times },
    };
  });
};
