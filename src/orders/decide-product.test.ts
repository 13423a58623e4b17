import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  CARRIERS,
  cancellationOf,
  FULFILLMENT_ID,
  fulfillmentOf,
  lineOf,
  MINUTE,
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

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
};

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
  { cancelRequest: { reason: 'out_of_stock', keepOrder: false, sentAtMs: null } },
  { cancelRequest: { reason: 'out_of_stock', keepOrder: true, sentAtMs: null } },
  { resolvedAtMs: NOW },
];

const sightsOf = (packages: FulfillmentPackage[]): FulfillmentSight[] => [
  { kind: 'none' },
  { kind: 'missing' },
  { kind: 'accepted' },
  ...STATES.map((state) => ({ kind: 'found' as const, fulfillment: fulfillmentOf({ state, packages }) })),
];

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
        for (const variant of VARIANTS)
          yield deepFreeze(
            orderOf({
              status,
              fulfilledBy,
              shippedBy,
              buyerRequestedCancel: asks,
              ...variant,
              lines: [line],
            }),
          );
};

/** What is known of the order and what Amazon shows, for every parcel, sight and wish of a person. */
const SITUATIONS = deepFreeze(
  Object.values(PARCELS).flatMap(({ packages, records }) =>
    sightsOf(packages).flatMap((sight) =>
      FLAGS.map((flags) => {
        const known = { ...flags, packages: records };
        return { sight, record: sight.kind === 'none' ? recordOf(known) : placedRecordOf(orderOf(), known) };
      }),
    ),
  ),
);

const inputsFor = function* (status: ChannelOrderStatus): Generator<DecideInput> {
  for (const order of ordersOf(status))
    for (const { asks, cancellation } of BUYERS)
      for (const { sight, record } of SITUATIONS)
        for (const policy of POLICIES)
          if (asks === order.buyerRequestedCancel)
            yield { order, sight, carriers: CARRIERS, cancellation, record, policy, nowMs: NOW };
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
  if (!order.hadChannelHold) return 'the hold is not over';
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
      return order.buyerRequestedCancel && sight.kind === 'found' ? null : 'nothing to reject';
    case 'ship':
      return faultOfShip(input, order, decision);
    case 'correctTracking':
      return decision.trackingNumber === NUMBER ? 'the number reported already' : null;
  }
};

const textOf = ({ order, sight, record, policy }: DecideInput): string =>
  JSON.stringify([
    order?.fulfilledBy,
    order?.shippedBy,
    order?.buyerRequestedCancel,
    order?.recipient?.name,
    sight.kind === 'found' ? sight.fulfillment.state : sight.kind,
    record.recreate,
    record.cancelRequest,
    policy.cancellation,
    policy.marketplaceCountry,
  ]);

const WHILE_OPEN = ['create', 'ship', 'correctTracking', 'approveCancellation', 'rejectCancellation'];
const ALWAYS = ['cancel', 'cancelOrder', 'done', 'review', 'wait'];
const WHILE_STOPPABLE = [...ALWAYS, 'approveCancellation', 'correctTracking', 'ignore'];
const KINDS: Record<ChannelOrderStatus, string[]> = {
  unpaid: WHILE_STOPPABLE,
  on_hold: [...WHILE_STOPPABLE, 'ship'],
  awaiting_shipment: [...ALWAYS, ...WHILE_OPEN, 'ignore'],
  partially_shipped: [...ALWAYS, ...WHILE_OPEN, 'ignore'],
  awaiting_collection: WHILE_STOPPABLE,
  in_transit: WHILE_STOPPABLE,
  delivered: WHILE_STOPPABLE,
  completed: ['done', 'wait'],
  cancelled: ['cancel', 'done', 'review', 'wait'],
  unknown: [...WHILE_STOPPABLE, 'ship'],
};

describe.each(STATUSES)('over every combination, an order that is %s', (status) => {
  it('gets exactly one decision that keeps every promise, the same one each time, from an untouched input', () => {
    const faults: string[] = [];
    const kinds = new Set<string>();
    let count = 0;
    for (const input of inputsFor(status)) {
      const decision = decide(Object.freeze(input));
      count += 1;
      kinds.add(decision.kind);
      const fault = faultOf(input, input.order ?? orderOf(), decision);
      if (fault !== null) faults.push(`${decision.kind}: ${fault} ${textOf(input)}`);
      if (count % 25 === 0 && !isDeepStrictEqual(decide(input), decision)) {
        faults.push(`${decision.kind}: decided otherwise the second time ${textOf(input)}`);
      }
    }

    expect(faults.slice(0, 5)).toEqual([]);
    expect(count).toBe(9 * VARIANTS.length * BUYERS.length * SITUATIONS.length * POLICIES.length);
    expect([...kinds].sort()).toEqual([...KINDS[status]].sort());
  });
});

const reasonOf = (decision: Decision): string | null => ('stage' in decision ? decision.reason : null);

const PAUSES = {
  'a paused shop': { isPaused: () => true },
  'a paused SKU': { isSkuPaused: () => true },
  'an order older than going live': { liveFromMs: NOW },
};

describe.each(Object.entries(PAUSES))('over every combination, %s', (_name, brake) => {
  // In the other states nothing is created at all, as shown above.
  it.each(['awaiting_shipment', 'partially_shipped'] as const)(
    'creates nothing of an order that is %s, and leaves what Amazon has as it is',
    (status) => {
      const faults: string[] = [];
      for (const input of inputsFor(status)) {
        if (input.policy.marketplaceCountry !== 'US') continue;
        const free = decide(input);
        const braked = decide({ ...input, policy: { ...input.policy, ...brake } });
        const isPausing = !('liveFromMs' in brake);
        const isNew = input.sight.kind === 'none' && !isPausing;
        if (braked.kind === 'create' && (isPausing || input.record.acceptedAtMs === null))
          faults.push(`created ${textOf(input)}`);
        if (
          free.kind !== 'create' &&
          !isNew &&
          (free.kind !== braked.kind || reasonOf(free) !== reasonOf(braked))
        )
          faults.push(`${free.kind} became ${braked.kind} ${textOf(input)}`);
      }
      expect(faults.slice(0, 5)).toEqual([]);
    },
  );
});
