import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  becomes,
  effects,
  endLives,
  numbersReported,
  order,
  orderAtAmazon,
  pack,
  startLives,
  ups,
} from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';

let world: World;
beforeEach(async () => {
  world = await startLives();
});
afterEach(() => endLives(world));

const pauseMug = () => world.api('PUT', '/api/paused-skus', { amazonSku: 'MUG' });
const unpauseMug = () => world.api('DELETE', '/api/paused-skus?amazonSku=MUG');
const skusPushed = async (): Promise<string[]> => {
  const before = world.tiktok.stockPushes.length;
  await world.reconcile('inventory');
  return world.tiktok.stockPushes.slice(before).map(({ sellerSku }) => sellerSku);
};

describe('a paused SKU', () => {
  it('holds back its orders and no others, until the pause ends', async () => {
    expect((await pauseMug()).status).toBe(200);
    const paused = order(world);
    const free = order(world, { TEE: 1 });
    await becomes(world, paused.orderId, { stage: 'waiting', reason: 'sku_paused' });
    await becomes(world, free.orderId, { stage: 'fulfilling' });
    expect(await effects(world)).toEqual({ create: 1 });

    expect((await unpauseMug()).status).toBe(200);

    await becomes(world, paused.orderId, { stage: 'fulfilling' });
    expect(await effects(world)).toEqual({ create: 2 });
  });

  it('keeps what its listing shows, and the others follow Amazon', async () => {
    await pauseMug();
    world.amazon.addSku('MUG', 7);
    world.amazon.addSku('TEE', 7);
    expect(await skusPushed()).not.toContain('MUG');

    await unpauseMug();

    expect(await skusPushed()).toContain('MUG');
  });

  it('lets orders go on that are at Amazon already: their numbers are reported', async () => {
    const placed = await orderAtAmazon(world);
    await pauseMug();
    pack(world, placed.id, { MUG: 1 }, { tracking: ups(1) });
    await world.reconcile('tracking');

    expect(numbersReported(world)).toEqual([ups(1)]);
  });

  it('lets the buyer cancel', async () => {
    await pauseMug();
    const placed = order(world);
    await becomes(world, placed.orderId, { reason: 'sku_paused' });
    world.tiktok.buyerCancel(placed.orderId);

    await becomes(world, placed.orderId, { stage: 'cancelled' });
    expect(await effects(world)).toEqual({ approve: 1 });
  });

  it('is still paused after a restart', async () => {
    await pauseMug();
    await world.restart();
    const placed = order(world);

    await becomes(world, placed.orderId, { reason: 'sku_paused' });
    expect(await effects(world)).toEqual({});
  });
});

describe('a paused shop', () => {
  const change = (paused: boolean) => world.api('PATCH', `/api/shops/${world.tiktok.shop.id}`, { paused });

  it('gets nothing new at Amazon and no stock until the pause ends, and then at once', async () => {
    expect((await change(true)).status).toBe(200);
    const placed = order(world);
    await becomes(world, placed.orderId, { stage: 'waiting', reason: 'shop_paused' });
    expect(await skusPushed()).toEqual([]);
    const pushesBefore = world.tiktok.stockPushes.length;
    expect(await effects(world)).toEqual({});

    expect((await change(false)).status).toBe(200);

    await becomes(world, placed.orderId, { stage: 'fulfilling' });
    expect(await effects(world)).toEqual({ create: 1 });
    expect(world.tiktok.stockPushes.length).toBeGreaterThan(pushesBefore);
  });

  it('still has its parcels reported and its orders cancelled', async () => {
    const shipped = await orderAtAmazon(world);
    const stopped = await orderAtAmazon(world);
    await change(true);
    pack(world, shipped.id, { MUG: 1 }, { tracking: ups(1) });
    world.tiktok.buyerCancel(stopped.orderId);
    await world.reconcile('tracking');

    await becomes(world, stopped.orderId, { stage: 'cancelled' });
    expect(numbersReported(world)).toEqual([ups(1)]);
  });
});
