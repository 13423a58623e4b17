import { describe, expect, it } from 'vitest';
import type { AmazonAccountRow, ShopRow } from '../../../src/store/store.ts';
import { changeOf, keyOf } from '../fixtures.ts';
import type { World } from './world.ts';

const shopOf = (shopId: string, overrides: Partial<ShopRow> = {}): ShopRow => ({
  channel: 'tiktok-shop',
  shopId,
  name: null,
  region: null,
  cipher: null,
  authorization: 'tiktok-shop',
  amazonAccount: null,
  settings: {},
  connectedAtMs: null,
  pausedAtMs: null,
  stoppedAtMs: null,
  authorizationExpiresAtMs: null,
  ...overrides,
});

const FULL_SHOP = shopOf('shop-2', {
  name: 'Second',
  region: 'US',
  cipher: 'c',
  authorization: 'tiktok-shop/open-1',
  amazonAccount: 'a1',
  settings: {
    bufferUnits: 1,
    bufferPercent: 2.5,
    speed: 'auto',
    fulfillmentPolicy: 'FillAll',
    blockAmzl: true,
    unbranded: false,
    cancellation: 'manual',
    holdKinds: ['gift', 'sample'],
    resubmitStuck: true,
    returnsToAmazon: 'create',
  },
  connectedAtMs: 1,
  pausedAtMs: 2,
  stoppedAtMs: 3,
  authorizationExpiresAtMs: 4,
});

const ACCOUNT: AmazonAccountRow = {
  accountId: 'a1',
  name: 'First',
  sellingPartnerId: 'S1',
  region: 'eu',
  marketplaceId: 'A1F83G8C2ARO7P',
  sharing: { kind: 'shares', percentByShop: { 'shop-1': 60, 'shop-2': 40 } },
  connectedAtMs: 5,
  stoppedAtMs: null,
};

/** Shops, Amazon accounts, and which order belongs to which. */
export const describeConnections = (world: World): void => {
  describe('shops', () => {
    it('are kept with everything that is set, found and listed', async () => {
      await world.store.shops.upsert(FULL_SHOP);
      await world.store.shops.upsert(shopOf('shop-1'));

      expect(await world.store.shops.all()).toEqual([shopOf('shop-1'), FULL_SHOP]);
      expect(await world.store.shops.find('shop-2')).toEqual(FULL_SHOP);
      expect(await world.store.shops.find('none')).toBeNull();
    });

    it('take a change of some columns and keep the others', async () => {
      await world.store.shops.upsert(FULL_SHOP);

      expect(await world.store.shops.change('shop-2', { pausedAtMs: null, settings: {} })).toBe(true);
      expect(await world.store.shops.change('none', { pausedAtMs: 1 })).toBe(false);

      expect(await world.store.shops.all()).toEqual([{ ...FULL_SHOP, pausedAtMs: null, settings: {} }]);
    });

    it('leave their orders behind when they are removed', async () => {
      await world.store.shops.upsert(shopOf('shop-1'));
      await world.known('1');

      await world.store.shops.remove('shop-1');

      expect(await world.store.shops.all()).toEqual([]);
      expect(await world.store.orders.get(keyOf('1'))).not.toBeNull();
    });

    it('make all of their orders due that are still looked at, and no other shop’s', async () => {
      const later = world.now() + 3_600_000;
      await world.known('waiting', 'placed', 'over');
      const other = keyOf('1', 'shop-2');
      await world.store.orders.hint([{ key: other, updatedAtMs: null }], world.now());
      const patches = { waiting: {}, placed: { acceptedAtMs: 1 }, over: {} };
      for (const [orderId, patch] of Object.entries(patches))
        await world.rest(orderId, { ...patch, nextAttemptAtMs: orderId === 'over' ? null : later });
      await world.rest('1', { nextAttemptAtMs: later }, 'shop-2');

      await world.store.orders.wakeShop('shop-1', world.now());

      const nextOf = async (key = keyOf('1')) => (await world.store.orders.get(key))?.nextAttemptAtMs;
      expect(await nextOf(keyOf('waiting'))).toBe(world.now());
      expect(await nextOf(keyOf('placed'))).toBe(world.now());
      expect(await nextOf(keyOf('over'))).toBeNull();
      expect(await nextOf(other)).toBe(later);
    });
  });

  describe('Amazon accounts', () => {
    it.each([
      { kind: 'all' },
      ACCOUNT.sharing,
      {
        kind: 'priority',
        shops: [
          { shopId: 's', atMostUnits: 5 },
          { shopId: 't', atMostUnits: null },
        ],
      },
    ] as const)('are kept with their rule: $kind', async (sharing) => {
      const row = { ...ACCOUNT, sharing: structuredClone(sharing) } as AmazonAccountRow;
      await world.store.accounts.upsert(row);

      expect(await world.store.accounts.all()).toEqual([row]);
    });

    it('take a change of some columns, and can be removed', async () => {
      await world.store.accounts.upsert(ACCOUNT);

      expect(await world.store.accounts.change('a1', { stoppedAtMs: 9 })).toBe(true);
      expect(await world.store.accounts.change('none', { stoppedAtMs: 9 })).toBe(false);
      expect(await world.store.accounts.all()).toEqual([{ ...ACCOUNT, stoppedAtMs: 9 }]);

      await world.store.accounts.remove('a1');
      expect(await world.store.accounts.all()).toEqual([]);
    });

    it('have stock and fulfillments of their own', async () => {
      const stock = { amazonSku: 'A', fulfillable: 5, promised: 1, buffer: 1, available: 3, readAtMs: 7 };
      const rows = [
        { ...stock, amazonAccount: 'a1' },
        { ...stock, amazonAccount: 'a2', available: 1 },
      ];
      await world.store.inventory.saveStock(rows);
      await world.known('1', '2');
      const placed = { stage: 'fulfilling', acceptedAtMs: 1, fulfillmentId: 'TTS-1' } as const;
      await world.store.orders.amend(keyOf('1'), changeOf({ ...placed, amazonAccount: 'a1' }), world.now());
      await world.store.orders.amend(keyOf('2'), changeOf({ ...placed, amazonAccount: 'a2' }), world.now());

      expect(await world.store.inventory.stock()).toEqual(rows);
      const found = await world.store.orders.findByFulfillmentIds(['TTS-1'], 'a2');
      const open = await world.store.orders.openFulfillments(9, 'a1');
      expect(found.map(({ key }) => key.orderId)).toEqual(['2']);
      expect(open.map(({ key }) => key.orderId)).toEqual(['1']);
    });

    it('are named with the units that were promised from them', async () => {
      await world.known('1', '2');
      const promised = [{ amazonSku: 'A', units: 2 }];
      await world.store.orders.amend(keyOf('1'), { patch: { amazonAccount: 'a1' }, promised }, world.now());
      await world.store.orders.amend(keyOf('2'), { patch: {}, promised }, world.now());

      const units = await world.store.orders.promisedUnits();

      expect(units.map(({ shopId, amazonAccount }) => [shopId, amazonAccount])).toEqual([
        ['shop-1', 'a1'],
        ['shop-1', null],
      ]);
    });
  });
};
