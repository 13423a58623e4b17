import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { failureOf, KEY, NOW, poolOf, SHOP } from '../../test/fakes.ts';
import type { Listing, Shop, StockPush } from '../channels/channel.ts';
import type { OrderRecord } from '../orders/model.ts';
import { createSkuMap } from '../orders/sku-map.ts';
import { createLowering, type Lowering, type LoweringDeps } from './lowering.ts';
import { createStockMemory } from './memory.ts';
import type { StockPool } from './pool.ts';
import { syncInventory } from './sync.ts';

const OTHER: Shop = { ...SHOP, shopId: 'shop-2' };
const BUFFER = { units: 0, percent: 0 };

let world: FakeWorld;
let pool: StockPool;
let lowering: Lowering;
let faults: unknown[];
const memory = createStockMemory();

const listing = (sellerSku: string): Listing => ({
  productId: `product-${sellerSku}`,
  skuId: `sku-${sellerSku}`,
  sellerSku,
  isVirtualBundle: false,
  warehouses: [{ warehouseId: 'w1', available: 0 }],
});
const bundles = createSkuMap(
  [{ shopId: null, channelSku: 'SET', components: [{ amazonSku: 'A', quantity: 3 }] }],
  'identity',
);
const openLowering = (overrides: Partial<LoweringDeps> = {}): Lowering =>
  createLowering({
    store: world.store,
    channel: world.channel,
    clock: world.clock,
    accountOf: () => 'amazon',
    pool: () => pool,
    buffer: BUFFER,
    memory,
    onFault: (error) => faults.push(error),
    ...overrides,
  });

beforeEach(async () => {
  world = await openWorld();
  faults = [];
  pool = poolOf(world.provider, [SHOP, OTHER]);
  lowering = openLowering();
  world.provider.state.stock.set('A', { amazonSku: 'A', fulfillable: 10, updatedAtMs: NOW });
  for (const { shopId } of [SHOP, OTHER])
    world.channel.state.listings.set(shopId, [listing('A'), listing('SET')]);
  await syncInventory({
    readUnread: () => Promise.resolve(),
    store: world.store,
    channel: world.channel,
    pools: () => Promise.resolve([pool]),
    skuMap: () => bundles,
    buffer: BUFFER,
    memory,
    clock: world.clock,
  });
  world.channel.board.calls.length = 0;
});
afterEach(() => world.store.close());

const soldOf = (units: number): Pick<OrderRecord, 'key' | 'amazonAccount' | 'snapshot'> => ({
  key: KEY,
  amazonAccount: null,
  snapshot: {
    status: 'unpaid',
    rawStatus: 'UNPAID',
    total: null,
    deliveryOptionName: null,
    lines: [
      {
        lineId: '1',
        skuId: 's',
        sku: 'A',
        units,
        status: 'open',
        components: [{ amazonSku: 'A', quantity: 1 }],
      },
    ],
  },
});
const sell = async (units: number): Promise<void> => {
  await world.hint();
  await world.store.orders.amend(
    KEY,
    { patch: { snapshot: soldOf(units).snapshot }, promised: [{ amazonSku: 'A', units }] },
    NOW,
  );
  lowering.takenIn(soldOf(units));
};
const shown = () =>
  [SHOP, OTHER].map(({ shopId }) =>
    (world.channel.state.listings.get(shopId) ?? []).map((one) => one.warehouses[0]?.available),
  );
const pass = async (ms: number): Promise<void> => {
  await world.clock.advance(ms);
  await world.clock.advance(0);
};

describe('what one shop sells', () => {
  it('is taken off every listing of the SKU within seconds, bundles too, and without a read', async () => {
    await sell(4);
    await pass(2_000);
    await lowering.settled();

    expect(shown()).toEqual([
      [6, 2],
      [6, 2],
    ]);
    expect(new Set(world.channel.board.calls.map(({ operation }) => operation))).toEqual(
      new Set(['pushStock']),
    );
    expect(world.provider.board.callsOf('fetchStock')).toHaveLength(1);
  });

  it('is taken off together with what is sold in the same moment', async () => {
    await sell(1);
    lowering.takenIn(soldOf(1));
    await pass(2_000);
    await lowering.settled();

    const pushes = world.channel.board.callsOf('pushStock') as StockPush[][];
    expect(pushes).toHaveLength(2);
  });

  it('raises nothing', async () => {
    for (const listings of world.channel.state.listings.values())
      for (const one of listings) one.warehouses = [{ warehouseId: 'w1', available: 0 }];
    const reading = memory.of('amazon');
    for (const { listing: one } of reading?.listings ?? [])
      one.warehouses = [{ warehouseId: 'w1', available: 0 }];

    await sell(1);
    await pass(2_000);
    await lowering.settled();

    expect(world.channel.board.callsOf('pushStock')).toEqual([]);
  });

  it('costs nothing where nobody else sells from the account', async () => {
    pool = poolOf(world.provider, [SHOP]);

    await sell(4);
    await pass(5_000);

    expect(world.channel.board.calls).toEqual([]);
  });

  it('is not pushed to a paused shop', async () => {
    pool = { ...pool, shops: pool.shops.map((one) => ({ ...one, isPushed: one.shop.shopId !== 'shop-2' })) };

    await sell(4);
    await pass(2_000);
    await lowering.settled();

    expect(shown()[1]).toEqual([10, 3]);
  });

  it('is left to the next pass where a push fails, and a failing store is told', async () => {
    world.channel.board.fail('pushStock', { before: failureOf({ upstream: 'tiktok-shop' }) });
    await sell(4);
    await pass(2_000);
    await lowering.settled();
    expect(faults).toEqual([]);
    expect(shown()[0]).toEqual([10, 3]);

    const broken = { ...world.store.orders, promisedUnits: () => Promise.reject(new Error('disk')) };
    const failing = openLowering({ store: { ...world.store, orders: broken } });
    failing.takenIn(soldOf(1));
    await pass(2_000);
    await failing.settled();
    expect(faults).toEqual([new Error('disk')]);
  });

  it('is left to the next start when the service stops', async () => {
    await sell(4);
    await lowering.stop();
    await pass(5_000);
    lowering.takenIn(soldOf(1));
    await pass(5_000);

    expect(world.channel.board.calls).toEqual([]);
  });
});
