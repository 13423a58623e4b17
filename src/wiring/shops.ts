import type { Shop } from '../channels/channel.ts';
import { ENVIRONMENT_AUTHORIZATION, type TikTokShop } from '../channels/tiktok-shop/index.ts';
import type { AmazonAccountRow, ShopRow } from '../store/store.ts';
import type { Parts } from './parts.ts';

/** Id of the Amazon account that the environment names. */
export const ENVIRONMENT_ACCOUNT = 'amazon';

const CHANNEL = 'tiktok-shop';
/** Fingerprint of the environment's tokens as the last start found them. */
const TOKENS_CURSOR = 'environment/tokens';

/** The shops and Amazon accounts that there are, as the store last said: asked at every order, so kept in memory. */
export type Registry = {
  shops: () => readonly ShopRow[];
  shop: (shopId: string) => ShopRow | null;
  accounts: () => readonly AmazonAccountRow[];
  account: (accountId: string) => AmazonAccountRow | null;
  /** Shops whose orders one account ships, those included that are stopped. */
  shopsOf: (accountId: string) => readonly ShopRow[];
  /** The shop is known and has not withdrawn its authorisation. */
  serves: (shopId: string) => boolean;
  /** Reads the rows anew, after a change of them. */
  reload: () => Promise<void>;
};

const EMPTY: Omit<ShopRow, 'shopId' | 'authorization'> = {
  channel: CHANNEL,
  name: null,
  region: null,
  cipher: null,
  amazonAccount: null,
  settings: {},
  connectedAtMs: null,
  pausedAtMs: null,
  stoppedAtMs: null,
  authorizationExpiresAtMs: null,
};

type RegistryParts = Pick<Parts, 'config' | 'store' | 'clock'>;

const hasTokens = ({ config }: RegistryParts): boolean =>
  (config.TIKTOK_ACCESS_TOKEN ?? config.TIKTOK_REFRESH_TOKEN) !== undefined;

const saveEnvironmentAccount = async ({ config, store }: RegistryParts): Promise<void> => {
  if (!config.AMAZON_LWA_REFRESH_TOKEN) return;
  const place = { region: config.AMAZON_REGION, marketplaceId: config.AMAZON_MARKETPLACE_ID };
  if (await store.accounts.change(ENVIRONMENT_ACCOUNT, place)) return;
  await store.accounts.upsert({
    accountId: ENVIRONMENT_ACCOUNT,
    name: null,
    sellingPartnerId: null,
    ...place,
    sharing: { kind: 'all' },
    connectedAtMs: null,
    stoppedAtMs: null,
  });
};

const environmentAccount = ({ config }: RegistryParts): string | null =>
  config.AMAZON_LWA_REFRESH_TOKEN ? ENVIRONMENT_ACCOUNT : null;

/** New tokens in the environment are a new authorisation. */
const areTokensNew = async ({ config, store }: RegistryParts): Promise<boolean> => {
  const { TIKTOK_ACCESS_TOKEN: access, TIKTOK_REFRESH_TOKEN: refresh } = config;
  const mark = store.keyedHash(JSON.stringify([access ?? null, refresh ?? null]));
  const last = await store.cursors.get(TOKENS_CURSOR);
  if (last !== mark) await store.cursors.set(TOKENS_CURSOR, mark);
  return last !== null && last !== mark;
};

const saveEnvironmentShop = async (parts: RegistryParts): Promise<void> => {
  const { config, store } = parts;
  const isNew = await areTokensNew(parts);
  const shopId = config.TIKTOK_SHOP_ID;
  if (!shopId) return;
  const known = await store.shops.find(shopId);
  const row = known ?? { ...EMPTY, shopId, authorization: ENVIRONMENT_AUTHORIZATION };
  if (isNew && row.stoppedAtMs !== null) await store.orders.wake(['shop_disconnected'], parts.clock.nowMs());
  await store.shops.upsert({
    ...row,
    cipher: config.TIKTOK_SHOP_CIPHER ?? row.cipher,
    // One that was connected here since the environment last changed is the newer authorisation.
    authorization: isNew && hasTokens(parts) ? ENVIRONMENT_AUTHORIZATION : row.authorization,
    amazonAccount: row.amazonAccount ?? environmentAccount(parts),
    stoppedAtMs: isNew ? null : row.stoppedAtMs,
  });
};

/** A shop that the environment named once and does not name any more is not served by its tokens. */
const isInForce = ({ config }: RegistryParts, { shopId, authorization }: ShopRow): boolean =>
  authorization !== ENVIRONMENT_AUTHORIZATION ||
  config.TIKTOK_SHOP_ID === undefined ||
  config.TIKTOK_SHOP_ID === shopId;

/** Writes what the environment names into the store, so that everything else sees rows only, and reads them all. */
export const openRegistry = async (parts: RegistryParts): Promise<Registry> => {
  const { store } = parts;
  await saveEnvironmentAccount(parts);
  await saveEnvironmentShop(parts);
  let shops = new Map<string, ShopRow>();
  let accounts = new Map<string, AmazonAccountRow>();
  const reload = async (): Promise<void> => {
    const [shopRows, accountRows] = await Promise.all([store.shops.all(), store.accounts.all()]);
    shops = new Map(shopRows.filter((row) => isInForce(parts, row)).map((row) => [row.shopId, row]));
    accounts = new Map(accountRows.map((row) => [row.accountId, row]));
  };
  await reload();
  return {
    shops: () => [...shops.values()],
    shop: (shopId) => shops.get(shopId) ?? null,
    accounts: () => [...accounts.values()],
    account: (accountId) => accounts.get(accountId) ?? null,
    shopsOf: (accountId) => [...shops.values()].filter((row) => row.amazonAccount === accountId),
    serves: (shopId) => shops.get(shopId)?.stoppedAtMs === null,
    reload,
  };
};

/**
 * The shops that calls are made for. Where the environment has tokens and names no shop, they are asked for theirs
 * until they have told. Throws `UpstreamError`.
 */
export const createShopList = (parts: Parts, registry: Registry, channel: TikTokShop) => {
  const isMissing = (): boolean =>
    hasTokens(parts) &&
    !parts.config.TIKTOK_SHOP_ID &&
    !registry.shops().some(({ authorization }) => authorization === ENVIRONMENT_AUTHORIZATION);
  const discover = async (): Promise<void> => {
    const amazonAccount = environmentAccount(parts);
    for (const found of await channel.discoverShops(ENVIRONMENT_AUTHORIZATION)) {
      if (registry.shop(found.shopId)) continue;
      const authorization = ENVIRONMENT_AUTHORIZATION;
      await parts.store.shops.upsert({ ...EMPTY, ...found, authorization, amazonAccount });
    }
    await registry.reload();
  };
  return async (): Promise<Shop[]> => {
    if (isMissing()) await discover();
    return registry
      .shops()
      .filter(({ stoppedAtMs }) => stoppedAtMs === null)
      .map(({ channel: name, shopId, region }) => ({ channel: name, shopId, region }));
  };
};
