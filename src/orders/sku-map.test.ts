import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { NOW, orderOf } from '../../test/fakes.ts';
import type { SkuMapEntry } from '../store/store.ts';
import { createSkuMap } from './sku-map.ts';
import { readSkuMapCsv } from './sku-map-csv.ts';
import { openSkuMap } from './sku-map-service.ts';

const entryOf = (
  channelSku: string,
  amazonSku: string,
  shopId: string | null = null,
  quantity = 1,
): SkuMapEntry => ({
  shopId,
  channelSku,
  components: [{ amazonSku, quantity }],
});
const sku = (sellerSku: string, skuId = 'id-1') => ({ sellerSku, skuId });

describe('the SKU map', () => {
  it('takes the seller SKU for the Amazon SKU where nothing else is said', () => {
    expect(createSkuMap([], 'identity').resolve('s', sku('A'))).toEqual([{ amazonSku: 'A', quantity: 1 }]);
  });

  it('leaves a SKU unmapped where the fallback is none', () => {
    expect(createSkuMap([], 'none').resolve('s', sku('A'))).toBeNull();
  });

  it.each(['', 'A'.repeat(51)])('leaves a seller SKU unmapped that Amazon cannot have: %j', (sellerSku) => {
    expect(createSkuMap([], 'identity').resolve('s', sku(sellerSku))).toBeNull();
  });

  it('prefers an entry of the shop to one of all shops, and the seller SKU to the SKU id', () => {
    const map = createSkuMap(
      [
        entryOf('A', 'all'),
        entryOf('A', 'own', 's'),
        entryOf('id-1', 'by-id', 's'),
        entryOf('id-2', 'id-all'),
      ],
      'none',
    );

    expect(map.resolve('s', sku('A'))).toMatchObject([{ amazonSku: 'own' }]);
    expect(map.resolve('s', sku('', 'id-1'))).toMatchObject([{ amazonSku: 'by-id' }]);
    expect(map.resolve('t', sku('A'))).toMatchObject([{ amazonSku: 'all' }]);
    expect(map.resolve('t', sku('unknown', 'id-2'))).toMatchObject([{ amazonSku: 'id-all' }]);
  });

  it('takes a bundle of TikTok’s own apart, part by part through the map', () => {
    const bundle = [
      { skuId: 'p1', sellerSku: 'P1', units: 2 },
      { skuId: 'p2', sellerSku: 'P2', units: 1 },
    ];
    const map = createSkuMap([entryOf('P1', 'X', null, 3), entryOf('P2', 'X')], 'none');

    expect(map.resolve('s', { ...sku('SET'), bundle })).toEqual([{ amazonSku: 'X', quantity: 7 }]);
  });

  it('leaves a bundle unmapped when one of its parts is', () => {
    const bundle = [
      { skuId: 'p1', sellerSku: 'P1', units: 1 },
      { skuId: 'p2', sellerSku: '', units: 1 },
    ];

    expect(createSkuMap([], 'identity').resolve('s', { ...sku('SET'), bundle })).toBeNull();
  });

  it('prefers an entry for a bundle to its parts', () => {
    const bundle = [{ skuId: 'p1', sellerSku: 'P1', units: 1 }];

    expect(
      createSkuMap([entryOf('SET', 'KIT')], 'identity').resolve('s', { ...sku('SET'), bundle }),
    ).toMatchObject([{ amazonSku: 'KIT' }]);
  });
});

describe('the SKU map in force', () => {
  let world: FakeWorld;
  let folder: string;
  const open = (file?: string) =>
    openSkuMap({ store: world.store, clock: world.clock, fallback: 'none', file });
  const fileOf = (content: string): string => {
    const file = join(folder, 'map.csv');
    writeFileSync(file, content);
    return file;
  };

  beforeEach(async () => {
    world = await openWorld();
    folder = mkdtempSync(join(tmpdir(), 'sku-map-'));
  });
  afterEach(async () => {
    await world.store.close();
    rmSync(folder, { recursive: true });
  });

  it('is the stored one at a start without a file', async () => {
    await world.store.skuMap.replace([entryOf('A', 'X')], NOW);

    expect((await open()).current().resolve('s', sku('A'))).toMatchObject([{ amazonSku: 'X' }]);
  });

  it('is the file’s at a start with one, and replaces the stored one', async () => {
    await world.store.skuMap.replace([entryOf('OLD', 'X')], NOW);

    const map = await open(fileOf('shop_id,channel_sku,amazon_sku,quantity\n,A,X,1\n'));

    expect(map.entries()).toEqual([entryOf('A', 'X')]);
    expect(await world.store.skuMap.all()).toEqual([entryOf('A', 'X')]);
  });

  it('stops the start with every bad row of the file, and keeps the stored one', async () => {
    await world.store.skuMap.replace([entryOf('OLD', 'X')], NOW);
    const file = fileOf('shop_id,channel_sku,amazon_sku,quantity\n,A,X,none\n,B,,1\n');

    await expect(open(file)).rejects.toMatchObject({
      code: 'sku_map_invalid',
      details: [expect.stringContaining('row 2'), expect.stringContaining('row 3')],
    });
    expect(await world.store.skuMap.all()).toEqual([entryOf('OLD', 'X')]);
  });

  it('stops the start when the file cannot be read', async () => {
    await expect(open(join(folder, 'missing.csv'))).rejects.toMatchObject({ code: 'sku_map_unreadable' });
  });

  it('is replaced whole, and wakes the orders that waited for it', async () => {
    const map = await open();
    world.channel.put(orderOf());
    world.setPolicy({ skuMap: map.current() });
    await world.hint();
    await world.converge();
    const before = await world.record();
    await world.clock.advance(1000);

    await map.replace({ ok: true, value: [entryOf('A', 'X')] });

    expect(before).toMatchObject({ reason: 'sku_unmapped' });
    expect(await world.record()).toMatchObject({ nextAttemptAtMs: NOW + 1000 });
    expect(map.current().resolve('shop-1', sku('A'))).toMatchObject([{ amazonSku: 'X' }]);
  });

  it('stays as it was when one row of the new one is bad', async () => {
    const map = await open();
    await map.replace({ ok: true, value: [entryOf('A', 'X')] });

    await expect(map.replace(readSkuMapCsv('nonsense'))).rejects.toMatchObject({ httpStatus: 400 });

    expect(map.entries()).toEqual([entryOf('A', 'X')]);
    expect(await world.store.skuMap.all()).toEqual([entryOf('A', 'X')]);
  });

  it('takes single entries, replacing those of the same shop and SKU', async () => {
    const map = await open();
    await map.replace({ ok: true, value: [entryOf('A', 'X'), entryOf('A', 'OWN', 'shop-1')] });

    await map.put([entryOf('A', 'Y'), entryOf('B', 'Z')]);

    expect(map.current().resolve('other', sku('A'))).toMatchObject([{ amazonSku: 'Y' }]);
    expect(map.current().resolve('shop-1', sku('A'))).toMatchObject([{ amazonSku: 'OWN' }]);
    expect(map.current().resolve('other', sku('B'))).toMatchObject([{ amazonSku: 'Z' }]);
  });
});
