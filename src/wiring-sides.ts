import type { FastifyBaseLogger } from 'fastify';
import type { Shop } from './channels/channel.ts';
import { createTikTokShop, type TikTokShop } from './channels/tiktok-shop/index.ts';
import type { Config } from './config/variables.ts';
import { createAmazonMcf } from './fulfillment/amazon-mcf/index.ts';
import { REGIONS } from './fulfillment/amazon-mcf/regions.ts';
import type { FulfillmentProvider } from './fulfillment/provider.ts';
import type { Clock } from './lib/clock.ts';
import type { HttpClient } from './lib/http-client.ts';
import type { Quota } from './lib/quota.ts';
import { createSide, partsOfSide, type Side, type SideArea, sideName } from './lib/side.ts';
import { fulfillmentIdFor } from './orders/model.ts';
import type { ShopRow, Store } from './store/store.ts';
import { VERSION } from './version.ts';

/** What everything else is made of. */
export type Parts = {
  config: Config;
  clock: Clock;
  logger: FastifyBaseLogger;
  quota: Quota;
  http: HttpClient;
  store: Store;
  /** In [0, 1). */
  random: () => number;
  sides: Map<string, Side>;
};

const sideOf = ({ sides, clock }: Parts, account: string, area: SideArea): Side => {
  const name = sideName(account, area);
  const side = sides.get(name) ?? createSide(name, clock);
  sides.set(name, side);
  return side;
};

/** Amazon, as the provider that ships. */
export const wireProvider = (parts: Parts): FulfillmentProvider => {
  const { config, http, quota, clock } = parts;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: session,
  } = config;
  const aws =
    accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, ...(session ? { sessionToken: session } : {}) }
      : null;
  return createAmazonMcf({
    http,
    quota,
    clock,
    sideFor: (area) => sideOf(parts, 'amazon-mcf', area),
    account: 'amazon',
    region: config.AMAZON_REGION,
    marketplaceId: config.AMAZON_MARKETPLACE_ID,
    spApiUrl: config.AMAZON_SP_API_URL ?? REGIONS[config.AMAZON_REGION].spApiUrl,
    lwaUrl: config.AMAZON_LWA_URL,
    clientId: config.AMAZON_LWA_CLIENT_ID,
    clientSecret: config.AMAZON_LWA_CLIENT_SECRET,
    refreshToken: config.AMAZON_LWA_REFRESH_TOKEN,
    aws,
    version: VERSION,
  });
};

/** The shop of the environment, if one is named there. */
const configuredShop = (config: Config): ShopRow | null =>
  config.TIKTOK_SHOP_ID
    ? {
        channel: 'tiktok-shop',
        shopId: config.TIKTOK_SHOP_ID,
        region: null,
        cipher: config.TIKTOK_SHOP_CIPHER ?? null,
      }
    : null;

/** TikTok Shop, as the channel that sells. */
export const wireChannel = (parts: Parts): TikTokShop => {
  const { config, http, quota, clock, store } = parts;
  const own = configuredShop(config);
  const hasTokens = config.TIKTOK_ACCESS_TOKEN !== undefined || config.TIKTOK_REFRESH_TOKEN !== undefined;
  return createTikTokShop({
    http,
    quota,
    clock,
    tokens: store.tokens,
    sideFor: (shopId, area) => sideOf(parts, `tiktok-shop/${shopId}`, area),
    appKey: config.TIKTOK_APP_KEY,
    appSecrets: config.TIKTOK_APP_SECRET,
    apiUrl: config.TIKTOK_API_URL,
    authUrl: config.TIKTOK_AUTH_URL,
    shops: {
      async find(shopId) {
        if (own?.shopId === shopId && own.cipher) return own;
        const rows = await store.shops.all();
        return rows.find((row) => row.shopId === shopId) ?? null;
      },
      save: (row) => store.shops.upsert(row),
    },
    initialTokens: hasTokens
      ? {
          accessToken: config.TIKTOK_ACCESS_TOKEN ?? null,
          refreshToken: config.TIKTOK_REFRESH_TOKEN ?? null,
        }
      : null,
  });
};

/** The cheapest call of an area, which tells whether its side is back. */
export const wireProbe =
  ({ clock }: Parts, provider: FulfillmentProvider, channel: TikTokShop) =>
  async (name: string): Promise<unknown> => {
    const { account, area } = partsOfSide(name);
    if (account === provider.name) {
      if (area === 'stock') return provider.fetchStock(['-']);
      return area === 'returns' ? provider.returnReasons('-') : provider.fetch(fulfillmentIdFor('0', 1));
    }
    const shop = { channel: channel.name, shopId: account.slice(channel.name.length + 1), region: null };
    if (area === 'stock') return channel.fetchListings(shop);
    if (area === 'orders') return channel.fetchOrders(shop, ['0']);
    return channel.searchReturns(shop, { updatedFromMs: clock.nowMs() }).next();
  };

/** The shops served: the one the environment names, else every shop of its token. */
export const wireShops = async (parts: Parts, channel: TikTokShop) => {
  const own = configuredShop(parts.config);
  let rows = own ? [own] : await parts.store.shops.all();
  const hasTokens = parts.config.TIKTOK_ACCESS_TOKEN ?? parts.config.TIKTOK_REFRESH_TOKEN;
  return {
    serves: (shopId: string): boolean => rows.some((row) => row.shopId === shopId),
    async list(): Promise<Shop[]> {
      if (rows.length === 0 && hasTokens) rows = await channel.discoverShops();
      return rows.map(({ channel: name, shopId, region }) => ({ channel: name, shopId, region }));
    },
  };
};
