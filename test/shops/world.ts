import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { OrderRecord } from '../../src/orders/model.ts';
import type { PassReport } from '../../src/reconcile/reconcile.ts';
import { startAmazonMall } from '../../src/sandbox/amazon/mall.ts';
import { startTikTokMall } from '../../src/sandbox/tiktok-shop/mall.ts';
import { type RunningService, startService } from '../../src/service.ts';
import { openStore } from '../../src/store/open.ts';
import type { AmazonAccountRow, ShopRow, Store } from '../../src/store/store.ts';

const ADMIN_TOKEN = 'admin-token-for-tests';
const APP = { appKey: 'appkey1', appSecret: 'app-secret-of-the-tests' };
const LWA = { clientId: 'lwa-client', clientSecret: 'lwa-client-secret' };
const MARKETPLACE = 'ATVPDKIKX0DER';
/** The shops of two sellers: the first two act under one authorisation, the third under another. */
export const SHOPS = ['7490000000000000001', '7490000000000000002', '7490000000000000003'] as const;
export type ShopNumber = 0 | 1 | 2;

const shopRow = (shopId: string, authorization: string, amazonAccount: string | null): ShopRow => ({
  channel: 'tiktok-shop',
  shopId,
  name: null,
  region: 'US',
  // Looked up with the tokens of its own authorisation.
  cipher: null,
  authorization,
  amazonAccount,
  settings: {},
  connectedAtMs: 1,
  pausedAtMs: null,
  stoppedAtMs: null,
  authorizationExpiresAtMs: null,
});

const accountRow = (accountId: string, sharing: AmazonAccountRow['sharing']): AmazonAccountRow => ({
  accountId,
  name: null,
  sellingPartnerId: null,
  region: 'na',
  marketplaceId: MARKETPLACE,
  sharing,
  connectedAtMs: 1,
  stoppedAtMs: null,
});

export type ShopsOptions = {
  /** The account of each shop; default: the first two at `one`, the third at `two`. */
  accounts?: readonly (string | null)[];
  sharing?: AmazonAccountRow['sharing'];
  /** What Amazon can ship of each SKU, in both accounts. */
  stock?: Record<string, number>;
  env?: Record<string, string>;
};

const startMalls = async ({ stock = { A: 50, B: 50 } }: ShopsOptions) => {
  const clock = systemClock;
  const tiktok = await startTikTokMall({
    clock,
    ...APP,
    sellers: [
      {
        openId: 'SellerA',
        shops: [
          { id: SHOPS[0], cipher: 'CIPHER_1' },
          { id: SHOPS[1], cipher: 'CIPHER_2' },
        ],
      },
      { openId: 'SellerB', shops: [{ id: SHOPS[2], cipher: 'CIPHER_3' }] },
    ],
  });
  // Stock is taken as soon as an order is there, as Amazon does within a minute.
  const delays = { receivedMs: 0, planningMs: 0 };
  const amazon = await startAmazonMall({
    clock,
    ...LWA,
    applicationId: 'app',
    accounts: [
      { seller: 'AMZ1', refreshToken: 'Atzr|one', sellerSkus: stock, delays },
      { seller: 'AMZ2', refreshToken: 'Atzr|two', sellerSkus: stock, delays },
    ],
  });
  return { tiktok, amazon };
};

type Malls = Awaited<ReturnType<typeof startMalls>>;

const connectAll = async (store: Store, { tiktok }: Malls, options: ShopsOptions): Promise<void> => {
  const { accounts = ['one', 'one', 'two'], sharing = { kind: 'all' } } = options;
  const nothing = {
    accessToken: null,
    accessExpiresAtMs: null,
    refreshExpiresAtMs: null,
    origin: 'connected',
  };
  for (const [accountId, refreshToken] of [
    ['one', 'Atzr|one'],
    ['two', 'Atzr|two'],
  ] as const) {
    await store.accounts.upsert(accountRow(accountId, sharing));
    await store.tokens.save(`amazon-mcf/${accountId}`, { ...nothing, refreshToken });
  }
  for (const [index, shopId] of SHOPS.entries()) {
    const authorization = index < 2 ? 'tiktok-shop/SellerA' : 'tiktok-shop/SellerB';
    await store.tokens.save(authorization, { ...nothing, ...tiktok.shop(shopId).tokens() });
    await store.shops.upsert(shopRow(shopId, authorization, accounts[index] ?? null));
  }
};

/** The whole service with three shops of two sellers and two Amazon accounts, against both simulators, over HTTP. */
export const startShops = async (options: ShopsOptions = {}) => {
  const malls = await startMalls(options);
  const { tiktok, amazon } = malls;
  const folder = mkdtempSync(join(tmpdir(), 'mcf-shops-'));
  const databaseUrl = `file:${join(folder, 'mcf.db')}`;
  const before = await openStore({ databaseUrl, encryptionKey: null, clock: systemClock });
  await connectAll(before, malls, options);
  await before.close();
  const config = loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    ADMIN_TOKEN,
    TIKTOK_APP_KEY: APP.appKey,
    TIKTOK_APP_SECRET: APP.appSecret,
    TIKTOK_API_URL: tiktok.url,
    TIKTOK_AUTH_URL: tiktok.url,
    AMAZON_LWA_CLIENT_ID: LWA.clientId,
    AMAZON_LWA_CLIENT_SECRET: LWA.clientSecret,
    AMAZON_SP_API_URL: amazon.url,
    AMAZON_LWA_URL: amazon.url,
    RECONCILE_INTERVAL_SECONDS: '0',
    ...options.env,
  });
  const running: RunningService = await startService(config, systemClock, pino({ level: 'silent' }));
  tiktok.sendWebhooksTo(`${running.url}/webhooks/tiktok`);
  const { store } = running.service;
  return {
    tiktok,
    amazon,
    store,
    service: running.service,
    /** Shop 0, 1 or 2. */
    shop: (index: ShopNumber) => tiktok.shop(SHOPS[index]),
    async reconcile(): Promise<PassReport> {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const response = await fetch(`${running.url}/reconcile`, { method: 'POST', headers });
      return (await response.json()) as PassReport;
    },
    async health(): Promise<unknown> {
      return (await fetch(`${running.url}/health`)).json();
    },
    async order(index: ShopNumber, orderId: string): Promise<OrderRecord> {
      const key = { channel: 'tiktok-shop', shopId: SHOPS[index], orderId };
      const record = await store.orders.get(key);
      if (!record) throw new Error(`no order ${orderId}`);
      return record;
    },
    async close(): Promise<void> {
      await running.close();
      await Promise.all([tiktok.close(), amazon.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type ShopsWorld = Awaited<ReturnType<typeof startShops>>;
