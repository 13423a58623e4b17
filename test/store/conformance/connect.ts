import { describe, expect, it } from 'vitest';
import { type changeOf, keyOf, notificationOf } from '../fixtures.ts';
import type { World } from './world.ts';

/** Connections under way, notices about authorisations, and what a withdrawn one leaves. */
export const describeConnect = (world: World): void => {
  describe('connecting', () => {
    const stateOf = (stateHash: string, expiresAtMs: number) => ({
      stateHash,
      kind: 'tiktok-shop',
      browserHash: null,
      detail: '{}',
      expiresAtMs,
    });

    it('gives a state out once, even to two who ask at the same moment, and not when it is too old', async () => {
      const { connect } = world.store;
      const nowMs = world.now();
      const [good, old] = [stateOf('good', nowMs + 1), stateOf('old', nowMs + 1)];
      await connect.addState(good, nowMs);
      await connect.addState(old, nowMs);

      const taken = await Promise.all([connect.takeState('good', nowMs), connect.takeState('good', nowMs)]);

      expect(taken).toEqual([good, null]);
      expect(await connect.takeState('old', nowMs + 1)).toBeNull();
      expect(await connect.takeState('old', nowMs)).toBeNull();
      expect(await connect.takeState('never', nowMs)).toBeNull();
    });

    it('lists notices of topics 6 and 7 alone, from a position on, oldest first', async () => {
      const { notifications, connect } = world.store;
      for (const [index, type] of [6, 1, 7, 11, 6].entries())
        await notifications.accept({ ...notificationOf(`n${index}`), type, body: 'x' }, [], world.now());

      const all = await connect.notices(0, 10);
      const rest = await connect.notices(all[0]?.id ?? 0, 1);

      expect(all.map(({ type }) => type)).toEqual([6, 7, 6]);
      expect(rest).toEqual([all[1]]);
      expect(all[0]).toMatchObject({ shopId: 'shop-1', body: 'x', receivedAtMs: world.now() });
    });

    it('forgets of a shop the bodies, hashes and listings, and of other shops nothing', async () => {
      const { store } = world;
      const bodiesOf = async () => (await store.connect.notices(0, 10)).map(({ body }) => body);
      const listingOf = (shopId: string) => ({
        channel: 'tiktok-shop',
        shopId,
        productId: 'p',
        skuId: 's',
        sellerSku: 'X',
        components: [{ amazonSku: 'A', quantity: 1 }],
        pushedQuantity: null,
        pushedAtMs: null,
      });
      await world.known('1');
      await world.rest('1', {
        addressHash: 'hash',
        requestHash: 'hash',
        stage: 'fulfilling',
        nextAttemptAtMs: null,
      });
      await store.inventory.saveListings([listingOf('shop-1'), listingOf('shop-2')]);
      for (const shopId of ['shop-1', 'shop-2'])
        await store.notifications.accept({ ...notificationOf(shopId), type: 6, shopId }, [], world.now());

      await store.connect.forgetShop('tiktok-shop', 'shop-2');
      expect(await store.orders.get(keyOf('1'))).toMatchObject({ addressHash: 'hash' });
      await store.connect.forgetShop('tiktok-shop', 'shop-1');

      expect(await store.orders.get(keyOf('1'))).toMatchObject({
        addressHash: null,
        requestHash: null,
        stage: 'fulfilling',
      });
      expect(await bodiesOf()).toEqual([null, null]);
      expect(await store.inventory.listings()).toEqual([]);
    });

    it('counts the orders of an Amazon account that may still move there', async () => {
      await world.known('1', '2', '3', '4');
      const rest = (orderId: string, amazonAccount: string, patch: Parameters<typeof changeOf>[0]) =>
        world.rest(orderId, { amazonAccount, nextAttemptAtMs: null, ...patch });
      await rest('1', 'a1', { stage: 'fulfilling', acceptedAtMs: world.now() });
      await rest('2', 'a1', { stage: 'shipped', acceptedAtMs: world.now(), fulfillmentState: 'complete' });
      await rest('3', 'a2', { stage: 'fulfilling', acceptedAtMs: world.now() });

      expect(await world.store.connect.countOpenOrders('a1')).toBe(1);
      expect(await world.store.connect.countOpenOrders('a3')).toBe(0);
    });
  });
};
