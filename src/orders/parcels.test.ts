import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentsOf, FULFILLMENT_ID, packageRecordOf, parcelOf } from '../../test/fakes.ts';
import type { FulfillmentPackage } from '../fulfillment/provider.ts';
import type { Component, LineSnapshot, PackageRecord } from './model.ts';
import { allocationsIn, type ParcelPlan, planParcels } from './parcels.ts';

const routed = (lineId: string, components: Record<string, number>, units = 1): LineSnapshot => ({
  lineId,
  skuId: `sku-${lineId}`,
  sku: `SKU ${lineId}`,
  units,
  status: 'AWAITING_SHIPMENT',
  components: Object.entries(components).map(([amazonSku, quantity]) => ({ amazonSku, quantity })),
});
const parcel = (packageKey: string, units: Record<string, number>): FulfillmentPackage =>
  parcelOf({ packageKey, contents: contentsOf(units) });
const plan = (lines: LineSnapshot[], packages: FulfillmentPackage[], records: PackageRecord[] = []) =>
  planParcels(lines, records, { fulfillmentId: FULFILLMENT_ID, packages });
const linesIn = (plans: Map<string, ParcelPlan>, key: string): string[] => plans.get(key)?.lineIds ?? [];
/** The record of a parcel that was reported as planned. */
const reportOf = (packageKey: string, { lineIds, allocations }: ParcelPlan): PackageRecord =>
  packageRecordOf({ packageKey, lineIds, allocations, channelPackageId: packageKey });

describe('lines and parcels', () => {
  it('one SKU over two parcels gives each parcel its own line', () => {
    const plans = plan(
      [routed('1', { A: 1 }), routed('2', { A: 1 })],
      [parcel('p1', { A: 1 }), parcel('p2', { A: 1 })],
    );

    expect(linesIn(plans, 'p1')).toEqual(['1']);
    expect(linesIn(plans, 'p2')).toEqual(['2']);
  });

  it('a bundle over two parcels is reported under the first one only', () => {
    const plans = plan([routed('1', { A: 1, B: 1 })], [parcel('p1', { A: 1 }), parcel('p2', { B: 1 })]);

    expect(linesIn(plans, 'p1')).toEqual(['1']);
    expect(plans.get('p2')).toEqual({
      lineIds: [],
      allocations: [{ lineId: '1', amazonSku: 'B', quantity: 1 }],
    });
  });

  it('a line that a parcel completes goes before a bundle that it only begins', () => {
    const lines = [routed('1', { A: 1, B: 1 }), routed('2', { A: 1 })];

    expect(linesIn(plan(lines, [parcel('p1', { A: 1 })]), 'p1')).toEqual(['2']);
  });

  it('a bundle begun in an earlier parcel is completed before a new one is begun', () => {
    const lines = [routed('1', { A: 1, B: 1 }), routed('2', { A: 1, B: 1 })];

    const plans = plan(lines, [parcel('p1', { A: 1 }), parcel('p2', { B: 1 }), parcel('p3', { A: 1, B: 1 })]);

    expect([linesIn(plans, 'p1'), linesIn(plans, 'p2'), linesIn(plans, 'p3')]).toEqual([['1'], [], ['2']]);
  });

  it('what was reported stays although Amazon planned its parcels anew', () => {
    const lines = [routed('1', { A: 1 }), routed('2', { A: 1 })];
    const reported = reportOf('p1', {
      lineIds: ['1'],
      allocations: [{ lineId: '1', amazonSku: 'A', quantity: 1 }],
    });

    const plans = plan(lines, [parcel('p9', { A: 1 }), parcel('p1', { A: 1 })], [reported]);

    expect(linesIn(plans, 'p1')).toEqual(['1']);
    expect(linesIn(plans, 'p9')).toEqual(['2']);
  });

  it('what an earlier fulfillment reported is not reported again', () => {
    const reported = packageRecordOf({ fulfillmentId: 'TTS-earlier', lineIds: ['1'] });
    reported.allocations = [{ lineId: '1', amazonSku: 'A', quantity: 1 }];

    const plans = plan([routed('1', { A: 1 }), routed('2', { A: 1 })], [parcel('p1', { A: 1 })], [reported]);

    expect(linesIn(plans, 'p1')).toEqual(['2']);
  });

  it('a parcel that was not reported is planned anew', () => {
    const planned = packageRecordOf({ reportedAtMs: null, lineIds: ['2'] });

    expect(linesIn(plan([routed('1', { A: 1 })], [parcel('p1', { A: 1 })], [planned]), 'p1')).toEqual(['1']);
  });

  it('a report of a line that is gone changes nothing', () => {
    const reported = packageRecordOf({ lineIds: ['gone'] });
    reported.allocations = [{ lineId: 'gone', amazonSku: 'A', quantity: 1 }];

    expect(linesIn(plan([routed('1', { A: 1 })], [parcel('p2', { A: 1 })], [reported]), 'p2')).toEqual(['1']);
  });

  it('a cancelled parcel gets nothing', () => {
    const gone = parcelOf({ packageKey: 'p1', shipmentState: 'cancelled' });

    expect(plan([routed('1', { A: 1 })], [gone]).has('p1')).toBe(false);
  });

  it('one item listed twice in a parcel counts both', () => {
    const twice = parcelOf({ contents: [...contentsOf({ A: 1 }), ...contentsOf({ A: 1 })] });

    expect(allocationsIn([routed('1', { A: 2 })], twice)).toEqual([
      { lineId: '1', amazonSku: 'A', quantity: 2 },
    ]);
  });
});

const SKUS = ['A', 'B', 'C'] as const;
const someUnits = fc.dictionary(fc.constantFrom(...SKUS), fc.integer({ min: 1, max: 3 }), {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
});
const someLines = fc
  .array(fc.tuple(someUnits, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 6 })
  .map((lines) => lines.map(([components, units], index) => routed(String(index + 1), components, units)));

/** Lines, and their units cut into parcels at random: with `missing`, some never leave. */
const someSplit = fc
  .record({
    lines: someLines,
    cuts: fc.array(fc.nat(5), { minLength: 60, maxLength: 60 }),
    missing: fc.boolean(),
  })
  .map(({ lines, cuts, missing }) => {
    const units = lines.flatMap((line) =>
      line.components.flatMap(({ amazonSku, quantity }: Component) =>
        Array.from({ length: quantity * line.units }, () => amazonSku),
      ),
    );
    const parcels = new Map<number, Record<string, number>>();
    for (const [index, sku] of units.entries()) {
      const cut = cuts[index % cuts.length] ?? 0;
      if (missing && cut === 5) continue;
      const content = parcels.get(cut) ?? {};
      content[sku] = (content[sku] ?? 0) + 1;
      parcels.set(cut, content);
    }
    return { lines, packages: [...parcels].map(([cut, content]) => parcel(`p${cut}`, content)), missing };
  });

const sumOf = (
  plans: Iterable<ParcelPlan>,
  of: (allocation: ParcelPlan['allocations'][number]) => string,
) => {
  const sums = new Map<string, number>();
  for (const { allocations } of plans)
    for (const allocation of allocations)
      sums.set(of(allocation), (sums.get(of(allocation)) ?? 0) + allocation.quantity);
  return sums;
};

const checkUnits = (lines: LineSnapshot[], plans: Map<string, ParcelPlan>): void => {
  const lineIds = [...plans.values()].flatMap((one) => one.lineIds);
  expect(new Set(lineIds).size).toBe(lineIds.length);
  const used = sumOf(plans.values(), ({ lineId, amazonSku }) => `${lineId}/${amazonSku}`);
  for (const line of lines)
    for (const { amazonSku, quantity } of line.components)
      expect(used.get(`${line.lineId}/${amazonSku}`) ?? 0).toBeLessThanOrEqual(quantity * line.units);
};

describe('over any split of any order', () => {
  it('each line is in at most one parcel and no unit is given out twice', () => {
    fc.assert(
      fc.property(someSplit, ({ lines, packages }) => {
        const plans = plan(lines, packages);

        checkUnits(lines, plans);
        for (const { packageKey, contents } of packages) {
          const inParcel = sumOf([plans.get(packageKey)!], ({ amazonSku }) => amazonSku);
          for (const { amazonSku, quantity } of contents)
            expect(inParcel.get(amazonSku) ?? 0).toBeLessThanOrEqual(quantity);
        }
      }),
    );
  });

  it('every line is reported under a parcel that holds a unit of it, once all units left', () => {
    fc.assert(
      fc.property(someSplit, ({ lines, packages, missing }) => {
        fc.pre(!missing);
        const plans = plan(lines, packages);

        const lineIds = [...plans.values()].flatMap((one) => one.lineIds);
        expect(lineIds.toSorted()).toEqual(lines.map((line) => line.lineId).toSorted());
        for (const one of plans.values())
          for (const lineId of one.lineIds)
            expect(one.allocations.map((allocation) => allocation.lineId)).toContain(lineId);
      }),
    );
  });

  it('what was reported never changes, whatever Amazon plans afterwards', () => {
    fc.assert(
      fc.property(someSplit, fc.nat(5), fc.boolean(), ({ lines, packages }, count, turned) => {
        const first = plan(lines, packages);
        const records = packages
          .slice(0, count)
          .map(({ packageKey }) => reportOf(packageKey, first.get(packageKey)!));

        const again = plan(lines, turned ? packages.toReversed() : packages, records);

        for (const record of records)
          expect(again.get(record.packageKey)).toEqual({
            lineIds: record.lineIds,
            allocations: record.allocations,
          });
        checkUnits(lines, again);
      }),
    );
  });

  it('parcels that are planned anew under other keys never take what was reported', () => {
    fc.assert(
      fc.property(someSplit, fc.nat(5), ({ lines, packages }, count) => {
        const first = plan(lines, packages);
        const records = packages
          .slice(0, count)
          .map(({ packageKey }) => reportOf(packageKey, first.get(packageKey)!));
        const renamed = packages.slice(count).map((one) => ({ ...one, packageKey: `new-${one.packageKey}` }));

        const again = plan(lines, [...packages.slice(0, count), ...renamed], records);

        checkUnits(lines, again);
        for (const { packageKey, lineIds } of records)
          expect(again.get(packageKey)?.lineIds).toEqual(lineIds);
      }),
    );
  });
});
