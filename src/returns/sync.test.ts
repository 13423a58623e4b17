import { describe, expect, it } from 'vitest';
import { openWorld } from '../../test/fake-world.ts';
import {
  failureOf,
  found,
  KEY,
  NOW,
  numberedParcelOf,
  ORDER_ID,
  orderOf,
  packageRecordOf,
  placedRecordOf,
  SHOP,
} from '../../test/fakes.ts';
import type { ChannelReturn } from '../channels/channel.ts';
import { createReturns } from './sync.ts';

const FULFILLMENT_ID = `TTS-${ORDER_ID}`;

const channelReturn = (overrides: Partial<ChannelReturn> = {}): ChannelReturn => ({
  returnId: 'r1',
  orderId: ORDER_ID,
  type: 'return_and_refund',
  state: 'awaiting_parcel',
  rawStatus: 'AWAITING_BUYER_SHIP',
  reasonCode: 'item_defective',
  lineIds: ['101'],
  buyerKeepsItem: false,
  respondByMs: null,
  updatedAtMs: NOW,
  ...overrides,
});

/** An order that Amazon shipped, with an approved return of it at the channel. */
const openReturns = async (setting: 'review' | 'create' = 'create') => {
  const world = await openWorld();
  const faults: unknown[] = [];
  let woken = 0;
  const { store, channel, provider, clock } = world;
  const returns = createReturns({
    store,
    channel,
    providerFor: () => provider,
    clock,
    settingOf: () => setting,
    wake: () => {
      woken += 1;
    },
    onFault: (error) => faults.push(error),
  });
  const {
    key: _key,
    packages,
    hintSeq: _hintSeq,
    hintUpdatedAtMs: _at,
    ...patch
  } = placedRecordOf(orderOf(), { packages: [packageRecordOf({ packageKey: 'D1/7' })] });
  await world.hint();
  await store.orders.amend(KEY, { patch, packages }, NOW);
  const sight = found({ state: 'complete', packages: [numberedParcelOf(1)] });
  provider.state.fulfillments.set(FULFILLMENT_ID, sight.fulfillment);
  channel.state.returns = [channelReturn()];
  return { ...world, returns, faults, woken: () => woken, sync: () => returns.sync(SHOP) };
};

const only = (events: readonly string[], event: string): number =>
  events.filter((one) => one === event).length;

describe('returns of a shop', () => {
  it('are swept from the position of the last whole sweep, with an overlap', async () => {
    const world = await openReturns();
    await world.sync();
    world.channel.board.fail('searchReturns', { before: failureOf({ upstream: 'tiktok-shop' }) });
    await expect(world.sync()).rejects.toThrow('no answer');

    await world.sync();

    const [first, , last] = world.channel.board.callsOf('searchReturns');
    expect(first).toEqual({ updatedFromMs: NOW - 30 * 24 * 3_600_000 });
    expect(last).toEqual({ updatedFromMs: NOW - 10 * 60_000 });
    expect(world.provider.board.callsOf('createReturn')).toHaveLength(1);
  });

  it('become one Amazon return with one of the reasons that Amazon offers', async () => {
    const world = await openReturns();

    expect(await world.sync()).toEqual([]);
    expect(await world.sync()).toEqual([]);

    expect(world.provider.board.callsOf('createReturn')).toEqual([
      {
        id: FULFILLMENT_ID,
        items: [{ returnItemId: 'r1-101', itemId: '101', shipmentId: 'D1', reasonCode: 'CR-DEFECTIVE' }],
      },
    ]);
    expect(await world.store.returns.ofOrder(KEY)).toMatchObject([
      { amazonState: 'created', rmaIds: ['RMA-r1-101'] },
    ]);
  });

  it('a call whose answer is lost is looked up before anything is sent again', async () => {
    const world = await openReturns();
    world.provider.board.fail('createReturn', { after: failureOf() });

    expect(await world.sync()).toMatchObject([{ code: 'upstream_timeout', orderId: ORDER_ID }]);
    expect(await world.sync()).toEqual([]);

    expect(world.provider.board.callsOf('createReturn')).toHaveLength(1);
    expect(only(await world.events(), 'return_created_at_amazon')).toBe(1);
  });

  it('a call that did not arrive is sent again only once it cannot be on its way any more', async () => {
    const world = await openReturns();
    world.provider.board.fail('createReturn', { before: failureOf() });
    await world.sync();
    await world.clock.advance(19_000);
    await world.sync();
    expect(world.provider.board.callsOf('createReturn')).toHaveLength(1);

    await world.clock.advance(1_000);
    await world.sync();

    expect(world.provider.board.callsOf('createReturn')).toHaveLength(2);
    expect(only(await world.events(), 'return_created_at_amazon')).toBe(1);
  });

  it('a call that surely had no effect is made anew by the next pass', async () => {
    const world = await openReturns();
    world.provider.board.fail('createReturn', {
      before: failureOf({ code: 'upstream_throttled', stage: 'before' }),
    });

    expect(await world.sync()).toMatchObject([{ code: 'upstream_throttled' }]);
    expect(await world.sync()).toEqual([]);

    expect(world.provider.board.callsOf('createReturn')).toHaveLength(2);
  });

  it('units that Amazon has already count as accepted', async () => {
    const world = await openReturns();
    world.provider.state.refuseReturn = 'already_there';

    await world.sync();

    expect(await world.store.returns.ofOrder(KEY)).toMatchObject([{ amazonState: 'created' }]);
  });

  it.each(['not_shipped', 'nothing_returnable', 'values', 'unknown'] as const)(
    'a refusal (%s) is for a person',
    async (reason) => {
      const world = await openReturns();
      world.provider.state.refuseReturn = reason;

      expect(await world.sync()).toEqual([]);
      await world.sync();

      expect((await world.record()).returnReviews).toMatchObject([{ reason: 'return_refused' }]);
      expect(world.provider.board.callsOf('createReturn')).toHaveLength(1);
    },
  );

  it('a SKU for which Amazon offers no reason is for a person, without a call', async () => {
    const world = await openReturns();
    world.provider.state.returnReasons = [];

    await world.sync();

    expect((await world.record()).returnReviews).toMatchObject([{ reason: 'return_refused' }]);
    expect(world.provider.board.callsOf('createReturn')).toEqual([]);
  });

  it('two runs at once ask Amazon once', async () => {
    const world = await openReturns();

    await Promise.all([world.sync(), world.sync()]);
    await world.sync();

    expect(world.provider.board.callsOf('createReturn')).toHaveLength(1);
    expect(only(await world.events(), 'return_created_at_amazon')).toBe(1);
  });

  it('a person is asked once: what was closed by hand is not asked again until the question changes', async () => {
    const world = await openReturns('review');
    await world.sync();
    expect((await world.record()).returnReviews).toHaveLength(1);
    await world.store.orders.amend(KEY, { patch: { returnReviews: [] } }, NOW);

    world.channel.state.returns = [channelReturn({ state: 'parcel_sent', updatedAtMs: NOW + 1 })];
    await world.sync();
    expect((await world.record()).returnReviews).toEqual([]);

    const back = channelReturn({ state: 'parcel_sent', respondByMs: NOW + 9, updatedAtMs: NOW + 2 });
    world.channel.state.returns = [back];
    await world.sync();
    expect((await world.record()).returnReviews).toMatchObject([{ respondByMs: NOW + 9 }]);

    world.channel.state.returns = [channelReturn({ state: 'completed', updatedAtMs: NOW + 3 })];
    await world.sync();
    expect((await world.record()).returnReviews).toEqual([]);
  });

  it('a notification has the order’s returns looked at, and wakes the worker; a failing side is no fault', async () => {
    const world = await openReturns();
    world.channel.board.fail('fetchReturns', { before: failureOf({ upstream: 'tiktok-shop' }) });
    world.returns.look([KEY]);
    await world.returns.settled();
    expect(world.faults).toEqual([]);

    world.returns.look([]);
    world.returns.look([KEY]);
    world.returns.look([KEY]);
    await world.returns.settled();

    expect(world.woken()).toBeGreaterThan(1);
    expect(world.provider.board.callsOf('createReturn')).toHaveLength(1);
  });
});
