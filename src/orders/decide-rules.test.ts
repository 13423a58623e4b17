import { describe, expect, it } from 'vitest';
import {
  CARRIERS,
  cancellationOf,
  found,
  HOUR,
  inputOf,
  lineOf,
  linesOf,
  NOW,
  numberedParcelOf,
  orderOf,
  placedRecordOf,
  policyOf,
} from '../../test/fakes.ts';
import type { ChannelOrder } from '../channels/channel.ts';
import { recipientOf } from './address/fixtures.ts';
import { decide } from './decide.ts';
import type { DecideInput, Decision } from './decision.ts';
import type { OrderRecord } from './model.ts';
import { ORDER_KINDS, type OrderKind } from './order-kinds.ts';

const placed = (
  input: Partial<DecideInput>,
  record: Partial<OrderRecord> = {},
  sent: ChannelOrder = orderOf(),
): Decision =>
  decide(
    inputOf({
      order: sent,
      carriers: CARRIERS,
      sight: found(),
      record: placedRecordOf(sent, record),
      ...input,
    }),
  );

describe('orders that a rule holds', () => {
  const orders: Record<OrderKind, ChannelOrder> = {
    sample: orderOf({ isSample: true }),
    gift: orderOf({ lines: [lineOf({ isGift: true })] }),
    replacement: orderOf({ isReplacement: true }),
    exchange: orderOf({ isExchange: true }),
    pre_order: orderOf({ orderType: 'PRE_ORDER' }),
    made_to_order: orderOf({ orderType: 'MADE_TO_ORDER' }),
    back_order: orderOf({ orderType: 'BACK_ORDER' }),
    lottery: orderOf({ orderType: 'ZERO_LOTTERY' }),
  };

  it.each(ORDER_KINDS)(
    '%s goes like any other unless a setting holds it, and then a person can let it go',
    (kind) => {
      const order = orders[kind];
      const policy = policyOf({ holdKinds: [kind] });

      expect(decide(inputOf({ order }))).toMatchObject({ kind: 'create' });
      expect(decide(inputOf({ order, policy }))).toMatchObject({ kind: 'review', reason: 'held_by_rule' });
      const record = { ...inputOf({ order }).record, released: true };
      expect(decide(inputOf({ order, policy, record }))).toMatchObject({ kind: 'create' });
    },
  );
});

describe('lines cancelled after the create', () => {
  const sent = orderOf({ lines: linesOf('A', 'A') });
  const [first, second] = sent.lines;
  if (!first || !second) throw new Error('two lines are needed');
  const order = { ...sent, lines: [first, { ...second, status: 'cancelled' as const }] };

  it('stop what is live at Amazon while it can be stopped', () => {
    expect(placed({ order, sight: found({ state: 'planning' }, { A: 2 }) }, {}, sent)).toMatchObject({
      kind: 'cancel',
    });
  });

  it('are left out of the one made anew once Amazon is proven stopped', () => {
    const decision = placed({ order, sight: found({ state: 'cancelled' }, { A: 2 }) }, {}, sent);

    expect(decision).toMatchObject({
      kind: 'create',
      fulfillmentCount: 2,
      request: { items: [{ quantity: 1 }] },
    });
  });

  it('are for a person when Amazon is past stopping, after the other lines are reported', () => {
    const decision = placed({ order, sight: found({ state: 'processing' }, { A: 2 }) }, {}, sent);

    expect(decision).toMatchObject({ kind: 'review', reason: 'lines_cancelled_too_late' });
    expect('detail' in decision && decision.detail).toContain(second.lineId);
  });
});

describe('a request to cancel under CANCELLATION_POLICY=manual', () => {
  it('is in review with the time until which it has to be answered, before and after the create', () => {
    const order = orderOf({ buyerRequestedCancel: true });
    const policy = policyOf({ cancellation: 'manual' });
    const cancellation = { ...cancellationOf(), respondByMs: Date.UTC(2026, 10, 23, 12) };
    const expected = { reason: 'buyer_cancel_requested', detail: 'Answer by 2026-11-23T12:00:00.000Z.' };

    expect(decide(inputOf({ order, policy, cancellation }))).toMatchObject(expected);
    expect(placed({ order, policy, cancellation })).toMatchObject(expected);
  });
});

describe('lines shipped by hand after the create', () => {
  const sent = orderOf({ lines: linesOf('A', 'A') });
  const byHand = { status: 'shipped' as const, trackingNumber: 'HAND-1' };
  const order = {
    ...sent,
    lines: sent.lines.map((line, index) => (index === 0 ? { ...line, ...byHand } : line)),
  };

  it('stop what is live at Amazon, so that nothing ships twice, and are left out of the one made anew', () => {
    expect(placed({ order, sight: found({ state: 'planning' }, { A: 2 }) }, {}, sent)).toMatchObject({
      kind: 'cancel',
    });
    expect(placed({ order, sight: found({ state: 'cancelled' }, { A: 2 }) }, {}, sent)).toMatchObject({
      kind: 'create',
      request: { items: [{ quantity: 1 }] },
    });
  });

  it('are for a person once Amazon is past stopping', () => {
    expect(placed({ order, sight: found({ state: 'processing' }, { A: 2 }) }, {}, sent)).toMatchObject({
      kind: 'review',
      reason: 'lines_cancelled_too_late',
    });
  });
});

describe('an order accepted by Amazon and never shown', () => {
  it('that is cancelled meanwhile is looked at for a day, so that it is stopped if it shows up', () => {
    const order = orderOf({ status: 'cancelled' });
    const sight = { kind: 'missing' } as const;

    expect(placed({ order, sight }, { acceptedAtMs: NOW - HOUR })).toMatchObject({
      stage: 'cancelled',
      nextAttemptAtMs: NOW + HOUR,
    });
    expect(placed({ order, sight }, { acceptedAtMs: NOW - 25 * HOUR })).toMatchObject({
      nextAttemptAtMs: null,
    });
  });
});

describe('a fulfillment that was asked to stop for another in its place', () => {
  it('is made anew once it is stopped, although what was asked for was taken back meanwhile', () => {
    const edited = orderOf({ addressEdited: true, recipient: { ...recipientOf(), postalCode: '62702' } });
    const asked = placed({ order: edited, sight: found({ state: 'planning' }) });
    const fulfillmentId = placedRecordOf(orderOf()).fulfillmentId ?? '';
    const stop = { fulfillmentId, triedAtMs: NOW, refused: false, remake: true };

    expect(asked).toMatchObject({ kind: 'cancel', remake: true });
    expect(placed({ sight: found({ state: 'cancelled' }) }, { stop })).toMatchObject({ kind: 'create' });
  });
});

describe('an order that sits in planning past its expected ship date', () => {
  const late = { expectedShipAtMs: NOW - 1 };
  const sight = found({ state: 'planning' });

  it('is for a person, and polled', () => {
    expect(placed({ sight }, late)).toMatchObject({ kind: 'review', reason: 'mcf_stuck' });
    expect(placed({ sight }, { expectedShipAtMs: NOW + 1 })).toMatchObject({ kind: 'wait' });
  });

  it('is cancelled and made anew under the next suffix by setting, or when a person retries', () => {
    const policy = policyOf({ resubmitStuck: true });

    expect(placed({ sight, policy }, late)).toMatchObject({ kind: 'cancel' });
    const asked = placedRecordOf(orderOf(), late);
    const stop = { fulfillmentId: asked.fulfillmentId ?? '', triedAtMs: null, refused: false, remake: true };
    expect(placed({ sight }, { ...late, stop })).toMatchObject({ kind: 'cancel' });
    expect(placed({ sight: found({ state: 'cancelled' }) }, { stop })).toMatchObject({
      kind: 'create',
      fulfillmentCount: 2,
    });
  });

  it('is never made anew before Amazon is proven stopped, and after three new ones it is for a person', () => {
    const policy = policyOf({ resubmitStuck: true });
    const stop = {
      fulfillmentId: 'TTS-576900000000000101',
      triedAtMs: NOW - 1,
      refused: false,
      remake: true,
    };
    const asked = placedRecordOf(orderOf(), late);
    const record = { ...asked, stop: { ...stop, fulfillmentId: asked.fulfillmentId ?? '' } };

    expect(placed({ sight, policy, record })).toMatchObject({ kind: 'wait', reason: 'cancelling' });
    expect(placed({ sight, policy }, { ...late, fulfillmentCount: 4 })).toMatchObject({
      kind: 'review',
      reason: 'mcf_stuck',
    });
  });
});

describe('the tracking guard', () => {
  const usps = numberedParcelOf(1, { carrierCode: 'USPS', carrierTracking: '9261290278835123456784' });

  it('keeps a USPS number from TikTok US and says why', () => {
    expect(placed({ sight: found({ packages: [usps] }) })).toMatchObject({
      kind: 'review',
      reason: 'usps_not_accepted',
      nextAttemptAtMs: NOW + HOUR,
    });
  });

  it('reports Amazon’s own number in its place where there is one', () => {
    const packages = [{ ...usps, amazonTracking: 'AFTN987654321' }];

    expect(placed({ sight: found({ packages }) })).toMatchObject({
      kind: 'ship',
      request: { trackingNumber: 'AFTN987654321' },
      carrier: { name: 'Amazon Logistics' },
    });
  });

  it('reports a USPS number outside the US', () => {
    const policy = policyOf({ marketplaceCountry: 'GB' });

    expect(placed({ sight: found({ packages: [usps] }), policy })).toMatchObject({ kind: 'ship' });
  });

  it('reports nothing for a shop whose numbers were refused again and again', () => {
    const sight = found({ packages: [numberedParcelOf(1)] });

    expect(placed({ sight })).toMatchObject({ kind: 'ship' });
    expect(placed({ sight, reportsStopped: true })).toMatchObject({
      kind: 'review',
      reason: 'reporting_stopped',
    });
  });
});

describe('the shipping speed', () => {
  it('goes by the delivery option, and is left to Amazon’s advice by `auto`', () => {
    const byDeliveryOption = new Map([['express shipping', 'Expedited' as const]]);
    const policy = policyOf({ speed: { fallback: 'auto', byDeliveryOption } });
    const express = orderOf({ deliveryOptionName: 'Express Shipping' });

    expect(decide(inputOf({ order: express, policy }))).toMatchObject({
      request: { speed: 'Expedited' },
      chooseFrom: null,
    });
    expect(decide(inputOf({ policy }))).toMatchObject({ chooseFrom: ['Standard', 'Expedited'] });
  });
});
