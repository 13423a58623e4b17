import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { CHANNEL, fillOrders, keyOf, SHOP_ID } from './many-orders.ts';
import { ADMIN_TOKEN, startServer } from './servers.ts';
import { percentile } from './stats.ts';

/** Touches no order and asks nobody. */
const TRIVIAL = '/health/live';
const WARM_ROUNDS = 10;

const pagesOf = (orders: number): Record<string, string> => ({
  Today: '/console',
  Review: '/console/review',
  Orders: '/console/orders',
  'Orders of a stage': '/console/orders?stage=completed',
  'Orders of a reason': '/console/orders?reason=at_amazon',
  'One order': `/console/orders/${keyOf(orders >> 1).orderId}`,
  Inventory: '/console/inventory',
  'SKU map': '/console/sku-map',
  Shops: '/console/shops',
  Deliveries: '/console/deliveries',
  People: '/console/people',
  Settings: '/console/settings',
  Audit: '/console/audit',
});

const SKUS = 1_000;
const ENTRIES = 2_000;

/** What a shop of that size has beside its orders: stock, listings, deliveries, and a log of what people did. */
const fillRest = async ({ inventory, notifications, audit }: Store): Promise<void> => {
  const nowMs = systemClock.nowMs();
  const skus = Array.from({ length: SKUS }, (_, at) => `SKU-${at}`);
  const figures = { fulfillable: 50, promised: 3, buffer: 2, available: 45, readAtMs: nowMs };
  await inventory.saveStock(skus.map((amazonSku) => ({ amazonAccount: 'amazon', amazonSku, ...figures })));
  await inventory.saveListings(
    skus.map((sku, at) => ({
      channel: CHANNEL,
      shopId: SHOP_ID,
      productId: `17294${at}`,
      skuId: `17300${at}`,
      sellerSku: sku,
      components: [{ amazonSku: sku, quantity: 1 }],
      pushedQuantity: 45,
      pushedAtMs: nowMs,
    })),
  );
  const delivery = { channel: CHANNEL, type: 1, shopId: SHOP_ID, sentAtMs: nowMs, body: null };
  const deed = {
    atMs: nowMs,
    who: 'olga',
    userId: null,
    action: 'order.retry',
    shopId: SHOP_ID,
    detail: null,
  };
  await Promise.all(
    Array.from({ length: ENTRIES }, async (_, at) => {
      const hints = [{ key: keyOf(at), updatedAtMs: null }];
      await notifications.accept({ ...delivery, dedupeKey: `bench/${at}` }, hints, nowMs);
      await audit.record({ ...deed, target: keyOf(at).orderId });
    }),
  );
};

/** Times of one address in milliseconds. */
export type PageTimes = { name: string; p50Ms: number; p99Ms: number; bytes: number };
export type ConsoleTimes = { trivial: PageTimes; pages: PageTimes[] };

const signIn = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ token: ADMIN_TOKEN }),
  });
  if (answer.status !== 200) throw new Error(`the sign-in was answered with ${answer.status}`);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.replace(/;.*/, ''))
    .join('; ');
};

/** Asks for each address in turn, one after the other, so that what the machine does meanwhile falls on all of them. */
const askInTurn = async (
  url: string,
  paths: ReadonlyMap<string, string>,
  rounds: number,
): Promise<PageTimes[]> => {
  const headers = { cookie: await signIn(url), accept: 'text/html' };
  const times = new Map([...paths.keys()].map((name) => [name, { tookMs: new Array<number>(), bytes: 0 }]));
  for (let round = -WARM_ROUNDS; round < rounds; round += 1) {
    for (const [name, path] of paths) {
      const startMs = performance.now();
      const answer = await fetch(`${url}${path}`, { headers, redirect: 'manual' });
      const { byteLength } = await answer.arrayBuffer();
      const tookMs = performance.now() - startMs;
      if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}`);
      const seen = times.get(name);
      if (round < 0 || !seen) continue;
      seen.tookMs.push(tookMs);
      seen.bytes = byteLength;
    }
  }
  return [...times].map(([name, { tookMs, bytes }]) => ({
    name,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    bytes,
  }));
};

/** How long every page takes with so many orders in the store, beside a route that does nothing, in the same run. */
export const measureConsolePages = async (options: {
  folder: string;
  orders: number;
  rounds: number;
}): Promise<ConsoleTimes> => {
  const { folder, orders, rounds } = options;
  const databaseUrl = `file:${join(folder, 'bench.db')}`;
  const store = await openStore({ databaseUrl, encryptionKey: null, clock: systemClock });
  try {
    // First: a delivery makes its order due, and none is to be.
    await fillRest(store);
    await fillOrders(store, orders);
  } finally {
    await store.close();
  }
  const disk = { addedMs: 0, env: {} };
  const env = { RECONCILE_INTERVAL_SECONDS: '0' };
  const server = await startServer({ kind: 'service', folder, disk, env });
  try {
    const paths = new Map([['trivial', TRIVIAL], ...Object.entries(pagesOf(orders))]);
    const [trivial, ...pages] = await askInTurn(`http://127.0.0.1:${server.port}`, paths, rounds);
    if (!trivial) throw new Error('nothing was asked for');
    return { trivial, pages };
  } finally {
    await server.stop();
  }
};
