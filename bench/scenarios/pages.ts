import { join } from 'node:path';
import { daysToMs, systemClock } from '../../src/lib/clock.ts';
import type { OrderKey, Stage } from '../../src/orders/model.ts';
import type { ReasonCode } from '../../src/orders/reasons.ts';
import { openStore } from '../../src/store/open.ts';
import type { OrderChange, Store } from '../../src/store/store.ts';
import type { Context, Row } from '../lib/context.ts';
import { spreadOf } from '../lib/stats.ts';
import { count, ms } from '../report.ts';

/** One of so many orders is open. */
const CLOSED_PER_OPEN = 9;
const BATCH = 500;
const ROUNDS = 15;
const PAGE = 50;
const CHANNEL = 'tiktok-shop';
const SHOP_ID = '7494049642642441621';
const DAY_MS = daysToMs(1);

const OPEN: readonly [Stage, ReasonCode][] = [
  ['waiting', 'unpaid'],
  ['routing', 'awaiting_quota'],
  ['fulfilling', 'at_amazon'],
  ['review', 'sku_unmapped'],
];

const keyOf = (index: number): OrderKey => ({
  channel: CHANNEL,
  shopId: SHOP_ID,
  orderId: `57690${String(index).padStart(13, '0')}`,
});

const snapshot: NonNullable<OrderChange['patch']['snapshot']> = {
  status: 'to_ship',
  rawStatus: 'AWAITING_SHIPMENT',
  total: { currency: 'USD', value: '12.50' },
  deliveryOptionName: 'Standard',
  lines: [],
};

const changeOf = (index: number, nowMs: number): OrderChange => {
  const isOpen = index % (CLOSED_PER_OPEN + 1) === 0;
  const at = Math.floor(index / (CLOSED_PER_OPEN + 1)) % OPEN.length;
  const [stage, reason] = (isOpen ? OPEN[at] : undefined) ?? ['completed', 'completed'];
  const shipByMs = nowMs + DAY_MS + index;
  return {
    patch: { stage, reason, snapshot, orderUpdatedAtMs: nowMs, shipByMs, nextAttemptAtMs: null },
    promised: [{ amazonSku: `SKU-${index % 100}`, units: 1 }],
  };
};

const fill = async (store: Store, orders: number): Promise<void> => {
  for (let from = 0; from < orders; from += BATCH) {
    const nowMs = systemClock.nowMs();
    const indexes = Array.from({ length: Math.min(BATCH, orders - from) }, (_, at) => from + at);
    await store.orders.hint(
      indexes.map((index) => ({ key: keyOf(index), updatedAtMs: null })),
      nowMs,
    );
    await Promise.all(
      indexes.map((index) => store.orders.amend(keyOf(index), changeOf(index, nowMs), nowMs)),
    );
  }
};

/** What the API, the console, `/health`, alerts and passes ask. */
const READS: Record<string, (store: Store, orders: number) => Promise<unknown>> = {
  'the newest orders': ({ orders }) => orders.list({ limit: PAGE }),
  'a stage': ({ orders }) => orders.list({ limit: PAGE, stage: 'completed' }),
  'an open stage': ({ orders }) => orders.list({ limit: PAGE, stage: 'waiting' }),
  'a reason': ({ orders }) => orders.list({ limit: PAGE, reason: 'at_amazon' }),
  'the review queue': ({ orders }) => orders.list({ limit: PAGE, stage: 'review' }),
  'a search': ({ orders }, all) => orders.list({ limit: PAGE, q: keyOf(all >> 1).orderId }),
  'an order with its timeline': async ({ orders }, all) => {
    await orders.get(keyOf(all >> 1));
    return orders.events(keyOf(all >> 1));
  },
  'stage counts (/health)': ({ orders }) => orders.stageCounts(),
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
      await fill(store, orders);
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
