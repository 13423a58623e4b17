import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSkuMap } from '../orders/sku-map.ts';
import { readSkuMapJson } from '../orders/sku-map-csv.ts';
import type { SkuMapEntry } from '../store/store.ts';
import {
  matchListings,
  normaliseSku,
  type ShopListing,
  SKU_STATUSES,
  suggestedEntries,
} from './sku-match.ts';

const listing = (sellerSku: string, overrides: Partial<ShopListing> = {}): ShopListing => ({
  shopId: 'shop-1',
  productId: 'product-1',
  skuId: `id-${sellerSku}`,
  sellerSku,
  isVirtualBundle: false,
  ...overrides,
});
const entry = (channelSku: string, ...amazonSkus: string[]): SkuMapEntry => ({
  shopId: null,
  channelSku,
  components: amazonSkus.map((amazonSku) => ({ amazonSku, quantity: 1 })),
});
const unitOf = (amazonSku: string) => [{ amazonSku, quantity: 1 }];

type Setting = { entries?: SkuMapEntry[]; amazon?: string[]; fallback?: 'identity' | 'none' };
const report = (
  listings: ShopListing[],
  { entries = [], amazon = [], fallback = 'identity' }: Setting = {},
) => matchListings(listings, createSkuMap(entries, fallback), new Set(amazon));
const rowOf = (one: ShopListing, setting: Setting = {}) => report([one], setting).rows[0]!;
const statuses = (listings: ShopListing[], setting: Setting = {}) =>
  report(listings, setting).rows.map(({ status }) => status);

describe('two spellings of a SKU are the same', () => {
  it.each([
    ['mug-blue 12oz', 'MUG_BLUE.12OZ'],
    [' A/1 ', 'a1'],
    ['ＡＢ１２', 'ab12'],
    ['Cafe\u0301', 'CAFÉ'],
  ])('%j and %j', (one, other) => {
    expect(normaliseSku(one)).toBe(normaliseSku(other));
  });

  it.each([
    ['007', '7'],
    ['A-1', 'A-01'],
    ['MUG', 'MUGS'],
    ['A1', 'A11'],
  ])('%j and %j are not', (one, other) => {
    expect(normaliseSku(one)).not.toBe(normaliseSku(other));
  });

  it('when they differ only in case and in signs between letters and digits', () => {
    const spelling = fc.array(
      fc.record({
        letter: fc.constantFrom('A', 'B', 'Z', '0', '1', '9'),
        isLower: fc.boolean(),
        sign: fc.constantFrom('', '-', '_', ' ', '.', '/', '#'),
      }),
    );

    fc.assert(
      fc.property(spelling, (letters) => {
        const spelled = letters.map(
          ({ letter, isLower, sign }) => sign + (isLower ? letter.toLowerCase() : letter),
        );
        expect(normaliseSku(spelled.join(''))).toBe(letters.map(({ letter }) => letter).join(''));
      }),
    );
  });
});

describe('a listing is', () => {
  it('mapped by an entry whose SKUs Amazon has, whatever its seller SKU is like', () => {
    const setting = { entries: [entry('SET', 'MUG', 'HAT')], amazon: ['MUG', 'HAT', 'SET'] };

    expect(rowOf(listing('SET'), setting)).toEqual({
      shopId: 'shop-1',
      productId: 'product-1',
      skuId: 'id-SET',
      sellerSku: 'SET',
      status: 'mapped',
      components: [...unitOf('MUG'), ...unitOf('HAT')],
      suggestions: [],
    });
  });

  it('identity where Amazon has its seller SKU, even beside similar ones', () => {
    expect(rowOf(listing('MUG-1'), { amazon: ['MUG1', 'MUG-1'] })).toMatchObject({
      status: 'identity',
      components: unitOf('MUG-1'),
      suggestions: [],
    });
  });

  it('suggested where one Amazon SKU is like it; what is in force stays what it was', () => {
    expect(rowOf(listing('mug 1'), { amazon: ['MUG-1', 'MUG-01'] })).toMatchObject({
      status: 'suggested',
      components: unitOf('mug 1'),
      suggestions: ['MUG-1'],
    });
  });

  it('suggested, not identity, where the map takes no SKU by itself', () => {
    expect(rowOf(listing('MUG'), { amazon: ['MUG', 'mug'], fallback: 'none' })).toMatchObject({
      status: 'suggested',
      components: null,
      suggestions: ['MUG'],
    });
  });

  it('ambiguous where several are like it', () => {
    expect(rowOf(listing('mug'), { amazon: ['MUG_', 'MUG', 'M-U-G'] })).toMatchObject({
      status: 'ambiguous',
      suggestions: ['M-U-G', 'MUG', 'MUG_'],
    });
  });

  it.each([
    ['without a seller SKU', '', 'identity' as const],
    ['with one that no SKU of Amazon’s can be', 'A'.repeat(51), 'identity' as const],
    ['where nothing is like it and the map takes no SKU by itself', 'GONE', 'none' as const],
  ])('unmapped %s', (_name, sellerSku, fallback) => {
    expect(rowOf(listing(sellerSku), { amazon: ['MUG', '-'], fallback })).toMatchObject({
      status: 'unmapped',
      components: null,
      suggestions: [],
    });
  });

  it('unknown at Amazon where a component of its entry is, though the others are not', () => {
    const setting = { entries: [entry('hat', 'MUG', 'HATT')], amazon: ['MUG', 'HAT'] };

    expect(rowOf(listing('hat'), setting)).toMatchObject({
      status: 'unknown_at_amazon',
      components: [...unitOf('MUG'), ...unitOf('HATT')],
      suggestions: ['HAT'],
    });
  });

  it.each(['GONE', '---'])('unknown at Amazon where its seller SKU is: %j', (sellerSku) => {
    expect(rowOf(listing(sellerSku), { amazon: ['MUG', '-'] })).toMatchObject({
      status: 'unknown_at_amazon',
      components: unitOf(sellerSku),
      suggestions: [],
    });
  });

  it('a virtual bundle, whatever its seller SKU, until an entry names it', () => {
    const bundle = listing('SET', { isVirtualBundle: true });

    expect(rowOf(bundle, { amazon: ['SET'] })).toMatchObject({
      status: 'virtual_bundle',
      components: null,
      suggestions: [],
    });
    expect(rowOf(bundle, { amazon: ['MUG'], entries: [entry('SET', 'MUG')] }).status).toBe('mapped');
  });
});

describe('a seller SKU on several listings', () => {
  const twins = [listing('MUG', { skuId: '1' }), listing('MUG', { skuId: '2' })];

  it('makes each of them a duplicate, and what is in force is shown', () => {
    const { rows } = report(twins, { amazon: ['MUG'] });

    expect(rows).toMatchObject([
      { skuId: '1', status: 'duplicate', components: unitOf('MUG') },
      { skuId: '2', status: 'duplicate', components: unitOf('MUG') },
    ]);
  });

  it('is still a duplicate when an entry of that seller SKU maps them all', () => {
    expect(statuses(twins, { amazon: ['BOX'], entries: [entry('MUG', 'BOX')] })).toEqual([
      'duplicate',
      'duplicate',
    ]);
  });

  it('is none where an entry tells one apart by its own id', () => {
    expect(statuses(twins, { amazon: ['MUG', 'BOX'], entries: [entry('2', 'BOX')] })).toEqual([
      'duplicate',
      'mapped',
    ]);
  });

  it('is none in different shops, nor where it is empty', () => {
    const listings = [
      listing('MUG'),
      listing('MUG', { shopId: 'shop-2' }),
      listing('', { skuId: '1' }),
      listing('', { skuId: '2' }),
    ];

    expect(statuses(listings, { amazon: ['MUG'] })).toEqual(['identity', 'identity', 'unmapped', 'unmapped']);
  });
});

describe('the report', () => {
  const anySku = fc.constantFrom('', 'A', 'a', 'A-', 'B', 'b.', 'C', '-', ' A');
  const anyListing = fc
    .record({ sellerSku: anySku, shopId: fc.constantFrom('1', '2'), isVirtualBundle: fc.boolean() })
    .map(({ sellerSku, ...rest }) => listing(sellerSku, rest));
  const anyEntry = fc
    .tuple(fc.constantFrom('A', 'B', 'id-C', 'id-'), fc.constantFrom('A', 'B', 'X'))
    .map(([name, amazonSku]) => entry(name, amazonSku));
  const anyCase = fc.tuple(
    fc
      .array(anyListing, { maxLength: 8 })
      .map((all) => all.map((one, index) => ({ ...one, skuId: `id-${index}` }))),
    fc.uniqueArray(anyEntry, { selector: ({ channelSku }) => channelSku }),
    fc.uniqueArray(anySku.filter((sku) => sku !== '' && sku === sku.trim())),
    fc.constantFrom('identity' as const, 'none' as const),
  );

  it('has one row per listing, in their order, and counts every row once', () => {
    fc.assert(
      fc.property(anyCase, ([listings, entries, amazon, fallback]) => {
        const { rows, summary } = report(listings, { entries, amazon, fallback });

        expect(rows.map(({ skuId }) => skuId)).toEqual(listings.map(({ skuId }) => skuId));
        expect(Object.keys(summary)).toEqual([...SKU_STATUSES]);
        for (const status of SKU_STATUSES)
          expect(summary[status]).toBe(rows.filter((row) => row.status === status).length);
      }),
    );
  });

  it('suggests only SKUs that Amazon has, and only where what is in force cannot ship', () => {
    fc.assert(
      fc.property(anyCase, ([listings, entries, amazon, fallback]) => {
        const { rows } = report(listings, { entries, amazon, fallback });
        const has = new Set<string>(amazon);
        const canShip = rows.filter(({ components }) => components?.every((part) => has.has(part.amazonSku)));

        expect(rows.flatMap(({ suggestions }) => suggestions).filter((sku) => !has.has(sku))).toEqual([]);
        expect(canShip.flatMap(({ suggestions }) => suggestions)).toEqual([]);
        const ready = rows.filter(({ status }) => status === 'mapped' || status === 'identity');
        expect(canShip).toEqual(expect.arrayContaining(ready));
      }),
    );
  });

  it('its suggestions, put into the map beside what it has, map exactly the suggested rows', () => {
    fc.assert(
      fc.property(anyCase, ([listings, entries, amazon, fallback]) => {
        const before = report(listings, { entries, amazon, fallback });
        const read = readSkuMapJson({ entries: [...entries, ...suggestedEntries(before)] });
        const next = read.ok ? read.value : [];
        const after = report(listings, { entries: next, amazon, fallback });

        expect(read.ok).toBe(true);
        const suggested = before.rows.flatMap(({ status }, index) => (status === 'suggested' ? [index] : []));
        expect(suggested.map((index) => after.rows[index]?.status)).toEqual(suggested.map(() => 'mapped'));
      }),
    );
  });
});

describe('the entries of the suggestions', () => {
  it('name the shop and the seller SKU; an ambiguous row gives none, or it would become a bundle', () => {
    const rows = report([listing('mug'), listing('hat')], { amazon: ['MUG', 'HAT', 'H-A-T'] });

    expect(suggestedEntries(rows)).toEqual([
      { shopId: 'shop-1', channelSku: 'mug', components: unitOf('MUG') },
    ]);
  });

  it('name the SKU id where the map cannot name the seller SKU', () => {
    const rows = report([listing(' mug ', { skuId: '77' })], { amazon: ['MUG'] });

    expect(suggestedEntries(rows)).toMatchObject([{ channelSku: '77' }]);
  });
});
