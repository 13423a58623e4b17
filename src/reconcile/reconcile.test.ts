import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import {
  FULFILLMENT_ID,
  failureOf,
  MINUTE,
  NOW,
  numberedParcelOf,
  ORDER_ID,
  oneAccount,
  orderOf,
  poolOf,
  SHOP,
} from '../../test/fakes.ts';
import { createSide } from '../lib/side.ts';
import { createSkuMap } from '../orders/sku-map.ts';
import { createReconciler, type ReconcileDeps, type Reconciler, type Scope } from './reconcile.ts';
import { startSchedule } from './schedule.ts';
import { createWorker } from './worker.ts';

let world: FakeWorld;
let reconciler: Reconciler;

const reconcilerOf = (overrides: Partial<ReconcileDeps> = {}): Reconciler =>
  createReconciler({
    ...world,
    worker: createWorker({
      store: world.store,
      converger: world.converger,
      channelOf: () => world.channel,
      accounts: oneAccount(world.provider),
      gate: world.gate,
      clock: world.clock,
      newOwner: world.newOwner,
      onFault: (error) => world.faults.push(error),
    }),
    shops: () => Promise.resolve([SHOP]),
    accounts: () => [{ accountId: 'amazon', provider: world.provider }],
    pools: () => Promise.resolve([poolOf(world.provider)]),
    skuMap: () => createSkuMap([], 'identity'),
    buffer: { units: 0, percent: 0 },
    sides: () => [],
    returns: { sync: () => Promise.resolve([]) },
    retention: { notificationsMs: 0, ordersMs: 0, auditMs: 0 },
    ...overrides,
  });

beforeEach(async () => {
  world = await openWorld();
  reconciler = reconcilerOf();
});
afterEach(() => world.store.close());

const listed = { productId: 'p', skuId: 's', sellerSku: 'A', isVirtualBundle: false };
const called = (): string[] => [
  ...new Set([...world.channel.board.calls, ...world.provider.board.calls].map(({ operation }) => operation)),
];

describe('one pass', () => {
  it('finds what webhooks missed, runs it, and makes the stock true, counting each', async () => {
    world.channel.put(orderOf());
    world.channel.state.listings.set(SHOP.shopId, [
      { ...listed, warehouses: [{ warehouseId: 'w', available: 9 }] },
    ]);
    world.provider.state.stock.set('A', { amazonSku: 'A', fulfillable: 5, updatedAtMs: NOW });

    const report = await reconciler.run('all');

    expect(report).toMatchObject({
      startedAt: new Date(NOW).toISOString(),
      durationMs: 0,
      orders: { discovered: 1, converged: 1, created: 1, cancelled: 0, review: 0, failed: 0 },
      tracking: { reported: 0 },
      inventory: { skus: 1, pushed: 1, unchanged: 0, failed: 0 },
      errors: [],
    });
    expect(world.channel.state.listings.get(SHOP.shopId)).toMatchObject([{ warehouses: [{ available: 4 }] }]);
  });

  it('reports parcels of fulfillments that moved', async () => {
    world.channel.put(orderOf());
    await reconciler.run('all');
    await world.clock.advance(MINUTE);
    world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [numberedParcelOf(1)] });

    const report = await reconciler.run('tracking');

    expect(report).toMatchObject({ tracking: { checked: 1, reported: 1 }, errors: [] });
  });

  it('counts what was cancelled, what is in review and what failed', async () => {
    world.channel.put(orderOf({ orderId: '1', recipient: null }));
    world.channel.put(orderOf({ orderId: '2' }));
    world.channel.put(orderOf({ orderId: '3' }));
    world.provider.board.fail('submit', { before: failureOf({ message: 'no answer' }) });
    world.channel.board.onCall = (operation) => {
      if (operation === 'fetchOrders') world.channel.change('2', { status: 'cancelled' });
      return Promise.resolve();
    };

    const report = await reconciler.run('orders');

    expect(report).toMatchObject({
      orders: { discovered: 3, converged: 3, created: 0, cancelled: 1, review: 1, failed: 1 },
      errors: [{ code: 'upstream_timeout', message: 'no answer', orderId: '3' }],
    });
  });

  it('wakes orders that rest for a side that failed or an address that was hidden', async () => {
    world.channel.put(orderOf({ recipient: null }));
    await world.hint();
    await world.converge();
    world.channel.put(orderOf());

    await reconciler.run('tracking');

    expect(await world.record()).toMatchObject({ stage: 'fulfilling' });
  });

  it('lets a stopped side try once', async () => {
    const side = createSide('amazon-mcf', world.clock);
    const refused = () => Promise.reject(failureOf({ code: 'upstream_auth_refused' }));
    await expect(side.guard('fetch', refused)).rejects.toThrow('no answer');
    reconciler = reconcilerOf({ sides: () => [side] });

    await reconciler.run('orders');

    await expect(side.guard('fetch', () => Promise.resolve('works'))).resolves.toBe('works');
  });

  it('goes on with its other parts when one fails, and reports it', async () => {
    world.channel.board.fail('searchOrders', {
      before: failureOf({ upstream: 'tiktok-shop', message: 'search failed' }),
    });
    await world.hint();
    world.channel.put(orderOf());

    const report = await reconciler.run('all');

    expect(report.errors).toEqual([{ code: 'upstream_timeout', message: 'search failed' }]);
    expect(report.orders.converged).toBe(1);
    expect(called()).toContain('fetchListings');
  });

  it('raises no stock while an acknowledged order could not be read, and still lowers it', async () => {
    world.channel.state.listings.set(SHOP.shopId, [
      { ...listed, warehouses: [{ warehouseId: 'w', available: 1 }] },
      { ...listed, skuId: 't', sellerSku: 'B', warehouses: [{ warehouseId: 'w', available: 9 }] },
    ]);
    for (const amazonSku of ['A', 'B'])
      world.provider.state.stock.set(amazonSku, { amazonSku, fulfillable: 5, updatedAtMs: NOW });
    world.channel.put(orderOf());
    await world.hint();
    const refused = failureOf({ upstream: 'tiktok-shop', message: 'no read' });
    world.channel.board.fail('fetchOrders', { before: refused }, { before: refused });

    const report = await reconciler.run('inventory');

    expect(report.errors.map(({ message }) => message)).toEqual(['no read', 'no read']);
    expect(world.channel.board.callsOf('pushStock')).toMatchObject([
      [{ skuId: 't', warehouses: [{ quantity: 5 }] }],
    ]);
  });

  it('waits a minute for what is due and says so when more is left', async () => {
    world.channel.put(orderOf());
    await world.hint();
    let release = (): void => undefined;
    world.provider.board.onCall = () => new Promise((resolve) => (release = resolve));

    const pass = reconciler.run('orders');
    for (let round = 0; round < 60; round += 1) await world.clock.advance(1500);
    const report = await pass;
    release();

    expect(report.errors).toMatchObject([{ code: 'still_running' }]);
    expect(report.durationMs).toBeGreaterThanOrEqual(MINUTE);
    while ((await world.record()).stage !== 'fulfilling') await world.clock.advance(1);
  });

  it('reports what failed about returns, and runs what is due after them', async () => {
    const order: string[] = [];
    world.channel.put(orderOf());
    world.channel.board.onCall = (operation) => {
      order.push(operation);
      return Promise.resolve();
    };
    reconciler = reconcilerOf({
      returns: {
        sync: (shop) => {
          order.push(`returns of ${shop.shopId}`);
          return Promise.resolve([{ code: 'upstream_refused', message: 'no scope', orderId: ORDER_ID }]);
        },
      },
    });

    const report = await reconciler.run('orders');

    expect(report.errors).toEqual([{ code: 'upstream_refused', message: 'no scope', orderId: ORDER_ID }]);
    expect(order.indexOf('returns of shop-1')).toBeLessThan(order.indexOf('fetchOrders'));
  });

  it.each<[Scope, string[], string[]]>([
    ['orders', ['searchOrders'], ['listChanged', 'fetchListings']],
    ['tracking', ['listChanged'], ['searchOrders', 'fetchListings']],
    ['inventory', ['fetchListings'], ['searchOrders', 'listChanged']],
    ['all', ['searchOrders', 'listChanged', 'fetchListings'], []],
  ])('of %s does its own part only', async (scope, does, leaves) => {
    world.channel.put(orderOf());
    await world.hint();
    await world.converge();

    await reconciler.run(scope);

    for (const operation of does) expect(called()).toContain(operation);
    for (const operation of leaves) expect(called()).not.toContain(operation);
  });
});

describe('passes that are asked for together', () => {
  it('join the one that runs when it covers them', async () => {
    const [first, second, third] = await Promise.all([
      reconciler.run('all'),
      reconciler.run('all'),
      reconciler.run('inventory'),
    ]);

    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(world.channel.board.callsOf('fetchListings')).toHaveLength(1);
  });

  it('wait their turn when it does not', async () => {
    const [narrow, whole] = await Promise.all([reconciler.run('orders'), reconciler.run('all')]);

    expect(whole).not.toBe(narrow);
    expect(world.channel.board.callsOf('fetchListings')).toHaveLength(1);
    expect(reconciler.lastReport()).toBe(whole);
  });

  it('run anew once the last one ended', async () => {
    const none = reconciler.lastReport();
    const first = await reconciler.run('all');
    const second = await reconciler.run('all');

    expect(none).toBeNull();
    expect(second).not.toBe(first);
    expect(reconciler.lastReport()).toBe(second);
  });
});

describe('the schedule', () => {
  const countingReconciler = () => {
    const scopes: Scope[] = [];
    return {
      scopes,
      reconciler: {
        ...reconciler,
        run: (scope: Scope) => {
          scopes.push(scope);
          return reconciler.run(scope);
        },
      },
    };
  };
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 60; round += 1) await world.clock.advance(0);
  };

  it('runs a pass at the start and then after every interval, until it is stopped', async () => {
    const counting = countingReconciler();

    const schedule = startSchedule(counting.reconciler, world.clock, 5 * MINUTE);
    await settle();
    await world.clock.advance(1000);
    await settle();
    await world.clock.advance(5 * MINUTE);
    await settle();
    await schedule.stop();
    await world.clock.advance(60 * MINUTE);

    expect(counting.scopes).toEqual(['all', 'all']);
  });

  it('runs nothing by itself when the interval is zero', async () => {
    const counting = countingReconciler();

    const schedule = startSchedule(counting.reconciler, world.clock, 0);
    await settle();
    await schedule.stop();

    expect(counting.scopes).toEqual([]);
  });
});
