import { describe, expect, it } from 'vitest';
import {
  found,
  HOUR,
  inputOf,
  lineOf,
  NOW,
  orderOf,
  packageRecordOf,
  parcelOf,
  placedRecordOf,
  policyOf,
} from '../../test/fakes.ts';
import { recipientOf } from './address/fixtures.ts';
import { decide } from './decide.ts';
import type { DecideInput } from './decision.ts';

const AFTN = 'AFTN300000001';

/** Amazon's own number was reported while the order is still in planning, so TikTok shows the line as shipped. */
const reported = (overrides: Partial<DecideInput> = {}, record: Partial<DecideInput['record']> = {}) => {
  const order = orderOf({
    status: 'awaiting_collection',
    lines: [lineOf({ status: 'shipped', trackingNumber: AFTN })],
  });
  const packages = [packageRecordOf({ reportedNumber: AFTN, carrierTracking: null, amazonTracking: AFTN })];
  return inputOf({
    order,
    sight: found({ state: 'planning', packages: [parcelOf({ amazonTracking: AFTN })] }),
    record: placedRecordOf(order, { packages, ...record }),
    ...overrides,
  });
};

describe('a fulfillment whose number is reported already cannot be made anew', () => {
  it('so an edited address is told to a person and Amazon goes on', () => {
    const input = reported();
    const order = {
      ...input.order!,
      addressEdited: true,
      recipient: recipientOf({ name: 'Jane Elsewhere' }),
    };

    expect(decide({ ...input, order })).toMatchObject({
      kind: 'review',
      reason: 'address_changed_after_create',
    });
  });

  it('so one that is stuck in planning is not cancelled', () => {
    const input = reported({ policy: policyOf({ resubmitStuck: true }) }, { expectedShipAtMs: NOW - HOUR });

    expect(decide(input)).toMatchObject({ kind: 'done', stage: 'shipped' });
  });

  it.each(['cancelled', 'unfulfillable'] as const)(
    'so a retry after Amazon ended it as %s leaves it in review instead of calling it shipped by hand',
    (state) => {
      const sight = found({
        state,
        packages: [parcelOf({ amazonTracking: AFTN, shipmentState: 'cancelled' })],
      });

      expect(decide(reported({ sight }, { recreate: true }))).toMatchObject({ kind: 'review' });
    },
  );
});
