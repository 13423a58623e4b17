import type { Clock } from '../lib/clock.ts';
import type { ShopRow, Store } from '../store/store.ts';
import type { Running } from './deps.ts';

export type DisconnectDeps = {
  store: Pick<Store, 'shops' | 'tokens' | 'connect'>;
  clock: Clock;
  running: Running;
};

/**
 * Stops a shop for good and deletes what its seller's authorisation left here: the tokens (unless they act for another
 * shop), the cipher, the bodies of its notifications, the keyed hashes of addresses, its listings. Names, streets,
 * phones and e-mails of buyers are never kept. Orders stay with their ids, states and SKUs: they are what the seller's
 * books need, and those that are not over go to review.
 */
export const disconnectShop = async (deps: DisconnectDeps, shop: ShopRow): Promise<void> => {
  const { store, clock, running } = deps;
  await store.shops.change(shop.shopId, {
    stoppedAtMs: clock.nowMs(),
    cipher: null,
    authorizationExpiresAtMs: null,
  });
  const rows = await store.shops.all();
  const isStillUsed = rows.some(
    (row) => row.authorization === shop.authorization && row.stoppedAtMs === null,
  );
  if (!isStillUsed) {
    await store.tokens.remove(shop.authorization);
    running.forgetAuthorization(shop.authorization);
  }
  await store.connect.forgetShop(shop.channel, shop.shopId);
  await running.changed();
};
