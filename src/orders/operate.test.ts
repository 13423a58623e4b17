import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { FULFILLMENT_ID, KEY, NOW, ORDER_ID, orderOf } from '../../test/fakes.ts';
import { recipientOf } from './address/fixtures.ts';
import { createOperator } from './operate.ts';

let world: FakeWorld;

beforeEach(async () => {
  world = await openWorld();
  world.channel.put(orderOf({ recipient: recipientOf({ postalCode: '' }) }));
  await world.hint();
  await world.converge();
});
afterEach(() => world.store.close());

const operator = () => createOperator({ store: world.store, converger: world.converger, clock: world.clock });

describe('a retry with a corrected address', () => {
  it('sends the correction, and keeps no word of it', async () => {
    const before = await world.record();

    const record = await operator().retry(KEY, 'ann', { postalCode: '62701' });

    expect(before).toMatchObject({ stage: 'review', reason: 'address_incomplete' });
    expect(record).toMatchObject({ stage: 'fulfilling' });
    expect(world.provider.fulfillment(FULFILLMENT_ID).destination?.postalCode).toBe('62701');
    expect(JSON.stringify([record, await world.store.orders.events(KEY)])).not.toContain('62701');
    expect(await world.store.orders.events(KEY)).toContainEqual({
      atMs: NOW,
      event: 'operator_retry',
      detail: 'by ann, was address_incomplete; address corrected: postalCode',
    });
  });

  it('sends the speed that a person chose, for this attempt alone', async () => {
    const record = await operator().retry(KEY, 'ann', { postalCode: '62701', speed: 'Expedited' });

    expect(record).toMatchObject({ stage: 'fulfilling', speed: 'Expedited' });
    expect(world.provider.board.callsOf('submit')).toMatchObject([{ speed: 'Expedited' }]);
    expect((await world.store.orders.events(KEY)).map(({ detail }) => detail)).toContain(
      'by ann, was address_incomplete; address corrected: postalCode; speed: Expedited',
    );
  });

  it('leaves the address as it is when only a speed is chosen', async () => {
    const record = await operator().retry(KEY, 'ann', { speed: 'Expedited' });

    expect(record).toMatchObject({ stage: 'review', reason: 'address_incomplete', addressHash: null });
  });

  it('is not undone by the address that TikTok still shows', async () => {
    world.channel.change(ORDER_ID, { addressEdited: true });
    await operator().retry(KEY, 'ann', { postalCode: '62701' });

    await world.convergeWhenDue();

    expect(world.provider.board.callsOf('cancel')).toEqual([]);
    expect(await world.record()).toMatchObject({ stage: 'fulfilling' });
  });

  it('is not undone in its own run when the create is looked up', async () => {
    world.channel.change(ORDER_ID, { addressEdited: true });
    await operator().retry(KEY, 'ann', { postalCode: '62701' });
    const there = world.provider.fulfillment(FULFILLMENT_ID);
    await world.store.close();
    world = await openWorld();
    world.channel.put(orderOf({ addressEdited: true, recipient: recipientOf({ postalCode: '' }) }));
    await world.hint();
    await world.converge();
    world.provider.state.fulfillments.set(FULFILLMENT_ID, there);

    const record = await operator().retry(KEY, 'ann', { postalCode: '62701' });

    expect(world.provider.board.callsOf('cancel')).toEqual([]);
    expect(record).toMatchObject({ stage: 'fulfilling', fulfillmentId: FULFILLMENT_ID });
  });

  it('gives way to a new edit by the buyer', async () => {
    await operator().retry(KEY, 'ann', { postalCode: '62701' });
    world.channel.change(ORDER_ID, {
      addressEdited: true,
      recipient: recipientOf({ name: 'Jane Elsewhere' }),
    });

    await world.convergeWhenDue();

    expect(world.provider.fulfillment(`${FULFILLMENT_ID}-2`).destination?.name).toBe('Jane Elsewhere');
  });

  it('holds for every part that can be corrected', async () => {
    await operator().retry(KEY, 'ann', {
      name: 'John Example',
      lines: ['1 New Street'],
      city: 'Chicago',
      state: 'Illinois',
      postalCode: '60601',
      phone: '+13125550100',
    });

    expect(world.provider.fulfillment(FULFILLMENT_ID).destination).toEqual({
      name: 'John Example',
      addressLine1: '1 New Street',
      city: 'Chicago',
      stateOrRegion: 'IL',
      postalCode: '60601',
      countryCode: 'US',
      phone: '+13125550100',
    });
  });
});

describe('an order that somebody else runs', () => {
  it('is waited for', async () => {
    await world.store.orders.lease(KEY, 'another', NOW);
    const work = operator().resolve(KEY, 'ann', 'by phone');
    await world.clock.advance(0);
    await world.store.orders.release(KEY, 'another', Number.MAX_SAFE_INTEGER, { patch: {} }, NOW);

    await world.clock.advance(300);

    expect(await work).toMatchObject({ stage: 'completed' });
  });

  it('is refused as busy after three seconds, unchanged', async () => {
    await world.store.orders.lease(KEY, 'another', NOW);
    const work = operator()
      .resolve(KEY, 'ann', 'by phone')
      .catch((error: unknown) => error);

    for (let tries = 0; tries < 10; tries += 1) {
      await world.store.ping();
      await world.clock.advance(300);
    }

    expect(await work).toMatchObject({ code: 'order_busy', httpStatus: 409 });
    expect(await world.record()).toMatchObject({ resolvedAtMs: null });
  });
});

describe('retrying all of a reason', () => {
  it('retries each order in review for it, and no other', async () => {
    const second = { ...KEY, orderId: '7' };
    world.channel.put(orderOf({ orderId: '7', recipient: null }));
    await world.hint(null, second);
    await world.converger.converge(second);
    world.channel.put(orderOf());

    const count = await operator().retryAll('address_incomplete', 'ann', null);

    expect(count).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'fulfilling' });
    expect(await world.record(second)).toMatchObject({ stage: 'review', reason: 'address_missing' });
  });

  it('reaches orders beyond one page', async () => {
    for (let index = 0; index < 105; index += 1) {
      const orderId = String(1000 + index);
      world.channel.put(orderOf({ orderId, recipient: null }));
      await world.hint(null, { ...KEY, orderId });
      await world.converger.converge({ ...KEY, orderId });
    }

    expect(await operator().retryAll('address_missing', 'ann', null)).toBe(105);
  });
});
