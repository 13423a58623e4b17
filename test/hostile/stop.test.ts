import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openSocket } from './raw-socket.ts';

const MAIN = resolve(import.meta.dirname, '../../src/start.js');
const NOWHERE = 'http://127.0.0.1:9';

describe('the process, while clients are slow', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcf-stop-'));
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends by itself with 0 after SIGTERM', async () => {
    const env = {
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: `file:${join(folder, 'mcf.db')}`,
      ADMIN_TOKEN: 'admin-token-for-tests',
      TIKTOK_APP_KEY: 'key1',
      TIKTOK_APP_SECRET: 'shop-secret-1',
      TIKTOK_SHOP_ID: '1',
      TIKTOK_ACCESS_TOKEN: 'access',
      TIKTOK_REFRESH_TOKEN: 'refresh',
      TIKTOK_API_URL: NOWHERE,
      TIKTOK_AUTH_URL: NOWHERE,
      AMAZON_LWA_CLIENT_ID: 'client',
      AMAZON_LWA_CLIENT_SECRET: 'client-secret',
      AMAZON_LWA_REFRESH_TOKEN: 'Atzr|x',
      AMAZON_SP_API_URL: NOWHERE,
      AMAZON_LWA_URL: NOWHERE,
      RECONCILE_INTERVAL_SECONDS: '0',
    };
    const started = spawn(process.execPath, [MAIN], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let output = '';
    started.stdout.on('data', (chunk) => (output += String(chunk)));
    const exited = once(started, 'exit');
    const port = await vi.waitFor(
      () => {
        const found = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(output)?.[1];
        if (!found) throw new Error(`not listening yet: ${output}`);
        return Number(found);
      },
      { timeout: 15_000 },
    );
    const silent = await openSocket(port);
    const slowHead = await openSocket(port);
    slowHead.write('GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const slowBody = await openSocket(port);
    slowBody.write('POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{');
    const resting = await openSocket(port);
    resting.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await resting.until(/"ok"\}/);

    started.kill('SIGTERM');

    expect(await exited).toEqual([0, null]);
    await Promise.all([silent, slowHead, slowBody, resting].map((raw) => raw.closed));
  }, 40_000);
});
