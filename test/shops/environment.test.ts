import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { openRegistry, type Registry } from '../../src/wiring/shops.ts';
import { NOW } from '../fakes.ts';
import { createHeldClock } from '../held-clock.ts';

const clock = createHeldClock(NOW);
let store: Store;
beforeEach(async () => {
  store = await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock });
});
afterEach(() => store.close());

const BASE = {
  ADMIN_TOKEN: 'admin-token-for-tests',
  TIKTOK_APP_KEY: 'key',
  TIKTOK_APP_SECRET: 'secret',
  AMAZON_LWA_CLIENT_ID: 'client',
  AMAZON_LWA_CLIENT_SECRET: 'client-secret',
};
const ONE_SHOP = {
  TIKTOK_SHOP_ID: '1',
  TIKTOK_ACCESS_TOKEN: 'access',
  TIKTOK_REFRESH_TOKEN: 'refresh',
  AMAZON_LWA_REFRESH_TOKEN: 'Atzr|x',
};
/** What a start with this environment finds and leaves. */
const start = (env: Record<string, string>): Promise<Registry> =>
  openRegistry({ config: loadConfig({ ...BASE, ...env }), store, clock });

describe('the environment', () => {
  it('names a shop and an account, which are rows like all others', async () => {
    const registry = await start({ ...ONE_SHOP, TIKTOK_SHOP_CIPHER: 'C' });

    expect(registry.shops()).toMatchObject([
      { shopId: '1', cipher: 'C', authorization: 'tiktok-shop', amazonAccount: 'amazon' },
    ]);
    expect(registry.accounts()).toMatchObject([
      { accountId: 'amazon', region: 'na', marketplaceId: 'ATVPDKIKX0DER', sharing: { kind: 'all' } },
    ]);
    expect(registry.serves('1')).toBe(true);
  });

  it('takes back nothing of what was set about them here', async () => {
    await start(ONE_SHOP);
    await store.shops.change('1', { cipher: 'found', pausedAtMs: 5, settings: { bufferUnits: 2 } });
    await store.accounts.change('amazon', { sharing: { kind: 'shares', percentByShop: { 1: 50 } } });

    const registry = await start(ONE_SHOP);

    expect(registry.shop('1')).toMatchObject({
      cipher: 'found',
      pausedAtMs: 5,
      settings: { bufferUnits: 2 },
    });
    expect(registry.account('amazon')?.sharing).toEqual({ kind: 'shares', percentByShop: { 1: 50 } });
  });

  it('that names another shop has its tokens serve that one only, and no shop connected here is touched', async () => {
    await start(ONE_SHOP);
    const row = await store.shops.find('1');
    if (!row) throw new Error('no shop');
    await store.shops.upsert({ ...row, shopId: '9', authorization: 'tiktok-shop/other' });

    const registry = await start({ ...ONE_SHOP, TIKTOK_SHOP_ID: '2' });

    expect(['1', '2', '9'].filter((shopId) => registry.serves(shopId))).toEqual(['2', '9']);
  });

  it('with new tokens brings back a shop that withdrew; with the same ones it stays stopped', async () => {
    await start(ONE_SHOP);
    await store.shops.change('1', { stoppedAtMs: 5 });

    expect((await start(ONE_SHOP)).serves('1')).toBe(false);
    expect((await start({ ...ONE_SHOP, TIKTOK_ACCESS_TOKEN: 'new' })).serves('1')).toBe(true);
  });

  it('without a shop and without tokens leaves nothing to serve', async () => {
    const registry = await start({});

    expect([registry.shops(), registry.accounts()]).toEqual([[], []]);
    expect(registry.serves('1')).toBe(false);
  });

  it('with a shop and no Amazon token leaves the account to be chosen', async () => {
    const { AMAZON_LWA_REFRESH_TOKEN: _none, ...env } = ONE_SHOP;

    expect((await start(env)).shop('1')?.amazonAccount).toBeNull();
  });
});
