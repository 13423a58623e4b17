import type {
  ChangedFulfillment,
  Destination,
  Fulfillment,
  FulfillmentItem,
  FulfillmentPackage,
  FulfillmentRequest,
  FulfillmentState,
  Preview,
  PreviewRequest,
  StockLevel,
} from '../provider.ts';
import { sumMoney } from './money.ts';
import { toExpectedReturns } from './returns.ts';
import type {
  Address,
  InventorySummary,
  ListAnswer,
  OrderAnswer,
  PreviewEntry,
  Shipment,
  ShipmentPackage,
} from './schema.ts';

/** Required by Amazon and printed on the packing slip; ISO 8859-1 only. */
const ORDER_COMMENT = 'Thank you for your order!';

/** Amazon documents whole seconds in UTC. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

const toAddress = (destination: Destination): Record<string, string> => {
  const { city, ...rest } = destination;
  // The model: city is required in all countries except Japan, and should not be used in Japan.
  const parts = rest.countryCode === 'JP' || city === undefined ? rest : { ...rest, city };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && value !== ''));
};

const toItems = (items: readonly FulfillmentItem[]) =>
  items.map((item) => ({
    sellerSku: item.amazonSku,
    sellerFulfillmentOrderItemId: item.itemId,
    quantity: item.quantity,
  }));

const toConstraints = (request: { blockAmzl: boolean; unbranded: boolean }) => {
  const names = [...(request.unbranded ? ['BLANK_BOX'] : []), ...(request.blockAmzl ? ['BLOCK_AMZL'] : [])];
  if (names.length === 0) return {};
  return {
    featureConstraints: names.map((featureName) => ({ featureName, featureFulfillmentPolicy: 'Required' })),
  };
};

/** Body of createFulfillmentOrder. No e-mail: TikTok forbids contact with its buyers. Pure. */
export const toCreateBody = (marketplaceId: string, request: FulfillmentRequest) => ({
  marketplaceId,
  sellerFulfillmentOrderId: request.fulfillmentId,
  displayableOrderId: request.displayOrderId,
  displayableOrderDate: isoSeconds(request.orderedAtMs),
  displayableOrderComment: ORDER_COMMENT,
  shippingSpeedCategory: request.speed,
  destinationAddress: toAddress(request.destination),
  fulfillmentAction: 'Ship',
  fulfillmentPolicy: request.policy,
  ...toConstraints(request),
  items: toItems(request.items),
});

/** Body of getFulfillmentPreview. Pure. */
export const toPreviewBody = (marketplaceId: string, request: PreviewRequest) => ({
  marketplaceId,
  address: toAddress(request.destination),
  items: toItems(request.items),
  shippingSpeedCategories: request.speeds,
  ...toConstraints(request),
});

/** Names differ in case and separators between model, examples and notifications. */
const normalise = (name: string | null): string => (name ?? '').replace(/[^A-Za-z]/g, '').toLowerCase();

const STATES: ReadonlyMap<string, FulfillmentState> = new Map([
  ['new', 'submitted'],
  ['received', 'accepted'],
  ['planning', 'planning'],
  ['processing', 'processing'],
  ['complete', 'complete'],
  ['completepartialled', 'partial'],
  ['cancelled', 'cancelled'],
  ['unfulfillable', 'unfulfillable'],
  ['invalid', 'invalid'],
]);

const stateOf = (status: string | null): FulfillmentState => STATES.get(normalise(status)) ?? 'unknown';

const SHIPMENT_STATES: ReadonlyMap<string, FulfillmentPackage['shipmentState']> = new Map([
  ['pending', 'pending'],
  ['shipped', 'shipped'],
  ['cancelledbyfulfiller', 'cancelled'],
  ['cancelledbyseller', 'cancelled'],
  ['cancelled', 'cancelled'],
]);

const trimmed = (value: string | null): string | null => value?.trim() || null;
const trackingNumber = (value: string | null): string | null => value?.replace(/\s+/g, '') || null;

const toDestination = (address: Address | null): Destination | null => {
  if (!address?.name || !address.addressLine1 || !address.postalCode || !address.countryCode) return null;
  const { name, addressLine1, postalCode, countryCode, ...optional } = address;
  const present = Object.entries(optional).filter(([, value]) => value !== null && value !== '');
  return { name, addressLine1, postalCode, countryCode, ...Object.fromEntries(present) };
};

/** The same item may be listed several times for one package, once per serial number or lot. */
const contentsOf = (shipment: Shipment, number: string | null, isOnlyPackage: boolean) => {
  const contents = new Map<string, FulfillmentPackage['contents'][number]>();
  const items = shipment.fulfillmentShipmentItem;
  // Beside a linked item, one without a number is not packed yet: another package will hold it.
  const holdsUnlinked = isOnlyPackage && items.every((item) => item.packageNumber === null);
  for (const item of items) {
    const isUnlinked = item.packageNumber === null;
    if (isUnlinked ? !holdsUnlinked : item.packageNumber !== number) continue;
    const known = contents.get(item.sellerFulfillmentOrderItemId);
    contents.set(item.sellerFulfillmentOrderItemId, {
      itemId: item.sellerFulfillmentOrderItemId,
      amazonSku: item.sellerSku,
      quantity: item.quantity + (known?.quantity ?? 0),
    });
  }
  return [...contents.values()];
};

const firstOf = <T>(rows: readonly T[], read: (row: T) => string | null): string | null =>
  rows.map(read).find((value) => value !== null) ?? null;

const packagesOf = (shipment: Shipment): FulfillmentPackage[] => {
  const rowsOf = new Map<string | null, ShipmentPackage[]>();
  for (const row of shipment.fulfillmentShipmentPackage)
    rowsOf.set(row.packageNumber, [...(rowsOf.get(row.packageNumber) ?? []), row]);
  return [...rowsOf].map(([number, rows]) => ({
    packageKey: `${shipment.amazonShipmentId}/${number ?? '0'}`,
    shipmentState: SHIPMENT_STATES.get(normalise(shipment.fulfillmentShipmentStatus)) ?? 'unknown',
    shippedAtMs: shipment.shippingDate,
    carrierCode: firstOf(rows, (row) => trimmed(row.carrierCode)),
    carrierTracking: firstOf(rows, (row) => trackingNumber(row.trackingNumber)),
    amazonTracking: firstOf(rows, (row) => trackingNumber(row.amazonFulfillmentTrackingNumber)),
    contents: contentsOf(shipment, number, rowsOf.size === 1),
  }));
};

/** An order as Amazon tells it, in the port's words. Total: what is not known becomes `unknown` or null. Pure. */
export const toFulfillment = (answer: OrderAnswer): Fulfillment => {
  const order = answer.fulfillmentOrder;
  return {
    fulfillmentId: order.sellerFulfillmentOrderId,
    state: stateOf(order.fulfillmentOrderStatus),
    rawState: order.fulfillmentOrderStatus ?? '',
    receivedAtMs: order.receivedDate,
    updatedAtMs: order.statusUpdatedDate,
    items: answer.fulfillmentOrderItems.map((item) => ({
      itemId: item.sellerFulfillmentOrderItemId,
      amazonSku: item.sellerSku,
      quantity: item.quantity,
      cancelledQuantity: item.cancelledQuantity,
      unfulfillableQuantity: item.unfulfillableQuantity,
      expectedShipAtMs: item.estimatedShipDate,
      expectedArrivalAtMs: item.estimatedArrivalDate,
    })),
    packages: answer.fulfillmentShipments.flatMap(packagesOf),
    expectedReturns: toExpectedReturns(answer),
    destination: toDestination(order.destinationAddress),
  };
};

/** A page of the list; entries without an id are left out. Pure. */
export const toChanged = (orders: ListAnswer['orders']): ChangedFulfillment[] =>
  orders.flatMap((order) =>
    order.sellerFulfillmentOrderId
      ? [
          {
            fulfillmentId: order.sellerFulfillmentOrderId,
            state: stateOf(order.fulfillmentOrderStatus),
            rawState: order.fulfillmentOrderStatus ?? '',
            updatedAtMs: order.statusUpdatedDate,
          },
        ]
      : [],
  );

const latest = (times: readonly (number | null)[]): number | null =>
  times.reduce((best, time) => (time !== null && (best === null || time > best) ? time : best), null);

/** One speed's preview. Pure. */
export const toPreview = (entry: PreviewEntry): Preview => {
  const shipments = entry.fulfillmentPreviewShipments;
  const itemProblems = entry.unfulfillablePreviewItems.flatMap((item) =>
    item.itemUnfulfillableReasons.map((reason) => `${item.sellerSku ?? 'item'}: ${reason}`),
  );
  return {
    speed: entry.shippingSpeedCategory,
    isFulfillable: entry.isFulfillable,
    latestShipAtMs: latest(shipments.map((shipment) => shipment.latestShipDate)),
    latestArrivalAtMs: latest(shipments.map((shipment) => shipment.latestArrivalDate)),
    fee: sumMoney((entry.estimatedFees ?? []).map((fee) => fee.amount)),
    problems: [...new Set([...entry.orderUnfulfillableReasons, ...itemProblems])],
  };
};

/**
 * Stock of one row; null when it gives no figures. Only `fulfillableQuantity` can be shipped now: the total counts
 * inbound, reserved and damaged units too. Pure.
 */
export const toStockLevel = (summary: InventorySummary): StockLevel | null =>
  summary.sellerSku === null || summary.inventoryDetails === null
    ? null
    : {
        amazonSku: summary.sellerSku,
        fulfillable: Math.max(0, summary.inventoryDetails.fulfillableQuantity),
        updatedAtMs: summary.lastUpdatedTime,
      };
