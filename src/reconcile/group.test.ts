import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld } from '../../test/fake-world.ts';
import { failureOf, KEY, NOW, orderOf } from '../../test/fakes.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import type { CallOutcome } from '../lib/http-client.ts';
import { createCallLog } from '../orders/call-log.ts';
import type { OrderCall } from '../orders/model.ts';
import { runGroup } from './group.ts';

const callOf = (operation: string, over: Partial<CallOutcome> = {}): CallOutcome => ({
  upstream: 'tiktok-shop',
  account: 'shop-1',
  operation,
  status: 200,
  durationMs: 7,
  requestId: `id-of-${operation}`,
  ...over,
});
const names = (calls: readonly OrderCall[]): string[] => calls.map(({ operation }) => operation);

describe('calls of orders', () => {
  const log = createCallLog(createHeldClock(NOW));
  let world: Awaited<ReturnType<typeof openWorld>>;
  beforeEach(async () => {
    world = await openWorld({ callLog: log });
    const tell = async (operation: string): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      log.called(callOf(operation));
    };
    world.channel.board.onCall = tell;
    world.provider.board.onCall = tell;
  });
  afterEach(() => world.store.close());

  it('are committed with its run, also where the run fails', async () => {
    world.channel.put(orderOf());
    await world.hint();
    await world.converge();
    const made = names(await world.store.orders.calls(KEY));
    expect(made).toEqual(expect.arrayContaining(['fetchOrders', 'submit']));

    const away = failureOf({ stage: 'before', code: 'upstream_unavailable' });
    world.channel.board.fail('fetchOrders', { before: away });
    expect(await world.converge()).toMatchObject({ outcome: 'failed' });
    const after = names(await world.store.orders.calls(KEY));
    expect(after.length).toBeGreaterThan(made.length);
    expect(after[0]).toBe('fetchOrders');
  });

  it('of a group count for each of its orders, and say for how many they were made', async () => {
    const other = { ...KEY, orderId: '576461413038785753' };
    for (const key of [KEY, other]) {
      world.channel.put(orderOf({ orderId: key.orderId }));
      await world.hint(null, key);
    }
    await runGroup(
      { ...world, callLog: log, channelOf: () => world.channel, onFinished: () => undefined },
      {
        lane: 'new',
        shop: { channel: KEY.channel, shopId: KEY.shopId, dueMs: 0 },
        most: 10,
        inTurn: (work) => work(),
        withLeave: (work) => work(() => true),
      },
    );

    for (const key of [KEY, other]) {
      const calls = (await world.store.orders.calls(key)).toReversed();
      expect(calls[0]).toMatchObject({ operation: 'fetchOrders', orders: 2 });
      expect(calls.filter(({ operation }) => operation === 'submit')).toMatchObject([{ orders: 1 }]);
    }
  });

  it('of a group that could not be read are kept too', async () => {
    await world.hint();
    world.channel.board.fail('fetchOrders', { before: failureOf({ code: 'upstream_unavailable' }) });
    await runGroup(
      { ...world, callLog: log, channelOf: () => world.channel, onFinished: () => undefined },
      {
        lane: 'new',
        shop: { channel: KEY.channel, shopId: KEY.shopId, dueMs: 0 },
        most: 10,
        inTurn: (work) => work(),
        withLeave: (work) => work(() => true),
      },
    );

    expect(names(await world.store.orders.calls(KEY))).toEqual(['fetchOrders']);
  });
});
