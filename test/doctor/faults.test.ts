import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOPICS } from '../../src/channels/tiktok-shop/events.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Line } from '../../src/doctor/line.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { Transport } from '../../src/lib/http-client.ts';
import { type AmazonSandbox, startAmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { examineAlone } from '../../src/wiring/doctor-alone.ts';

const PUBLIC_URL = 'https://mcf.example.com';
const AMAZON = { clientId: 'lwa-client', clientSecret: 'lwa-client-secret', refreshToken: 'Atzr|refresh' };
const MINUTE_MS = 60_000;

describe('the doctor names a prepared fault, its fix, and nothing that is independent of it', () => {
  let tiktok: TikTokSandbox;
  let amazon: AmazonSandbox;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcf-doctor-'));
    amazon = await startAmazonSandbox({ clock: systemClock, ...AMAZON, automatic: false });
    tiktok = await startTikTokSandbox({ clock: systemClock, appKey: 'key1', appSecret: 'shop-secret-1' });
    amazon.addSku('MUG', 5);
    tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 3 }] });
    for (const topic of TOPICS) register(topic);
  });
  afterEach(async () => {
    await Promise.all([tiktok.close(), amazon.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const register = (topic: string, address = `${PUBLIC_URL}/webhooks/tiktok`): void => {
    tiktok.registrations.set(topic, { address, createTime: 1, updateTime: 1 });
  };

  const examine = (env: Record<string, string> = {}, clock: Clock = systemClock, transport?: Transport) =>
    examineAlone(
      loadConfig({
        DATABASE_URL: `file:${join(folder, 'mcf.db')}`,
        ADMIN_TOKEN: 'admin-token-for-tests',
        PUBLIC_URL,
        ALERT_WEBHOOK_URL: 'https://hooks.example.com/alerts',
        TIKTOK_APP_KEY: 'key1',
        TIKTOK_APP_SECRET: 'shop-secret-1',
        TIKTOK_SHOP_ID: tiktok.shop.id,
        TIKTOK_ACCESS_TOKEN: tiktok.tokens().accessToken,
        TIKTOK_REFRESH_TOKEN: tiktok.tokens().refreshToken,
        TIKTOK_API_URL: tiktok.url,
        TIKTOK_AUTH_URL: tiktok.url,
        AMAZON_LWA_CLIENT_ID: AMAZON.clientId,
        AMAZON_LWA_CLIENT_SECRET: AMAZON.clientSecret,
        AMAZON_LWA_REFRESH_TOKEN: AMAZON.refreshToken,
        AMAZON_SP_API_URL: amazon.url,
        AMAZON_LWA_URL: amazon.url,
        ...env,
      }),
      clock,
      { random: Math.random, ...(transport ? { transport } : {}) },
    );

  const named = (lines: readonly Line[], state: Line['state']): string[] => [
    ...new Set(lines.filter((line) => line.state === state).map(({ check }) => check)),
  ];
  const fixOf = (lines: readonly Line[], check: string): string =>
    lines.find((line) => line.check === check && line.state !== 'passed')?.fix ?? '';
  const expectFixes = (lines: readonly Line[]): void => {
    for (const { state, fix } of lines) expect(fix === null).toBe(state === 'passed');
  };

  it('without a fault every line is passed, and nothing was changed anywhere', async () => {
    const lines = await examine();

    expect(lines.filter(({ state }) => state !== 'passed')).toEqual([]);
    expect(lines.length).toBeGreaterThan(14);
    // Reading the clock asks for nothing that there is.
    expect(tiktok.violations.filter(({ operation }) => operation !== 'unknown')).toEqual([]);
    expect(amazon.violations.filter(({ operation }) => operation !== 'unknown')).toEqual([]);
    expect(amazon.calls.map(({ operation }) => operation)).not.toContain('createFulfillmentOrder');
    expect(tiktok.countCalls('token.refresh')).toBe(0);
  });

  it('wrong secret of Amazon', async () => {
    const lines = await examine({ AMAZON_LWA_CLIENT_SECRET: 'another' });

    expect(named(lines, 'failed')).toEqual(['amazon_login']);
    expect(fixOf(lines, 'amazon_login')).toContain('AMAZON_LWA_CLIENT_SECRET');
    expectFixes(lines);
  });

  it('wrong secret of TikTok', async () => {
    const lines = await examine({ TIKTOK_APP_SECRET: 'another' });

    expect(named(lines, 'failed')).toEqual(['tiktok_authorisation']);
    expect(fixOf(lines, 'tiktok_authorisation')).toContain('TIKTOK_APP_SECRET');
  });

  it('wrong region, by the marketplace', async () => {
    const lines = await examine({ AMAZON_REGION: 'eu' });

    expect(named(lines, 'failed')).toEqual(['amazon_region']);
    expect(fixOf(lines, 'amazon_region')).toContain('AMAZON_REGION=na');
  });

  it('wrong region, by who answers', async () => {
    // A European seller who left the defaults as they are.
    const lines = await examine({ AMAZON_SP_API_URL: '' }, systemClock, {
      async send({ url, method, headers, body }) {
        const { host, pathname, search } = new URL(url);
        const isOther = /^sellingpartnerapi-(?:na|fe)\./.test(host);
        const target = host.startsWith('sellingpartnerapi-') ? `${amazon.url}${pathname}${search}` : url;
        const response = await fetch(target, { method, headers, ...(body === undefined ? {} : { body }) });
        const text = await response.text();
        const refusal = '{"errors":[{"code":"Unauthorized","message":"Access denied"}]}';
        return {
          status: isOther ? 403 : response.status,
          headers: Object.fromEntries(response.headers),
          text: isOther ? refusal : text,
        };
      },
      close: () => undefined,
    });

    expect(lines.filter(({ state }) => state === 'failed')).toMatchObject([{ check: 'amazon_region' }]);
    expect(fixOf(lines, 'amazon_region')).toContain('AMAZON_REGION=eu');
  });

  it('missing scope', async () => {
    const refusal = { code: 105005, message: 'Access denied: scope', request_id: 'r' };
    tiktok.faults.next('returns.search', { status: 403, body: refusal });
    const lines = await examine();

    expect(named(lines, 'failed')).toEqual(['tiktok_returns']);
    expect(fixOf(lines, 'tiktok_returns')).toContain('scope');
  });

  it.each([10, -10])('skewed clock, by %i minutes', async (minutes) => {
    const skewed = { ...systemClock, nowMs: () => systemClock.nowMs() + minutes * MINUTE_MS };
    const lines = await examine({}, skewed);

    expect(named(lines, 'failed')).toEqual(['clock']);
    expect(fixOf(lines, 'clock')).toContain('NTP');
    expect(named(lines, 'warned')).toContain('tiktok_authorisation');
  });

  it('a clock that is two minutes off is a warning', async () => {
    const skewed = { ...systemClock, nowMs: () => systemClock.nowMs() + 2 * MINUTE_MS };

    expect(named(await examine({}, skewed), 'warned')).toContain('clock');
  });

  it('unregistered webhook', async () => {
    tiktok.registrations.delete('ORDER_STATUS_CHANGE');
    register('PACKAGE_UPDATE', 'https://other.example.com/hook');
    const lines = await examine();

    expect(named(lines, 'failed')).toEqual(['tiktok_webhooks']);
    expect(named(lines, 'warned')).toEqual(['tiktok_webhooks']);
    expect(fixOf(lines, 'tiktok_webhooks')).toContain('webhooks register');
    expect(tiktok.registrations.has('ORDER_STATUS_CHANGE')).toBe(false);
  });

  it('unmapped SKU', async () => {
    tiktok.addProduct({ skus: [{ sellerSku: 'NOWHERE-7', stock: 3 }] });
    const lines = await examine();

    expect(named(lines, 'failed')).toEqual([]);
    expect(named(lines, 'warned')).toEqual(['sku_map']);
    expect(lines.find(({ check }) => check === 'sku_map')?.message).toContain('NOWHERE-7');
    expect(fixOf(lines, 'sku_map')).toContain('sku-map');
  });

  it('disabled warehouse', async () => {
    for (const warehouse of tiktok.warehouses) warehouse.status = 'DISABLED';
    const lines = await examine();

    expect(named(lines, 'failed')).toEqual(['tiktok_warehouses']);
    expect(fixOf(lines, 'tiktok_warehouses')).toContain('Seller Center');
  });

  it('expired authorisation', async () => {
    tiktok.revoke();
    const lines = await examine();

    expect(named(lines, 'failed')).toEqual(['tiktok_authorisation']);
    expect(fixOf(lines, 'tiktok_authorisation')).toContain('/connect/tiktok-shop');
  });

  it('wrong cipher', async () => {
    const lines = await examine({ TIKTOK_SHOP_CIPHER: 'TTP_wrong' });

    expect(named(lines, 'failed')).toEqual(['tiktok_cipher']);
    expect(fixOf(lines, 'tiktok_cipher')).toContain('TIKTOK_SHOP_CIPHER');
  });

  it('a TikTok that never answers costs its own lines only', async () => {
    tiktok.faults.next('shops.list', 'reset-before', 20);
    const lines = await examine();

    expect(named(lines, 'failed')).toEqual(['tiktok_authorisation']);
    expect(named(lines, 'passed')).toEqual(expect.arrayContaining(['store', 'amazon_login', 'amazon_stock']));
  });
});
