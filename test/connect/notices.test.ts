import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectWorld, SHOP_A1, SHOP_A2, SHOP_B1, startConnectWorld } from './world.ts';

let world: ConnectWorld | null = null;

const start = async (): Promise<ConnectWorld> => {
  world = await startConnectWorld();
  await world.connect('/connect/tiktok-shop', 'SellerA');
  return world;
};

afterEach(async () => {
  await world?.close();
  world = null;
});

const stoppedOf = async ({ service }: ConnectWorld): Promise<boolean[]> =>
  (await service.service.store.shops.all()).map(({ stoppedAtMs }) => stoppedAtMs !== null);

const withdraw = (now: ConnectWorld, shopId: string): void =>
  now.tiktok
    .shop(shopId)
    .announce(6, { message: `Shop_id ${shopId} is deauthorized from your APP by merchant.` });

describe('a notice that a seller withdrew the authorisation', () => {
  it('that TikTok itself does not confirm stops nothing', async () => {
    const now = await start();

    withdraw(now, SHOP_A1);
    await now.tiktok.shop(SHOP_A1).webhooks.idle();
    await now.reconcile();

    expect(await stoppedOf(now)).toEqual([false, false]);
    expect(await now.service.service.store.tokens.load('tiktok-shop/SellerA')).not.toBeNull();
  });

  it('while TikTok cannot be asked is kept and settled by a later reconcile', async () => {
    const now = await start();
    const { shops } = now.tiktok.seller('SellerA');
    now.tiktok.shop(SHOP_A1).faults.next('shops.list', { status: 503, body: {} }, 2);
    withdraw(now, SHOP_A1);
    await now.tiktok.shop(SHOP_A1).webhooks.idle();

    const [report] = [await now.reconcile()];
    expect(await stoppedOf(now)).toEqual([false, false]);
    expect(report.errors.map(({ code }) => code)).toContain('upstream_unavailable');
    now.tiktok.shop(SHOP_A1).faults.clear();
    shops.splice(0, 1);
    await now.reconcile();

    expect(await stoppedOf(now)).toEqual([true, false]);
  });

  it('about one shop of several stops that one, and the tokens of the others stay', async () => {
    const now = await start();
    const { store } = now.service.service;
    now.tiktok.seller('SellerA').shops.splice(0, 1);
    withdraw(now, SHOP_A1);
    await now.tiktok.shop(SHOP_A1).webhooks.idle();

    await now.reconcile();

    expect(await stoppedOf(now)).toEqual([true, false]);
    expect(await store.tokens.load('tiktok-shop/SellerA')).not.toBeNull();
    expect((await store.shops.find(SHOP_A1))?.cipher).toBeNull();
    expect((await store.shops.find(SHOP_A2))?.cipher).toBe('CIPHER_A2');
  });

  it('leaves no body of a notification, no hash of an address and no listing of the shop', async () => {
    const now = await start();
    const { store } = now.service.service;
    const shop = now.tiktok.shop(SHOP_A1);
    shop.addProduct({ title: 'A', skus: [{ sellerSku: 'A', stock: 5 }] });
    shop.placeOrder({ lines: [{ sku: 'A' }] });
    await shop.webhooks.idle();
    await now.reconcile();
    now.tiktok.seller('SellerA').shops.splice(0, 1);
    withdraw(now, SHOP_A1);
    await shop.webhooks.idle();

    await now.reconcile();

    const bodies = (await store.connect.notices(0, 10)).map(({ body }) => body);
    expect(bodies).toEqual([null]);
    expect((await store.inventory.listings()).filter(({ shopId }) => shopId === SHOP_A1)).toEqual([]);
  });

  it('puts its orders that are not over into review, with what happened', async () => {
    const now = await start();
    const shop = now.tiktok.shop(SHOP_A1);
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'A' }] });
    await shop.webhooks.idle();
    now.tiktok.seller('SellerA').shops.splice(0, 1);
    withdraw(now, SHOP_A1);
    await shop.webhooks.idle();

    await now.reconcile();

    expect((await now.api('GET', `/api/orders/${orderId}`)).body).toMatchObject({
      stage: 'review',
      reason: 'shop_disconnected',
    });
  });

  it('about a shop that is not ours does nothing', async () => {
    const now = await start();

    withdraw(now, SHOP_B1);
    await now.tiktok.shop(SHOP_B1).webhooks.idle();

    expect((await now.reconcile()).errors).toEqual([]);
    expect(await stoppedOf(now)).toEqual([false, false]);
  });
});

describe('the end of an authorisation', () => {
  const expiryOf = async (now: ConnectWorld): Promise<string | null> =>
    (await now.api('GET', `/api/shops/${SHOP_A1}`)).body.authorizationExpiresAt;

  it('is shown from the tokens as they are granted and renewed', async () => {
    const now = await start();
    const granted = await expiryOf(now);
    const { store } = now.service.service;
    const pair = await store.tokens.load('tiktok-shop/SellerA');
    const renewed = { ...pair!, refreshExpiresAtMs: Date.UTC(2031, 0, 1) };
    await store.tokens.save('tiktok-shop/SellerA', renewed);

    await now.reconcile();

    expect(granted).not.toBeNull();
    expect(await expiryOf(now)).toBe('2031-01-01T00:00:00.000Z');
  });

  it('is taken from the notice, a text of seconds, where the tokens do not tell it, and warned of', async () => {
    const now = await start();
    const { store } = now.service.service;
    const pair = await store.tokens.load('tiktok-shop/SellerA');
    await store.tokens.save('tiktok-shop/SellerA', { ...pair!, refreshExpiresAtMs: null });
    const soon = Math.floor(Date.now() / 1000) + 86_400;
    now.tiktok.shop(SHOP_A1).announce(7, { message: 'soon', expiration_time: String(soon) });
    await now.tiktok.shop(SHOP_A1).webhooks.idle();

    await now.reconcile();

    const shop = (await now.api('GET', `/api/shops/${SHOP_A1}`)).body;
    expect(shop.authorizationExpiresAt).toBe(new Date(soon * 1000).toISOString());
    expect(shop.warnings.map(({ code }: { code: string }) => code)).toContain('authorization_expires');
  });
});
