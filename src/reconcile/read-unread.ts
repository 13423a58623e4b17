import type { SalesChannel } from '../channels/channel.ts';
import { describeError } from '../lib/errors.ts';
import type { Converger } from '../orders/converge.ts';
import type { OrderKey } from '../orders/model.ts';
import type { Store } from '../store/store.ts';

export type UnreadDeps = {
  store: Pick<Store, 'orders'>;
  channel: SalesChannel;
  converger: Pick<Converger, 'read'>;
};

const PAGE = 500;

const readShop = async (
  { channel, converger }: UnreadDeps,
  shopId: string,
  keys: readonly OrderKey[],
): Promise<void> => {
  const shop = { channel: channel.name, shopId, region: null };
  const ids = keys.map((key) => key.orderId);
  const orders = await channel.fetchOrders(shop, ids);
  for (const key of keys) {
    const order = orders.get(key.orderId);
    if (order) await converger.read(key, order);
  }
};

/**
 * Reads orders that were acknowledged and that the worker has not come to, so that their units count as promised before
 * stock is pushed. Answers what failed, shop by shop: an order that stays unread keeps stock from being raised
 * (`syncInventory`), and not from being lowered.
 */
export const readUnread = async (deps: UnreadDeps): Promise<{ code: string; message: string }[]> => {
  const tried = new Set<string>();
  const failedShops = new Set<string>();
  const errors: { code: string; message: string }[] = [];
  for (;;) {
    const page = await deps.store.orders.unread(PAGE);
    const keys = page.filter((key) => !tried.has(key.orderId));
    if (keys.length === 0) return errors;
    for (const key of keys) tried.add(key.orderId);
    for (const [shopId, ofShop] of Map.groupBy(keys, (key) => key.shopId)) {
      if (failedShops.has(shopId)) continue;
      try {
        await readShop(deps, shopId, ofShop);
      } catch (error) {
        failedShops.add(shopId);
        errors.push(describeError(error));
      }
    }
  }
};
