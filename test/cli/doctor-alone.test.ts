import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { type AmazonSandbox, startAmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { runCli } from './process.ts';

const NOBODY = 65_534;

describe('doctor without a service', () => {
  let folder: string;
  let tiktok: TikTokSandbox;
  let amazon: AmazonSandbox;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcf-cli-doctor-'));
    chmodSync(folder, 0o755);
    const keys = { clientId: 'client', clientSecret: 'client-secret', refreshToken: 'Atzr|x' };
    amazon = await startAmazonSandbox({ clock: systemClock, ...keys, automatic: false });
    tiktok = await startTikTokSandbox({ clock: systemClock, appKey: 'key1', appSecret: 'shop-secret-1' });
    amazon.addSku('MUG', 5);
    tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 3 }] });
  });
  afterEach(async () => {
    await Promise.all([tiktok.close(), amazon.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (): Record<string, string> => ({
    MCF_URL: 'http://127.0.0.1:65533',
    DATABASE_URL: `file:${join(folder, 'data', 'mcf.db')}`,
    ADMIN_TOKEN: 'admin-token-for-tests',
    TIKTOK_APP_KEY: 'key1',
    TIKTOK_APP_SECRET: 'shop-secret-1',
    TIKTOK_SHOP_ID: tiktok.shop.id,
    TIKTOK_ACCESS_TOKEN: tiktok.tokens().accessToken,
    TIKTOK_REFRESH_TOKEN: tiktok.tokens().refreshToken,
    TIKTOK_API_URL: tiktok.url,
    TIKTOK_AUTH_URL: tiktok.url,
    AMAZON_LWA_CLIENT_ID: 'client',
    AMAZON_LWA_CLIENT_SECRET: 'client-secret',
    AMAZON_LWA_REFRESH_TOKEN: 'Atzr|x',
    AMAZON_SP_API_URL: amazon.url,
    AMAZON_LWA_URL: amazon.url,
  });
  const doctor = (env: Record<string, string>, uid?: number) =>
    runCli(['doctor', '--json'], { env, cwd: folder, ...(uid === undefined ? {} : { uid }) });
  const failedIn = (out: string): string[] =>
    JSON.parse(out)
      .lines.filter(({ state }: { state: string }) => state === 'failed')
      .map(({ check }: { check: string }) => check);

  it('looks from where it is, and ends with 0 when nothing failed', async () => {
    const { code, out } = await doctor(environment());

    expect(failedIn(out)).toEqual([]);
    expect(JSON.parse(out)).toMatchObject({ service: null });
    expect(code).toBe(0);
  });

  it('a data directory that cannot be written fails with its fix, and nothing else does', async () => {
    mkdirSync(join(folder, 'data'));
    chmodSync(join(folder, 'data'), 0o555);
    const { code, out } = await doctor(environment(), process.getuid?.() === 0 ? NOBODY : undefined);

    expect(failedIn(out)).toEqual(['store']);
    expect(out).toContain('chown');
    expect(code).toBe(1);
  });

  it('a faulty environment is one line a fault, without a value of it', async () => {
    const { TIKTOK_APP_KEY: _, ...rest } = environment();
    const { code, out } = await doctor({ ...rest, ADMIN_TOKEN: 'too-short' });

    expect(failedIn(out)).toEqual(['configuration', 'configuration']);
    expect(out).toContain('TIKTOK_APP_KEY');
    expect(out).not.toContain('too-short');
    expect(code).toBe(1);
  });
});
