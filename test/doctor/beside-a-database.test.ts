import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { examineAlone } from '../../src/wiring/doctor-alone.ts';
import { startWorld, type World } from '../e2e/world.ts';

describe('the doctor beside a database', () => {
  let world: World;
  let path: string;

  beforeEach(async () => {
    world = await startWorld();
    world.amazon.addSku('MUG', 5);
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 3 }] });
    path = join(world.folder, 'mcf.db');
  });
  afterEach(() => world.close());

  const examine = (env: Record<string, string> = {}) =>
    examineAlone(
      loadConfig({
        DATABASE_URL: `file:${path}`,
        ADMIN_TOKEN: 'admin-token-for-tests',
        TIKTOK_APP_KEY: 'appkey1',
        TIKTOK_APP_SECRET: 'app-secret-of-the-tests',
        TIKTOK_API_URL: world.tiktok.url,
        TIKTOK_AUTH_URL: world.tiktok.url,
        AMAZON_LWA_CLIENT_ID: 'lwa-client',
        AMAZON_LWA_CLIENT_SECRET: 'lwa-client-secret',
        AMAZON_LWA_REFRESH_TOKEN: 'Atzr|refresh',
        AMAZON_SP_API_URL: world.amazon.url,
        AMAZON_LWA_URL: world.amazon.url,
        ...env,
      }),
      systemClock,
    );
  const failedIn = (lines: Awaited<ReturnType<typeof examine>>) =>
    lines.filter(({ state }) => state === 'failed').map(({ check }) => check);

  const connect = async () => {
    await world.service.close();
    const store = await openStore({ databaseUrl: `file:${path}`, encryptionKey: null, clock: systemClock });
    const authorization = 'tiktok-shop/seller';
    await store.shops.change(world.tiktok.shop.id, { authorization });
    const { accessToken, refreshToken } = world.tiktok.tokens();
    const times = { accessExpiresAtMs: null, refreshExpiresAtMs: null };
    await store.tokens.save(authorization, { accessToken, refreshToken, ...times, origin: 'granted' });
    await store.close();
  };
  const hash = (): string => createHash('sha256').update(readFileSync(path)).digest('hex');

  it('looks into shops that were connected here, with their own tokens, and changes not a byte', async () => {
    await connect();
    const before = hash();
    const lines = await examine();

    expect(failedIn(lines)).toEqual([]);
    expect(lines).toContainEqual(
      expect.objectContaining({ check: 'tiktok_orders', state: 'passed', shopId: world.tiktok.shop.id }),
    );
    expect(hash()).toBe(before);
  });

  it('never spends a refresh token: a shop whose access token has expired is told of', async () => {
    await connect();
    world.tiktok.expireAccessToken();
    const lines = await examine();

    expect(world.tiktok.countCalls('token.refresh')).toBe(0);
    expect(lines.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(lines.find(({ check }) => check === 'tiktok_authorisation')?.message).toContain('renewed');
  });

  it('says that the key is another one than the database was made with, and still looks at Amazon', async () => {
    await connect();
    const lines = await examine({ ENCRYPTION_KEY: randomBytes(32).toString('base64') });

    expect(lines).toContainEqual(
      expect.objectContaining({ check: 'store', state: 'failed', message: expect.stringContaining('key') }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ check: 'amazon_login', state: 'passed' }));
  });
});
