import { describe, expect, it } from 'vitest';
import type { OrderPatch, TokenPair } from '../../../src/store/store.ts';
import { keyOf } from '../fixtures.ts';
import type { World } from './world.ts';

/** SKU map, inventory, tokens, named values. */
export const describeOtherAggregates = (world: World): void => {
  describe('other aggregates', () => {
    it('replaces the SKU map whole or not at all', async () => {
      const entries = [
        { shopId: null, channelSku: 'X', components: [{ amazonSku: 'A', quantity: 1 }] },
        { shopId: 'shop-1', channelSku: 'X', components: [{ amazonSku: 'B', quantity: 2 }] },
      ];
      await world.store.skuMap.replace(entries, world.now());
      expect(await world.store.skuMap.all()).toEqual(entries);

      const [entry] = entries;
      await expect(world.store.skuMap.replace([entry!, entry!], world.now())).rejects.toThrow(/UNIQUE/i);
      expect(await world.store.skuMap.all()).toEqual(entries);
      await world.store.skuMap.replace([], world.now());
      expect(await world.store.skuMap.all()).toEqual([]);
    });

    it('looks anew at every order that is not at the provider when the SKU map changes', async () => {
      await world.known('1', '2', '3');
      const later = { nextAttemptAtMs: world.now() + 3_600_000 };
      const rest = async (orderId: string, patch: OrderPatch): Promise<void> => {
        const record = await world.store.orders.lease(keyOf(orderId), orderId, world.now());
        const seen = record?.hintSeq ?? 0;
        await world.store.orders.release(keyOf(orderId), orderId, seen, { patch }, world.now());
      };
      await rest('1', { ...later, stage: 'waiting', reason: 'on_hold' });
      await rest('2', { ...later, stage: 'fulfilling', acceptedAtMs: world.now() });
      await rest('3', { nextAttemptAtMs: null, stage: 'cancelled', reason: 'cancelled' });
      const before = await world.recordOf('1');

      await world.store.skuMap.replace([], world.now());

      const [waiting, placed, over] = [
        await world.recordOf('1'),
        await world.recordOf('2'),
        await world.recordOf('3'),
      ];
      expect(waiting).toMatchObject({ nextAttemptAtMs: world.now(), hintSeq: before.hintSeq + 1 });
      expect([placed.nextAttemptAtMs, over.nextAttemptAtMs]).toEqual([later.nextAttemptAtMs, null]);
    });

    it('keeps the newest stock and listing rows', async () => {
      const stock = {
        amazonAccount: 'amazon',
        amazonSku: 'A',
        fulfillable: 5,
        promised: 1,
        buffer: 1,
        available: 3,
        readAtMs: 7,
      };
      const listing = {
        channel: 'tiktok-shop',
        shopId: 'shop-1',
        productId: 'p',
        skuId: 's',
        sellerSku: 'X',
        components: [{ amazonSku: 'A', quantity: 1 }],
        pushedQuantity: null,
        pushedAtMs: null,
      };
      await world.store.inventory.saveStock([stock]);
      await world.store.inventory.saveListings([listing]);

      await world.store.inventory.saveStock([{ ...stock, available: 2 }]);
      await world.store.inventory.saveListings([{ ...listing, pushedQuantity: 2, pushedAtMs: 9 }]);

      expect(await world.store.inventory.stock()).toEqual([{ ...stock, available: 2 }]);
      expect(await world.store.inventory.listings()).toEqual([
        { ...listing, pushedQuantity: 2, pushedAtMs: 9 },
      ]);
    });

    it('keeps tokens per account, both together', async () => {
      const pair: TokenPair = {
        accessToken: 'access',
        accessExpiresAtMs: 1,
        refreshToken: null,
        refreshExpiresAtMs: null,
        origin: 'o1',
      };
      expect(await world.store.tokens.load('shop-1')).toBeNull();
      await world.store.tokens.save('shop-1', pair);
      await world.store.tokens.save('shop-2', { ...pair, accessToken: 'other' });
      await world.store.tokens.save('shop-1', { ...pair, accessToken: 'newer' });

      expect(await world.store.tokens.load('shop-1')).toEqual({ ...pair, accessToken: 'newer' });
      expect((await world.store.tokens.load('shop-2'))?.accessToken).toBe('other');

      await world.store.tokens.remove('shop-1');
      expect(await world.store.tokens.load('shop-1')).toBeNull();
      expect(await world.store.tokens.load('shop-2')).not.toBeNull();
    });

    it('keeps named values', async () => {
      expect(await world.store.cursors.get('sweep')).toBeNull();
      await world.store.cursors.set('sweep', '1');
      await world.store.cursors.set('sweep', '2');

      expect(await world.store.cursors.get('sweep')).toBe('2');
    });

    it('hashes the same text alike and others apart', () => {
      expect(world.store.keyedHash('street')).toBe(world.store.keyedHash('street'));
      expect(world.store.keyedHash('street')).not.toBe(world.store.keyedHash('Street'));
      expect(world.store.keyedHash('street')).toMatch(/^[0-9a-f]{64}$/);
    });
  });
};
