import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import {
  FULFILLMENT_ID,
  fulfillmentOf,
  HOUR,
  linesOf,
  MINUTE,
  NOW,
  numberedParcelOf,
  orderOf,
} from '../../test/fakes.ts';
import type { ChannelOrder } from '../channels/channel.ts';
import type { Fulfillment } from '../fulfillment/provider.ts';
import { recipientOf } from './address/fixtures.ts';

/** The store was restored a minute ago; the order is two hours old and not in the backup. */
let world: FakeWorld;

beforeEach(async () => {
  world = await openWorld({ restoredAtMs: NOW - MINUTE });
  await world.hint();
});
afterEach(() => world.store.close());

/** What was done between the backup and the restore. */
const outside = (order: ChannelOrder, ...fulfillments: Fulfillment[]): void => {
  world.channel.put(order);
  for (const one of fulfillments) world.provider.state.fulfillments.set(one.fulfillmentId, one);
};
const callsOf = (operation: string): unknown[] => [
  ...world.provider.board.callsOf(operation),
  ...world.channel.board.callsOf(operation),
];

describe('after a restore', () => {
  it('an order that Amazon has is adopted, and not created a second time', async () => {
    outside(orderOf(), fulfillmentOf());

    await world.converge();

    expect(callsOf('submit')).toEqual([]);
    expect(await world.record()).toMatchObject({
      stage: 'fulfilling',
      reason: 'at_amazon',
      fulfillmentId: FULFILLMENT_ID,
      fulfillmentCount: 1,
      acceptedAtMs: NOW - 30 * MINUTE,
      items: [{ amazonSku: 'A', quantity: 1 }],
    });
    expect(await world.events()).toContain('adopted');
  });

  it('an order that Amazon does not have is looked for once, then created', async () => {
    outside(orderOf());

    await world.converge();
    await world.hint();
    await world.converge();

    const operations = world.provider.board.calls.map(({ operation }) => operation);
    expect(operations).toEqual(['fetch', 'submit', 'fetch']);
  });

  it('an order that waits is looked for once, not at every look', async () => {
    outside(orderOf({ status: 'unpaid' }));

    for (let look = 0; look < 3; look += 1) {
      await world.hint();
      await world.converge();
    }

    expect(callsOf('fetch')).toEqual([FULFILLMENT_ID]);
  });

  it('an order placed long after the restore is created without a look', async () => {
    await world.clock.advance(3 * HOUR);
    outside(orderOf({ createdAtMs: NOW + 2 * HOUR, paidAtMs: NOW + 2 * HOUR }));

    await world.converge();

    expect(world.provider.board.calls.map(({ operation }) => operation)).toEqual(['submit']);
  });

  it('nothing is created in the seconds in which a create of the stopped process may still arrive', async () => {
    await world.store.close();
    world = await openWorld({ restoredAtMs: NOW });
    await world.hint();
    outside(orderOf());

    await world.converge();
    expect(await world.record()).toMatchObject({ reason: 'create_unclear', nextAttemptAtMs: NOW + 20_000 });
    outside(orderOf(), fulfillmentOf());
    await world.convergeWhenDue();

    expect(callsOf('submit')).toEqual([]);
    expect((await world.record()).fulfillmentId).toBe(FULFILLMENT_ID);
  });

  it('the newest of several fulfillments is adopted', async () => {
    outside(
      orderOf(),
      fulfillmentOf({ state: 'cancelled' }),
      fulfillmentOf({ fulfillmentId: `${FULFILLMENT_ID}-2` }),
    );

    await world.converge();

    expect(callsOf('submit')).toEqual([]);
    expect(await world.record()).toMatchObject({
      fulfillmentId: `${FULFILLMENT_ID}-2`,
      fulfillmentCount: 2,
      stage: 'fulfilling',
    });
  });

  it('one made anew after the backup is found although the backup knows the first', async () => {
    const before = fulfillmentOf({ state: 'accepted' });
    outside(orderOf(), before);
    await world.converge();
    await world.store.orders.amend(
      (await world.record()).key,
      { patch: { fulfillmentReadAtMs: NOW - HOUR, acceptedAtMs: NOW - HOUR } },
      NOW,
    );
    outside(
      orderOf(),
      { ...before, state: 'cancelled' },
      fulfillmentOf({ fulfillmentId: `${FULFILLMENT_ID}-2` }),
    );

    await world.converge();

    expect(await world.record()).toMatchObject({
      fulfillmentId: `${FULFILLMENT_ID}-2`,
      items: [{ amazonSku: 'A', quantity: 1 }],
      stage: 'fulfilling',
    });
  });

  it('parcels reported after the backup are not reported again, and the others are', async () => {
    const reported = {
      trackingNumber: '1Z0000000000000001',
      packageId: 'channel-1',
      status: 'shipped' as const,
    };
    const [first, second] = linesOf('A', 'B');
    const parcels = [
      numberedParcelOf(1, { contents: [{ itemId: '101', amazonSku: 'A', quantity: 1 }] }),
      numberedParcelOf(2, { contents: [{ itemId: '102', amazonSku: 'B', quantity: 1 }] }),
    ];
    if (!first || !second) throw new Error('two lines');
    outside(
      orderOf({ status: 'partially_shipped', lines: [{ ...first, ...reported }, second] }),
      fulfillmentOf({ packages: parcels }, { A: 1, B: 1 }),
    );

    await world.converge();

    expect(callsOf('ship')).toMatchObject([{ lineIds: ['102'], trackingNumber: '1Z0000000000000002' }]);
    expect(await world.record()).toMatchObject({ stage: 'shipped' });
  });

  it('an order cancelled meanwhile is stopped at Amazon', async () => {
    outside(orderOf({ status: 'cancelled' }), fulfillmentOf({ state: 'accepted' }));

    await world.converge();

    expect(callsOf('cancel')).toEqual([FULFILLMENT_ID]);
    expect(await world.record()).toMatchObject({ stage: 'cancelled' });
  });

  it('an address edited after the create is noticed', async () => {
    const { lines } = recipientOf();
    outside(orderOf(), fulfillmentOf({ state: 'accepted' }));
    outside(
      orderOf({
        addressEdited: true,
        recipient: recipientOf({ lines: [`9 ${lines[0] ?? ''}`], detail: '' }),
      }),
      fulfillmentOf({
        state: 'accepted',
        destination: { name: 'A', addressLine1: '1 Old Street', postalCode: '98101', countryCode: 'US' },
      }),
    );

    await world.converge();

    expect(callsOf('cancel')).toEqual([FULFILLMENT_ID]);
    expect(callsOf('submit')).toMatchObject([{ fulfillmentId: `${FULFILLMENT_ID}-2` }]);
  });

  it('a line cancelled before the create is not taken for one that was sent', async () => {
    const [first, second] = linesOf('A', 'B');
    if (!first || !second) throw new Error('two lines');
    outside(orderOf({ lines: [first, { ...second, status: 'cancelled' }] }), fulfillmentOf());

    await world.converge();

    expect(callsOf('cancel')).toEqual([]);
    expect(await world.record()).toMatchObject({ stage: 'fulfilling' });
  });

  it('what is not what the order needs is left to a person', async () => {
    outside(orderOf(), fulfillmentOf({}, { OTHER: 3 }));

    await world.converge();

    expect(callsOf('submit')).toEqual([]);
    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'mcf_mismatch' });
  });
});
