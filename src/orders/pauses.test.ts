import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { failureOf, orderOf, SHOP } from '../../test/fakes.ts';
import { openPauses, type Pauses } from './pauses.ts';

let world: FakeWorld;
let pauses: Pauses;
let woken: number;
beforeEach(async () => {
  world = await openWorld();
  woken = 0;
  const { store, clock } = world;
  pauses = await openPauses({
    store,
    clock,
    wake: () => {
      woken += 1;
    },
  });
  world.setPolicy({ isSkuPaused: pauses.isSkuPaused });
  world.channel.put(orderOf());
  await world.hint();
});
afterEach(() => world.store.close());

describe('pausing an SKU', () => {
  it('holds its orders back until the pause ends, which makes them due at once', async () => {
    await pauses.add({ shopId: SHOP.shopId, amazonSku: 'A' });
    await world.converge();
    expect(await world.record()).toMatchObject({ stage: 'waiting', reason: 'sku_paused' });

    expect(await pauses.remove({ shopId: SHOP.shopId, amazonSku: 'A' })).toBe(true);

    expect((await world.record()).nextAttemptAtMs).toBe(world.clock.nowMs());
    expect(woken).toBe(1);
    await world.converge();
    expect(await world.record()).toMatchObject({ stage: 'fulfilling', reason: 'at_amazon' });
  });

  it('in every shop stays when that of one shop ends', async () => {
    await pauses.add({ shopId: null, amazonSku: 'A' });
    await pauses.add({ shopId: SHOP.shopId, amazonSku: 'A' });
    await pauses.remove({ shopId: SHOP.shopId, amazonSku: 'A' });

    expect(pauses.isSkuPaused(SHOP.shopId, 'A')).toBe(true);
    expect(pauses.isSkuPaused('another', 'A')).toBe(true);
    expect(pauses.isSkuPaused('another', 'B')).toBe(false);
  });

  it('is still there after a restart', async () => {
    await pauses.add({ shopId: SHOP.shopId, amazonSku: 'A' });
    const { store, clock } = world;
    const reopened = await openPauses({ store, clock, wake: () => undefined });

    expect(reopened.isSkuPaused(SHOP.shopId, 'A')).toBe(true);
  });

  it('that is none ends nothing and wakes nobody', async () => {
    expect(await pauses.remove({ shopId: null, amazonSku: 'A' })).toBe(false);
    expect(woken).toBe(0);
  });

  it('is not in force when it could not be kept', async () => {
    await world.store.close();
    await expect(pauses.add({ shopId: null, amazonSku: 'A' })).rejects.toThrow('closed');

    expect(pauses.isSkuPaused(SHOP.shopId, 'A')).toBe(false);
    world = await openWorld();
  });
});

describe('pausing a shop', () => {
  it('does not stop an order whose create went out and whose answer was lost', async () => {
    world.provider.board.fail('submit', { after: failureOf() });
    await world.converge();
    world.setPolicy({ isPaused: () => true });
    await world.convergeWhenDue();

    expect(await world.record()).toMatchObject({ stage: 'fulfilling', reason: 'at_amazon' });
    expect(world.provider.board.callsOf('submit')).toHaveLength(1);
  });
});
