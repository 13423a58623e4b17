import type { ChannelLine, ChannelOrder, ChannelOrderStatus } from '../channels/channel.ts';
import type { Fulfillment, FulfillmentPackage, FulfillmentState } from '../fulfillment/provider.ts';
import { addressFingerprintText, normaliseAddress } from './address/index.ts';
import { decide } from './decide.ts';
import { newPackage } from './decide-parcels.ts';
import { type DecideInput, type Decision, type FulfillmentSight, HOUR_MS } from './decision.ts';
import { lineOf, NOTHING_SENT, NOW, policyOf, recipientIn } from './lives-samples.ts';
import { fulfillmentIdFor, type OrderRecord } from './model.ts';
import type { Policy } from './policy.ts';

export const CHANNEL = [
  'unpaid',
  'on hold',
  'awaiting shipment',
  'partially shipped',
  'awaiting collection',
  'in transit',
  'delivered',
  'completed',
  'cancelled',
  'unknown',
] as const;
export const AMAZON = [
  'nothing',
  'not visible yet',
  'lost',
  'accepted or planning',
  'processing',
  'complete',
  'partial',
  'cancelled',
  'unfulfillable',
  'invalid',
  'unknown',
] as const;
export const PARCELS = ['no number', 'number not reported', 'all reported'] as const;
export const REQUESTS = ['none', 'open'] as const;
export const ADDRESSES = ['as sent', 'edited'] as const;

/** A situation of an order, as the page names it. */
export type Coordinates = {
  channel: (typeof CHANNEL)[number];
  amazon: (typeof AMAZON)[number];
  parcels: (typeof PARCELS)[number];
  request: (typeof REQUESTS)[number];
  address: (typeof ADDRESSES)[number];
};

const NOT_FOUND: readonly Coordinates['amazon'][] = ['nothing', 'not visible yet', 'lost'];
const WITHOUT_PARCELS: readonly Coordinates['amazon'][] = [...NOT_FOUND, 'unfulfillable', 'invalid'];
const OPEN: readonly Coordinates['channel'][] = ['awaiting shipment', 'partially shipped', 'unknown'];
const UNSENT: readonly Coordinates['channel'][] = ['unpaid', 'on hold'];

/**
 * Whether both sides can say this together: nothing is sent before the hold is over, only an order that still has to
 * ship can be asked to be cancelled, and where all is reported TikTok shows nothing as open.
 */
export const canOccur = ({ channel, amazon, parcels, request }: Coordinates): boolean => {
  if (UNSENT.includes(channel) && amazon !== 'nothing') return false;
  if (request === 'open' && !OPEN.includes(channel)) return false;
  if (parcels === 'no number') return true;
  if (WITHOUT_PARCELS.includes(amazon)) return false;
  return parcels !== 'all reported' || !OPEN.includes(channel);
};

const ORDER_ID = '1';
const FULFILLMENT_ID = fulfillmentIdFor(ORDER_ID, 1);
const OURS = '1Z0000000000000001';
const ROUTED = '11';

const STATES: Readonly<Partial<Record<Coordinates['amazon'], FulfillmentState>>> = {
  'accepted or planning': 'planning',
  processing: 'processing',
  complete: 'complete',
  partial: 'partial',
  cancelled: 'cancelled',
  unfulfillable: 'unfulfillable',
  invalid: 'invalid',
  unknown: 'unknown',
};

/** The line that Amazon ships; of a partly shipped order another one was shipped by hand. */
const linesOf = ({ channel, parcels }: Coordinates): ChannelLine[] => {
  if (channel === 'cancelled') return [lineOf(ROUTED, 'cancelled', null)];
  if (channel === 'unpaid') return [lineOf(ROUTED, 'unpaid', null)];
  if (channel === 'partially shipped') {
    return [lineOf(ROUTED, 'awaiting_shipment', null), lineOf('12', 'shipped', 'BY-HAND')];
  }
  if (channel === 'on hold' || OPEN.includes(channel)) return [lineOf(ROUTED, 'awaiting_shipment', null)];
  return [lineOf(ROUTED, 'shipped', parcels === 'all reported' ? OURS : 'BY-HAND')];
};

const STATUS: Readonly<Record<Coordinates['channel'], ChannelOrderStatus>> = {
  unpaid: 'unpaid',
  'on hold': 'on_hold',
  'awaiting shipment': 'awaiting_shipment',
  'partially shipped': 'partially_shipped',
  'awaiting collection': 'awaiting_collection',
  'in transit': 'in_transit',
  delivered: 'delivered',
  completed: 'completed',
  cancelled: 'cancelled',
  unknown: 'unknown',
};

const orderOf = (at: Coordinates, country: string): ChannelOrder => ({
  orderId: ORDER_ID,
  status: STATUS[at.channel],
  rawStatus: at.channel,
  fulfilledBy: 'seller',
  shippedBy: 'seller',
  deliveryType: 'home',
  deliveryOptionId: 'option',
  deliveryOptionName: null,
  hadChannelHold: true,
  buyerRequestedCancel: at.request === 'open',
  addressEdited: at.address === 'edited',
  isSample: false,
  isReplacement: false,
  isExchange: false,
  orderType: 'NORMAL',
  createdAtMs: NOW - 5 * HOUR_MS,
  paidAtMs: NOW - 5 * HOUR_MS,
  updatedAtMs: NOW - HOUR_MS,
  total: null,
  deadlines: { shipByMs: null, collectByMs: null, deliverByMs: null, autoCancelMs: null },
  recipient: recipientIn(country, at.address === 'edited' ? '2 New Street' : '1 Old Street'),
  lines: linesOf(at),
});

/** A parcel with a number has left where Amazon has ended. */
const parcelOf = ({ amazon, parcels }: Coordinates): FulfillmentPackage => ({
  packageKey: 'p1',
  shipmentState: ['complete', 'partial', 'cancelled'].includes(amazon) ? 'shipped' : 'pending',
  carrierCode: 'UPS',
  carrierTracking: parcels === 'no number' ? null : OURS,
  amazonTracking: null,
  contents: [{ itemId: ROUTED, amazonSku: 'A', quantity: 1 }],
});

const fulfillmentOf = (at: Coordinates, state: FulfillmentState): Fulfillment => {
  const isEmpty = at.parcels === 'no number' && !['complete', 'partial', 'processing'].includes(at.amazon);
  const item = {
    itemId: ROUTED,
    amazonSku: 'A',
    quantity: 1,
    cancelledQuantity: 0,
    unfulfillableQuantity: 0,
  };
  return {
    fulfillmentId: FULFILLMENT_ID,
    state,
    rawState: state,
    receivedAtMs: NOW - 2 * HOUR_MS,
    updatedAtMs: NOW - HOUR_MS,
    items: [{ ...item, expectedShipAtMs: null, expectedArrivalAtMs: null }],
    packages: isEmpty ? [] : [parcelOf(at)],
    expectedReturns: [],
    destination: null,
  };
};

const sightOf = (at: Coordinates): FulfillmentSight => {
  const state = STATES[at.amazon];
  if (state) return { kind: 'found', fulfillment: fulfillmentOf(at, state) };
  return at.amazon === 'nothing' ? { kind: 'none' } : { kind: 'missing' };
};

/** What was sent under the first id, and what was reported of it. */
const sentOf = (at: Coordinates, country: string): Partial<OrderRecord> => {
  const address = normaliseAddress(recipientIn(country, '1 Old Street'), { marketplaceCountry: country });
  const components = [{ amazonSku: 'A', quantity: 1 }];
  const line = { lineId: ROUTED, skuId: 'sku', sku: 'A', units: 1, status: '', components };
  const reported = {
    ...newPackage(FULFILLMENT_ID, parcelOf(at)),
    lineIds: [ROUTED],
    allocations: [{ lineId: ROUTED, amazonSku: 'A', quantity: 1 }],
    reportedNumber: OURS,
    reportedCarrier: 'UPS',
    reportedAtMs: NOW - HOUR_MS,
    channelPackageId: 'package',
  };
  return {
    fulfillmentId: FULFILLMENT_ID,
    fulfillmentCount: 1,
    acceptedAtMs: NOW - (at.amazon === 'not visible yet' ? 60_000 : 2 * HOUR_MS),
    addressHash: address.ok ? addressFingerprintText(address.value) : null,
    items: [{ itemId: ROUTED, amazonSku: 'A', quantity: 1 }],
    snapshot: { status: '', rawStatus: '', total: null, deliveryOptionName: null, lines: [line] },
    packages: at.parcels === 'all reported' ? [reported] : [],
  };
};

const inputFor = (at: Coordinates, country: string, rules: Partial<Policy>): DecideInput => ({
  order: orderOf(at, country),
  sight: sightOf(at),
  carriers: [{ carrierId: 'ups', name: 'UPS' }],
  cancellation:
    at.request === 'open'
      ? { cancelId: 'request', orderId: ORDER_ID, state: 'pending', byBuyer: true, respondByMs: null }
      : null,
  record: {
    key: { channel: 'tiktok-shop', shopId: '', orderId: ORDER_ID },
    stage: 'waiting',
    reason: 'received',
    ...NOTHING_SENT,
    ...(at.amazon === 'nothing' ? {} : sentOf(at, country)),
  },
  policy: { ...policyOf(country), ...rules },
  nowMs: NOW,
});

/** What the rules say of a situation in a shop of that country, and of those rules where they are named. */
export const decisionFor = (at: Coordinates, country: string, rules: Partial<Policy> = {}): Decision =>
  decide(inputFor(at, country, rules));
