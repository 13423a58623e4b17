import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE, NOW } from '../../test/fakes.ts';
import {
  availableUnits,
  bufferUnits,
  listingUnits,
  type PromisedRow,
  promisedOf,
  spreadOver,
} from './available.ts';

const level = (fulfillable: number) => ({ amazonSku: 'A', fulfillable, updatedAtMs: NOW });

describe('the buffer', () => {
  it.each([
    { fulfillable: 100, rule: { units: 0, percent: 0 }, buffer: 0 },
    { fulfillable: 100, rule: { units: 5, percent: 3 }, buffer: 5 },
    { fulfillable: 100, rule: { units: 5, percent: 10 }, buffer: 10 },
    { fulfillable: 7, rule: { units: 0, percent: 10 }, buffer: 1 },
    { fulfillable: 50, rule: { units: 0, percent: 14 }, buffer: 7 },
    { fulfillable: 0, rule: { units: 2, percent: 50 }, buffer: 2 },
  ])(
    'is the larger of units and percent, rounded up: $fulfillable with $rule',
    ({ fulfillable, rule, buffer }) => {
      expect(bufferUnits(fulfillable, rule)).toBe(buffer);
    },
  );
});

describe('units that are promised', () => {
  const row = (overrides: Partial<PromisedRow> = {}): PromisedRow => ({
    amazonSku: 'A',
    units: 1,
    acceptedAtMs: NOW - 5 * MINUTE,
    reserved: true,
    ...overrides,
  });

  it.each([
    {
      guarantee: 'count while Amazon has not accepted the order',
      row: row({ acceptedAtMs: null }),
      counted: 1,
    },
    { guarantee: 'count while Amazon has not planned them', row: row({ reserved: false }), counted: 1 },
    { guarantee: 'no longer count once Amazon took them out of its figure', row: row(), counted: 0 },
    {
      guarantee: 'count while Amazon’s figure is older than the order',
      row: row({ acceptedAtMs: NOW + 1 }),
      counted: 1,
    },
    { guarantee: 'of another SKU do not count', row: row({ amazonSku: 'B', reserved: false }), counted: 0 },
  ])('$guarantee', ({ row: one, counted }) => {
    expect(promisedOf('A', [one], NOW, NOW + MINUTE)).toBe(counted);
  });

  it('no longer wait for a figure that stays older for half an hour', () => {
    const rows = [row({ acceptedAtMs: NOW })];

    expect(promisedOf('A', rows, NOW - 1, NOW + 30 * MINUTE - 1)).toBe(1);
    expect(promisedOf('A', rows, NOW - 1, NOW + 30 * MINUTE)).toBe(0);
  });

  it('that are planned do not count when Amazon names no time', () => {
    expect(promisedOf('A', [row()], null, NOW)).toBe(0);
  });

  it('are added up', () => {
    expect(
      promisedOf('A', [row({ units: 2, reserved: false }), row({ units: 3, acceptedAtMs: null })], NOW, NOW),
    ).toBe(5);
  });
});

describe('what can be sold', () => {
  it.each([
    { fulfillable: 10, promised: 3, buffer: 2, available: 5 },
    { fulfillable: 3, promised: 3, buffer: 0, available: 0 },
    { fulfillable: 1, promised: 5, buffer: 5, available: 0 },
  ])(
    'is never below zero: $fulfillable − $promised − $buffer',
    ({ fulfillable, promised, buffer, available }) => {
      expect(availableUnits(level(fulfillable), promised, buffer)).toBe(available);
    },
  );

  it('never exceeds what Amazon can ship minus promised minus buffer', () => {
    fc.assert(
      fc.property(
        fc.nat(9999),
        fc.nat(9999),
        fc.nat(500),
        fc.nat(100),
        (fulfillable, promised, units, percent) => {
          const buffer = bufferUnits(fulfillable, { units, percent });

          const available = availableUnits(level(fulfillable), promised, buffer);

          expect(available).toBeLessThanOrEqual(Math.max(0, fulfillable - promised - units));
          expect(available).toBeLessThanOrEqual(
            Math.max(0, fulfillable - promised - (fulfillable * percent) / 100 + 1e-6),
          );
        },
      ),
    );
  });

  it('of a bundle is as many whole sets as its scarcest part allows', () => {
    const components = [
      { amazonSku: 'A', quantity: 2 },
      { amazonSku: 'B', quantity: 1 },
    ];

    expect(
      listingUnits(
        components,
        new Map([
          ['A', 9],
          ['B', 7],
        ]),
      ),
    ).toBe(4);
    expect(
      listingUnits(
        components,
        new Map([
          ['A', 1],
          ['B', 7],
        ]),
      ),
    ).toBe(0);
  });

  it('is not known when Amazon does not know a part', () => {
    expect(
      listingUnits(
        [
          { amazonSku: 'A', quantity: 1 },
          { amazonSku: 'B', quantity: 1 },
        ],
        new Map([['A', 9]]),
      ),
    ).toBeNull();
  });

  it('is never more than TikTok takes', () => {
    expect(listingUnits([{ amazonSku: 'A', quantity: 1 }], new Map([['A', 1_000_000]]))).toBe(99_999);
  });
});

describe('stock over several warehouses', () => {
  it('goes to the one that holds most', () => {
    const warehouses = [
      { warehouseId: 'w1', available: 1 },
      { warehouseId: 'w2', available: 9 },
    ];

    expect(spreadOver(warehouses, 5)).toEqual([
      { warehouseId: 'w1', quantity: 0 },
      { warehouseId: 'w2', quantity: 5 },
    ]);
  });

  it('always adds up to exactly what is available, each warehouse named once', () => {
    const some = fc
      .array(fc.nat(50), { minLength: 1, maxLength: 6 })
      .map((figures) => figures.map((available, index) => ({ warehouseId: `w${index}`, available })));

    fc.assert(
      fc.property(some, fc.nat(99_999), (warehouses, quantity) => {
        const spread = spreadOver(warehouses, quantity);

        expect(spread.reduce((sum, one) => sum + one.quantity, 0)).toBe(quantity);
        expect(spread.map((one) => one.warehouseId)).toEqual(warehouses.map((one) => one.warehouseId));
      }),
    );
  });

  it('is nothing where there is no warehouse', () => {
    expect(spreadOver([], 5)).toEqual([]);
  });
});
