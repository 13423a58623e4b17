import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SharingRule } from '../store/store.ts';
import { availableInAll, type Share, shareOut } from './sharing.ts';

const SHOPS = ['a', 'b', 'c'];
const shareOf = (rule: SharingRule, over: Partial<Share> = {}): Share => ({
  rule,
  fulfillable: 10,
  buffer: 0,
  promised: new Map(),
  shops: SHOPS.map((shopId) => ({ shopId, buffer: 0 })),
  ...over,
});
const shown = (rule: SharingRule, over: Partial<Share> = {}): number[] => [
  ...shareOut(shareOf(rule, over)).values(),
];

describe('stock for all', () => {
  const all: SharingRule = { kind: 'all' };

  it('shows every shop what is left after everybody’s promises and the buffer', () => {
    const promised = new Map([
      ['a', 3],
      ['gone', 1],
    ]);

    expect(shown(all, { buffer: 2, promised })).toEqual([4, 4, 4]);
  });

  it('keeps back more in a shop whose own buffer is larger', () => {
    const shops = [
      { shopId: 'a', buffer: 5 },
      { shopId: 'b', buffer: 1 },
    ];

    expect(shown(all, { buffer: 2, shops })).toEqual([5, 8]);
  });

  it('shows nothing where more is promised than there is', () => {
    expect(shown(all, { promised: new Map([['a', 99]]) })).toEqual([0, 0, 0]);
  });
});

describe('stock by shares', () => {
  const shares: SharingRule = { kind: 'shares', percentByShop: { a: 50, b: 25 } };

  it('gives each shop its whole percent after the buffer, and a shop without a share nothing', () => {
    expect(shown(shares, { fulfillable: 12, buffer: 1 })).toEqual([5, 2, 0]);
  });

  it('takes a shop’s promises off its own share only', () => {
    expect(shown(shares, { promised: new Map([['a', 4]]) })).toEqual([1, 2, 0]);
  });

  it('cuts the others where one shop promised more than its share', () => {
    expect(shown(shares, { promised: new Map([['b', 9]]) })).toEqual([1, 0, 0]);
  });

  it('never exceeds what is left although the percents add up to more than a hundred', () => {
    const greedy: SharingRule = { kind: 'shares', percentByShop: { a: 100, b: 100 } };

    expect(shown(greedy)).toEqual([5, 5, 0]);
  });

  it('is not misled by a shop that is named like a property of every object', () => {
    const shops = [{ shopId: 'constructor', buffer: 0 }];

    expect(shown(shares, { shops })).toEqual([0]);
  });
});

describe('stock by priority', () => {
  const order = (...limits: [string, number | null][]): SharingRule => ({
    kind: 'priority',
    shops: limits.map(([shopId, atMostUnits]) => ({ shopId, atMostUnits })),
  });

  it('serves the shops in their order, each up to its limit, and one that is not named not at all', () => {
    expect(shown(order(['b', 6], ['a', null]))).toEqual([4, 6, 0]);
    expect(shown(order(['a', null], ['b', null]))).toEqual([10, 0, 0]);
  });

  it('serves a shop that is named twice once', () => {
    expect(shown(order(['a', 4], ['a', 4], ['b', null]))).toEqual([4, 6, 0]);
  });

  it('does not give a larger buffer of one shop to the next', () => {
    const shops = [
      { shopId: 'a', buffer: 3 },
      { shopId: 'b', buffer: 0 },
    ];

    expect(shown(order(['a', 5], ['b', null]), { shops })).toEqual([2, 5]);
  });
});

const count = fc.integer({ min: 0, max: 200 });
const shopId = fc.constantFrom(...SHOPS, 'd');
const rules = {
  shares: fc.record({
    kind: fc.constant('shares' as const),
    percentByShop: fc.dictionary(shopId, fc.double({ min: 0, max: 100, noNaN: true })),
  }),
  priority: fc.record({
    kind: fc.constant('priority' as const),
    shops: fc.array(fc.record({ shopId, atMostUnits: fc.option(count) }), { maxLength: 6 }),
  }),
  all: fc.constant<SharingRule>({ kind: 'all' }),
};
const shareWith = (rule: fc.Arbitrary<SharingRule>): fc.Arbitrary<Share> =>
  fc.record({
    rule,
    fulfillable: count,
    buffer: count,
    promised: fc.array(fc.tuple(shopId, count), { maxLength: 4 }).map((rows) => new Map(rows)),
    shops: fc.uniqueArray(fc.record({ shopId, buffer: count }), { selector: (shop) => shop.shopId }),
  });

describe('whatever was promised', () => {
  it.each(['shares', 'priority'] as const)('%s together show no more than is left', (kind) => {
    fc.assert(
      fc.property(shareWith(rules[kind]), (share) => {
        const sum = [...shareOut(share).values()].reduce((total, units) => total + units, 0);

        expect(sum).toBeLessThanOrEqual(availableInAll(share));
      }),
    );
  });

  it.each(['shares', 'priority', 'all'] as const)(
    '%s shows every shop a whole number, not below zero and not above what is left',
    (kind) => {
      fc.assert(
        fc.property(shareWith(rules[kind]), (share) => {
          const units = shareOut(share);

          expect([...units.keys()].sort()).toEqual(share.shops.map((shop) => shop.shopId).sort());
          for (const shownUnits of units.values()) {
            expect(Number.isInteger(shownUnits) && shownUnits >= 0).toBe(true);
            expect(shownUnits).toBeLessThanOrEqual(availableInAll(share));
          }
        }),
      );
    },
  );
});
