import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderKey, OrderRecord } from '../../src/orders/model.ts';
import { HOUR, NOW, numberedParcelOf, orderOf } from '../fakes.ts';
import { openWeather, type WeatherWorld } from './world.ts';

const SHOPS = { big: 4000, middle: 950, small: 50 } as const;
const ORDERS = 5000;
const SALE_MS = 10 * 60_000;
/** Amazon: 2 a second, 30 at once. */
const RATE = 2;
const BURST = 30;

type Placed = { key: OrderKey; arrivedMs: number; deadlineMs: number; createdMs: number };

const shopOf = (index: number): keyof typeof SHOPS => {
  if (index % 100 === 0) return 'small';
  return index % 100 < 20 ? 'middle' : 'big';
};

describe('a flash sale of 5,000 orders in ten minutes, in three shops of one Amazon account', () => {
  let world: WeatherWorld;
  const placed: Placed[] = [];
  const cancelled: OrderKey[] = [];
  const seen = { cancelledAfterMs: 0, readAfterMs: 0, reportedAfterMs: 0 };

  const recordOf = async (key: OrderKey): Promise<OrderRecord> => {
    const record = await world.store.orders.get(key);
    if (!record) throw new Error(`no order ${key.orderId}`);
    return record;
  };
  const until = async (isTrue: () => Promise<boolean>, mostMs: number): Promise<number> => {
    const startMs = world.clock.nowMs();
    while (!(await isTrue()) && world.clock.nowMs() - startMs < mostMs) await world.clock.advance(500);
    return world.clock.nowMs() - startMs;
  };

  const arrive = async (index: number): Promise<void> => {
    const key = { channel: 'tiktok-shop', shopId: shopOf(index), orderId: String(10_000 + index) };
    const shipByMs = NOW + HOUR + Math.floor(world.random() * 71 * HOUR);
    const deadlines = { ...orderOf().deadlines, shipByMs };
    world.put(orderOf({ orderId: key.orderId, deadlines }));
    placed.push({ key, arrivedMs: world.clock.nowMs(), deadlineMs: shipByMs, createdMs: 0 });
    await world.webhook(key);
  };

  /** Buyers of orders that wait for their turn cancel. */
  const cancelSome = async (): Promise<void> => {
    const waiting = placed.filter(({ key }) => !world.fulfillments.has(`TTS-${key.orderId}`));
    for (const { key } of waiting.toSorted((a, b) => b.deadlineMs - a.deadlineMs).slice(0, 30)) {
      cancelled.push(key);
      world.changeOrder(key.orderId, { status: 'cancelled', buyerRequestedCancel: false });
      await world.webhook(key);
    }
    const allSeen = async (): Promise<boolean> => {
      const records = await Promise.all(cancelled.map(recordOf));
      return records.every(({ stage }) => stage === 'cancelled');
    };
    seen.cancelledAfterMs = await until(allSeen, 120_000);
  };

  /** Amazon gives a number to an order that it has, while thousands wait. */
  const shipOne = async (): Promise<void> => {
    const [first] = world.fulfillments.keys();
    const key = placed.find((order) => `TTS-${order.key.orderId}` === first)?.key;
    if (!first || !key) throw new Error('nothing is placed');
    world.changeFulfillment(first, { state: 'complete', packages: [numberedParcelOf(1)] });
    await world.webhook(key);
    seen.reportedAfterMs = await until(() => Promise.resolve(world.shipped().length > 0), 120_000);
  };

  beforeAll(async () => {
    world = await openWeather({ latencyMs: [200, 800], seed: 7 });
    world.worker.start();
    for (let index = 0; index < ORDERS; index += 1) {
      await arrive(index);
      await world.clock.advance(SALE_MS / ORDERS);
    }
    const none = async (): Promise<boolean> => (await world.store.orders.unread(1)).length === 0;
    seen.readAfterMs = await until(none, 120_000);
    await cancelSome();
    await shipOne();
    const isOver = (): Promise<boolean> =>
      Promise.resolve(world.fulfillments.size >= ORDERS - cancelled.length);
    await until(isOver, 2 * HOUR);
    for (const order of placed) {
      order.createdMs = world.fulfillments.get(`TTS-${order.key.orderId}`)?.receivedAtMs ?? 0;
    }
  }, 300_000);
  afterAll(() => world.stop());

  const created = (): Placed[] => placed.filter(({ createdMs }) => createdMs > 0);
  const createdIn = (shopId: string): Placed[] => created().filter(({ key }) => key.shopId === shopId);

  it('uses at least 98 % of Amazon’s quota from the first order to the last', () => {
    const elapsedMs = Math.max(...created().map(({ createdMs }) => createdMs)) - NOW;
    const share = created().length / (BURST + (RATE * elapsedMs) / 1000);

    expect(created()).toHaveLength(ORDERS - cancelled.length);
    expect(share).toBeGreaterThanOrEqual(0.98);
  });

  it('has at most 1 % of its calls refused, and no order fails for want of quota', () => {
    const refused = world.calls.filter(({ status }) => status === 429);

    expect(refused.length / world.calls.length).toBeLessThanOrEqual(0.01);
    expect(world.failures).toEqual([]);
    expect(world.faults).toEqual([]);
  });

  it('sends each order once', () => {
    const creates = world.calls.filter(
      ({ operation, status }) => operation === 'createFulfillmentOrder' && status === 200,
    );

    expect(creates).toHaveLength(ORDERS - cancelled.length);
  });

  it('sends the nearest deadline of a shop first, but for what is already in hand', () => {
    const KNOWN_MS = 15_000;
    const IN_HAND_MS = 10_000;
    for (const shopId of Object.keys(SHOPS)) {
      const orders = createdIn(shopId);
      const overtaken = orders.filter((order) =>
        orders.some(
          (later) =>
            later.createdMs < order.createdMs - IN_HAND_MS &&
            order.arrivedMs < later.createdMs - KNOWN_MS &&
            later.deadlineMs > order.deadlineMs,
        ),
      );
      expect(overtaken.map(({ key }) => key.orderId)).toEqual([]);
    }
  });

  it('lets no shop wait behind a larger one', () => {
    const waitOf = ({ createdMs, arrivedMs }: Placed): number => createdMs - arrivedMs;
    const smallest = Math.max(...createdIn('small').map(waitOf));
    const middleEndMs = Math.max(...createdIn('middle').map(({ createdMs }) => createdMs)) - NOW;
    // Two shops share what the small one leaves.
    const fairEndMs = (SHOPS.middle / ((RATE - SHOPS.small / (SALE_MS / 1000)) / 2)) * 1000;

    expect(smallest).toBeLessThan(30_000);
    expect(middleEndMs).toBeLessThan(fairEndMs * 1.1);
  });

  it('knows every order, its deadline and its units within seconds, and holds few in memory', () => {
    expect(seen.readAfterMs).toBeLessThan(10_000);
    expect(world.held.most).toBeLessThan(300);
  });

  it('honours a cancellation of an order that waits: soon, and it is never sent', () => {
    expect(cancelled).toHaveLength(30);
    expect(seen.cancelledAfterMs).toBeLessThan(10_000);
    expect(cancelled.filter(({ orderId }) => world.fulfillments.has(`TTS-${orderId}`))).toEqual([]);
  });

  it('reports the number of a placed order at once, however many wait', () => {
    expect(world.shipped()).toHaveLength(1);
    expect(seen.reportedAfterMs).toBeLessThan(15_000);
  });
});
