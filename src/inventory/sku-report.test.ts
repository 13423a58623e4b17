import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeChannel, createFakeProvider } from '../../test/fake-sides.ts';
import { failureOf, NOW } from '../../test/fakes.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import { createSkuMap } from '../orders/sku-map.ts';
import { createSkuReporter } from './sku-report.ts';

const listing = (skuId: string, sellerSku: string) => ({
  productId: 'product-1',
  skuId,
  sellerSku,
  isVirtualBundle: false,
  warehouses: [],
});

describe('the SKU report', () => {
  const clock = createHeldClock(NOW);
  let channel: ReturnType<typeof createFakeChannel>;
  let provider: ReturnType<typeof createFakeProvider>;
  let report: ReturnType<typeof createSkuReporter>;

  beforeEach(() => {
    channel = createFakeChannel(clock);
    provider = createFakeProvider(clock);
    report = createSkuReporter({
      channel,
      providerOf: () => provider,
      shops: {
        list: async () => ['1', '2'].map((shopId) => ({ channel: 'tiktok-shop', shopId, region: null })),
      },
      skuMap: { current: () => createSkuMap([], 'identity') },
    });
    channel.state.listings.set('1', [listing('11', 'MUG')]);
    channel.state.listings.set('2', [listing('21', 'mug'), listing('22', 'GONE')]);
    provider.state.stock.set('MUG', { amazonSku: 'MUG', fulfillable: 0, updatedAtMs: null });
  });

  const statuses = async () =>
    (await report()).rows.map(({ shopId, skuId, status }) => `${shopId}/${skuId} ${status}`);

  it('holds the listings of all shops, and counts a SKU without stock as one that Amazon has', async () => {
    expect(await statuses()).toEqual(['1/11 identity', '2/21 suggested', '2/22 unknown_at_amazon']);
  });

  it('asks by name for SKUs in force that Amazon’s list leaves out', async () => {
    provider.state.leftOutOfList.add('MUG');

    expect(await statuses()).toEqual(['1/11 identity', '2/21 suggested', '2/22 unknown_at_amazon']);
    expect(provider.board.callsOf('fetchStock')).toEqual([['GONE', 'MUG', 'mug']]);
  });

  it('is made once for calls that come during a run, and anew for the next', async () => {
    const [first, second] = await Promise.all([report(), report()]);
    expect(second).toBe(first);
    expect(provider.board.callsOf('listStock')).toHaveLength(1);

    await report();
    expect(provider.board.callsOf('listStock')).toHaveLength(2);
  });

  it.each(['fetchListings', 'listStock', 'fetchStock'])(
    'fails whole when %s does, and works again after it',
    async (operation) => {
      const failure = failureOf();
      const { board } = operation === 'fetchListings' ? channel : provider;
      board.fail(operation, { before: failure });

      await expect(report()).rejects.toBe(failure);
      expect(await statuses()).toHaveLength(3);
    },
  );
});
