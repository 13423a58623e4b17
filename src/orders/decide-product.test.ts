import { describe, expect, it } from 'vitest';
import {
  CARRIERS,
  cancellationOf,
  FULFILLMENT_ID,
  fulfillmentOf,
  lineOf,
  NOW,
  numberedParcelOf,
  orderOf,
  packageRecordOf,
  parcelOf,
  placedRecordOf,
  policyOf,
  recordOf,
} from '../../test/fakes.ts';
import type { Cancellation, ChannelOrder, ChannelOrderStatus, LineStatus } from '../channels/channel.ts';
import type { FulfillmentPackage, FulfillmentState } from '../fulfillment/provider.ts';
import { recipientOf } from './address/fixtures.ts';
import { decide } from './decide.ts';
import type { DecideInput, Decision, FulfillmentSight } from './decision.ts';
import type { OrderRecord, PackageRecord } from './model.ts';
import { isReasonCode } from './reasons.ts';

/** What a channel's lines look like in each of its states. */
const LINE_STATUS: Record<ChannelOrderStatus, LineStatus> = {
  unpaid: 'unpaid',
  on_hold: 'awaiting_shipment',
  awaiting_shipment: 'awaiting_shipment',
  partially_shipped: 'awaiting_shipment',
  awaiting_collection: 'shipped',
  in_transit: 'shipped',
  delivered: 'shipped',
  completed: 'shipped',
  cancelled: 'cancelled',
  unknown: 'awaiting_shipment',
};
const STATUSES = Object.keys(LINE_STATUS) as ChannelOrderStatus[];

const STATES: FulfillmentState[] = [
  'submitted',
  'accepted',
  'planning',
  'processing',
  'complete',
  'partial',
  'cancelled',
  'unfulfillable',
  'invalid',
  'unknown',
];
const STOPPED = new Set<FulfillmentState>(['cancelled', 'unfulfillable', 'invalid']);

const TYPES = ['seller', 'platform', 'unknown'] as const;

const NUMBER = '1Z0000000000000001';
const reported = packageRecordOf();
const PARCELS: Record<string, { packages: FulfillmentPackage[]; records: PackageRecord[] }> = {
  none: { packages: [], records: [] },
  'no number': { packages: [parcelOf()], records: [] },
  unreported: { packages: [numberedParcelOf(1)], records: [] },
  reported: { packages: [numberedParcelOf(1)], records: [reported] },
  replaced: { packages: [numberedParcelOf(2, { packageKey: 'p1' })], records: [reported] },
};

const BUYERS: { asks: boolean; cancellation: Cancellation | null }[] = [
  { asks: false, cancellation: null },
  { asks: true, cancellation: null },
  { asks: true, cancellation: cancellationOf() },
];

/** A hold of ours that is not over, and what can become of an address. */
const VARIANTS: Partial<ChannelOrder>[] = [
  {},
  { hadChannelHold: false, paidAtMs: NOW - MINUTE },
  { addressEdited: true },
  { addressEdited: true, recipient: recipientOf({ name: 'Jane Elsewhere' }) },
  { addressEdited: true, recipient: recipientOf({ name: 'J***' }) },
];

const FLAGS: Partial<OrderRecord>[] = [
  {},
  { recreate: true },
  { cancelRequest: { reason: 'out_of_stock', keepOrder: false } },
  { cancelRequest: { reason: 'out_of_stock', keepOrder: true } },
  { resolvedAtMs: NOW },
];

const sightsOf = (packages: FulfillmentPackage[]): FulfillmentSight[] => [
  { kind: 'none' },
  { kind: 'missing' },
  { kind: 'accepted' },
  ...STATES.map((state) => ({ kind: 'found' as const, fulfillment: fulfillmentOf({ state, packages }) })),
];

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
};

const POLICIES = (['auto', 'manual'] as const).flatMap((cancellation) =>
  ['US', 'GB'].map((marketplaceCountry) => policyOf({ cancellation, marketplaceCountry })),
);

/** Orders of one line in every state that the product is taken over. */
const ordersOf = function* (status: ChannelOrderStatus): Generator<ChannelOrder> {
  const shipped = LINE_STATUS[status] === 'shipped';
  const line = lineOf({ status: LINE_STATUS[status], trackingNumber: shipped ? NUMBER : null });
  for (const fulfilledBy of TYPES)
    for (const shippedBy of TYPES)
      for (const { asks } of BUYERS.slice(0, 2))
        for (const address of ADDRESSES)
          yield orderOf({
            status,
            fulfilledBy,
            shippedBy,
            buyerRequestedCancel: asks,
            ...address,
            lines: [line],
          });
};

const recordFor = (
  sight: FulfillmentSight,
  records: PackageRecord[],
  flags: Partial<OrderRecord>,
): OrderRecord =>
  sight.kind === 'none'
    ? recordOf({ ...flags, packages: records })
    : placedRecordOf(orderOf(), { ...flags, packages: records });

const inputsFor = function* (status: ChannelOrderStatus): Generator<DecideInput> {
  for (const order of ordersOf(status))
    for (const { asks, cancellation } of BUYERS)
      for (const { packages, records } of Object.values(PARCELS))
        for (const sight of sightsOf(packages))
          for (const flags of FLAGS)
            for (const policy of POLICIES) {
              if (asks !== order.buyerRequestedCancel) continue;
              const record = recordFor(sight, records, flags);
              yield { order, sight, carriers: CARRIERS, cancellation, record, policy, nowMs: NOW };
            }
};

const isStopped = (sight: FulfillmentSight): boolean =>
  sight.kind === 'found' && STOPPED.has(sight.fulfillment.state);

/** Why a create breaks a promise; null when it breaks none. */
const faultOfCreate = (input: DecideInput, order: ChannelOrder): string | null => {
  const { sight, record } = input;
  if (order.status !== 'awaiting_shipment' && order.status !== 'partially_shipped')
    return `status ${order.status}`;
  if (order.fulfilledBy !== 'seller' || order.shippedBy !== 'seller') return 'not shipped by the seller';
  if (order.buyerRequestedCancel) return 'the buyer asks to cancel';
  if (order.recipient?.name.includes('*')) return 'the address is masked';
  if (record.resolvedAtMs !== null || record.cancelRequest) return 'a person stopped it';
  const moved = order.addressEdited && order.recipient?.name === 'Jane Elsewhere';
  const nothingLive =
    sight.kind === 'none' ||
    (isStopped(sight) && (record.recreate || moved)) ||
    (sight.kind === 'missing' && record.recreate);
  return nothingLive ? null : `live at Amazon: ${sight.kind}`;
};

const faultOfShip = (
  { sight }: DecideInput,
  order: ChannelOrder,
  { request }: Extract<Decision, { kind: 'ship' }>,
): string | null => {
  const numbers =
    sight.kind === 'found' ? sight.fulfillment.packages.map((parcel) => parcel.carrierTracking) : [];
  if (!numbers.includes(request.trackingNumber)) return 'a number that is not in our fulfillment';
  const open = order.lines.filter((line) => line.status === 'awaiting_shipment').map((line) => line.lineId);
  if (request.lineIds.length === 0) return 'no line';
  return request.lineIds.every((lineId) => open.includes(lineId)) ? null : 'a line that is not open';
};

const FINAL = new Set(['completed', 'cancelled', 'ignored']);

const faultOf = (input: DecideInput, order: ChannelOrder, decision: Decision): string | null => {
  const { sight } = input;
  switch (decision.kind) {
    case 'wait':
    case 'ignore':
    case 'review':
    case 'done': {
      if (!isReasonCode(decision.reason)) return `unknown reason ${String(decision.reason)}`;
      if (decision.nextAttemptAtMs === null) return FINAL.has(decision.stage) ? null : 'no next attempt';
      return decision.nextAttemptAtMs > input.nowMs ? null : 'a next attempt that is not later';
    }
    case 'create':
      return faultOfCreate(input, order);
    case 'approveCancellation':
    case 'cancelOrder':
      return sight.kind === 'none' || isStopped(sight) || (sight.kind === 'missing' && input.record.recreate)
        ? null
        : 'something may be live at Amazon';
    case 'cancel':
      return decision.fulfillmentId === FULFILLMENT_ID && sight.kind === 'found' && !isStopped(sight)
        ? null
        : 'nothing to cancel';
    case 'rejectCancellation':
      return order.buyerRequestedCancel && !isStopped(sight) ? null : 'nothing to reject';
    case 'ship':
      return faultOfShip(input, order, decision);
    case 'correctTracking':
      return decision.trackingNumber === NUMBER ? 'the number reported already' : null;
  }
};

describe.each(STATUSES)('over every combination, an order that is %s', (status) => {
  it('gets exactly one decision that keeps every promise, the same one each time, from an untouched input', () => {
    const faults: string[] = [];
    const kinds = new Set<string>();
    let count = 0;
    for (const input of inputsFor(status)) {
      count += 1;
      deepFreeze(input.order);
      deepFreeze(input.record);
      deepFreeze(input.sight);
      const decision = decide(Object.freeze(input));
      kinds.add(decision.kind);
      const fault = faultOf(input, input.order ?? orderOf(), decision);
      const again = count % 50 === 0 ? decide(input) : decision;
      if (fault !== null || JSON.stringify(again) !== JSON.stringify(decision)) {
        const { order, sight, record, policy } = input;
        const state = sight.kind === 'found' ? sight.fulfillment.state : sight.kind;
        faults.push(
          `${decision.kind}: ${fault ?? 'another one'} (${JSON.stringify([
            order?.fulfilledBy,
            order?.shippedBy,
            order?.buyerRequestedCancel,
            order?.recipient?.name,
            state,
            record.recreate,
            record.cancelRequest,
            policy.cancellation,
            policy.marketplaceCountry,
          ])})`,
        );
      }
    }

    expect(faults.slice(0, 5)).toEqual([]);
    expect(count).toBe(9 * 3 * 4 * 5 * 13 * 5 * 4);
    expect(kinds.size).toBeGreaterThan(3);
  });
});

describe('over every combination', () => {
  it('a cancelled order never leads to a create, a report or a correction', () => {
    const kinds = new Set([...inputsFor('cancelled')].map((input) => decide(input).kind));

    expect([...kinds].sort()).toEqual(['cancel', 'done', 'review', 'wait']);
  });

  it('an order that awaits shipment reaches every kind of decision', () => {
    const kinds = new Set([...inputsFor('awaiting_shipment')].map((input) => decide(input).kind));

    expect([...kinds].sort()).toEqual([
      'approveCancellation',
      'cancel',
      'cancelOrder',
      'correctTracking',
      'create',
      'done',
      'ignore',
      'rejectCancellation',
      'review',
      'ship',
      'wait',
    ]);
  });
});
