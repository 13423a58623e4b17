import { afterEach, describe, expect, it } from 'vitest';
import { SHOPS, type ShopNumber, type ShopsOptions, type ShopsWorld, startShops } from './world.ts';

let world: ShopsWorld;
const start = async (options?: ShopsOptions): Promise<void> => {
  world = await startShops(options);
};
afterEach(() => world.close());

const NUMBERS: readonly ShopNumber[] = [0, 1, 2];
/** A paid order whose hold is over. */
const buy = (index: ShopNumber, sellerSku = 'A'): string =>
  world.shop(index).placeOrder({ lines: [{ sku: sellerSku }], ready: true }).orderId;
const createsAt = (seller: string): string[] =>
  world.amazon.account(seller).creates.map(({ fulfillmentId }) => fulfillmentId);
const stageOf = async (index: ShopNumber, orderId: string) => {
  const { stage, reason } = await world.order(index, orderId);
  return [stage, reason];
};

describe('three shops of two sellers on two Amazon accounts', () => {
  it('each order is created once, at the account of its shop, and nobody breaks a rule of the APIs', async () => {
    await start();
    const ids = NUMBERS.map((index) => buy(index));

    const report = await world.reconcile();

    expect(report.errors).toEqual([]);
    expect(createsAt('AMZ1').toSorted()).toEqual([`TTS-${ids[0]}`, `TTS-${ids[1]}`].toSorted());
    expect(createsAt('AMZ2')).toEqual([`TTS-${ids[2]}`]);
    expect(world.tiktok.shops.flatMap(({ violations }) => violations)).toEqual([]);
    expect(world.amazon.accounts.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('one authorisation that is refused stops its own shops only', async () => {
    await start();
    world.shop(2).expireAccessToken();
    world.shop(2).expireRefreshToken();
    const [mine, theirs] = [buy(0), buy(2)];

    await world.reconcile();

    expect(await stageOf(0, mine)).toEqual(['fulfilling', 'at_amazon']);
    expect((await stageOf(2, theirs))[1]).toBe('credentials_refused');
    expect(await world.health()).toMatchObject({ status: 'degraded' });
  });

  it('one Amazon account that refuses its login keeps neither orders nor stock of the other from going', async () => {
    await start();
    world.amazon.account('AMZ1').revoke();
    for (const index of NUMBERS)
      world.shop(index).addProduct({ title: 'A', skus: [{ sellerSku: 'A', stock: 7 }] });
    const [held, going] = [buy(0), buy(2)];

    const report = await world.reconcile();

    expect(await stageOf(2, going)).toEqual(['fulfilling', 'at_amazon']);
    expect((await world.order(0, held)).acceptedAtMs).toBeNull();
    expect(world.shop(2).stockOf('A').available).toBeGreaterThan(7);
    expect(world.shop(0).stockOf('A').available).toBe(6);
    expect(report.errors.some(({ code }) => code === 'upstream_auth_refused')).toBe(true);
    expect(await world.health()).toMatchObject({ status: 'degraded' });
  });

  it('an order is looked for at the account that has it, whatever its shop ships from later', async () => {
    await start();
    const early = buy(0);
    await world.reconcile();
    await world.store.shops.change(SHOPS[0], { amazonAccount: 'two' });
    await world.service.connected.changed();

    const late = buy(0);
    world.amazon.account('AMZ1').advanceOrder(`TTS-${early}`, 'Processing');
    await world.reconcile();

    expect(createsAt('AMZ1')).toEqual([`TTS-${early}`]);
    expect(createsAt('AMZ2')).toEqual([`TTS-${late}`]);
    expect(await world.order(0, early)).toMatchObject({
      amazonAccount: 'one',
      fulfillmentState: 'processing',
      stage: 'fulfilling',
    });
  });

  it('a shop without an account keeps its orders for a person, and they go once one is chosen', async () => {
    await start({ accounts: [null, 'one', 'two'] });
    const orderId = buy(0);
    await world.reconcile();
    expect(await stageOf(0, orderId)).toEqual(['review', 'amazon_account_missing']);
    expect([...createsAt('AMZ1'), ...createsAt('AMZ2')]).toEqual([]);

    await world.store.shops.change(SHOPS[0], { amazonAccount: 'two' });
    await world.service.connected.changed();
    await world.reconcile();

    expect(createsAt('AMZ2')).toEqual([`TTS-${orderId}`]);
  });

  it('a shop whose account withdrew does not ship from anybody else’s', async () => {
    await start();
    await world.store.accounts.change('one', { stoppedAtMs: 1 });
    await world.service.connected.changed();
    const orderId = buy(0);

    await world.reconcile();

    expect(await stageOf(0, orderId)).toEqual(['review', 'amazon_account_missing']);
    expect([...createsAt('AMZ1'), ...createsAt('AMZ2')]).toEqual([]);
    expect(world.amazon.account('AMZ1').calls).toEqual([]);
    expect(JSON.stringify(await world.health())).toContain('authorization_withdrawn');
  });

  it('of a shop that withdrew nothing is called, its open orders are for a person, and come back with it', async () => {
    await start();
    const placed = buy(2);
    await world.reconcile();
    await world.store.shops.change(SHOPS[2], { stoppedAtMs: 1 });
    await world.service.connected.changed();
    const calls = world.shop(2).calls.length;

    await world.reconcile();

    expect(await stageOf(2, placed)).toEqual(['review', 'shop_disconnected']);
    expect(world.shop(2).calls.length).toBe(calls);
    expect(JSON.stringify(await world.health())).toContain('authorization_withdrawn');

    await world.store.shops.change(SHOPS[2], { stoppedAtMs: null });
    await world.service.connected.changed();
    await world.reconcile();
    expect(await stageOf(2, placed)).toEqual(['fulfilling', 'at_amazon']);
  });

  it('a webhook of a shop that withdrew is kept and has no effect', async () => {
    await start();
    await world.store.shops.change(SHOPS[2], { stoppedAtMs: 1 });
    await world.service.connected.changed();
    const orderId = buy(2);

    await expect.poll(() => world.store.notifications.count()).toBeGreaterThan(0);
    await world.reconcile();

    const key = { channel: 'tiktok-shop', shopId: SHOPS[2], orderId };
    expect(await world.store.orders.get(key)).toBeNull();
  });

  it('a shop’s own settings hold for its orders only', async () => {
    await start();
    await world.store.shops.change(SHOPS[0], { settings: { speed: 'Expedited', blockAmzl: true } });
    await world.service.connected.changed();
    buy(0);
    buy(2);

    await world.reconcile();

    const speedsAt = (seller: string): unknown[] =>
      world.amazon
        .account(seller)
        .orders()
        .map(({ body }) => body.shippingSpeedCategory);
    expect(speedsAt('AMZ1')).toEqual(['Expedited']);
    expect(speedsAt('AMZ2')).toEqual(['Standard']);
  });

  it('a paused shop gets no stock, and the others theirs', async () => {
    await start();
    for (const index of NUMBERS)
      world.shop(index).addProduct({ title: 'A', skus: [{ sellerSku: 'A', stock: 7 }] });
    await world.store.shops.change(SHOPS[0], { pausedAtMs: 1 });
    await world.service.connected.changed();

    await world.reconcile();

    expect(NUMBERS.map((index) => world.shop(index).stockOf('A').available)).toEqual([7, 50, 50]);
  });
});

describe('a service without anything connected', () => {
  it('starts healthy with no shop', async () => {
    await start();
    for (const shopId of SHOPS) await world.store.shops.remove(shopId);
    for (const accountId of ['one', 'two']) await world.store.accounts.remove(accountId);
    await world.service.connected.changed();

    const report = await world.reconcile();

    expect(report.errors).toEqual([]);
    expect(await world.health()).toMatchObject({ status: 'ok' });
  });
});
