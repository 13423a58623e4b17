import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { failureOf, KEY, MINUTE, NOW, oneAccount, orderOf } from '../../test/fakes.ts';
import type { OrderKey } from '../orders/model.ts';
import { createWorker, type Worker, type WorkerDeps } from './worker.ts';

let world: FakeWorld;
let worker: Worker;
let faults: unknown[];

const workerOf = (overrides: Partial<WorkerDeps> = {}): Worker =>
  createWorker({
    store: world.store,
    converger: world.converger,
    channelOf: () => world.channel,
    accounts: oneAccount(world.provider),
    gate: world.gate,
    clock: world.clock,
    newOwner: world.newOwner,
    onFault: (error) => faults.push(error),
    ...overrides,
  });

beforeEach(async () => {
  world = await openWorld();
  faults = [];
  worker = workerOf();
});
afterEach(() => world.store.close());

const keyOf = (orderId: string): OrderKey => ({ ...KEY, orderId });
const name = async (...orderIds: string[]): Promise<void> => {
  for (const orderId of orderIds) {
    world.channel.put(orderOf({ orderId }));
    await world.hint(null, keyOf(orderId));
  }
};
/** Lets everything that needs no time happen. */
const settle = async (): Promise<void> => {
  for (let round = 0; round < 40; round += 1) await world.clock.advance(0);
};

describe('draining', () => {
  it('runs everything that is due and answers what became of each order', async () => {
    await name('1', '2');

    const finished = await worker.drain();

    expect(finished.map(({ key, report }) => [key.orderId, report.stage, report.created])).toEqual([
      ['1', 'fulfilling', 1],
      ['2', 'fulfilling', 1],
    ]);
  });

  it('reads fifty orders in one call', async () => {
    await name(...Array.from({ length: 51 }, (_, index) => String(1000 + index)));

    const finished = await worker.drain();

    expect(finished).toHaveLength(51);
    expect(world.channel.board.callsOf('fetchOrders').map((ids) => (ids as string[]).length)).toEqual([
      50, 1,
    ]);
  });

  it('lets no order be decided on a read that grew old while others waited for quota', async () => {
    await name(...Array.from({ length: 9 }, (_, index) => String(1 + index)));
    const hadRead: boolean[] = [];
    const converger: WorkerDeps['converger'] = {
      ...world.converger,
      async run(record, owner, options) {
        hadRead.push(options?.prefetched !== undefined);
        await world.clock.advance(MINUTE);
        return world.converger.run(record, owner, options);
      },
    };

    await workerOf({ converger }).drain();

    expect(hadRead.filter((had) => had)).toHaveLength(8);
    expect(hadRead.at(-1)).toBe(false);
  });

  it('reads the orders of each shop on their own', async () => {
    await name('1');
    world.channel.put(orderOf({ orderId: '2' }));
    await world.hint(null, { ...KEY, shopId: 'shop-2', orderId: '2' });

    await worker.drain();

    expect(world.channel.board.callsOf('fetchOrders')).toEqual([['1'], ['2']]);
  });

  it('leaves what is not due', async () => {
    await name('1');
    await worker.drain();

    expect(await worker.drain()).toEqual([]);
  });

  it('reads orders one by one where one of them spoils the answer for all', async () => {
    await name('1', '2');
    world.channel.board.fail('fetchOrders', {
      before: failureOf({ upstream: 'tiktok-shop', code: 'upstream_malformed' }),
    });

    const finished = await worker.drain();

    expect(finished.map(({ report }) => report.outcome)).toEqual(['settled', 'settled']);
    expect(world.channel.board.callsOf('fetchOrders')).toEqual([['1', '2'], ['1'], ['2']]);
  });

  it('gives every order of a failed read back with a next attempt', async () => {
    await name('1', '2');
    world.channel.board.fail('fetchOrders', { before: failureOf({ upstream: 'tiktok-shop' }) });

    const finished = await worker.drain();

    expect(finished.map(({ report }) => [report.outcome, report.error?.code])).toEqual([
      ['failed', 'upstream_timeout'],
      ['failed', 'upstream_timeout'],
    ]);
    expect((await world.record(keyOf('1'))).nextAttemptAtMs).toBeGreaterThan(NOW);
    expect(world.provider.board.calls).toEqual([]);
  });

  it('takes an order that TikTok does not return for missing', async () => {
    await world.hint(null, keyOf('gone'));

    await worker.drain();

    expect(await world.record(keyOf('gone'))).toMatchObject({ reason: 'order_missing' });
  });

  it('runs at most eight orders of a lane at a time', async () => {
    let running = 0;
    let most = 0;
    const gates: (() => void)[] = [];
    const slow = workerOf({
      converger: {
        ...world.converger,
        run: async (record, owner, options) => {
          running += 1;
          most = Math.max(most, running);
          await new Promise<void>((resolve) => gates.push(resolve));
          running -= 1;
          return world.converger.run(record, owner, options);
        },
      },
    });
    await name(...Array.from({ length: 20 }, (_, index) => String(1000 + index)));

    const work = slow.drain();
    while (gates.length < 8) await world.clock.advance(0);
    for (let opened = 0; opened < 20; opened += 1) {
      gates[opened]?.();
      await settle();
    }

    expect(await work).toHaveLength(20);
    expect(most).toBe(8);
  });

  it('passes on a failure of the store, and the next one starts all the same', async () => {
    const { orders } = world.store;
    let broken = true;
    const failing = workerOf({
      store: {
        orders: {
          ...orders,
          claimDue: (...args) => (broken ? Promise.reject(new Error('disk')) : orders.claimDue(...args)),
        },
      },
    });
    await name('1');

    await expect(failing.drain()).rejects.toThrow('disk');
    broken = false;

    expect(await failing.drain()).toHaveLength(1);
  });
});

describe('the two lanes', () => {
  it('let an order that is at Amazon go on while new ones wait for its quota', async () => {
    await name('placed');
    await worker.drain();
    await world.clock.advance(2 * MINUTE);
    await name('new');
    let release = (): void => undefined;
    const quota = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.provider.board.onCall = (operation) => (operation === 'submit' ? quota : Promise.resolve());

    const work = worker.drain();
    await settle();
    const placed = await world.record(keyOf('placed'));
    release();
    await work;

    expect(placed.fulfillmentReadAtMs).toBe(NOW + 2 * MINUTE);
    expect(await world.record(keyOf('new'))).toMatchObject({ stage: 'fulfilling' });
  });
});

describe('running in the background', () => {
  it('is behind until what was due at the start has run', async () => {
    await name('1');
    const before = worker.isBehind('amazon');

    worker.start();
    await settle();

    expect(before).toBe(true);
    expect(worker.isBehind('amazon')).toBe(false);
    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'fulfilling' });
    await worker.stop();
  });

  it('runs an order the moment it becomes due', async () => {
    world.channel.put(orderOf({ orderId: '1', hadChannelHold: false, paidAtMs: NOW - 59 * MINUTE - 59_000 }));
    await world.hint(null, keyOf('1'));
    worker.start();
    await settle();
    const { stage } = await world.record(keyOf('1'));

    await world.clock.advance(1000);
    await settle();

    expect(stage).toBe('waiting');
    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'fulfilling' });
    await worker.stop();
  });

  it('runs what was woken at once, and is behind until it has', async () => {
    worker.start();
    await settle();
    await name('1');

    worker.wake();
    const behind = worker.isBehind('amazon');
    await settle();

    expect(behind).toBe(true);
    expect(worker.isBehind('amazon')).toBe(false);
    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'fulfilling' });
    await worker.stop();
  });

  it('looks once for all news of a tenth of a second, and misses none of it', async () => {
    const { orders } = world.store;
    let looks = 0;
    const counting = workerOf({
      store: {
        orders: {
          ...orders,
          dueShops: (lane) => {
            if (lane === 'new') looks += 1;
            return orders.dueShops(lane);
          },
        },
      },
    });
    counting.start();
    await settle();
    await name('1');
    counting.wake();
    await settle();
    const first = await world.record(keyOf('1'));
    const looksBefore = looks;

    await name('2');
    for (let count = 0; count < 20; count += 1) {
      counting.wake();
      await settle();
    }
    const looksInBurst = looks - looksBefore;
    await world.clock.advance(100);
    await settle();

    expect(first).toMatchObject({ stage: 'fulfilling' });
    expect(looksInBurst).toBe(0);
    expect(await world.record(keyOf('2'))).toMatchObject({ stage: 'fulfilling' });
    await counting.stop();
  });

  it('takes up at once what comes a tenth of a second after other news', async () => {
    worker.start();
    await settle();
    worker.wake();
    await settle();
    await world.clock.advance(100);
    await settle();
    await name('1');

    worker.wake();
    await settle();

    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'fulfilling' });
    await worker.stop();
  });

  it('finds within five seconds what nobody woke it for', async () => {
    worker.start();
    await settle();
    await name('1');

    await world.clock.advance(5000);
    await settle();

    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'fulfilling' });
    await worker.stop();
  });

  it('tells a fault and goes on a second later', async () => {
    const { orders } = world.store;
    let broken = true;
    const failing = workerOf({
      store: {
        orders: {
          ...orders,
          dueShops: (lane) => (broken ? Promise.reject(new Error('disk')) : orders.dueShops(lane)),
        },
      },
    });
    failing.start();
    await settle();
    broken = false;
    await name('1');
    await world.clock.advance(1000);
    await settle();

    expect(faults).toEqual([new Error('disk')]);
    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'fulfilling' });
    await failing.stop();
  });

  it('finishes what is in hand when it stops, and begins nothing more', async () => {
    let release = (): void => undefined;
    world.provider.board.onCall = (operation) =>
      operation === 'submit' ? new Promise((resolve) => (release = resolve)) : Promise.resolve();
    await name('1');
    worker.start();
    await settle();

    const stopped = worker.stop();
    release();
    await stopped;
    await name('2');
    await world.clock.advance(MINUTE);
    await settle();

    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'fulfilling' });
    expect(await world.record(keyOf('2'))).toMatchObject({ stage: 'waiting', reason: 'received' });
  });
});
