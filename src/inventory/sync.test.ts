import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { failureOf, NOW, orderOf, poolOf, SHOP } from '../../test/fakes.ts';
import type { Listing, Shop, StockPush } from '../channels/channel.ts';
import { createSkuMap } from '../orders/sku-map.ts';
import { type SyncDeps, syncInventory } from './sync.ts';

let world: FakeWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.store.close());

const listing = (sellerSku: string, shown: number, overrides: Partial<Listing> = {}): Listing => ({
  productId: `product-${sellerSku}`,
  skuId: `sku-${sellerSku}`,
  sellerSku,
  isVirtualBundle: false,
  warehouses: [{ warehouseId: 'w1', available: shown }],
  ...overrides,
});
const list = (...listings: Listing[]) => world.channel.state.listings.set(SHOP.shopId, listings);
const stock = (figures: Record<string, number>) => {
  for (const [amazonSku, fulfillable] of Object.entries(figures)) {
    world.provider.state.stock.set(amazonSku, { amazonSku, fulfillable, updatedAtMs: NOW });
  }
};
const sync = (overrides: Partial<SyncDeps> = {}) =>
  syncInventory({
    readUnread: () => Promise.resolve(),
    store: world.store,
    channel: world.channel,
    pools: () => Promise.resolve([poolOf(world.provider)]),
    skuMap: () => createSkuMap([], 'identity'),
    buffer: { units: 0, percent: 0 },
    clock: world.clock,
    ...overrides,
  });
const pushed = (): Record<string, number> =>
  Object.fromEntries(
    world.channel.board
      .callsOf('pushStock')
      .flatMap((call) => call as StockPush[])
      .map((push) => [push.skuId, push.warehouses.reduce((sum, one) => sum + one.quantity, 0)]),
  );

describe('making stock true', () => {
  it('pushes only what TikTok shows otherwise', async () => {
    list(listing('A', 5), listing('B', 9));
    stock({ A: 5, B: 7 });

    const report = await sync();

    expect(pushed()).toEqual({ 'sku-B': 7 });
    expect(report).toEqual({ skus: 2, pushed: 1, unchanged: 1, failed: 0, errors: [] });
  });

  it('raises nothing while an order is acknowledged but not read, and still lowers', async () => {
    list(listing('A', 1), listing('B', 9));
    stock({ A: 5, B: 7 });
    await world.store.orders.hint([{ key: { ...SHOP, orderId: 'unread' }, updatedAtMs: null }], NOW);

    const report = await sync();

    expect(pushed()).toEqual({ 'sku-B': 7 });
    expect(report).toMatchObject({ pushed: 1, unchanged: 1 });
  });

  it('reads unread orders after the listings, and pushes nothing when it cannot', async () => {
    list(listing('A', 9));
    stock({ A: 5 });

    const syncing = sync({ readUnread: () => Promise.reject(new Error('TikTok is away')) });

    await expect(syncing).rejects.toThrow('TikTok is away');
    expect(pushed()).toEqual({});
  });

  it('pushes nothing a second time', async () => {
    list(listing('A', 1));
    stock({ A: 5 });
    await sync();

    expect(await sync()).toMatchObject({ pushed: 0, unchanged: 1 });
  });

  it('pushes zero when nothing can be sold', async () => {
    list(listing('A', 5));
    stock({ A: 0 });

    await sync();

    expect(pushed()).toEqual({ 'sku-A': 0 });
  });

  it('takes off what is promised, unpaid orders included', async () => {
    list(listing('A', 99));
    stock({ A: 10 });
    world.channel.put(
      orderOf({ status: 'unpaid', lines: orderOf().lines.map((line) => ({ ...line, units: 4 })) }),
    );
    await world.hint();
    await world.converge();

    await sync();

    expect(pushed()).toEqual({ 'sku-A': 6 });
    expect(await world.store.inventory.stock()).toEqual([
      {
        amazonAccount: 'amazon',
        amazonSku: 'A',
        fulfillable: 10,
        promised: 4,
        buffer: 0,
        available: 6,
        readAtMs: NOW,
      },
    ]);
  });

  it('never misses an order that comes while stock is read', async () => {
    list(listing('A', 99));
    stock({ A: 10 });
    world.channel.put(orderOf());
    world.provider.board.onCall = async (operation) => {
      if (operation !== 'fetchStock') return;
      await world.hint();
      await world.converge();
    };

    await sync();

    expect(pushed()).toEqual({ 'sku-A': 9 });
  });

  it('takes off the buffer', async () => {
    list(listing('A', 99));
    stock({ A: 10 });

    await sync({ buffer: { units: 1, percent: 25 } });

    expect(pushed()).toEqual({ 'sku-A': 7 });
  });

  it('shows of a bundle what its scarcest part allows, and all of a SKU in each of its listings', async () => {
    const components = [
      { amazonSku: 'A', quantity: 1 },
      { amazonSku: 'B', quantity: 3 },
    ];
    list(listing('A', 0), listing('SET', 0));
    stock({ A: 10, B: 8 });

    await sync({ skuMap: () => createSkuMap([{ shopId: null, channelSku: 'SET', components }], 'identity') });

    expect(pushed()).toEqual({ 'sku-A': 10, 'sku-SET': 2 });
  });

  it('never shows more over several warehouses than there is', async () => {
    const warehouses = [
      { warehouseId: 'w1', available: 4 },
      { warehouseId: 'w2', available: 8 },
    ];
    list(listing('A', 0, { warehouses }));
    stock({ A: 5 });

    await sync();

    expect(world.channel.board.callsOf('pushStock')).toMatchObject([
      [
        {
          warehouses: [
            { warehouseId: 'w1', quantity: 0 },
            { warehouseId: 'w2', quantity: 5 },
          ],
        },
      ],
    ]);
  });

  it('leaves TikTok’s own bundles alone, whose stock cannot be set', async () => {
    list(listing('A', 0, { isVirtualBundle: true }));

    expect(await sync()).toEqual({ skus: 0, pushed: 0, unchanged: 0, failed: 0, errors: [] });
    expect(world.provider.board.calls).toEqual([]);
  });

  it('keeps what each listing was last given', async () => {
    list(listing('A', 5), listing('B', 0));
    stock({ A: 5, B: 7 });

    await sync();

    expect(await world.store.inventory.listings()).toMatchObject([
      {
        shopId: 'shop-1',
        skuId: 'sku-A',
        components: [{ amazonSku: 'A' }],
        pushedQuantity: null,
        pushedAtMs: null,
      },
      { skuId: 'sku-B', pushedQuantity: 7, pushedAtMs: NOW },
    ]);
  });
});

describe('a listing that cannot be computed', () => {
  it('is left as it is and reported when Amazon does not know its SKU', async () => {
    list(listing('A', 5), listing('GONE', 5));
    stock({ A: 1 });

    const report = await sync();

    expect(pushed()).toEqual({ 'sku-A': 1 });
    expect(report).toMatchObject({
      pushed: 1,
      failed: 1,
      errors: [
        {
          code: 'sku_unknown',
          message: 'shop shop-1, SKU GONE: Amazon does not know GONE; its stock is left as it is.',
        },
      ],
    });
  });

  it('is left as it is and reported when its SKU is not mapped', async () => {
    list(listing('', 5, { skuId: 'id-9' }));

    const report = await sync();

    expect(pushed()).toEqual({});
    expect(report).toMatchObject({
      failed: 1,
      errors: [
        {
          code: 'sku_unmapped',
          message: 'shop shop-1, SKU id-9: no Amazon SKU is mapped; its stock is left as it is.',
        },
      ],
    });
  });
});

describe('a failure', () => {
  it('of one listing does not stop the others, and is not kept as given', async () => {
    list(listing('A', 0), listing('B', 0));
    stock({ A: 3, B: 4 });
    world.channel.state.stockFailures.push({ skuId: 'sku-A', remoteCode: '12052048', message: 'not active' });

    const report = await sync();

    expect(report).toMatchObject({
      pushed: 1,
      failed: 1,
      errors: [{ code: 'inventory_push_refused', message: 'shop shop-1, SKU A: 12052048 not active' }],
    });
    expect(await world.store.inventory.listings()).toMatchObject([
      { skuId: 'sku-A', pushedAtMs: null },
      { skuId: 'sku-B', pushedQuantity: 4 },
    ]);
  });

  it('of a shop’s push is reported for each of its listings', async () => {
    list(listing('A', 0), listing('B', 0));
    stock({ A: 3, B: 4 });
    world.channel.board.fail('pushStock', {
      before: failureOf({ upstream: 'tiktok-shop', message: 'gone' }),
    });

    const report = await sync();

    expect(report).toMatchObject({ pushed: 0, failed: 2 });
    expect(report.errors.map(({ message }) => message)).toEqual([
      'shop shop-1, SKU A: upstream_timeout gone',
      'shop shop-1, SKU B: upstream_timeout gone',
    ]);
  });

  it('of one shop’s listings does not stop the other shop', async () => {
    const other: Shop = { ...SHOP, shopId: 'shop-2' };
    world.channel.state.listings.set('shop-2', [listing('A', 0)]);
    stock({ A: 3 });
    world.channel.board.fail('fetchListings', { before: failureOf({ message: 'no listings' }) });

    const report = await sync({ pools: () => Promise.resolve([poolOf(world.provider, [SHOP, other])]) });

    expect(report).toMatchObject({
      pushed: 1,
      errors: [{ code: 'upstream_timeout', message: 'no listings' }],
    });
    expect(await world.store.inventory.listings()).toMatchObject([{ shopId: 'shop-2', pushedQuantity: 3 }]);
  });

  it('to read stock pushes nothing at all', async () => {
    list(listing('A', 5));
    world.provider.board.fail('fetchStock', { before: failureOf() });

    expect(await sync()).toMatchObject({ pushed: 0, errors: [{ code: 'upstream_timeout' }] });

    expect(world.channel.board.callsOf('pushStock')).toEqual([]);
  });
});
