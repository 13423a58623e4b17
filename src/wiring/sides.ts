import { createTikTokShop, type TikTokShop } from '../channels/tiktok-shop/index.ts';
import { createSide, partsOfSide, type Side } from '../lib/side.ts';
import { fulfillmentIdFor } from '../orders/model.ts';
import type { Parts } from './parts.ts';
import { type Providers, sideAccountOf } from './providers.ts';
import type { Registry } from './shops.ts';
import { sideOf } from './side-of.ts';

/** TikTok Shop, as the channel that sells. */
export const wireChannel = (parts: Parts, registry: Registry): TikTokShop => {
  const { config, http, quota, clock, store } = parts;
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
      find: async (shopId) => registry.shop(shopId),
      async keep(shopId, { cipher, region }) {
        await store.shops.change(shopId, { cipher, region });
        await registry.reload();
      },
    },
    initialTokens: hasTokens
      ? {
          accessToken: config.TIKTOK_ACCESS_TOKEN ?? null,
          refreshToken: config.TIKTOK_REFRESH_TOKEN ?? null,
        }
      : null,
  });
};

type Reached = { registry: Registry; providers: Providers; channel: TikTokShop };

/** The cheapest call of an area, which tells whether its side is back. */
export const wireProbe =
  ({ clock }: Parts, { registry, providers, channel }: Reached) =>
  async (name: string): Promise<unknown> => {
    const { account, area } = partsOfSide(name);
    const amazon = registry.accounts().find(({ accountId }) => sideAccountOf(accountId) === account);
    if (amazon) {
      const provider = providers.of(amazon.accountId);
      if (area === 'stock') return provider.fetchStock(['-']);
      return area === 'returns' ? provider.returnReasons('-') : provider.fetch(fulfillmentIdFor('0', 1));
    }
    const shop = { channel: channel.name, shopId: account.slice(channel.name.length + 1), region: null };
    if (area === 'stock') return channel.fetchListings(shop);
    if (area === 'orders') return channel.fetchOrders(shop, ['0']);
    return channel.searchReturns(shop, { updatedFromMs: clock.nowMs() }).next();
  };

const withdrawn = (parts: Parts, name: string, sinceMs: number): Side => {
  const side = createSide(name, parts.clock);
  const code = 'authorization_withdrawn';
  const message = 'The seller withdrew the authorisation. Connect it again, or remove it.';
  return {
    ...side,
    state: () => ({ name, state: 'stopped', isKnown: true, sinceMs, nextTryMs: null, code, message }),
  };
};

/** Every side as health and alerts are to show it; of those whose authorisation was withdrawn, just that. */
export const listSides = (parts: Parts, registry: Registry): Side[] => {
  const stopped = new Map<string, number>();
  for (const { accountId, stoppedAtMs } of registry.accounts())
    if (stoppedAtMs !== null) stopped.set(sideAccountOf(accountId), stoppedAtMs);
  for (const { channel, shopId, stoppedAtMs } of registry.shops())
    if (stoppedAtMs !== null) stopped.set(`${channel}/${shopId}`, stoppedAtMs);
  const working = [...parts.sides.values()].filter(({ name }) => !stopped.has(partsOfSide(name).account));
  return [...working, ...[...stopped].map(([name, sinceMs]) => withdrawn(parts, name, sinceMs))];
};
