import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { type AmazonSandbox, startAmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';

const MAIN = resolve(import.meta.dirname, '../../src/start.js');

type Started = { child: ChildProcess; output: () => string; exited: Promise<number | null> };

describe('the process', () => {
  let folder: string;
  let amazon: AmazonSandbox;
  let tiktok: TikTokSandbox;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcf-process-'));
    const amazonKeys = { clientId: 'client', clientSecret: 'client-secret', refreshToken: 'Atzr|x' };
    amazon = await startAmazonSandbox({ clock: systemClock, ...amazonKeys, automatic: false });
    tiktok = await startTikTokSandbox({ clock: systemClock, appKey: 'key1', appSecret: 'shop-secret-1' });
    amazon.addSku('MUG', 50);
    tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 30 }] });
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all([amazon.close(), tiktok.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (): Record<string, string> => ({
    PORT: '0',
    HOST: '127.0.0.1',
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
    RECONCILE_INTERVAL_SECONDS: '0',
    LOG_LEVEL: 'info',
  });

  const start = (env: Record<string, string>): Started => {
    const child = spawn(process.execPath, [MAIN], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => (output += String(chunk)));
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    return { child, output: () => output, exited };
  };

  const listening = async (started: Started): Promise<string> => {
    const url = await vi.waitFor(
      () => {
        const found = /"url":"([^"]+)"/.exec(started.output())?.[1];
        if (!found) throw new Error(`not listening yet: ${started.output()}`);
        return found;
      },
      { timeout: 15_000 },
    );
    tiktok.webhooks.url = `${url}/webhooks/tiktok`;
    return url;
  };

  it('is healthy before any upstream answered, and writes only beside its database', async () => {
    const unreachable = { TIKTOK_API_URL: 'http://127.0.0.1:9', AMAZON_SP_API_URL: 'http://127.0.0.1:9' };
    const started = start({ ...environment(), ...unreachable });

    const url = await listening(started);

    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(readdirSync(folder)).toEqual(['data']);
    expect(statSync(join(folder, 'data', 'mcf.db.key')).mode & 0o777).toBe(0o600);
  });

  it('SIGTERM closes the port, finishes what is in hand and ends with 0', async () => {
    const started = start(environment());
    const url = await listening(started);
    tiktok.faults.next('orders.detail', { slowMs: 700 });
    const { orderId } = tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    await vi.waitFor(() => expect(tiktok.countCalls('orders.detail')).toBe(1));

    started.child.kill('SIGTERM');

    expect(await started.exited).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
    expect(amazon.creates.map((create) => create.fulfillmentId)).toEqual([`TTS-${orderId}`]);
  });

  it('kill -9 loses no acknowledged webhook and makes no second create', async () => {
    const first = start({ ...environment(), WEBHOOK_BUDGET_MS: '0' });
    await listening(first);
    tiktok.faults.next('orders.detail', { slowMs: 60_000 });
    const { orderId } = tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    await vi.waitFor(() => expect(tiktok.webhooks.deliveries.at(-1)?.status).toBe('delivered'));
    // Else the slow answer would be there for the second process.
    await vi.waitFor(() => expect(tiktok.countCalls('orders.detail')).toBe(1), { timeout: 10_000 });
    first.child.kill('SIGKILL');
    await first.exited;
    expect(amazon.creates).toEqual([]);

    const second = start(environment());
    await listening(second);
    await vi.waitFor(() => expect(amazon.creates).toHaveLength(1), { timeout: 10_000 });
    second.child.kill('SIGKILL');
    await second.exited;
    const third = start(environment());
    const url = await listening(third);
    await fetch(`${url}/reconcile`, { headers: { authorization: 'Bearer admin-token-for-tests' } });

    expect(amazon.creates.map((create) => create.fulfillmentId)).toEqual([`TTS-${orderId}`]);
    expect(amazon.duplicateCreates).toEqual([]);
    // Three starts, on a machine that may be busy.
  }, 60_000);

  it('names every fault of its settings in one message, without a value, and does not start', async () => {
    const { ADMIN_TOKEN: _, ...rest } = environment();

    const started = start({ ...rest, PORT: 'high-port', TIKTOK_APP_SECRET: '', ENCRYPTION_KEY: 'short-key' });

    expect(await started.exited).toBe(1);
    for (const name of ['PORT', 'ADMIN_TOKEN', 'TIKTOK_APP_SECRET', 'ENCRYPTION_KEY']) {
      expect(started.output()).toContain(`${name}:`);
    }
    expect(started.output()).not.toMatch(/high-port|short-key/);
  });

  it('a malformed SKU map file stops the start with every bad row named', async () => {
    const file = join(folder, 'map.csv');
    writeFileSync(file, 'shop_id,channel_sku,amazon_sku,quantity\n,A,,1\n,B,X,0\n');

    const started = start({ ...environment(), SKU_MAP_FILE: file });

    expect(await started.exited).toBe(1);
    expect(started.output()).toMatch(/row 2[\s\S]*row 3/);
  });

  it('a second process on the same database is refused and leaves the first alone', async () => {
    const first = start(environment());
    const url = await listening(first);

    const second = start(environment());

    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/Another mcf-connector/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  }, 40_000);
});
