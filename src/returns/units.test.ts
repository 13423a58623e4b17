import { describe, expect, it } from 'vitest';
import { linesOf, orderOf, packageRecordOf, placedRecordOf, policyOf } from '../../test/fakes.ts';
import { createSkuMap } from '../orders/sku-map.ts';
import { returnOf } from './fixtures/returns.ts';
import { planUnits } from './units.ts';

const bundles = policyOf({
  skuMap: createSkuMap(
    [
      {
        shopId: null,
        channelSku: 'SET',
        components: [
          { amazonSku: 'A', quantity: 2 },
          { amazonSku: 'B', quantity: 1 },
        ],
      },
    ],
    'identity',
  ),
});

describe('the units of a return', () => {
  it('are those of its lines, each in the shipment it left in, under the item id that joined the lines', () => {
    const order = placedRecordOf(orderOf({ lines: linesOf('A', 'A') }), {
      packages: [
        packageRecordOf({ packageKey: 'D1/1' }),
        packageRecordOf({
          packageKey: 'D2/2',
          lineIds: ['102'],
          allocations: [{ lineId: '102', amazonSku: 'A', quantity: 1 }],
        }),
      ],
    });

    const plan = planUnits(returnOf({ lineIds: ['102'] }), order);

    expect(plan).toMatchObject({
      ok: true,
      value: { units: [{ returnItemId: 'r1-102', itemId: '101', shipmentId: 'D2' }] },
    });
  });

  it('of a bundle are one for each part, with ids that stay the same', () => {
    const order = placedRecordOf(
      orderOf({ lines: linesOf('SET') }),
      {
        packages: [
          packageRecordOf({
            packageKey: 'D1/1',
            allocations: [
              { lineId: '101', amazonSku: 'A', quantity: 2 },
              { lineId: '101', amazonSku: 'B', quantity: 1 },
            ],
          }),
        ],
      },
      bundles,
    );

    const plan = planUnits(returnOf(), order);

    expect(plan.ok && plan.value.units.map((unit) => [unit.returnItemId, unit.itemId])).toEqual([
      ['r1-101', '101'],
      ['r1-101-2', '101'],
      ['r1-101-3', '101-2'],
    ]);
    expect(planUnits(returnOf(), order)).toEqual(plan);
  });

  it('leave out lines that were shipped otherwise', () => {
    const order = placedRecordOf(orderOf({ lines: linesOf('A', 'B') }), {
      packages: [packageRecordOf({ packageKey: 'D1/1' })],
    });

    const plan = planUnits(returnOf({ lineIds: ['101', '102'] }), order);

    expect(plan.ok && plan.value.units.map((unit) => unit.returnItemId)).toEqual(['r1-101']);
  });
});
