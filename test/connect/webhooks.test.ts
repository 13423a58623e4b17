import { afterEach, describe, expect, it } from 'vitest';
import { TOPICS } from '../../src/channels/tiktok-shop/events.ts';
import { createHeldClock } from '../held-clock.ts';
import { type ConnectWorld, PUBLIC_URL, SHOP_B1, startConnectWorld } from './world.ts';

const OURS = `${PUBLIC_URL}/webhooks/tiktok`;
const FOREIGN = 'https://another-connector.example.com/hook';

let world: ConnectWorld | null = null;

/** Seller B connected, and nothing registered at TikTok. */
const start = async (options: Parameters<typeof startConnectWorld>[0] = {}): Promise<ConnectWorld> => {
  world = await startConnectWorld(options);
  await world.connect('/connect/tiktok-shop', 'SellerB');
  return world;
};

afterEach(async () => {
  await world?.close();
  world = null;
});

const registeredAt = ({ tiktok }: ConnectWorld): Record<string, string> =>
  Object.fromEntries([...tiktok.shop(SHOP_B1).registrations].map(([topic, { address }]) => [topic, address]));
const all = (address: string): Record<string, string> =>
  Object.fromEntries(TOPICS.map((topic) => [topic, address]));
const shopOf = async (now: ConnectWorld) => (await now.api('GET', `/api/shops/${SHOP_B1}`)).body;
const codesOf = ({ warnings }: { warnings: { code: string }[] }): string[] =>
  warnings.map(({ code }) => code);
const listCalls = ({ tiktok }: ConnectWorld): number => tiktok.shop(SHOP_B1).countCalls('webhooks.list');

describe('webhooks of a connected shop', () => {
  it('are registered as soon as it is connected, for every topic that leads to something', async () => {
    const now = await start();

    await expect.poll(() => registeredAt(now)).toEqual(all(OURS));

    expect((await shopOf(now)).webhooks).toMatchObject({ registered: TOPICS, missing: [], elsewhere: [] });
  });

  it('bring orders here where nothing else was registered', async () => {
    const now = await start({ tiktok: { settings: { needsRegistration: true } } });
    await expect.poll(() => registeredAt(now)).toEqual(all(OURS));

    const { orderId } = now.tiktok.shop(SHOP_B1).placeOrder({ lines: [{ sku: 'C' }] });
    await now.tiktok.shop(SHOP_B1).webhooks.idle();

    expect((await now.api('GET', `/api/orders/${orderId}`)).status).toBe(200);
  });

  it('are put back by a reconcile when one was removed, and read at most once an hour', async () => {
    const clock = createHeldClock(Date.UTC(2026, 0, 1), 3);
    const now = await start({ clock });
    await expect.poll(() => registeredAt(now)).toEqual(all(OURS));
    now.tiktok.shop(SHOP_B1).registrations.delete('ORDER_STATUS_CHANGE');
    const calls = listCalls(now);

    await now.reconcile();
    expect(listCalls(now)).toBe(calls);
    await clock.advance(3_600_000);
    await now.reconcile();

    expect(listCalls(now)).toBe(calls + 1);
    expect(registeredAt(now)).toEqual(all(OURS));
  });

  it('are moved where this service registered them under an address of its own before', async () => {
    const now = await start();
    await expect.poll(() => registeredAt(now)).toEqual(all(OURS));
    const old = 'https://old.example.com/webhooks/tiktok';
    await now.service.service.store.cursors.set(`connect/webhooks/${SHOP_B1}`, JSON.stringify([old]));
    for (const entry of now.tiktok.shop(SHOP_B1).registrations.values()) entry.address = old;

    await now.api('POST', `/api/shops/${SHOP_B1}/webhooks`, {});

    expect(registeredAt(now)).toEqual(all(OURS));
  });

  it('that go to somebody else are left alone and shown, until they are taken over on purpose', async () => {
    const now = await start();
    await expect.poll(() => registeredAt(now)).toEqual(all(OURS));
    const registration = now.tiktok.shop(SHOP_B1).registrations.get('ORDER_STATUS_CHANGE');
    if (registration) registration.address = FOREIGN;

    const left = (await now.api('POST', `/api/shops/${SHOP_B1}/webhooks`, {})).body;
    expect(registeredAt(now)['ORDER_STATUS_CHANGE']).toBe(FOREIGN);
    expect(left.webhooks.elsewhere).toEqual([{ topic: 'ORDER_STATUS_CHANGE', address: FOREIGN }]);
    expect(codesOf(left)).toContain('webhooks_elsewhere');

    const taken = (await now.api('POST', `/api/shops/${SHOP_B1}/webhooks`, { takeOver: true })).body;
    expect(registeredAt(now)).toEqual(all(OURS));
    expect(codesOf(taken)).not.toContain('webhooks_elsewhere');
  });

  it('that TikTok refuses are named with the reason', async () => {
    const now = await start();
    await expect.poll(() => registeredAt(now)).toEqual(all(OURS));
    const shop = now.tiktok.shop(SHOP_B1);
    shop.registrations.delete('PACKAGE_UPDATE');
    shop.faults.next('webhooks.put', {
      status: 200,
      body: { code: 105005, message: 'no scope', data: null },
    });

    const { body } = await now.api('POST', `/api/shops/${SHOP_B1}/webhooks`, {});

    expect(body.webhooks.missing).toEqual(['PACKAGE_UPDATE']);
    expect(body.webhooks.problem).toContain('105005');
    expect(codesOf(body)).toContain('webhooks_missing');
  });

  it('without PUBLIC_URL are not registered, and that is said', async () => {
    world = await startConnectWorld({ env: { PUBLIC_URL: '' } });
    const { tokens, shops } = world.service.service.store;
    await tokens.save('tiktok-shop/SellerB', {
      accessToken: 'a',
      accessExpiresAtMs: null,
      refreshToken: 'r',
      refreshExpiresAtMs: null,
      origin: 'granted',
    });
    await shops.upsert({
      channel: 'tiktok-shop',
      shopId: SHOP_B1,
      name: null,
      region: null,
      cipher: 'CIPHER_B1',
      authorization: 'tiktok-shop/SellerB',
      amazonAccount: null,
      settings: {},
      connectedAtMs: 1,
      pausedAtMs: null,
      stoppedAtMs: null,
      authorizationExpiresAtMs: null,
    });

    const shop = await shopOf(world);

    expect(codesOf(shop)).toContain('webhooks_missing');
    expect(shop.webhooks.problem).toContain('PUBLIC_URL');
  });

  it('are taken off TikTok’s list when the shop is disconnected here, and those of others stay', async () => {
    const now = await start();
    await expect.poll(() => registeredAt(now)).toEqual(all(OURS));
    const at = { address: FOREIGN, createTime: 1, updateTime: 1 };
    now.tiktok.shop(SHOP_B1).registrations.set('PRODUCT_CREATION', at);

    const { status } = await now.api('DELETE', `/api/shops/${SHOP_B1}`);

    expect(status).toBe(204);
    expect(registeredAt(now)).toEqual({ PRODUCT_CREATION: FOREIGN });
    expect((await now.api('GET', '/api/shops')).body.shops).toEqual([]);
    expect(await now.service.service.store.tokens.load('tiktok-shop/SellerB')).toBeNull();
  });
});
