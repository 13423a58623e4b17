import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { PassReport } from '../../src/reconcile/reconcile.ts';
import { type AmazonSandbox, startAmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { type RunningService, startService } from '../../src/service.ts';

const ADMIN_TOKEN = 'admin-token-for-tests';
const AMAZON = { clientId: 'lwa-client', clientSecret: 'lwa-client-secret', refreshToken: 'Atzr|refresh' };
const TIKTOK = { appKey: 'appkey1', appSecret: 'app-secret-of-the-tests' };

/** What tests read of `GET /api/orders/{orderId}`. */
export type OrderView = {
  stage: string;
  reason: string | null;
  fulfillmentId: string | null;
  nextAttemptAt: string | null;
  packages: { trackingNumber: string | null; lineIds: string[]; reportedAt: string | null }[];
  timeline: { at: string; event: string; detail: string }[];
};

export type World = {
  tiktok: TikTokSandbox;
  amazon: AmazonSandbox;
  service: RunningService;
  folder: string;
  /** Everything the service logged. */
  logs: string[];
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  reconcile(only?: string): Promise<PassReport>;
  order(orderId: string): Promise<OrderView>;
  /** Stops the service and starts it again on the same data. */
  restart(env?: Record<string, string>): Promise<void>;
  close(): Promise<void>;
};

/** The whole service against both simulators, over HTTP. */
export const startWorld = async (
  options: {
    env?: Record<string, string>;
    clock?: Clock;
    amazon?: Partial<Parameters<typeof startAmazonSandbox>[0]>;
    tiktok?: Partial<Parameters<typeof startTikTokSandbox>[0]>;
  } = {},
): Promise<World> => {
  const clock = options.clock ?? systemClock;
  const amazon = await startAmazonSandbox({ clock, ...AMAZON, automatic: false, ...options.amazon });
  const tiktok = await startTikTokSandbox({ clock, ...TIKTOK, ...options.tiktok });
  const folder = mkdtempSync(join(tmpdir(), 'mcf-e2e-'));
  const logs: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
  const tokens = tiktok.tokens();
  const env = (more: Record<string, string> = {}): Record<string, string> => ({
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: `file:${join(folder, 'mcf.db')}`,
    ADMIN_TOKEN,
    TIKTOK_APP_KEY: TIKTOK.appKey,
    TIKTOK_APP_SECRET: TIKTOK.appSecret,
    TIKTOK_SHOP_ID: tiktok.shop.id,
    TIKTOK_ACCESS_TOKEN: tokens.accessToken,
    TIKTOK_REFRESH_TOKEN: tokens.refreshToken,
    TIKTOK_API_URL: tiktok.url,
    TIKTOK_AUTH_URL: tiktok.url,
    AMAZON_LWA_CLIENT_ID: AMAZON.clientId,
    AMAZON_LWA_CLIENT_SECRET: AMAZON.clientSecret,
    AMAZON_LWA_REFRESH_TOKEN: AMAZON.refreshToken,
    AMAZON_SP_API_URL: amazon.url,
    AMAZON_LWA_URL: amazon.url,
    RECONCILE_INTERVAL_SECONDS: '0',
    ...options.env,
    ...more,
  });
  const start = async (more?: Record<string, string>): Promise<RunningService> => {
    const running = await startService(loadConfig(env(more)), clock, logger);
    tiktok.webhooks.url = `${running.url}/webhooks/tiktok`;
    return running;
  };

  const world: World = {
    tiktok,
    amazon,
    folder,
    logs,
    service: await start(),
    async api(method, path, body) {
      const response = await fetch(`${world.service.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${ADMIN_TOKEN}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async reconcile(only) {
      return (await world.api('POST', `/reconcile${only ? `?only=${only}` : ''}`)).body as PassReport;
    },
    async order(orderId) {
      return (await world.api('GET', `/api/orders/${orderId}`)).body as OrderView;
    },
    async restart(more) {
      await world.service.close();
      world.service = await start(more);
    },
    async close() {
      await world.service.close();
      await Promise.all([tiktok.close(), amazon.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
};
