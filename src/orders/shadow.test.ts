import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import {
  cancellationOf,
  FULFILLMENT_ID,
  failureOf,
  fulfillmentOf,
  HOUR,
  KEY,
  lineOf,
  MINUTE,
  NOW,
  numberedParcelOf,
  orderOf,
  placedRecordOf,
} from '../../test/fakes.ts';
import { recipientOf } from './address/fixtures.ts';

let world: FakeWorld;

beforeEach(async () => {
  world = await openWorld({ isShadow: true });
  world.channel.put(orderOf());
  await world.hint();
});
afterEach(() => world.store.close());

const EFFECTS = [
  ['submit', 'cancel', 'release', 'createReturn'],
  ['ship', 'correctTracking', 'approveCancellation', 'rejectCancellation', 'cancelOrder', 'pushStock'],
] as const;

const effectsMade = (): string[] => [
  ...EFFECTS[0].filter((name) => world.provider.board.callsOf(name).length > 0),
  ...EFFECTS[1].filter((name) => world.channel.board.callsOf(name).length > 0),
];
const recorded = async (): Promise<string[]> => (await world.store.shadow.actions()).map(({ kind }) => kind);

describe('in shadow mode', () => {
  it('an order that would be created is recorded and rests, and the next look comes within the hour', async () => {
    const report = await world.converge();

    expect(report).toMatchObject({ outcome: 'settled', stage: 'waiting', created: 0, error: null });
    expect(await world.record()).toMatchObject({
      reason: 'shadow_would_act',
      detail: 'Next step: create.',
      fulfillmentId: null,
      intent: null,
      nextAttemptAtMs: NOW + HOUR,
    });
    expect(await world.store.shadow.actions()).toEqual([
      {
        key: KEY,
        kind: 'create',
        subject: '',
        atMs: NOW,
        what: { items: [{ amazonSku: 'A', quantity: 1 }], speed: 'Standard' },
      },
    ]);
    expect(effectsMade()).toEqual([]);
  });

  it('looks again and again without a second record, and keeps when it would first have acted', async () => {
    await world.converge();
    for (let count = 0; count < 3; count += 1) await world.convergeWhenDue();

    expect(await world.store.shadow.actions()).toMatchObject([{ kind: 'create', atMs: NOW }]);
    expect(effectsMade()).toEqual([]);
  });

  it('what the other connector ships ends the order here, with its numbers taken down', async () => {
    await world.converge();
    const line = lineOf({ status: 'shipped', trackingNumber: 'THEIRS-1', carrierId: 'c-ups' });
    world.channel.put(orderOf({ status: 'in_transit', lines: [line], updatedAtMs: NOW + MINUTE }));
    await world.clock.advance(2 * MINUTE);
    await world.hint();
    await world.converge();

    expect(await world.record()).toMatchObject({ stage: 'shipped', reason: 'shipped_elsewhere' });
    expect(await world.store.shadow.order(KEY)).toMatchObject({
      firstSeenAtMs: NOW,
      shippedByMs: NOW + MINUTE,
      parcels: [{ trackingNumber: 'THEIRS-1', carrierId: 'c-ups', carrier: 'UPS', lines: 1 }],
    });
  });

  it('a carrier’s name that cannot be read keeps nothing from being taken down', async () => {
    world.channel.board.fail('fetchCarriers', { before: failureOf({ upstream: 'tiktok-shop' }) });
    const line = lineOf({ status: 'shipped', trackingNumber: 'THEIRS-1', carrierId: 'c-ups' });
    world.channel.put(orderOf({ status: 'in_transit', lines: [line] }));
    await world.converge();

    expect(await world.store.shadow.order(KEY)).toMatchObject({
      parcels: [{ trackingNumber: 'THEIRS-1', carrier: null }],
    });
  });

  it('a review is recorded as what a person would have been asked', async () => {
    world.channel.put(orderOf({ recipient: recipientOf({ name: 'J***' }) }));
    await world.converge();

    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'address_masked' });
    expect(await world.store.shadow.actions()).toMatchObject([
      { kind: 'review', what: { reason: 'address_masked' } },
    ]);
  });

  it('nothing of the buyer is kept', async () => {
    await world.converge();
    const kept = JSON.stringify([await world.store.shadow.actions(), await world.store.shadow.orders()]);
    const { name, phone, postalCode, lines } = recipientOf();
    for (const text of [name, phone, postalCode, ...lines].filter((part) => part !== ''))
      expect(kept).not.toContain(text);
  });

  it('a buyer’s wish to cancel is neither approved nor rejected', async () => {
    world.channel.put(orderOf({ buyerRequestedCancel: true }));
    world.channel.state.cancellations.push(cancellationOf());
    await world.converge();

    expect(await recorded()).toEqual(['approveCancellation']);
    expect(effectsMade()).toEqual([]);
  });

  it('a person’s cancellation is recorded and not sent', async () => {
    await world.store.orders.amend(
      KEY,
      { patch: { cancelRequest: { reason: 'out_of_stock', keepOrder: false, sentAtMs: null } } },
      NOW,
    );
    await world.converge();

    expect(await recorded()).toEqual(['cancelOrder']);
    expect(effectsMade()).toEqual([]);
  });

  it('what was placed while live is watched, and its numbers are recorded and not reported', async () => {
    const { key: _key, packages: _packages, hintSeq: _seq, ...patch } = placedRecordOf(orderOf());
    const { hintUpdatedAtMs: _updated, ...placed } = patch;
    await world.store.orders.amend(KEY, { patch: placed }, NOW);
    world.provider.state.fulfillments.set(FULFILLMENT_ID, fulfillmentOf({ packages: [numberedParcelOf(1)] }));
    await world.converge();

    expect(await world.record()).toMatchObject({ stage: 'fulfilling', reason: 'shadow_would_act' });
    expect(await recorded()).toEqual(['ship']);
    expect(effectsMade()).toEqual([]);
  });
});
