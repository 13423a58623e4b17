import { describe, expect, it } from 'vitest';
import {
  CARRIERS,
  cancellationOf,
  contentsOf,
  FULFILLMENT_ID,
  found,
  HOUR,
  inputOf,
  lineOf,
  linesOf,
  MINUTE,
  NOW,
  numberedParcelOf,
  ORDER_ID,
  orderOf,
  packageRecordOf,
  parcelOf,
  placedRecordOf,
  policyOf,
} from '../../test/fakes.ts';
import type { ChannelOrder } from '../channels/channel.ts';
import { recipientOf } from './address/fixtures.ts';
import { decide } from './decide.ts';
import type { DecideInput, Decision } from './decision.ts';
import type { OrderRecord } from './model.ts';

const order = orderOf();
const british = policyOf({ marketplaceCountry: 'GB' });

/** Decides for an order that was sent to Amazon as `order` is. */
const decidePlaced = (
  input: Partial<DecideInput>,
  record: Partial<OrderRecord> = {},
  sent: ChannelOrder = input.order ?? order,
): Decision =>
  decide(
    inputOf({ order, carriers: CARRIERS, sight: found(), record: placedRecordOf(sent, record), ...input }),
  );

type Row = {
  guarantee: string;
  input: Partial<DecideInput>;
  record?: Partial<OrderRecord>;
  decision: Record<string, unknown>;
};

const check = (rows: Row[]): void => {
  it.each(rows)('$guarantee', ({ input, record, decision }) => {
    expect(decidePlaced(input, record)).toMatchObject(decision);
  });
};

describe('an order at Amazon', () => {
  check([
    ...(['submitted', 'accepted', 'planning', 'processing'] as const).map((state) => ({
      guarantee: `rests and is polled while it is ${state}`,
      input: { sight: found({ state }) },
      decision: { kind: 'wait', stage: 'fulfilling', reason: 'at_amazon', nextAttemptAtMs: NOW + HOUR },
    })),
    {
      guarantee: 'is polled soon while it is new',
      input: {},
      record: { acceptedAtMs: NOW - 3 * MINUTE },
      decision: { kind: 'wait', stage: 'fulfilling', nextAttemptAtMs: NOW + 2 * MINUTE },
    },
    {
      guarantee: 'is fulfilling as soon as the create is accepted, and read two minutes later',
      input: { sight: { kind: 'accepted' } },
      record: { acceptedAtMs: NOW },
      decision: { kind: 'wait', stage: 'fulfilling', reason: 'at_amazon', nextAttemptAtMs: NOW + 2 * MINUTE },
    },
    {
      guarantee: 'is waited for while it is accepted and cannot be read yet',
      input: { sight: { kind: 'missing' } },
      record: { acceptedAtMs: NOW - 9 * MINUTE },
      decision: {
        kind: 'wait',
        stage: 'fulfilling',
        reason: 'not_visible_yet',
        nextAttemptAtMs: NOW + MINUTE,
      },
    },
    {
      guarantee: 'is in review when it is still not there after ten minutes',
      input: { sight: { kind: 'missing' } },
      record: { acceptedAtMs: NOW - 10 * MINUTE },
      decision: { kind: 'review', reason: 'mcf_lost', detail: `Id: ${FULFILLMENT_ID}.` },
    },
    {
      guarantee: 'is in review when Amazon has other units under our id',
      input: { sight: found({}, { A: 2 }) },
      decision: { kind: 'review', reason: 'mcf_mismatch', detail: `Id: ${FULFILLMENT_ID}.` },
    },
    {
      guarantee: 'is in review when Amazon has another SKU under our id',
      input: { sight: found({}, { B: 1 }) },
      decision: { kind: 'review', reason: 'mcf_mismatch' },
    },
    {
      guarantee: 'is in review when Amazon has further items under our id',
      input: { sight: found({}, { A: 1, B: 1 }) },
      decision: { kind: 'review', reason: 'mcf_mismatch' },
    },
    {
      guarantee: 'is completed when TikTok completed it',
      input: { order: orderOf({ status: 'completed' }) },
      decision: { kind: 'done', stage: 'completed', reason: 'completed' },
    },
    {
      guarantee: 'is in review and watched when Amazon’s status is unknown',
      input: { sight: found({ state: 'unknown', rawState: 'ODD' }) },
      decision: {
        kind: 'review',
        reason: 'mcf_status_unknown',
        detail: 'Amazon: ODD.',
        nextAttemptAtMs: NOW + HOUR,
      },
    },
    {
      guarantee: 'is in review when Amazon names no status',
      input: { sight: found({ state: 'unknown', rawState: '' }) },
      decision: { kind: 'review', reason: 'mcf_status_unknown', detail: 'Amazon: empty.' },
    },
    {
      guarantee: 'is in review, not made anew, when Amazon found it unfulfillable',
      input: { sight: found({ state: 'unfulfillable' }) },
      decision: { kind: 'review', reason: 'mcf_unfulfillable' },
    },
    {
      guarantee: 'is in review, not made anew, when Amazon found it invalid',
      input: { sight: found({ state: 'invalid' }) },
      decision: { kind: 'review', reason: 'mcf_invalid' },
    },
    {
      guarantee: 'is in review, not made anew, when it was cancelled at Amazon',
      input: { sight: found({ state: 'cancelled' }) },
      decision: { kind: 'review', reason: 'mcf_cancelled' },
    },
  ]);
});

describe('stopping an order at Amazon', () => {
  const cancelled = orderOf({ status: 'cancelled' });
  const asked = {
    stop: { fulfillmentId: FULFILLMENT_ID, triedAtMs: NOW - MINUTE, refused: false, remake: false },
  };

  check([
    {
      guarantee: 'asks Amazon to cancel when TikTok cancelled the order',
      input: { order: cancelled, sight: found({ state: 'planning' }) },
      decision: { kind: 'cancel', fulfillmentId: FULFILLMENT_ID },
    },
    {
      guarantee: 'waits for Amazon to prove it, and looks again in ten seconds',
      input: { order: cancelled, sight: found({ state: 'planning' }) },
      record: asked,
      decision: { kind: 'wait', stage: 'routing', reason: 'cancelling', nextAttemptAtMs: NOW + 10_000 },
    },
    {
      guarantee: 'asks once more when five minutes brought no proof',
      input: { order: cancelled, sight: found({ state: 'planning' }) },
      record: {
        stop: { fulfillmentId: FULFILLMENT_ID, triedAtMs: NOW - 5 * MINUTE, refused: true, remake: false },
      },
      decision: { kind: 'cancel' },
    },
    {
      guarantee: 'asks for this fulfillment although an earlier one was stopped a moment ago',
      input: { order: cancelled, sight: found({ state: 'planning' }) },
      record: { stop: { fulfillmentId: 'TTS-earlier', triedAtMs: NOW, refused: false, remake: false } },
      decision: { kind: 'cancel', fulfillmentId: FULFILLMENT_ID },
    },
    {
      guarantee: 'is over when Amazon shows the order cancelled',
      input: { order: cancelled, sight: found({ state: 'cancelled' }) },
      record: asked,
      decision: { kind: 'done', stage: 'cancelled', reason: 'cancelled' },
    },
    {
      guarantee: 'is for a person when Amazon could not stop an order that TikTok cancelled',
      input: { order: cancelled, sight: found({ state: 'complete' }) },
      decision: { kind: 'review', reason: 'cancelled_but_shipped', detail: 'Amazon: COMPLETE.' },
    },
    {
      guarantee: 'asks Amazon first when a person wants the order stopped',
      input: { sight: found({ state: 'accepted' }) },
      record: { cancelRequest: { reason: 'out_of_stock', keepOrder: false, sentAtMs: null } },
      decision: { kind: 'cancel', why: 'a person asked' },
    },
    {
      guarantee: 'cancels at TikTok once Amazon has proven it stopped for a person',
      input: { sight: found({ state: 'cancelled' }) },
      record: { cancelRequest: { reason: 'out_of_stock', keepOrder: false, sentAtMs: null } },
      decision: { kind: 'cancelOrder', reason: 'out_of_stock' },
    },
    {
      guarantee: 'leaves the order in review when a person keeps it open at TikTok',
      input: { sight: found({ state: 'cancelled' }) },
      record: { cancelRequest: { reason: 'x', keepOrder: true, sentAtMs: null } },
      decision: { kind: 'review', reason: 'mcf_cancelled', detail: 'A person asked for it.' },
    },
    {
      guarantee: 'tells a person whose wish came too late',
      input: {},
      record: { cancelRequest: { reason: 'x', keepOrder: false, sentAtMs: null } },
      decision: { kind: 'review', reason: 'cancel_requested_too_late' },
    },
  ]);
});

describe('a buyer’s request while the order is at Amazon', () => {
  const asking = orderOf({ buyerRequestedCancel: true });
  const cancellation = cancellationOf();
  const manual = policyOf({ cancellation: 'manual' });

  check([
    {
      guarantee: 'stops Amazon first',
      input: { order: asking, cancellation, sight: found({ state: 'accepted' }) },
      decision: { kind: 'cancel', why: 'the buyer asks to cancel' },
    },
    {
      guarantee: 'is approved once Amazon shows the order cancelled',
      input: { order: asking, cancellation, sight: found({ state: 'cancelled' }) },
      decision: { kind: 'approveCancellation', cancelId: 'cancel-1' },
    },
    {
      guarantee: 'is waited for when Amazon has stopped and TikTok does not list it',
      input: { order: asking, sight: found({ state: 'cancelled' }) },
      decision: { kind: 'wait', stage: 'routing', reason: 'cancelling', nextAttemptAtMs: NOW + MINUTE },
    },
    {
      guarantee: 'is rejected as packed outside the US when Amazon can no longer stop',
      input: { order: asking, cancellation, policy: british },
      decision: { kind: 'rejectCancellation', rejectReason: 'seller_reject_apply_product_has_been_packed' },
    },
    {
      guarantee: 'is not rejected outside the US once the order left awaiting shipment',
      input: {
        order: orderOf({ buyerRequestedCancel: true, status: 'in_transit' }),
        cancellation,
        policy: british,
      },
      decision: { kind: 'review', reason: 'cancel_requested_too_late' },
    },
    {
      guarantee: 'is never rejected by a call in the US, where the report does it',
      input: { order: asking, cancellation },
      decision: { kind: 'review', reason: 'cancel_requested_too_late' },
    },
    {
      guarantee: 'is answered in the US by reporting the parcel',
      input: { order: asking, cancellation, sight: found({ packages: [numberedParcelOf(1)] }) },
      decision: { kind: 'ship' },
    },
    {
      guarantee: 'is left to a person by the manual policy, and Amazon goes on',
      input: { order: asking, cancellation, policy: manual, sight: found({ state: 'accepted' }) },
      decision: { kind: 'review', reason: 'buyer_cancel_requested' },
    },
    {
      guarantee: 'does not keep parcels from being reported under the manual policy',
      input: {
        order: asking,
        cancellation,
        policy: manual,
        sight: found({ packages: [numberedParcelOf(1)] }),
      },
      decision: { kind: 'ship' },
    },
  ]);
});

describe('an address edited after the create', () => {
  const moved = orderOf({ addressEdited: true, recipient: recipientOf({ name: 'Jane Elsewhere' }) });

  check([
    {
      guarantee: 'stops Amazon while it can',
      input: { order: moved, sight: found({ state: 'planning' }) },
      decision: { kind: 'cancel', why: 'the address changed' },
    },
    {
      guarantee: 'makes the order anew under the next id once the old one is proven stopped',
      input: { order: moved, sight: found({ state: 'cancelled' }) },
      decision: {
        kind: 'create',
        request: { fulfillmentId: `${FULFILLMENT_ID}-2`, destination: { name: 'Jane Elsewhere' } },
      },
    },
    {
      guarantee: 'is for a person once Amazon is processing, without a second order',
      input: { order: moved },
      decision: { kind: 'review', reason: 'address_changed_after_create' },
    },
    {
      guarantee: 'does not keep parcels from being reported',
      input: { order: moved, sight: found({ packages: [numberedParcelOf(1)] }) },
      decision: { kind: 'ship' },
    },
    {
      guarantee: 'is nothing when the address sent is the edited one already',
      input: { order: orderOf({ addressEdited: true }), sight: found({ state: 'planning' }) },
      decision: { kind: 'wait', stage: 'fulfilling' },
    },
    {
      guarantee: 'stops Amazon when the edited address cannot be sent at all',
      input: {
        order: orderOf({ addressEdited: true, recipient: recipientOf({ postalCode: '' }) }),
        sight: found({ state: 'planning' }),
      },
      decision: { kind: 'cancel' },
    },
    {
      guarantee: 'leaves the order in review when none is live and the edited address cannot be sent',
      input: {
        order: orderOf({ addressEdited: true, recipient: recipientOf({ postalCode: '' }) }),
        sight: found({ state: 'cancelled' }),
      },
      decision: { kind: 'review', reason: 'address_incomplete' },
    },
  ]);

  it.each([
    { change: { status: 'unknown' as const }, decision: { kind: 'review', reason: 'status_unknown' } },
    { change: { shippedBy: 'platform' as const }, decision: { kind: 'ignore', reason: 'tiktok_shipping' } },
  ])('makes nothing anew when the order is not to be sent any more: $change', ({ change, decision }) => {
    const changed = { ...moved, ...change };

    expect(decidePlaced({ order: changed, sight: found({ state: 'cancelled' }) })).toMatchObject(decision);
  });
});

describe('a parcel', () => {
  it('is reported as soon as it has a number, pending included', () => {
    const parcel = numberedParcelOf(1, { shipmentState: 'pending' });

    expect(decidePlaced({ sight: found({ state: 'planning', packages: [parcel] }) })).toMatchObject({
      kind: 'ship',
      carrier: { carrierId: 'c-ups' },
      request: {
        orderId: ORDER_ID,
        lineIds: ['101'],
        trackingNumber: '1Z0000000000000001',
        carrierId: 'c-ups',
      },
    });
  });

  it('without a number is waited for', () => {
    expect(decidePlaced({ sight: found({ state: 'complete', packages: [parcelOf()] }) })).toMatchObject({
      kind: 'wait',
      stage: 'fulfilling',
    });
  });

  it('that was cancelled is not reported', () => {
    const parcel = numberedParcelOf(1, { shipmentState: 'cancelled' });

    expect(decidePlaced({ sight: found({ packages: [parcel] }) })).toMatchObject({
      kind: 'wait',
      stage: 'fulfilling',
    });
  });

  it('goes under Amazon’s own number first in the US when the order has one unit', () => {
    const parcel = numberedParcelOf(1, { amazonTracking: 'AFTN123' });

    expect(decidePlaced({ sight: found({ packages: [parcel] }) })).toMatchObject({
      request: { trackingNumber: 'AFTN123', carrierId: 'c-amazon' },
    });
  });

  it.each([
    { where: 'outside the US', input: { policy: british } },
    { where: 'when the order has two units', input: { order: orderOf({ lines: [lineOf({ units: 2 })] }) } },
  ])('goes under the carrier’s number first $where', ({ input }) => {
    const units = input.order ? 2 : 1;
    const parcel = numberedParcelOf(1, { amazonTracking: 'AFTN123', contents: contentsOf({ A: units }) });

    expect(decidePlaced({ ...input, sight: found({ packages: [parcel] }, { A: units }) })).toMatchObject({
      request: { trackingNumber: '1Z0000000000000001' },
    });
  });

  it('is in review when no carrier of the delivery option matches', () => {
    const decision = decidePlaced({ carriers: [], sight: found({ packages: [numberedParcelOf(1)] }) });

    expect(decision).toMatchObject({ kind: 'review', reason: 'carrier_unknown' });
  });

  it('is in review when the carriers could not be read', () => {
    const decision = decidePlaced({ carriers: null, sight: found({ packages: [numberedParcelOf(1)] }) });

    expect(decision).toMatchObject({ kind: 'review', reason: 'carrier_unknown' });
  });

  it('is in review when the order names no delivery option', () => {
    const bare = orderOf({ deliveryOptionId: null });

    expect(decidePlaced({ order: bare, sight: found({ packages: [numberedParcelOf(1)] }) })).toMatchObject({
      kind: 'review',
      reason: 'delivery_option_missing',
    });
  });

  it('with a problem does not keep another parcel from being reported', () => {
    const two = orderOf({ lines: linesOf('A', 'B') });
    const packages = [
      numberedParcelOf(1, { carrierCode: 'PIGEON', carrierTracking: 'coo', contents: contentsOf({ A: 1 }) }),
      numberedParcelOf(2, { contents: contentsOf({ B: 1 }) }),
    ];

    expect(decidePlaced({ order: two, sight: found({ packages }, { A: 1, B: 1 }) })).toMatchObject({
      kind: 'ship',
      request: { lineIds: ['102'], trackingNumber: '1Z0000000000000002' },
    });
  });

  it('is in review when its line was shipped under a number that is not ours', () => {
    const shipped = orderOf({ lines: [lineOf({ status: 'shipped', trackingNumber: 'BY-HAND' })] });

    expect(decidePlaced({ order: shipped, sight: found({ packages: [numberedParcelOf(1)] }) })).toMatchObject(
      {
        kind: 'review',
        reason: 'tracking_conflict',
      },
    );
  });

  it('that TikTok refused is not sent again under the same number', () => {
    const refusal = {
      requestHash: '1Z0000000000000001',
      reason: 'tracking_rejected' as const,
      detail: 'code 21011022',
    };
    const packages = [packageRecordOf({ refusal, reportedAtMs: null, reportedNumber: null, lineIds: [] })];

    expect(decidePlaced({ sight: found({ packages: [numberedParcelOf(1)] }) }, { packages })).toMatchObject({
      kind: 'review',
      reason: 'tracking_rejected',
      detail: 'code 21011022',
    });
  });

  it('that TikTok refused is sent under a new number', () => {
    const refusal = { requestHash: 'OTHER', reason: 'tracking_rejected' as const, detail: '' };
    const packages = [packageRecordOf({ refusal, reportedAtMs: null, reportedNumber: null, lineIds: [] })];

    expect(decidePlaced({ sight: found({ packages: [numberedParcelOf(1)] }) }, { packages })).toMatchObject({
      kind: 'ship',
    });
  });

  it('takes open lines first when a line of the same SKU was cancelled at TikTok', () => {
    const sent = orderOf({ lines: linesOf('A', 'A') });
    const [first, second] = sent.lines;
    const now = { ...sent, lines: [{ ...first!, status: 'cancelled' as const }, second!] };
    const sight = found({ state: 'partial', packages: [numberedParcelOf(1)] }, { A: 2 });

    expect(decidePlaced({ order: now, sight }, {}, sent)).toMatchObject({
      kind: 'ship',
      request: { lineIds: ['102'] },
    });
  });
});

describe('a number that was reported', () => {
  const shipped = orderOf({ status: 'awaiting_collection', lines: [lineOf({ status: 'shipped' })] });
  const replaced = numberedParcelOf(2, { packageKey: 'p1' });
  const sight = found({ packages: [replaced] });

  it('and stays the same leaves the order shipped, polled until Amazon has ended', () => {
    const packages = [packageRecordOf()];

    expect(
      decidePlaced({ order: shipped, sight: found({ packages: [numberedParcelOf(1)] }) }, { packages }),
    ).toMatchObject({ kind: 'done', stage: 'shipped', reason: 'shipped', nextAttemptAtMs: NOW + HOUR });
  });

  it('leaves the order shipped and looked at daily once Amazon has ended', () => {
    const ended = found({ state: 'complete', packages: [numberedParcelOf(1)] });

    expect(decidePlaced({ order: shipped, sight: ended }, { packages: [packageRecordOf()] })).toMatchObject({
      kind: 'done',
      stage: 'shipped',
      nextAttemptAtMs: NOW + 24 * HOUR,
    });
  });

  it('and was replaced within 72 hours is corrected once', () => {
    expect(decidePlaced({ order: shipped, sight }, { packages: [packageRecordOf()] })).toMatchObject({
      kind: 'correctTracking',
      channelPackageId: 'channel-package-1',
      trackingNumber: '1Z0000000000000002',
      carrier: { carrierId: 'c-ups' },
    });
  });

  it.each([
    { why: 'after 72 hours', parcel: packageRecordOf({ reportedAtMs: NOW - 72 * HOUR - 1 }) },
    { why: 'when the correction is spent', parcel: packageRecordOf({ correctedAtMs: NOW - HOUR }) },
    { why: 'when TikTok’s package id is not known', parcel: packageRecordOf({ channelPackageId: null }) },
  ])('and was replaced is for a person $why', ({ parcel }) => {
    expect(decidePlaced({ order: shipped, sight }, { packages: [parcel] })).toMatchObject({
      kind: 'review',
      reason: 'tracking_changed',
      detail: 'Reported 1Z0000000000000001, now 1Z0000000000000002.',
    });
  });

  it('and was replaced is for a person when the new carrier is not known to TikTok', () => {
    const input = { order: shipped, sight, carriers: [] };

    expect(decidePlaced(input, { packages: [packageRecordOf()] })).toMatchObject({
      reason: 'carrier_unknown',
    });
  });

  it('and was Amazon’s own spends no correction when a carrier’s number follows', () => {
    const packages = [packageRecordOf({ reportedNumber: 'AFTN1', amazonTracking: 'AFTN1' })];
    const gone = found({ packages: [{ ...replaced, amazonTracking: null }] });

    expect(decidePlaced({ order: shipped, sight: gone }, { packages })).toMatchObject({
      kind: 'done',
      stage: 'shipped',
    });
  });

  it('and was corrected in Seller Center to Amazon’s new number needs nothing more', () => {
    const corrected = orderOf({
      status: 'awaiting_collection',
      lines: [lineOf({ status: 'shipped', trackingNumber: '1Z0000000000000002' })],
    });

    expect(decidePlaced({ order: corrected, sight }, { packages: [packageRecordOf()] })).toMatchObject({
      kind: 'done',
      stage: 'shipped',
    });
  });

  it('does not end the order while another line is unreported', () => {
    const sent = orderOf({ lines: linesOf('A', 'B') });
    const [first, second] = sent.lines;
    const now = {
      ...sent,
      status: 'partially_shipped' as const,
      lines: [{ ...first!, status: 'shipped' as const }, second!],
    };
    const half = found({ packages: [numberedParcelOf(1)] }, { A: 1, B: 1 });

    expect(decidePlaced({ order: now, sight: half }, { packages: [packageRecordOf()] }, sent)).toMatchObject({
      kind: 'wait',
      stage: 'fulfilling',
    });
  });

  it('of a part leaves the rest to a person when Amazon will not ship it', () => {
    const sent = orderOf({ lines: linesOf('A', 'B') });
    const [first, second] = sent.lines;
    const now = { ...sent, lines: [{ ...first!, status: 'shipped' as const }, second!] };
    const partial = found({ state: 'partial', packages: [numberedParcelOf(1)] }, { A: 1, B: 1 });

    expect(
      decidePlaced({ order: now, sight: partial }, { packages: [packageRecordOf()] }, sent),
    ).toMatchObject({
      kind: 'review',
      reason: 'mcf_partial',
    });
  });

  it('is not claimed for a line whose status is unknown', () => {
    const odd = orderOf({ lines: [lineOf({ status: 'unknown', rawStatus: 'ODD' })] });
    const decision = decidePlaced({
      order: odd,
      sight: found({ state: 'complete', packages: [numberedParcelOf(1)] }),
    });

    expect(decision).toMatchObject({ kind: 'review' });
  });
});
