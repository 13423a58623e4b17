import { createHash } from 'node:crypto';
import type { ChannelLine, ChannelOrder, Shop } from '../src/channels/channel.ts';
import type { Fulfillment, FulfillmentPackage, FulfillmentProvider } from '../src/fulfillment/provider.ts';
import type { StockPool } from '../src/inventory/pool.ts';
import { UpstreamError, type UpstreamErrorFields } from '../src/lib/errors.ts';
import { recipientOf } from '../src/orders/address/fixtures.ts';
import { addressFingerprintText, normaliseAddress } from '../src/orders/address/index.ts';
import type { DecideInput } from '../src/orders/decision.ts';
import { itemsFor, snapshotLine } from '../src/orders/lines.ts';
import type { OrderRecord, PackageRecord } from '../src/orders/model.ts';
import type { Policy } from '../src/orders/policy.ts';
import { createSkuMap } from '../src/orders/sku-map.ts';
import type { LaneAccounts } from '../src/reconcile/lane.ts';

/** The stock of one account, everything of it for every shop. */
export const poolOf = (provider: StockPool['provider'], shops: readonly Shop[] = [SHOP]): StockPool => ({
  accountId: 'amazon',
  provider,
  rule: { kind: 'all' },
  shops: shops.map((shop) => ({ shop, buffer: { units: 0, percent: 0 }, isPushed: true })),
});

/** Lanes of a provider that has one account. */
export const oneAccount = (
  provider: Pick<FulfillmentProvider, 'createCapacity' | 'readCapacity'>,
): LaneAccounts => ({
  all: () => ['amazon'],
  ofShop: () => 'amazon',
  createCapacity: (_account, withinMs) => provider.createCapacity(withinMs),
  readCapacity: (_account, withinMs) => provider.readCapacity(withinMs),
});

/** Where held clocks of tests begin. */
export const NOW = 1_767_225_600_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const ORDER_ID = '576461413038785752';
export const FULFILLMENT_ID = `TTS-${ORDER_ID}`;
export const SHOP: Shop = { channel: 'tiktok-shop', shopId: 'shop-1', region: null };
export const KEY = { channel: 'tiktok-shop', shopId: 'shop-1', orderId: ORDER_ID };

/** One unit of SKU `A`, still to be shipped. */
export const lineOf = (overrides: Partial<ChannelLine> = {}): ChannelLine => ({
  lineId: '101',
  skuId: 'sku-id-A',
  productId: 'product-1',
  sellerSku: 'A',
  title: 'A thing',
  units: 1,
  status: 'awaiting_shipment',
  rawStatus: 'AWAITING_SHIPMENT',
  bundle: [],
  packageId: null,
  trackingNumber: null,
  carrierId: null,
  isGift: false,
  isRestricted: false,
  ...overrides,
});

/** `count` lines of one unit each, `101`, `102`, … of the SKUs given in turn. */
export const linesOf = (...skus: string[]): ChannelLine[] =>
  skus.map((sellerSku, index) =>
    lineOf({ lineId: String(101 + index), sellerSku, skuId: `sku-id-${sellerSku}` }),
  );

/** An order of one line whose hold is over: to be sent to Amazon at once. */
export const orderOf = (overrides: Partial<ChannelOrder> = {}): ChannelOrder => ({
  orderId: ORDER_ID,
  status: 'awaiting_shipment',
  rawStatus: 'AWAITING_SHIPMENT',
  fulfilledBy: 'seller',
  shippedBy: 'seller',
  deliveryType: 'home',
  deliveryOptionId: 'option-1',
  deliveryOptionName: 'Standard',
  hadChannelHold: true,
  buyerRequestedCancel: false,
  addressEdited: false,
  isSample: false,
  isReplacement: false,
  isExchange: false,
  orderType: 'NORMAL',
  createdAtMs: NOW - 2 * HOUR,
  paidAtMs: NOW - 2 * HOUR,
  updatedAtMs: NOW - HOUR,
  total: { currency: 'USD', value: '12.50' },
  deadlines: {
    shipByMs: NOW + 48 * HOUR,
    collectByMs: null,
    deliverByMs: null,
    autoCancelMs: NOW + 96 * HOUR,
  },
  recipient: recipientOf(),
  lines: [lineOf()],
  ...overrides,
});

export const policyOf = (overrides: Partial<Policy> = {}): Policy => ({
  remorseHoldMs: HOUR,
  cancellation: 'auto',
  speed: { fallback: 'Standard', byDeliveryOption: new Map() },
  holdKinds: [],
  resubmitStuck: false,
  fulfillmentPolicy: 'FillOrKill',
  blockAmzl: false,
  unbranded: false,
  accountProblem: null,
  sharesStock: false,
  marketplaceCountry: 'US',
  skuMap: createSkuMap([], 'identity'),
  isPaused: () => false,
  isSkuPaused: () => false,
  liveFromMs: null,
  hash: (text) => createHash('sha256').update(text).digest('hex'),
  ...overrides,
});

/** The row of an order that was only named so far. */
export const recordOf = (overrides: Partial<OrderRecord> = {}): OrderRecord => ({
  key: KEY,
  stage: 'waiting',
  reason: 'received',
  detail: null,
  fulfillmentId: null,
  amazonAccount: null,
  fulfillmentCount: 0,
  fulfillmentState: null,
  fulfillmentUpdatedAtMs: null,
  acceptedAtMs: null,
  fulfillmentReadAtMs: null,
  requestHash: null,
  addressHash: null,
  items: [],
  refusal: null,
  intent: null,
  recreate: false,
  released: false,
  takenOver: false,
  speed: null,
  fee: null,
  stop: null,
  cancelRequest: null,
  returnReviews: [],
  resolvedAtMs: null,
  failures: 0,
  nextAttemptAtMs: NOW,
  hintSeq: 1,
  hintUpdatedAtMs: null,
  orderCreatedAtMs: null,
  orderUpdatedAtMs: null,
  shipByMs: null,
  autoCancelMs: null,
  collectByMs: null,
  expectedShipAtMs: null,
  expectedArrivalAtMs: null,
  snapshot: null,
  packages: [],
  ...overrides,
});

/** The row of an order that was sent to Amazon as `order` is, and accepted half an hour ago. */
export const placedRecordOf = (
  order: ChannelOrder,
  overrides: Partial<OrderRecord> = {},
  policy = policyOf(),
): OrderRecord => {
  const lines = order.lines.map((line) => snapshotLine(line, policy.skuMap.resolve(SHOP.shopId, line)));
  const sent = normaliseAddress(recipientOf(), { marketplaceCountry: 'US' });
  if (!sent.ok) throw new Error(sent.problem.detail);
  return recordOf({
    stage: 'fulfilling',
    reason: 'at_amazon',
    fulfillmentId: FULFILLMENT_ID,
    fulfillmentCount: 1,
    amazonAccount: 'amazon',
    acceptedAtMs: NOW - 30 * MINUTE,
    requestHash: 'sent',
    addressHash: policy.hash(addressFingerprintText(sent.value)),
    items: itemsFor(lines),
    snapshot: {
      status: order.status,
      rawStatus: order.rawStatus,
      total: order.total,
      deliveryOptionName: order.deliveryOptionName,
      lines,
    },
    ...overrides,
  });
};

export const packageRecordOf = (overrides: Partial<PackageRecord> = {}): PackageRecord => ({
  fulfillmentId: FULFILLMENT_ID,
  packageKey: 'p1',
  carrierCode: 'UPS',
  carrierTracking: '1Z0000000000000001',
  amazonTracking: null,
  lineIds: ['101'],
  allocations: [{ lineId: '101', amazonSku: 'A', quantity: 1 }],
  reportedNumber: '1Z0000000000000001',
  reportedCarrier: 'UPS',
  reportedAtMs: NOW - HOUR,
  correctedAtMs: null,
  channelPackageId: 'channel-package-1',
  warning: null,
  refusal: null,
  ...overrides,
});

/** A parcel of one unit of `A`, without a number yet. */
export const parcelOf = (overrides: Partial<FulfillmentPackage> = {}): FulfillmentPackage => ({
  packageKey: 'p1',
  shipmentState: 'pending',
  carrierCode: null,
  carrierTracking: null,
  amazonTracking: null,
  contents: [{ itemId: '101', amazonSku: 'A', quantity: 1 }],
  ...overrides,
});

/** A parcel that UPS carries under a number that ends with `digit`. */
export const numberedParcelOf = (
  digit: number,
  overrides: Partial<FulfillmentPackage> = {},
): FulfillmentPackage =>
  parcelOf({
    packageKey: `p${digit}`,
    shipmentState: 'shipped',
    carrierCode: 'UPS',
    carrierTracking: `1Z000000000000000${digit}`,
    ...overrides,
  });

export const contentsOf = (units: Record<string, number>): FulfillmentPackage['contents'] =>
  Object.entries(units).map(([amazonSku, quantity]) => ({ itemId: '101', amazonSku, quantity }));

/** What Amazon shows of one unit of `A`, sent under the first id. */
export const fulfillmentOf = (
  overrides: Partial<Fulfillment> = {},
  units: Record<string, number> = { A: 1 },
): Fulfillment => ({
  fulfillmentId: FULFILLMENT_ID,
  state: 'processing',
  rawState: (overrides.state ?? 'processing').toUpperCase(),
  receivedAtMs: NOW - 30 * MINUTE,
  updatedAtMs: NOW - 10 * MINUTE,
  items: Object.entries(units).map(([amazonSku, quantity], index) => ({
    itemId: String(101 + index),
    amazonSku,
    quantity,
    cancelledQuantity: 0,
    unfulfillableQuantity: 0,
    expectedShipAtMs: null,
    expectedArrivalAtMs: null,
  })),
  packages: [],
  expectedReturns: [],
  destination: null,
  ...overrides,
});

export const found = (overrides: Partial<Fulfillment> = {}, units?: Record<string, number>) =>
  ({ kind: 'found', fulfillment: fulfillmentOf(overrides, units) }) as const;

export const CARRIERS = [
  { carrierId: 'c-ups', name: 'UPS' },
  { carrierId: 'c-usps', name: 'USPS' },
  { carrierId: 'c-amazon', name: 'Amazon Logistics' },
];

export const cancellationOf = (state: 'pending' | 'withdrawn' = 'pending') => ({
  cancelId: 'cancel-1',
  orderId: ORDER_ID,
  state,
  byBuyer: true,
  respondByMs: NOW + 48 * HOUR,
});

/** What `decide` gets for an order that has nothing at Amazon yet. */
export const inputOf = (overrides: Partial<DecideInput> = {}): DecideInput => ({
  order: orderOf(),
  sight: { kind: 'none' },
  carriers: null,
  cancellation: null,
  record: recordOf(),
  policy: policyOf(),
  nowMs: NOW,
  ...overrides,
});

/** A failed call of one side, by default one whose outcome nobody knows. */
export const failureOf = (overrides: Partial<UpstreamErrorFields> = {}): UpstreamError =>
  new UpstreamError({
    upstream: 'amazon-mcf',
    operation: 'test',
    code: 'upstream_timeout',
    stage: 'during',
    retry: 'later',
    message: 'no answer in time',
    ...overrides,
  });
