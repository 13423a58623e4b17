import { describe, expect, it } from 'vitest';
import type { ShadowAction, ShadowOrder, ShadowStock } from '../../../src/store/store.ts';
import { keyOf } from '../fixtures.ts';
import type { World } from './world.ts';

const action = (overrides: Partial<ShadowAction> = {}): ShadowAction => ({
  key: keyOf('1'),
  kind: 'create',
  subject: '',
  atMs: 100,
  what: { items: [{ amazonSku: 'A', quantity: 2 }], speed: 'Standard' },
  ...overrides,
});

const sighting = (overrides: Partial<ShadowOrder> = {}): ShadowOrder => ({
  key: keyOf('1'),
  status: 'AWAITING_SHIPMENT',
  firstSeenAtMs: 100,
  seenAtMs: 100,
  shipByMs: 900,
  shippedByMs: null,
  cancelledByMs: null,
  parcels: [],
  ...overrides,
});

const stock = (overrides: Partial<ShadowStock> = {}): ShadowStock => ({
  channel: 'tiktok-shop',
  shopId: 'shop-1',
  skuId: 's1',
  sellerSku: 'A',
  ours: 4,
  shown: 5,
  atMs: 100,
  ...overrides,
});

/** What is paused, and what shadow mode recorded. */
export const describeShadow = (world: World): void => {
  describe('pauses and shadow mode', () => {
    it('keeps a pause of one shop apart from that of all shops', async () => {
      const { pausedSkus } = world.store;
      await pausedSkus.add({ shopId: null, amazonSku: 'A' }, world.now());
      await pausedSkus.add({ shopId: 'shop-1', amazonSku: 'A' }, world.now());
      await pausedSkus.add({ shopId: 'shop-1', amazonSku: 'A' }, world.now());

      expect(await pausedSkus.all()).toHaveLength(2);
      expect(await pausedSkus.remove({ shopId: null, amazonSku: 'A' })).toBe(true);
      expect(await pausedSkus.remove({ shopId: null, amazonSku: 'A' })).toBe(false);
      expect(await pausedSkus.all()).toEqual([{ shopId: 'shop-1', amazonSku: 'A' }]);
    });

    it('keeps an action once, with its first time and its last contents', async () => {
      const { shadow } = world.store;
      await shadow.record(action());
      await shadow.record(action({ atMs: 200, what: { items: [{ amazonSku: 'B', quantity: 1 }] } }));
      await shadow.record(action({ kind: 'ship', subject: 'N1', atMs: 50, what: { trackingNumber: 'N1' } }));

      expect(await shadow.actions()).toEqual([
        action({ kind: 'ship', subject: 'N1', atMs: 50, what: { trackingNumber: 'N1' } }),
        action({ what: { items: [{ amazonSku: 'B', quantity: 1 }] } }),
      ]);
    });

    it('keeps when an order was first seen, and first seen shipped and cancelled', async () => {
      const { shadow } = world.store;
      const parcels = [{ trackingNumber: 'N1', carrierId: 'c', carrier: 'UPS', lines: 1 }];
      await shadow.see(sighting());
      await shadow.see(sighting({ firstSeenAtMs: 200, seenAtMs: 200, shippedByMs: 190, parcels }));
      await shadow.see(
        sighting({
          firstSeenAtMs: 300,
          seenAtMs: 300,
          shippedByMs: 290,
          cancelledByMs: 295,
          status: 'CANCELLED',
          parcels,
        }),
      );

      const kept = sighting({
        status: 'CANCELLED',
        seenAtMs: 300,
        shippedByMs: 190,
        cancelledByMs: 295,
        parcels,
      });
      expect(await shadow.orders()).toEqual([kept]);
      expect(await shadow.order(keyOf('1'))).toEqual(kept);
      expect(await shadow.order(keyOf('2'))).toBeNull();
    });

    it('keeps the last figures of a listing', async () => {
      await world.store.shadow.saveStock([stock(), stock({ skuId: 's2' })]);
      await world.store.shadow.saveStock([stock({ ours: 6, atMs: 200 })]);

      expect(await world.store.shadow.stock()).toEqual([
        stock({ ours: 6, atMs: 200 }),
        stock({ skuId: 's2' }),
      ]);
    });

    it('deletes what was seen last before a time, with its actions, and nothing newer', async () => {
      const { shadow } = world.store;
      for (const id of ['1', '2']) {
        await shadow.see(sighting({ key: keyOf(id), seenAtMs: Number(id) * 100 }));
        await shadow.record(action({ key: keyOf(id) }));
        await shadow.saveStock([stock({ skuId: id, atMs: Number(id) * 100 })]);
      }
      await shadow.prune(200);

      expect((await shadow.orders()).map(({ key }) => key)).toEqual([keyOf('2')]);
      expect((await shadow.actions()).map(({ key }) => key)).toEqual([keyOf('2')]);
      expect((await shadow.stock()).map(({ skuId }) => skuId)).toEqual(['2']);
    });
  });
};
