import type { Cancellation, Carrier, ChannelOrder, SalesChannel, Shop } from '../channels/channel.ts';
import type { Fulfillment, FulfillmentProvider } from '../fulfillment/provider.ts';
import type { FulfillmentSight, Observation } from './decision.ts';
import type { OrderRecord } from './model.ts';

/** What tells on which sides an order is handled. */
export type OrderSource = Pick<OrderRecord, 'key' | 'amazonAccount'>;

export type Sides = {
  channel: SalesChannel;
  shop: Shop;
  provider: FulfillmentProvider;
  /** Whose provider that is; null: no account ships for the order. */
  amazonAccount: string | null;
  /** The shop's reports were refused so often that none should go out. */
  reportsStopped(): Promise<boolean>;
  /** The seller withdrew the shop's authorisation: no call is made for it. */
  isWithdrawn?: boolean;
};

/** The provider may have this fulfillment: it accepted it, or was asked and the answer is not known. */
const mayBeThere = (record: OrderRecord): boolean =>
  record.fulfillmentId !== null && (record.acceptedAtMs !== null || record.intent?.kind === 'create');

const lookAtProvider = async (sides: Sides, record: OrderRecord): Promise<FulfillmentSight> => {
  if (record.fulfillmentId === null || !mayBeThere(record)) return { kind: 'none' };
  const fulfillment = await sides.provider.fetch(record.fulfillmentId);
  return fulfillment ? { kind: 'found', fulfillment } : { kind: 'missing' };
};

const openRequest = async (sides: Sides, order: ChannelOrder): Promise<Cancellation | null> => {
  if (!order.buyerRequestedCancel || order.status === 'cancelled') return null;
  const cancellations = await sides.channel.fetchCancellations(sides.shop, order.orderId);
  return cancellations.find((cancellation) => cancellation.state === 'pending') ?? null;
};

const hasNewNumber = (record: OrderRecord, fulfillment: Fulfillment): boolean =>
  fulfillment.packages.some((parcel) => {
    const known = record.packages.find(
      (other) => other.fulfillmentId === fulfillment.fulfillmentId && other.packageKey === parcel.packageKey,
    );
    const numbers = [parcel.carrierTracking, parcel.amazonTracking].filter((number) => number !== null);
    return numbers.length > 0 && !numbers.includes(known?.reportedNumber ?? '');
  });

const carriersFor = async (
  sides: Sides,
  record: OrderRecord,
  order: ChannelOrder,
  sight: FulfillmentSight,
): Promise<Carrier[] | null> => {
  if (sight.kind !== 'found' || !order.deliveryOptionId || !hasNewNumber(record, sight.fulfillment))
    return null;
  return sides.channel.fetchCarriers(sides.shop, order.deliveryOptionId);
};

/** The order at the channel; null when the channel does not know it. Throws `UpstreamError`. */
export const readOrder = async (sides: Sides, { key }: OrderRecord): Promise<ChannelOrder | null> =>
  (await sides.channel.fetchOrders(sides.shop, [key.orderId])).get(key.orderId) ?? null;

/**
 * Reads both sides as they are now. `prefetched` is the channel's order when it was read a moment ago together
 * with others. Throws `UpstreamError`.
 */
export const observe = async (
  sides: Sides,
  record: OrderRecord,
  prefetched?: ChannelOrder | null,
): Promise<Observation> => {
  const [order, sight] = await Promise.all([
    prefetched === undefined ? readOrder(sides, record) : prefetched,
    lookAtProvider(sides, record),
  ]);
  if (!order) return { order, sight, carriers: null, cancellation: null };
  const [cancellation, carriers, reportsStopped] = await Promise.all([
    openRequest(sides, order),
    carriersFor(sides, record, order, sight),
    sight.kind === 'found' && hasNewNumber(record, sight.fulfillment) ? sides.reportsStopped() : false,
  ]);
  return { order, sight, carriers, cancellation, reportsStopped };
};
