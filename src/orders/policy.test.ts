import { describe, expect, it } from 'vitest';
import { policyOf } from '../../test/fakes.ts';
import type { ShopSettings } from '../store/store.ts';
import { type Policy, withSettings } from './policy.ts';

const BASE = policyOf({
  speed: { fallback: 'Standard', byDeliveryOption: new Map([['express', 'Priority']]) },
  holdKinds: ['gift'],
});

describe('what a shop does otherwise', () => {
  it.each<[ShopSettings, Partial<Policy>]>([
    [{ cancellation: 'manual' }, { cancellation: 'manual' }],
    [{ speed: 'auto' }, { speed: { ...BASE.speed, fallback: 'auto' } }],
    [{ fulfillmentPolicy: 'FillAll' }, { fulfillmentPolicy: 'FillAll' }],
    [{ blockAmzl: true }, { blockAmzl: true }],
    [{ unbranded: true }, { unbranded: true }],
    [{ holdKinds: [] }, { holdKinds: [] }],
    [{ resubmitStuck: true }, { resubmitStuck: true }],
    [{ bufferUnits: 3, bufferPercent: 5, returnsToAmazon: 'create' }, {}],
    [{}, {}],
  ])('%j changes that and nothing else', (settings, change) => {
    expect(withSettings(BASE, settings)).toEqual({ ...BASE, ...change });
  });

  it('cannot turn off what the service turned on unless it says so', () => {
    const strict = { ...BASE, blockAmzl: true };

    expect(withSettings(strict, {}).blockAmzl).toBe(true);
    expect(withSettings(strict, { blockAmzl: false }).blockAmzl).toBe(false);
  });

  it('never lets an order wait for stock that other shops sell as well', () => {
    const shared = { ...BASE, sharesStock: true, fulfillmentPolicy: 'FillAll' } as const;

    expect(withSettings(shared, { fulfillmentPolicy: 'FillAllAvailable' }).fulfillmentPolicy).toBe(
      'FillOrKill',
    );
  });
});
