import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { failureOf, KEY, orderOf, policyOf, SHOP } from '../../test/fakes.ts';
import { createDryRun } from './dry-run.ts';

describe('a dry run', () => {
  let world: FakeWorld;
  beforeEach(async () => {
    world = await openWorld();
    await world.hint();
  });
  afterEach(() => world.store.close());

  const dryRun = async (isWithdrawn = false) => {
    const { store, clock, channel, provider, record } = world;
    const sides = {
      channel,
      provider,
      shop: SHOP,
      amazonAccount: 'amazon',
      isWithdrawn,
      reportsStopped: () => Promise.resolve(false),
    };
    return createDryRun({ sidesFor: () => sides, policy: () => policyOf(), store, clock })(await record());
  };
  const called = (): string[] =>
    [...world.channel.board.calls, ...world.provider.board.calls].map(({ operation }) => operation);

  it('says what would be sent to Amazon and sends nothing, and the order stays as it was', async () => {
    world.channel.put(orderOf());
    const before = await world.record();

    expect(await dryRun()).toMatchObject({
      kind: 'create',
      request: { fulfillmentId: `TTS-${KEY.orderId}`, items: [{ amazonSku: 'A', quantity: 1 }] },
    });
    expect(called()).toEqual(['fetchOrders']);
    expect(await world.record()).toEqual(before);
    expect(await world.events()).toEqual([]);
    expect(await world.store.orders.lease(KEY, 'another', world.clock.nowMs())).not.toBeNull();
  });

  it('says what would be done as a run then does it', async () => {
    world.channel.put(orderOf());
    const decision = await dryRun();
    await world.converge();

    expect(decision.kind).toBe('create');
    expect((await world.record()).fulfillmentId).toBe(`TTS-${KEY.orderId}`);
  });

  it('calls nobody for a shop that withdrew its authorisation', async () => {
    expect(await dryRun(true)).toMatchObject({ kind: 'review', reason: 'shop_disconnected' });
    expect(called()).toEqual([]);
  });

  it('fails with what the other side answered, and changes nothing', async () => {
    const before = await world.record();
    world.channel.board.fail('fetchOrders', { before: failureOf({ code: 'upstream_unavailable' }) });

    await expect(dryRun()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(await world.record()).toEqual(before);
  });
});
