import { UpstreamError } from '../../lib/errors.ts';
import type { Side, SideArea } from '../../lib/side.ts';
import type { ShopRow } from '../../store/store.ts';
import type { Shop } from '../channel.ts';
import type { CallTarget } from './call.ts';
import type { TikTokClient } from './client.ts';
import { UPSTREAM } from './errors.ts';

export type ShopBook = {
  find(shopId: string): Promise<ShopRow | null>;
  save(row: ShopRow): Promise<void>;
};

export type ShopDirectory = {
  /** Where calls for this shop go. Throws `upstream_config_refused` for a shop that has not authorised the app. */
  targetOf(shop: Shop): Promise<CallTarget>;
  /** Reads the shops of the token and saves them. */
  discover(): Promise<ShopRow[]>;
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

/** Finds the cipher of a shop: in its row, else by one look-up for all who wait, which also fills the rows. */
export const createShopDirectory = (options: {
  client: TikTokClient;
  account: string;
  shops: ShopBook;
  sideFor: (shopId: string, area: SideArea) => Side;
}): ShopDirectory => {
  let looking: Promise<ShopRow[]> | null = null;

  const lookUp = async (): Promise<ShopRow[]> => {
    const target = { account: options.account, cipher: null, side: null };
    const answer = await options.client.getAuthorizedShops(target);
    const rows = answer.shops.map((shop) => ({
      channel: UPSTREAM,
      shopId: shop.id,
      region: shop.region === '' ? null : shop.region,
      cipher: shop.cipher === '' ? null : shop.cipher,
    }));
    for (const row of rows) await options.shops.save(row);
    return rows;
  };

  const discover = (): Promise<ShopRow[]> => {
    looking ??= lookUp().finally(() => {
      looking = null;
    });
    return looking;
  };

  return {
    discover,
    async targetOf(shop) {
      const side = (area: SideArea): Side => options.sideFor(shop.shopId, area);
      const known = (await options.shops.find(shop.shopId))?.cipher;
      if (known) return { account: shop.shopId, cipher: known, side };
      const rows = await side('orders').guard('getAuthorizedShops', discover);
      const cipher = rows.find((row) => row.shopId === shop.shopId)?.cipher;
      if (!cipher) throw unknownShop(shop.shopId);
      return { account: shop.shopId, cipher, side };
    },
  };
};
