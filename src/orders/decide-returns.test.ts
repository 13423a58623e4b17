import { describe, expect, it } from 'vitest';
import {
  found,
  HOUR,
  inputOf,
  lineOf,
  NOW,
  numberedParcelOf,
  orderOf,
  packageRecordOf,
  placedRecordOf,
} from '../../test/fakes.ts';
import { decide } from './decide.ts';
import type { OrderRecord, ReturnReview } from './model.ts';

const reviewOf = (returnId: string, respondByMs: number | null): ReturnReview => ({
  returnId,
  reason: 'return_needs_action',
  detail: `of ${returnId}`,
  respondByMs,
});
const returnReviews = [reviewOf('r1', null), reviewOf('r2', NOW + HOUR), reviewOf('r3', NOW + 2 * HOUR)];

const ours = lineOf({ status: 'shipped', trackingNumber: '1Z0000000000000001' });
const delivered = orderOf({ status: 'delivered', lines: [ours] });
const decideShipped = (record: Partial<OrderRecord>, order = delivered) =>
  decide(
    inputOf({
      order,
      sight: found({ state: 'complete', packages: [numberedParcelOf(1)] }),
      record: placedRecordOf(order, { packages: [packageRecordOf()], ...record }),
    }),
  );

describe('a return that waits for a person', () => {
  it.each(['delivered', 'completed'] as const)(
    'is shown on an order at rest, soonest deadline first (%s)',
    (status) => {
      expect(decideShipped({ returnReviews }, { ...delivered, status })).toMatchObject({
        kind: 'review',
        stage: 'review',
        reason: 'return_needs_action',
        detail: 'of r2',
        nextAttemptAtMs: expect.any(Number),
      });
    },
  );

  it('is shown on an order that was closed by hand before it came', () => {
    expect(decideShipped({ returnReviews, resolvedAtMs: NOW - HOUR })).toMatchObject({ stage: 'review' });
  });

  it('leaves the order shipped once nobody has to act', () => {
    expect(decideShipped({ returnReviews: [] })).toMatchObject({ stage: 'shipped', reason: 'shipped' });
  });

  it('never keeps an order from being sent to Amazon, nor a number from being reported', () => {
    const carriers = [{ carrierId: 'c-ups', name: 'UPS' }];
    const sight = found({ packages: [numberedParcelOf(1)] });

    expect(decide(inputOf({ record: { ...inputOf().record, returnReviews } })).kind).toBe('create');
    expect(
      decide(inputOf({ sight, carriers, record: placedRecordOf(orderOf(), { returnReviews }) })).kind,
    ).toBe('ship');
  });

  it('is not shown on an order that ended cancelled', () => {
    const record = { ...inputOf().record, returnReviews };

    expect(decide(inputOf({ order: orderOf({ status: 'cancelled' }), record }))).toMatchObject({
      stage: 'cancelled',
    });
  });
});
