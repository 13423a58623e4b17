import { describe, expect, it } from 'vitest';
import {
  cancellationOf,
  FULFILLMENT_ID,
  found,
  HOUR,
  inputOf,
  lineOf,
  linesOf,
  MINUTE,
  NOW,
  ORDER_ID,
  orderOf,
  placedRecordOf,
  policyOf,
  recordOf,
} from '../../test/fakes.ts';
import { recipientOf } from './address/fixtures.ts';
import { decide } from './decide.ts';
import type { DecideInput, Decision } from './decision.ts';
import { createSkuMap } from './sku-map.ts';

type Row = { guarantee: string; input: Partial<DecideInput>; decision: Record<string, unknown> };

const check = (rows: Row[]): void => {
  it.each(rows)('$guarantee', ({ input, decision }) => {
    expect(decide(inputOf(input))).toMatchObject(decision);
  });
};

const createOf = (input: Partial<DecideInput>): Extract<Decision, { kind: 'create' }> => {
  const decision = decide(inputOf(input));
  if (decision.kind !== 'create') throw new Error(`decided ${decision.kind}, not create`);
  return decision;
};

describe('an order that is not to be sent', () => {
  check([
    {
      guarantee: 'is in review when TikTok does not know it',
      input: { order: null },
      decision: { kind: 'review', reason: 'order_missing', nextAttemptAtMs: NOW + HOUR },
    },
    {
      guarantee: 'is completed for good once a person closed it',
      input: { record: recordOf({ resolvedAtMs: NOW }) },
      decision: { kind: 'done', stage: 'completed', reason: 'resolved', nextAttemptAtMs: null },
    },
    {
      guarantee: 'waits while it is not paid',
      input: { order: orderOf({ status: 'unpaid', paidAtMs: null }) },
      decision: { kind: 'wait', stage: 'waiting', reason: 'unpaid', nextAttemptAtMs: NOW + HOUR },
    },
    {
      guarantee: 'waits out TikTok’s hold and looks right after its end',
      input: { order: orderOf({ status: 'on_hold', paidAtMs: NOW - 20 * MINUTE }) },
      decision: {
        kind: 'wait',
        stage: 'waiting',
        reason: 'on_hold',
        nextAttemptAtMs: NOW + 40 * MINUTE + 2000,
      },
    },
    {
      guarantee: 'is looked at in five minutes when its hold lasts longer than the remorse time',
      input: { order: orderOf({ status: 'on_hold', paidAtMs: NOW - 2 * HOUR }) },
      decision: { kind: 'wait', reason: 'on_hold', nextAttemptAtMs: NOW + 5 * MINUTE },
    },
    {
      guarantee: 'counts the hold from its creation when TikTok names no time of payment',
      input: { order: orderOf({ status: 'on_hold', paidAtMs: null, createdAtMs: NOW - 10 * MINUTE }) },
      decision: { kind: 'wait', reason: 'on_hold', nextAttemptAtMs: NOW + 50 * MINUTE + 2000 },
    },
    {
      guarantee: 'waits out the remorse time from its payment where TikTok has no hold',
      input: { order: orderOf({ hadChannelHold: false, paidAtMs: NOW - 59 * MINUTE }) },
      decision: { kind: 'wait', stage: 'waiting', reason: 'remorse_hour', nextAttemptAtMs: NOW + MINUTE },
    },
    {
      guarantee: 'is cancelled when TikTok cancelled it, whether or not Amazon ever had it',
      input: { order: orderOf({ status: 'cancelled' }) },
      decision: { kind: 'done', stage: 'cancelled', reason: 'cancelled', nextAttemptAtMs: null },
    },
    {
      guarantee: 'is completed when TikTok completed it',
      input: { order: orderOf({ status: 'completed' }) },
      decision: { kind: 'done', stage: 'completed', reason: 'completed', nextAttemptAtMs: null },
    },
    {
      guarantee: 'is ignored when TikTok fulfils it from its own warehouse',
      input: { order: orderOf({ fulfilledBy: 'platform' }) },
      decision: { kind: 'ignore', stage: 'ignored', reason: 'platform_fulfilled' },
    },
    {
      guarantee: 'is ignored when it ships with a label of TikTok',
      input: { order: orderOf({ shippedBy: 'platform' }) },
      decision: { kind: 'ignore', stage: 'ignored', reason: 'tiktok_shipping' },
    },
    {
      guarantee: 'is in review when who fulfils it is not known',
      input: { order: orderOf({ fulfilledBy: 'unknown' }) },
      decision: { kind: 'review', reason: 'shipping_type_unknown' },
    },
    {
      guarantee: 'is in review when who ships it is not known',
      input: { order: orderOf({ shippedBy: 'unknown' }) },
      decision: { kind: 'review', reason: 'shipping_type_unknown' },
    },
    {
      guarantee: 'waits without a review while it is unpaid and TikTok has not said yet who ships it',
      input: { order: orderOf({ status: 'unpaid', shippedBy: 'unknown' }) },
      decision: { kind: 'wait', stage: 'waiting', reason: 'unpaid' },
    },
    {
      guarantee: 'is in review under its raw name when its status is unknown',
      input: { order: orderOf({ status: 'unknown', rawStatus: 'TELEPORTED' }) },
      decision: { kind: 'review', reason: 'status_unknown', detail: 'Order status: TELEPORTED.' },
    },
    {
      guarantee: 'is in review when it has no status at all',
      input: { order: orderOf({ status: 'unknown', rawStatus: '' }) },
      decision: { kind: 'review', reason: 'status_unknown', detail: 'Order status: empty.' },
    },
    ...(['awaiting_collection', 'in_transit', 'delivered'] as const).map((status) => ({
      guarantee: `is shipped elsewhere when it is ${status} and Amazon has nothing of it`,
      input: { order: orderOf({ status, lines: [lineOf({ status: 'shipped' })] }) },
      decision: {
        kind: 'done',
        stage: 'shipped',
        reason: 'shipped_elsewhere',
        nextAttemptAtMs: NOW + 24 * HOUR,
      },
    })),
    {
      guarantee: 'is shipped elsewhere when every line was shipped by hand in Seller Center',
      input: { order: orderOf({ status: 'partially_shipped', lines: [lineOf({ status: 'shipped' })] }) },
      decision: { kind: 'done', stage: 'shipped', reason: 'shipped_elsewhere' },
    },
  ]);
});

describe('an order with an obstacle', () => {
  check([
    {
      guarantee: 'is in review when it goes to a collection point',
      input: { order: orderOf({ deliveryType: 'collection_point' }) },
      decision: { kind: 'review', reason: 'collection_point' },
    },
    {
      guarantee: 'is in review with the SKU named when a line holds restricted goods',
      input: { order: orderOf({ lines: [lineOf({ isRestricted: true })] }) },
      decision: { kind: 'review', reason: 'restricted_goods', detail: 'SKU: A.' },
    },
    {
      guarantee: 'goes when the restricted line is shipped already',
      input: {
        order: orderOf({
          lines: [lineOf(), lineOf({ lineId: '102', status: 'shipped', isRestricted: true })],
        }),
      },
      decision: { kind: 'create' },
    },
    {
      guarantee: 'is in review with the status named when a line has an unknown one',
      input: {
        order: orderOf({ lines: [lineOf(), lineOf({ lineId: '102', status: 'unknown', rawStatus: 'ODD' })] }),
      },
      decision: { kind: 'review', reason: 'status_unknown', detail: 'Line status: ODD.' },
    },
    {
      guarantee: 'is in review when a line has no status at all',
      input: { order: orderOf({ lines: [lineOf({ status: 'unknown', rawStatus: '' })] }) },
      decision: { kind: 'review', reason: 'status_unknown', detail: 'Line status: empty.' },
    },
    {
      guarantee: 'is in review when its address is masked',
      input: { order: orderOf({ recipient: recipientOf({ name: 'J*** E***' }) }) },
      decision: { kind: 'review', reason: 'address_masked', nextAttemptAtMs: NOW + HOUR },
    },
    {
      guarantee: 'is in review when it has no address',
      input: { order: orderOf({ recipient: null }) },
      decision: { kind: 'review', reason: 'address_missing' },
    },
    {
      guarantee: 'is in review with the SKU named when nobody said what it is at Amazon',
      input: { policy: policyOf({ skuMap: createSkuMap([], 'none') }) },
      decision: { kind: 'review', reason: 'sku_unmapped', detail: 'SKU: A.' },
    },
    {
      guarantee: 'is in review when it has more units than Amazon takes in one order',
      input: { order: orderOf({ lines: [lineOf({ units: 251 })] }) },
      decision: { kind: 'review', reason: 'order_too_large' },
    },
  ]);
});

describe('a buyer’s request before anything is at Amazon', () => {
  const order = orderOf({ buyerRequestedCancel: true });

  check([
    {
      guarantee: 'is approved and never followed by a create',
      input: { order, cancellation: cancellationOf() },
      decision: { kind: 'approveCancellation', cancelId: 'cancel-1' },
    },
    {
      guarantee: 'is waited for when TikTok flags it and does not list it yet',
      input: { order },
      decision: {
        kind: 'wait',
        stage: 'waiting',
        reason: 'buyer_cancel_requested',
        nextAttemptAtMs: NOW + MINUTE,
      },
    },
    {
      guarantee: 'is left to a person by the manual policy',
      input: { order, cancellation: cancellationOf(), policy: policyOf({ cancellation: 'manual' }) },
      decision: { kind: 'review', reason: 'buyer_cancel_requested' },
    },
  ]);
});

describe('a person’s request to stop an order that is not at Amazon', () => {
  check([
    {
      guarantee: 'cancels it at TikTok with the reason given',
      input: {
        record: recordOf({ cancelRequest: { reason: 'out_of_stock', keepOrder: false, sentAtMs: null } }),
      },
      decision: { kind: 'cancelOrder', reason: 'out_of_stock' },
    },
    {
      guarantee: 'leaves it in review and unsent when the order is to be kept',
      input: { record: recordOf({ cancelRequest: { reason: 'stop', keepOrder: true, sentAtMs: null } }) },
      decision: { kind: 'review', reason: 'mcf_cancelled' },
    },
    {
      guarantee: 'is nothing to do when TikTok cancelled it meanwhile',
      input: {
        order: orderOf({ status: 'cancelled' }),
        record: recordOf({ cancelRequest: { reason: 'stop', keepOrder: false, sentAtMs: null } }),
      },
      decision: { kind: 'done', stage: 'cancelled' },
    },
  ]);
});

describe('a create', () => {
  it('goes out at once when TikTok’s hold is over', () => {
    const decision = createOf({ order: orderOf({ hadChannelHold: true, paidAtMs: NOW - 1000 }) });

    expect(decision).toMatchObject({
      fulfillmentCount: 1,
      request: {
        fulfillmentId: FULFILLMENT_ID,
        displayOrderId: ORDER_ID,
        orderedAtMs: NOW - 2 * HOUR,
        speed: 'Standard',
        policy: 'FillOrKill',
        items: [{ itemId: '101', amazonSku: 'A', quantity: 1 }],
        destination: { name: 'Jane Example', stateOrRegion: 'IL' },
      },
    });
  });

  it('goes out the moment the remorse time has passed', () => {
    const order = orderOf({ hadChannelHold: false, paidAtMs: NOW - HOUR });

    expect(createOf({ order }).request.fulfillmentId).toBe(FULFILLMENT_ID);
  });

  it('leaves out lines that were shipped by hand or cancelled', () => {
    const [first, second, third] = linesOf('A', 'B', 'C');
    const order = orderOf({
      status: 'partially_shipped',
      lines: [{ ...first!, status: 'shipped' }, second!, { ...third!, status: 'cancelled' }],
    });

    const { request, lines } = createOf({ order });

    expect(request.items).toEqual([{ itemId: '102', amazonSku: 'B', quantity: 1 }]);
    expect(lines.map((line) => line.lineId)).toEqual(['102']);
  });

  it('ships samples, replacements, exchanges and gifts like any other order', () => {
    const order = orderOf({
      isSample: true,
      isReplacement: true,
      isExchange: true,
      lines: [lineOf({ isGift: true })],
    });

    expect(createOf({ order }).request.items).toHaveLength(1);
  });

  it('carries the settings of the policy', () => {
    const policy = policyOf({
      speed: { fallback: 'Priority', byDeliveryOption: new Map() },
      fulfillmentPolicy: 'FillAll',
      blockAmzl: true,
      unbranded: true,
    });

    expect(createOf({ policy }).request).toMatchObject({
      speed: 'Priority',
      policy: 'FillAll',
      blockAmzl: true,
      unbranded: true,
    });
  });

  it('that was refused is not sent again as long as it would be the same', () => {
    const { requestHash } = createOf({});
    const record = recordOf({ refusal: { requestHash, reason: 'sku_unknown', detail: 'Amazon SKU: A.' } });

    expect(decide(inputOf({ record }))).toMatchObject({
      kind: 'review',
      reason: 'sku_unknown',
      detail: 'Amazon SKU: A.',
    });
  });

  it('that was refused is sent when the address changed since', () => {
    const { requestHash } = createOf({});
    const record = recordOf({ refusal: { requestHash, reason: 'address_refused', detail: '' } });
    const order = orderOf({ recipient: recipientOf({ name: 'Jane Elsewhere' }) });

    expect(decide(inputOf({ record, order }))).toMatchObject({ kind: 'create' });
  });

  it('that was refused is sent when the SKU map changed since', () => {
    const { requestHash } = createOf({});
    const record = recordOf({ refusal: { requestHash, reason: 'sku_unknown', detail: '' } });
    const entry = { shopId: null, channelSku: 'A', components: [{ amazonSku: 'A-NEW', quantity: 1 }] };

    expect(
      decide(inputOf({ record, policy: policyOf({ skuMap: createSkuMap([entry], 'none') }) })),
    ).toMatchObject({
      kind: 'create',
      request: { items: [{ amazonSku: 'A-NEW' }] },
    });
  });

  it('keeps its id when an earlier one was not accepted', () => {
    const record = recordOf({ fulfillmentId: FULFILLMENT_ID, fulfillmentCount: 1 });

    expect(createOf({ record }).request.fulfillmentId).toBe(FULFILLMENT_ID);
  });

  it('hashes alike for the same order, so that it can be recognised', () => {
    expect(createOf({}).requestHash).toBe(createOf({}).requestHash);
    expect(createOf({}).addressHash).not.toBe(
      createOf({ order: orderOf({ recipient: recipientOf({ name: 'Someone Else' }) }) }).addressHash,
    );
  });
});

describe('a create after a fulfillment that ended badly', () => {
  const order = orderOf();
  const wanted = { recreate: true };

  it.each(['cancelled', 'unfulfillable', 'invalid'] as const)(
    'takes the next id when a person asks for it after %s',
    (state) => {
      const decision = createOf({ order, record: placedRecordOf(order, wanted), sight: found({ state }) });

      expect(decision.request.fulfillmentId).toBe(`${FULFILLMENT_ID}-2`);
      expect(decision.fulfillmentCount).toBe(2);
    },
  );

  it('takes the next id when a person asks for it after an order that got lost', () => {
    const record = placedRecordOf(order, { ...wanted, fulfillmentCount: 2 });

    expect(createOf({ order, record, sight: { kind: 'missing' } }).request.fulfillmentId).toBe(
      `${FULFILLMENT_ID}-3`,
    );
  });

  it.each([
    { change: { status: 'on_hold' }, reason: 'on_hold' },
    { change: { status: 'unknown' }, reason: 'status_unknown' },
    { change: { shippedBy: 'platform' }, reason: 'tiktok_shipping' },
    { change: { fulfilledBy: 'unknown' }, reason: 'shipping_type_unknown' },
    { change: { buyerRequestedCancel: true }, reason: 'cancelling' },
  ] as const)('is not made while the order is not to be sent: $change', ({ change, reason }) => {
    const changed = orderOf(change);
    const record = placedRecordOf(order, wanted);

    expect(
      decide(inputOf({ order: changed, record, sight: found({ state: 'unfulfillable' }) })),
    ).toMatchObject({
      kind: expect.not.stringMatching('create'),
      reason,
    });
  });
});
