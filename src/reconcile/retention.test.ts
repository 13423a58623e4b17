import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { HOUR, KEY, NOW, orderOf, placedRecordOf } from '../../test/fakes.ts';
import { pruneDaily } from './retention.ts';

const DAY = 24 * HOUR;
const notificationOf = (dedupeKey: string) => ({
  channel: KEY.channel,
  dedupeKey,
  type: 1,
  shopId: KEY.shopId,
  sentAtMs: null,
  body: '{}',
});

let world: FakeWorld;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.store.close());

const prune = (days: { notifications: number; orders: number; audit?: number }): Promise<void> =>
  pruneDaily({
    ...world,
    retention: {
      notificationsMs: days.notifications * DAY,
      ordersMs: days.orders * DAY,
      auditMs: (days.audit ?? 0) * DAY,
    },
  });
const receive = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1)
    await world.store.notifications.accept(
      notificationOf(`${world.clock.nowMs()}/${index}`),
      [],
      world.clock.nowMs(),
    );
};

describe('retention', () => {
  it('deletes what was kept long enough, once a day', async () => {
    await receive(2);
    await world.clock.advance(29.5 * DAY);
    await receive(1);
    const pruneAfter = async (days: number): Promise<number> => {
      await world.clock.advance(days * DAY);
      await prune({ notifications: 30, orders: 400 });
      return world.store.notifications.count();
    };

    expect(await pruneAfter(0)).toBe(3);
    expect(await pruneAfter(0.75)).toBe(3);
    expect(await pruneAfter(0.5)).toBe(1);
  });

  it('deletes what the audit log kept long enough, however much that is, and nothing younger', async () => {
    const note = (action: string) =>
      world.store.audit.record({
        atMs: world.clock.nowMs(),
        who: 'ann',
        userId: null,
        action,
        target: null,
        shopId: null,
        detail: null,
      });
    await Promise.all(Array.from({ length: 1_200 }, () => note('old')));
    await world.clock.advance(10 * DAY);
    await note('young');
    await world.clock.advance(395 * DAY);

    await prune({ notifications: 30, orders: 400, audit: 0 });
    expect((await world.store.audit.list({ limit: 2 })).entries).toHaveLength(2);
    await world.clock.advance(DAY);
    await prune({ notifications: 30, orders: 400, audit: 400 });

    expect((await world.store.audit.list({ limit: 2 })).entries).toMatchObject([{ action: 'young' }]);
  });

  it('0 days keep for ever', async () => {
    await receive(1);
    world.channel.put(orderOf({ status: 'completed' }));
    await world.hint();
    await world.converge();
    await world.clock.advance(9_000 * DAY);

    await prune({ notifications: 0, orders: 0 });

    expect(await world.store.notifications.count()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'completed' });
  });

  it('leaves to the next pass what does not fit into one, and goes on where it stopped', async () => {
    const keys = Array.from({ length: 2_060 }, (_, index) => ({ ...KEY, orderId: String(index) }));
    await world.store.orders.hint(
      keys.map((key) => ({ key, updatedAtMs: null })),
      NOW,
    );
    const { snapshot } = placedRecordOf(orderOf({ status: 'completed' }));
    const patch = { stage: 'completed', nextAttemptAtMs: null, snapshot } as const;
    await Promise.all(
      keys.map(async (key) => {
        await world.store.orders.lease(key, 'run', NOW);
        await world.store.orders.release(key, 'run', Number.MAX_SAFE_INTEGER, { patch }, NOW);
      }),
    );
    await world.clock.advance(401 * DAY);
    const left = async (): Promise<number> => (await world.store.orders.stageCounts(null)).completed;

    await prune({ notifications: 30, orders: 400 });
    expect(await left()).toBe(60);
    await prune({ notifications: 30, orders: 400 });
    expect(await left()).toBe(0);
  });

  it.each(['completed', 'cancelled'] as const)(
    'an order that is named again after it was deleted is %s again, with no effect outside',
    async (status) => {
      world.channel.put(orderOf({ status }));
      await world.hint();
      await world.converge();
      await world.clock.advance(401 * DAY);
      await prune({ notifications: 30, orders: 400 });
      expect(await world.store.orders.get(KEY)).toBeNull();

      await world.hint();
      await world.converge();

      expect(await world.record()).toMatchObject({ stage: status });
      expect(world.provider.board.calls).toEqual([]);
      const operations = world.channel.board.calls.map(({ operation }) => operation);
      expect(new Set(operations)).toEqual(new Set(['fetchOrders']));
    },
  );
});
