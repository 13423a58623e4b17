import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { PassReport } from '../../src/reconcile/reconcile.ts';
import { type AmazonMall, startAmazonMall } from '../../src/sandbox/amazon/mall.ts';
import { startTikTokMall, type TikTokMall } from '../../src/sandbox/tiktok-shop/mall.ts';
import { type RunningService, startService } from '../../src/service.ts';

export const ADMIN_TOKEN = 'admin-token-for-tests';
export const PUBLIC_URL = 'https://mcf.example.com';
const APP = { appKey: 'appkey1', appSecret: 'app-secret-of-the-tests' };
const LWA = { clientId: 'lwa-client', clientSecret: 'lwa-client-secret' };
export const APPLICATION_ID = 'amzn1.sp.solution.example';

/** Two sellers with three shops, and two Amazon sellers. */
export const SELLERS = [
  {
    openId: 'SellerA',
    shops: [
      { id: '7490000000000000001', cipher: 'CIPHER_A1' },
      { id: '7490000000000000002', cipher: 'CIPHER_A2' },
    ],
  },
  { openId: 'SellerB', shops: [{ id: '7490000000000000003', cipher: 'CIPHER_B1' }] },
];
export const [SHOP_A1, SHOP_A2, SHOP_B1] = SELLERS.flatMap(({ shops }) => shops.map(({ id }) => id)) as [
  string,
  string,
  string,
];

export type Page = { status: number; text: string };
// oxlint-disable-next-line typescript/no-explicit-any -- a test that reads what is not there fails
export type Answer = { status: number; body: any; headers: Headers };

export type ConnectWorld = {
  tiktok: TikTokMall;
  amazon: AmazonMall;
  service: RunningService;
  /** Everything the service logged. */
  logs: string[];
  api(method: string, path: string, body?: unknown): Promise<Answer>;
  reconcile(): Promise<PassReport>;
  /** What a person does in a browser: begins, agrees there as that seller, and comes back. */
  connect(path: string, seller: string, more?: Record<string, string>): Promise<Page>;
  /** Begins and answers where the seller is sent to. */
  begin(path: string): Promise<URL>;
  /** Opens an address of this service without any token. */
  open(pathOrUrl: string | URL): Promise<Page>;
  restart(more?: Record<string, string>): Promise<void>;
  close(): Promise<void>;
};

const here = (serviceUrl: string, target: string | URL): string =>
  String(target).replace(PUBLIC_URL, serviceUrl);

export const startConnectWorld = async (
  options: {
    env?: Record<string, string>;
    clock?: Clock;
    tiktok?: Partial<Parameters<typeof startTikTokMall>[0]>;
    amazon?: Partial<Parameters<typeof startAmazonMall>[0]>;
  } = {},
): Promise<ConnectWorld> => {
  const clock = options.clock ?? systemClock;
  const tiktok = await startTikTokMall({ clock, ...APP, sellers: SELLERS, ...options.tiktok });
  tiktok.redirectUrl = `${PUBLIC_URL}/connect/tiktok-shop/callback`;
  const amazon = await startAmazonMall({
    clock,
    ...LWA,
    applicationId: APPLICATION_ID,
    accounts: [
      {
        seller: 'AMZ1',
        refreshToken: 'Atzr|refresh-token-of-one',
        automatic: false,
        sellerSkus: { A: 50, B: 50 },
      },
      {
        seller: 'AMZ2',
        refreshToken: 'Atzr|refresh-token-of-two',
        automatic: false,
        sellerSkus: { A: 50, C: 50 },
      },
    ],
    ...options.amazon,
  });
  amazon.redirectUrl = `${PUBLIC_URL}/connect/amazon/callback`;
  const folder = mkdtempSync(join(tmpdir(), 'mcf-connect-'));
  const logs: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: `file:${join(folder, 'mcf.db')}`,
    ADMIN_TOKEN,
    PUBLIC_URL,
    TIKTOK_APP_KEY: APP.appKey,
    TIKTOK_APP_SECRET: APP.appSecret,
    TIKTOK_AUTHORIZE_URL: `${tiktok.url}/open/authorize?service_id=7000000000000000001`,
    TIKTOK_API_URL: tiktok.url,
    TIKTOK_AUTH_URL: tiktok.url,
    AMAZON_LWA_CLIENT_ID: LWA.clientId,
    AMAZON_LWA_CLIENT_SECRET: LWA.clientSecret,
    AMAZON_APPLICATION_ID: APPLICATION_ID,
    AMAZON_AUTHORIZE_URL: amazon.url,
    AMAZON_SP_API_URL: amazon.url,
    AMAZON_LWA_URL: amazon.url,
    RECONCILE_INTERVAL_SECONDS: '0',
    ...options.env,
  };
  const start = async (more: Record<string, string> = {}): Promise<RunningService> => {
    const running = await startService(loadConfig({ ...env, ...more }), clock, logger);
    tiktok.sendWebhooksTo(`${running.url}/webhooks/tiktok`);
    return running;
  };
  const bearer = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const world: ConnectWorld = {
    tiktok,
    amazon,
    logs,
    service: await start(),
    async api(method, path, body) {
      const response = await fetch(`${world.service.url}${path}`, {
        method,
        redirect: 'manual',
        headers: { ...bearer, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: text === '' ? null : JSON.parse(text),
        headers: response.headers,
      };
    },
    async reconcile() {
      return (await world.api('POST', '/reconcile')).body;
    },
    async begin(path) {
      const { status, headers } = await world.api('GET', path);
      if (status !== 302) throw new Error(`${path} answered ${status}`);
      return new URL(headers.get('location') ?? '');
    },
    async open(target) {
      const url = new URL(here(world.service.url, target), world.service.url);
      const response = await fetch(url, { redirect: 'manual' });
      return { status: response.status, text: await response.text() };
    },
    async connect(path, seller, more = {}) {
      const link = await world.begin(path);
      for (const [name, value] of Object.entries({ seller, ...more })) link.searchParams.set(name, value);
      const there = await fetch(link, { redirect: 'manual' });
      return world.open(there.headers.get('location') ?? '');
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
