import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import {
  FULFILLMENT_ID,
  failureOf,
  HOUR,
  KEY,
  MINUTE,
  NOW,
  ORDER_ID,
  orderOf,
  SHOP,
} from '../../test/fakes.ts';
import { readUnread } from './read-unread.ts';
import { sweepFulfillments, sweepOrders } from './sweep.ts';

let world: FakeWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.store.close());

const sweep = () => sweepOrders(world, SHOP);
const searches = () => world.channel.board.callsOf('searchOrders');
const put = (orderId: string, updatedAtMs: number) => world.channel.put(orderOf({ orderId, updatedAtMs }));
const isDue = async (orderId: string): Promise<boolean> => {
  const record = await world.store.orders.get({ ...KEY, orderId });
  return record !== null && record.nextAttemptAtMs !== null && record.nextAttemptAtMs <= world.clock.nowMs();
};

describe('the sweep for orders whose webhook was lost', () => {
  it('after the restore of a backup older than any sweep also lists what changed since', async () => {
    const restored = { backupTakenAtMs: NOW - HOUR, atMs: NOW };
    world.channel.put(orderOf({ status: 'cancelled', updatedAtMs: NOW - MINUTE }));

    await sweepOrders({ ...world, store: { ...world.store, restored } }, SHOP);

    expect(searches().at(-1)).toEqual({ updatedFromMs: NOW - HOUR - 10 * MINUTE });
    expect(await isDue(ORDER_ID)).toBe(true);
  });

  it('lists everything open the first time, and only that', async () => {
    put('1', NOW - 90 * 24 * HOUR);
    world.channel.put(orderOf({ orderId: '2', status: 'completed' }));

    const discovered = await sweep();

    expect(searches()).toEqual([
      { status: 'unpaid' },
      { status: 'on_hold' },
      { status: 'awaiting_shipment' },
      { status: 'partially_shipped' },
    ]);
    expect(discovered).toBe(1);
    expect(await isDue('1')).toBe(true);
    expect(await isDue('2')).toBe(false);
  });

  it('lists what changed since the newest change seen, with ten minutes of overlap', async () => {
    put('1', NOW - HOUR);
    await sweep();
    put('2', NOW - HOUR - 9 * MINUTE);
    put('3', NOW - HOUR - 11 * MINUTE);

    const discovered = await sweep();

    expect(searches().slice(4)).toEqual([{ updatedFromMs: NOW - HOUR - 10 * MINUTE }]);
    expect(discovered).toBe(1);
    expect(await isDue('2')).toBe(true);
    expect(await isDue('3')).toBe(false);
  });

  it('lists everything open again after a day', async () => {
    put('1', NOW - HOUR);
    await sweep();
    await world.clock.advance(24 * HOUR);
    put('3', NOW - 48 * HOUR);

    const discovered = await sweep();

    expect(discovered).toBe(1);
    expect(await isDue('3')).toBe(true);
    expect(searches()).toHaveLength(4 + 5);
  });

  it('counts an order once and leaves one alone that was read since it changed', async () => {
    put(ORDER_ID, NOW - HOUR);
    await sweep();
    await world.converge();
    const { nextAttemptAtMs } = await world.record();

    const discovered = await sweep();

    expect(discovered).toBe(0);
    expect(await world.record()).toMatchObject({ nextAttemptAtMs });
  });

  it('makes an order due again that changed since it was read', async () => {
    put(ORDER_ID, NOW - HOUR);
    await sweep();
    await world.converge();
    world.channel.change(ORDER_ID, { status: 'cancelled', rawStatus: 'CANCELLED' });

    await sweep();

    expect(await isDue(ORDER_ID)).toBe(true);
  });

  it('keeps its position when it dies half way', async () => {
    put('1', NOW - HOUR);
    await sweep();
    put('2', NOW);
    world.channel.board.fail('searchOrders', { after: failureOf({ upstream: 'tiktok-shop' }) });

    await expect(sweep()).rejects.toMatchObject({ code: 'upstream_timeout' });
    const discovered = await sweep();

    expect(discovered).toBe(1);
    expect(searches().slice(-2)).toEqual([
      { updatedFromMs: NOW - HOUR - 10 * MINUTE },
      { updatedFromMs: NOW - HOUR - 10 * MINUTE },
    ]);
  });

  it('finds an order that came and ended between two passes, also the first of the shop', async () => {
    await sweep();
    await world.clock.advance(HOUR);
    world.channel.put(orderOf({ status: 'completed', updatedAtMs: NOW + MINUTE }));

    expect(await sweep()).toBe(1);
  });
});

describe('the sweep for fulfillments that moved', () => {
  const place = async (): Promise<void> => {
    world.channel.put(orderOf());
    await world.hint();
    await world.converge();
    await world.convergeWhenDue();
  };
  const amazon = () => ({ accountId: 'amazon', provider: world.provider });
  const listings = () => world.provider.board.callsOf('listChanged');

  it('asks Amazon nothing while none is open', async () => {
    expect(await sweepFulfillments(world, amazon())).toBe(0);
    expect(world.provider.board.calls).toEqual([]);
  });

  it('looks a day back at first and then fifteen minutes before its last start', async () => {
    await place();
    const startedMs = world.clock.nowMs();

    await sweepFulfillments(world, amazon());
    await world.clock.advance(HOUR);
    await sweepFulfillments(world, amazon());

    expect(listings()).toEqual([startedMs - 24 * HOUR, startedMs - 15 * MINUTE]);
  });

  it('makes those due that Amazon lists as moved, and a few that were not read for longest', async () => {
    await place();
    world.provider.state.changed.push(
      {
        fulfillmentId: FULFILLMENT_ID,
        state: 'processing',
        rawState: 'PROCESSING',
        updatedAtMs: world.clock.nowMs(),
      },
      {
        fulfillmentId: 'TTS-unknown',
        state: 'processing',
        rawState: 'PROCESSING',
        updatedAtMs: world.clock.nowMs(),
      },
    );

    expect(await sweepFulfillments(world, amazon())).toBe(1);
    expect(await isDue(ORDER_ID)).toBe(true);
  });

  it('makes one due whose change Amazon gives no time for, beyond those not read for longest', async () => {
    for (let index = 0; index < 22; index += 1) {
      const orderId = String(1000 + index);
      world.channel.put(orderOf({ orderId }));
      await world.hint(null, { ...KEY, orderId });
      await world.converger.converge({ ...KEY, orderId });
      await world.clock.advance(2 * MINUTE);
      await world.converger.converge({ ...KEY, orderId });
    }
    const unmoved = world.provider.fulfillment('TTS-1021');
    world.provider.state.changed.push(
      { fulfillmentId: 'TTS-1020', state: 'processing', rawState: 'PROCESSING', updatedAtMs: null },
      {
        fulfillmentId: 'TTS-1021',
        state: unmoved.state,
        rawState: unmoved.rawState,
        updatedAtMs: unmoved.updatedAtMs,
      },
    );

    const checked = await sweepFulfillments(world, amazon());

    expect(checked).toBe(21);
    expect(await isDue('1020')).toBe(true);
  });
});

describe('reading what was acknowledged and never looked at', () => {
  it('makes its units count as promised, and sends nothing', async () => {
    for (const orderId of ['1', '2']) {
      world.channel.put(orderOf({ orderId }));
      await world.hint(null, { ...KEY, orderId });
    }

    await readUnread(world);

    expect(await world.store.orders.promisedUnits()).toHaveLength(2);
    expect(world.channel.board.callsOf('fetchOrders')).toEqual([['1', '2']]);
    expect(world.provider.board.calls).toEqual([]);
  });

  it('ends although an order is not at TikTok or is being run', async () => {
    world.channel.put(orderOf());
    await world.hint();
    await world.hint(null, { ...KEY, orderId: 'gone' });
    await world.store.orders.lease(KEY, 'another', NOW);

    await readUnread(world);

    expect(await world.store.orders.promisedUnits()).toEqual([]);
    expect(await world.store.orders.unread(10)).toHaveLength(2);
  });

  it('reads each shop’s orders on their own', async () => {
    await world.hint(null, { ...KEY, orderId: '1' });
    await world.hint(null, { ...KEY, shopId: 'shop-2', orderId: '2' });

    await readUnread(world);

    expect(world.channel.board.callsOf('fetchOrders')).toEqual([['1'], ['2']]);
  });
});
