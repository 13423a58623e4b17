import { sameRecipient } from './address.ts';
import { dismiss, followLines } from './cancelling.ts';
import { type Refusal, refuse, violation } from './outcome.ts';
import { liveLines, nowSeconds, pendingRequest, requireOrder, type World } from './state.ts';
import { releaseUnit } from './stock.ts';
import { checkTracking, SHIPPING_PROVIDERS } from './tracking.ts';
import type { Line, Order, Package } from './types.ts';

export type Shipment = { lineIds?: string[] | undefined; trackingNumber: string; providerId: string };

const checkState = (world: World, order: Order): Refusal | null => {
  if (order.fulfillmentType !== 'FULFILLMENT_BY_SELLER')
    return violation(21008025, 'The order is fulfilled by the platform.');
  if (order.shippingType !== 'SELLER') return violation(21011004, 'The order is not shipped by the seller.');
  if (order.status === 'ON_HOLD')
    return violation(
      21011044,
      'Order status is on hold. Please process when order status update to awaiting shipment',
    );
  if (order.status === 'CANCELLED') return refuse(21011041, 'The order has been cancelled.');
  if (order.status === 'UNPAID') return violation(21042057, 'The order is not awaiting shipment.');
  if (world.shop.region !== 'US' && pendingRequest(world, order) !== undefined)
    return refuse(21011007, 'The order has an after-sale request that is not answered.');
  return null;
};

const refuseShipped = (world: World, lines: Line[]): Refusal => {
  const parcels = lines.map((line) =>
    line.packageId === null ? undefined : world.packages.get(line.packageId),
  );
  const message = 'These orders are already shipped.';
  // A parcel that a person marked as shipped a moment ago is a race that nobody can avoid.
  return parcels.some((parcel) => parcel?.source === 'api')
    ? violation(21011006, message)
    : refuse(21011006, message);
};

const chooseLines = (world: World, order: Order, lineIds: string[] | undefined): Line[] | Refusal => {
  if (lineIds === undefined) {
    if (order.lines.some((line) => line.packageId !== null && line.status !== 'CANCELLED')) {
      if (liveLines(order).every((line) => line.packageId !== null)) return refuseShipped(world, order.lines);
      return violation(21011048, 'The order has several packages: specify the order line items.');
    }
    return liveLines(order);
  }
  const lines = order.lines.filter((line) => lineIds.includes(line.id));
  if (lineIds.length === 0 || lines.length !== new Set(lineIds).size)
    return violation(21011029, 'Some line items are not in this order.');
  if (new Set(lineIds).size !== lineIds.length) return violation(21011029, 'A line item is named twice.');
  if (lines.some((line) => line.status === 'CANCELLED')) return refuse(21011042, 'A line item is cancelled.');
  if (lines.some((line) => line.packageId !== null)) return refuseShipped(world, lines);
  return lines;
};

const checkReuse = (world: World, order: Order, trackingNumber: string): Refusal | null => {
  const orderIds = new Set<string>();
  for (const parcel of world.packages.values()) {
    if (parcel.trackingNumber !== trackingNumber || parcel.orderId === order.id) continue;
    if (!sameRecipient(requireOrder(world, parcel.orderId).address, order.address))
      return violation(21011025, 'Duplicate tracking number.');
    orderIds.add(parcel.orderId);
  }
  return orderIds.size >= world.settings.maxOrdersPerTrackingNumber
    ? violation(21011026, 'The tracking number is used by too many orders.')
    : null;
};

/** Checks number and carrier: a refusal, or the warning that a success will carry. */
export const checkNumber = (
  world: World,
  order: Order,
  shipment: Shipment,
): Refusal | { warning: string | null } => {
  if (!SHIPPING_PROVIDERS.some(({ id }) => id === shipment.providerId))
    return violation(21011022, 'Invalid tracking number or shipping provider id.');
  const check = checkTracking(shipment.trackingNumber, shipment.providerId);
  if (check.kind === 'special-characters') {
    const message = 'The tracking number has special characters.';
    return /\s/.test(shipment.trackingNumber) ? violation(21004012, message) : refuse(21004012, message);
  }
  if (check.kind === 'invalid') return refuse(21011022, 'Invalid tracking number or shipping provider id.');
  const reuse = checkReuse(world, order, shipment.trackingNumber);
  if (reuse !== null) return reuse;
  if (check.kind === 'fine' || world.settings.trackingMismatch === 'ignore') return { warning: null };
  return world.settings.trackingMismatch === 'refuse'
    ? refuse(21004015, check.message)
    : { warning: check.message };
};

const createPackage = (
  world: World,
  order: Order,
  lines: Line[],
  shipment: Shipment,
  source: Package['source'],
) => {
  const at = nowSeconds(world);
  const parcel: Package = {
    id: world.nextId.package(),
    orderId: order.id,
    lineIds: lines.map(({ id }) => id),
    trackingNumber: shipment.trackingNumber,
    providerId: shipment.providerId,
    status: 'PROCESSING',
    createTime: at,
    updateTime: at,
    source,
  };
  world.packages.set(parcel.id, parcel);
  for (const line of lines) {
    line.packageId = parcel.id;
    line.status = 'AWAITING_COLLECTION';
    releaseUnit(world, line.sellerSku, 'gone');
  }
  return parcel;
};

/** Marks lines as shipped, or says why not. The same for the API and for a person in Seller Center. */
export const markShipped = (
  world: World,
  order: Order,
  shipment: Shipment,
  source: Package['source'],
): Refusal | { parcel: Package; warning: string | null } => {
  const forbidden = checkState(world, order);
  if (forbidden !== null) return forbidden;
  const lines = chooseLines(world, order, shipment.lineIds);
  if ('ok' in lines) return lines;
  if (order.status !== 'AWAITING_SHIPMENT' && order.status !== 'PARTIALLY_SHIPPING')
    return refuse(21011003, 'The order is not awaiting shipment.');
  const number = checkNumber(world, order, shipment);
  if ('ok' in number) return number;
  const parcel = createPackage(world, order, lines, shipment, source);
  followLines(world, order, parcel.createTime);
  // Shipping answers the buyer's request: TikTok rejects it by itself (US).
  const request = pendingRequest(world, order);
  if (request !== undefined) dismiss(world, request, 'system');
  return { parcel, warning: world.shipWarnings.shift() ?? number.warning };
};
