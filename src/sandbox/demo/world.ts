import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { loadConfig } from '../../config/load.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { type RunningService, startService } from '../../service.ts';
import { type AmazonSandbox, startAmazonSandbox } from '../amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../tiktok-shop/index.ts';
import { type Api, createApi } from './api.ts';
import { ADMIN_TOKEN, AMAZON_APP, AMAZON_STOCK, LISTINGS, TIKTOK_APP } from './cast.ts';
import { type SpeedClock, speedClock } from './clock.ts';

/** Ten minutes of the shop's day in every second. */
export const SPEED = 600;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
const OPENING_HOUR = 8;

export type DemoWorld = {
  clock: SpeedClock;
  /** When the shop opened, by the clock. */
  openedMs: number;
  tiktok: TikTokSandbox;
  amazon: AmazonSandbox;
  service: RunningService;
  api: Api;
  folder: string;
  /** Stops everything; the data goes too unless it is to be kept. */
  close(): Promise<void>;
};

/** Today at eight, and from then on at the demo's speed. */
const shopClock = (): SpeedClock =>
  speedClock(new Date(systemClock.nowMs()).setUTCHours(OPENING_HOUR, 0, 0, 0), SPEED);

const environment = (folder: string, tiktok: TikTokSandbox, amazon: AmazonSandbox) => ({
  PORT: '0',
  HOST: '127.0.0.1',
  DATABASE_URL: `file:${join(folder, 'mcf-connector.db')}`,
  ADMIN_TOKEN,
  TIKTOK_APP_KEY: TIKTOK_APP.appKey,
  TIKTOK_APP_SECRET: TIKTOK_APP.appSecret,
  TIKTOK_SHOP_ID: tiktok.shop.id,
  TIKTOK_ACCESS_TOKEN: tiktok.tokens().accessToken,
  TIKTOK_REFRESH_TOKEN: tiktok.tokens().refreshToken,
  TIKTOK_API_URL: tiktok.url,
  TIKTOK_AUTH_URL: tiktok.url,
  AMAZON_LWA_CLIENT_ID: AMAZON_APP.clientId,
  AMAZON_LWA_CLIENT_SECRET: AMAZON_APP.clientSecret,
  AMAZON_LWA_REFRESH_TOKEN: AMAZON_APP.refreshToken,
  AMAZON_SP_API_URL: amazon.url,
  AMAZON_LWA_URL: amazon.url,
});

/** At `debug`, so that whoever searches the kept log for a secret searches all there could be. */
const openLog = (folder: string, keep: boolean) =>
  keep
    ? pino({ level: 'debug' }, pino.destination({ dest: join(folder, 'service.log'), sync: true }))
    : pino({ level: 'silent' });

const startSimulators = async (clock: Clock) => {
  const amazon = await startAmazonSandbox({ clock, ...AMAZON_APP, sellerSkus: AMAZON_STOCK });
  const tiktok = await startTikTokSandbox({ clock, ...TIKTOK_APP });
  for (const { sku, shown } of LISTINGS)
    tiktok.addProduct({ title: sku, skus: [{ sellerSku: sku, stock: shown }] });
  return { amazon, tiktok };
};

/** Both simulators and the service, with its default settings, on one clock and real HTTP. */
export const openShop = async (options: { keep: boolean }): Promise<DemoWorld> => {
  const clock = shopClock();
  const openedMs = clock.nowMs();
  const { amazon, tiktok } = await startSimulators(clock);
  const folder = mkdtempSync(join(tmpdir(), 'mcf-connector-demo-'));
  const closeRest = async (): Promise<void> => {
    await Promise.all([tiktok.close(), amazon.close()]);
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const config = loadConfig(environment(folder, tiktok, amazon));
    const service = await startService(config, clock, openLog(folder, options.keep));
    tiktok.webhooks.url = `${service.url}/webhooks/tiktok`;
    const close = async (): Promise<void> => {
      await service.close();
      await closeRest();
    };
    return { clock, openedMs, tiktok, amazon, service, api: createApi(service.url), folder, close };
  } catch (error) {
    await closeRest();
    throw error;
  }
};
