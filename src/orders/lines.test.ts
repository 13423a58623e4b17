import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, linesOf, orderOf } from '../../test/fakes.ts';
import type { ChannelLine } from '../channels/channel.ts';
import { itemsFor, planLines, snapshotLine } from './lines.ts';
import { createSkuMap } from './sku-map.ts';

const identity = createSkuMap([], 'identity');
const planOf = (lines: ChannelLine[], skuMap = identity) => planLines(orderOf({ lines }), 'shop-1', skuMap);
const itemsOf = (lines: ChannelLine[], skuMap = identity) => {
  const plan = planOf(lines, skuMap);
  if (!plan.ok) throw new Error(plan.problem.reason);
  return plan.value.items;
};
const bundles = createSkuMap(
  [
    {
      shopId: null,
      channelSku: 'SET',
      components: [
        { amazonSku: 'X', quantity: 2 },
        { amazonSku: 'Y', quantity: 1 },
      ],
    },
  ],
  'identity',
);

describe('what Amazon gets for the lines of an order', () => {
  it('is one item per SKU, named after the first line of it', () => {
    expect(itemsOf(linesOf('A', 'B', 'A'))).toEqual([
      { itemId: '101', amazonSku: 'A', quantity: 2 },
      { itemId: '102', amazonSku: 'B', quantity: 1 },
    ]);
  });

  it('is the same whatever order the lines come in', () => {
    const lines = linesOf('A', 'B', 'A', 'SET');

    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
        expect(itemsOf(shuffled, bundles)).toEqual(itemsOf(lines, bundles));
      }),
    );
  });

  it('sorts line ids as numbers, so that a shorter one is first', () => {
    const lines = [lineOf({ lineId: '1000' }), lineOf({ lineId: '999' })];

    expect(itemsOf(lines)).toMatchObject([{ itemId: '999', quantity: 2 }]);
  });

  it('takes a bundle apart and gives its further parts ids of their own', () => {
    expect(itemsOf([lineOf({ sellerSku: 'SET', units: 3 })], bundles)).toEqual([
      { itemId: '101', amazonSku: 'X', quantity: 6 },
      { itemId: '101-2', amazonSku: 'Y', quantity: 3 },
    ]);
  });

  it('adds a bundle’s parts to the same SKU of another line', () => {
    expect(
      itemsOf(
        [lineOf({ lineId: '101', sellerSku: 'X' }), lineOf({ lineId: '102', sellerSku: 'SET' })],
        bundles,
      ),
    ).toEqual([
      { itemId: '101', amazonSku: 'X', quantity: 3 },
      { itemId: '102', amazonSku: 'Y', quantity: 1 },
    ]);
  });

  it('counts units, not lines', () => {
    expect(itemsOf([lineOf({ units: 4 })])).toMatchObject([{ quantity: 4 }]);
  });

  it('has ids that are unique, whatever the lines are', () => {
    const someLine = fc.record({
      sellerSku: fc.constantFrom('A', 'X', 'Y', 'SET'),
      units: fc.integer({ min: 1, max: 3 }),
    });

    fc.assert(
      fc.property(fc.array(someLine, { maxLength: 20 }), (some) => {
        const lines = some.map((line, index) => lineOf({ ...line, lineId: String(index + 1) }));
        const items = itemsOf(lines, bundles);

        expect(new Set(items.map((item) => item.itemId)).size).toBe(items.length);
        expect(new Set(items.map((item) => item.amazonSku)).size).toBe(items.length);
      }),
    );
  });

  it('is nothing for lines that nobody mapped', () => {
    expect(itemsFor([snapshotLine(lineOf(), null)])).toEqual([]);
  });
});

describe('an order that cannot be planned', () => {
  it('names every SKU without an Amazon SKU, once each', () => {
    const plan = planOf(
      [...linesOf('A', 'B', 'A'), lineOf({ lineId: '9', sellerSku: '', skuId: 'id-9' })],
      createSkuMap([], 'none'),
    );

    expect(plan).toEqual({ ok: false, problem: { reason: 'sku_unmapped', detail: 'SKU: A, B, id-9.' } });
  });

  it('does not ask for SKUs of lines that are shipped or cancelled', () => {
    const lines = [lineOf(), lineOf({ lineId: '102', sellerSku: '', status: 'shipped' })];

    expect(planOf(lines).ok).toBe(true);
  });

  it.each([
    {
      size: '100 items',
      lines: linesOf(...Array.from({ length: 100 }, (_, index) => `S${index}`)),
      ok: true,
    },
    {
      size: '101 items',
      lines: linesOf(...Array.from({ length: 101 }, (_, index) => `S${index}`)),
      ok: false,
    },
    { size: '250 units', lines: [lineOf({ units: 250 })], ok: true },
    { size: '251 units', lines: [lineOf({ units: 251 })], ok: false },
  ])('is too large only beyond Amazon’s limits: $size', ({ lines, ok }) => {
    const plan = planOf(lines);

    expect(plan.ok).toBe(ok);
    expect(plan.ok ? null : plan.problem.reason).toBe(ok ? null : 'order_too_large');
  });
});
