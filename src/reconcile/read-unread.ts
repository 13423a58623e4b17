import type { SalesChannel } from '../channels/channel.ts';
import type { Converger } from '../orders/converge.ts';
import type { Store } from '../store/store.ts';

export type UnreadDeps = {
  store: Pick<Store, 'orders'>;
  channel: SalesChannel;
  converger: Converger;
};

const PAGE = 500;

/**
 * Reads orders that were acknowledged but not looked at yet, so that their units count as promised before stock is
 * pushed: in a flash sale the queue for Amazon is longer than a pass. Throws `UpstreamError`; nothing is pushed then.
 */
export const readUnread = async ({ store, channel, converger }: UnreadDeps): Promise<void> => {
  const tried = new Set<string>();
  for (;;) {
    const keys = (await store.orders.unread(PAGE)).filter((key) => !tried.has(key.orderId));
    if (keys.length === 0) return;
    for (const key of keys) tried.add(key.orderId);
    for (const shopId of new Set(keys.map((key) => key.shopId))) {
      const ofShop = keys.filter((key) => key.shopId === shopId);
      const shop = { channel: channel.name, shopId, region: null };
      const orders = await channel.fetchOrders(
        shop,
        ofShop.map((key) => key.orderId),
      );
      for (const key of ofShop) {
        const order = orders.get(key.orderId);
        if (order) await converger.read(key, order);
      }
    }
  }
};
