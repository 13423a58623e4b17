import { UpstreamError } from '../../lib/errors.ts';
import type { Side, SideArea } from '../../lib/side.ts';
import type { ShopRow } from '../../store/store.ts';
import type { Shop } from '../channel.ts';
import type { CallTarget } from './call.ts';
import type { TikTokClient } from './client.ts';
import { UPSTREAM } from './errors.ts';

/** A shop as TikTok names it to one who may act for it. */
export type AuthorizedShop = {
  shopId: string;
  name: string | null;
  region: string | null;
  cipher: string | null;
};

export type ShopBook = {
  find(shopId: string): Promise<ShopRow | null>;
  /** Keeps what a look-up told about a shop that is known. */
  keep(shopId: string, found: Pick<AuthorizedShop, 'cipher' | 'region'>): Promise<void>;
};

export type ShopDirectory = {
  /**
   * Where calls for this shop go. Throws `upstream_config_refused` for a shop that has not authorised the app, and
   * `upstream_auth_refused` for one that withdrew it.
   */
  targetOf(shop: Shop): Promise<CallTarget>;
  /** Reads the shops that an authorisation acts for; saves nothing. Throws `UpstreamError`. */
  discover(authorization: string): Promise<AuthorizedShop[]>;
};

const unknownShop = (shopId: string): UpstreamError =>
  new UpstreamError({
    upstream: UPSTREAM,
    operation: 'getAuthorizedShops',
    code: 'upstream_config_refused',
    stage: 'before',
    retry: 'never',
    message: `TikTok Shop: shop ${shopId} has not authorised this app`,
  });

const stoppedShop = (shopId: string): UpstreamError =>
  new UpstreamError({
    upstream: UPSTREAM,
    operation: 'any',
    code: 'upstream_auth_refused',
    stage: 'before',
    retry: 'later',
    message: `TikTok Shop: shop ${shopId} withdrew its authorisation`,
    isLocal: true,
  });

const textOrNull = (text: string): string | null => (text === '' ? null : text);

/** Finds the cipher of a shop: in its row, else by one look-up for all who wait for the same authorisation. */
export const createShopDirectory = (options: {
  client: TikTokClient;
  shops: ShopBook;
  sideFor: (shopId: string, area: SideArea) => Side;
}): ShopDirectory => {
  const looking = new Map<string, Promise<AuthorizedShop[]>>();

  const lookUp = async (authorization: string): Promise<AuthorizedShop[]> => {
    const target = { account: authorization, authorization, cipher: null, side: null };
    const answer = await options.client.getAuthorizedShops(target);
    return answer.shops.map((shop) => ({
      shopId: shop.id,
      name: textOrNull(shop.name),
      region: textOrNull(shop.region),
      cipher: textOrNull(shop.cipher),
    }));
  };

  const discover = (authorization: string): Promise<AuthorizedShop[]> => {
    const found =
      looking.get(authorization) ?? lookUp(authorization).finally(() => looking.delete(authorization));
    looking.set(authorization, found);
    return found;
  };

  return {
    discover,
    async targetOf({ shopId }) {
      const side = (area: SideArea): Side => options.sideFor(shopId, area);
      const row = await options.shops.find(shopId);
      if (!row) throw unknownShop(shopId);
      const { authorization, stoppedAtMs } = row;
      if (stoppedAtMs !== null) throw stoppedShop(shopId);
      if (row.cipher) return { account: shopId, authorization, cipher: row.cipher, side };
      const shops = await side('orders').guard('getAuthorizedShops', () => discover(authorization));
      const found = shops.find((shop) => shop.shopId === shopId);
      if (!found?.cipher) throw unknownShop(shopId);
      await options.shops.keep(shopId, found);
      return { account: shopId, authorization, cipher: found.cipher, side };
    },
  };
};
