import { secondsToMs } from '../../lib/clock.ts';
import type {
  Cancellation,
  ChannelLine,
  ChannelOrder,
  ChannelOrderStatus,
  LineStatus,
  Listing,
  RecipientAddress,
  StockPushFailure,
} from '../channel.ts';
import { quote } from './errors.ts';
import type {
  RemoteAddress,
  RemoteCancellation,
  RemoteLine,
  RemoteOrder,
  RemoteProduct,
  RemoteStockError,
} from './schema.ts';

/** Webhooks say `CANCEL` where the API says `CANCELLED`; both are read. */
const ORDER_STATUSES: ReadonlyMap<string, ChannelOrderStatus> = new Map([
  ['UNPAID', 'unpaid'],
  ['ON_HOLD', 'on_hold'],
  ['AWAITING_SHIPMENT', 'awaiting_shipment'],
  ['PARTIALLY_SHIPPING', 'partially_shipped'],
  ['AWAITING_COLLECTION', 'awaiting_collection'],
  ['IN_TRANSIT', 'in_transit'],
  ['DELIVERED', 'delivered'],
  ['COMPLETED', 'completed'],
  ['CANCELLED', 'cancelled'],
  ['CANCEL', 'cancelled'],
]);

const LINE_STATUSES: ReadonlyMap<string, LineStatus> = new Map([
  ['UNPAID', 'unpaid'],
  // Not documented for lines. A held line must not be shipped either, which is what `unpaid` says of a line.
  ['ON_HOLD', 'unpaid'],
  ['AWAITING_SHIPMENT', 'awaiting_shipment'],
  ['TO_SHIP', 'awaiting_shipment'],
  ['AWAITING_COLLECTION', 'shipped'],
  ['IN_TRANSIT', 'shipped'],
  ['DELIVERED', 'shipped'],
  ['COMPLETED', 'shipped'],
  ['CANCELLED', 'cancelled'],
  ['CANCEL', 'cancelled'],
]);

const SHIPPED_PACKAGE_STATUSES = new Set(['PROCESSING', 'FULFILLING', 'COMPLETED']);

const FULFILLED_BY: ReadonlyMap<string, ChannelOrder['fulfilledBy']> = new Map([
  ['FULFILLMENT_BY_SELLER', 'seller'],
  ['FULFILLMENT_BY_TIKTOK', 'platform'],
  ['FULFILLMENT_BY_DILAYANI_TOKOPEDIA', 'platform'],
]);

const SHIPPED_BY: ReadonlyMap<string, ChannelOrder['shippedBy']> = new Map([
  ['SELLER', 'seller'],
  ['TIKTOK', 'platform'],
]);

const DELIVERY_TYPES: ReadonlyMap<string, ChannelOrder['deliveryType']> = new Map([
  ['HOME_DELIVERY', 'home'],
  ['COLLECTION_POINT', 'collection_point'],
]);

const CANCELLATION_STATES: ReadonlyMap<string, Cancellation['state']> = new Map([
  ['CANCELLATION_REQUEST_PENDING', 'pending'],
  ['CANCELLATION_REQUEST_SUCCESS', 'accepted'],
  ['CANCELLATION_REQUEST_CANCEL', 'withdrawn'],
  ['CANCELLATION_REQUEST_CANCELLED', 'withdrawn'],
  ['CANCELLATION_REQUEST_COMPLETE', 'completed'],
]);

const orNull = (value: string): string | null => (value === '' ? null : value);
const msOrNull = (seconds: number | null): number | null => (seconds === null ? null : secondsToMs(seconds));

const lineStatus = (line: RemoteLine, orderStatus: string): LineStatus => {
  // A line without a status of its own is where its order is.
  const status = LINE_STATUSES.get(line.display_status || orderStatus) ?? 'unknown';
  const hasLeft = SHIPPED_PACKAGE_STATUSES.has(line.package_status) && line.tracking_number !== '';
  return hasLeft && status !== 'cancelled' ? 'shipped' : status;
};

const mapLine = (line: RemoteLine, orderStatus: string): ChannelLine => ({
  lineId: line.id,
  skuId: line.sku_id,
  productId: line.product_id,
  sellerSku: line.seller_sku,
  title: [line.product_name, line.sku_name].filter((part) => part !== '').join(' – '),
  units: 1,
  status: lineStatus(line, orderStatus),
  rawStatus: line.display_status,
  bundle: line.combined_listing_skus.map((part) => ({
    skuId: part.sku_id,
    sellerSku: part.seller_sku,
    units: part.sku_count,
  })),
  packageId: orNull(line.package_id),
  trackingNumber: orNull(line.tracking_number),
  carrierId: orNull(line.shipping_provider_id),
  isGift: line.is_gift,
  isRestricted: line.is_dangerous_good || line.needs_prescription,
});

const mapAddress = (address: RemoteAddress): RecipientAddress => ({
  name: address.name,
  phone: address.phone_number,
  countryCode: address.region_code,
  postalCode: address.postal_code,
  lines: [address.address_line1, address.address_line2, address.address_line3, address.address_line4].filter(
    (line) => line.trim() !== '',
  ),
  detail: address.address_detail,
  postTown: address.post_town,
  districts: address.district_info.map((district) => ({
    level: district.address_level,
    levelName: district.address_level_name,
    name: district.address_name,
  })),
});

/**
 * TikTok's order in the words of the port. Unknown enum values become `unknown` and stay visible in `rawStatus`;
 * one line item is one unit (partner docs, 2025-12).
 */
export const mapOrder = (order: RemoteOrder): ChannelOrder => {
  const createdAtMs = secondsToMs(order.create_time ?? 0);
  return {
    orderId: order.id,
    status: ORDER_STATUSES.get(order.status) ?? 'unknown',
    rawStatus: order.status,
    fulfilledBy: FULFILLED_BY.get(order.fulfillment_type) ?? 'unknown',
    shippedBy: SHIPPED_BY.get(order.shipping_type) ?? 'unknown',
    deliveryType: DELIVERY_TYPES.get(order.delivery_type) ?? 'unknown',
    deliveryOptionId: orNull(order.delivery_option_id),
    deliveryOptionName: orNull(order.delivery_option_name),
    hadChannelHold: order.is_on_hold_order,
    buyerRequestedCancel: order.is_buyer_request_cancel,
    addressEdited: order.has_updated_recipient_address,
    isSample: order.is_sample_order,
    isReplacement: order.is_replacement_order,
    isExchange: order.is_exchange_order,
    orderType: order.order_type,
    createdAtMs,
    paidAtMs: msOrNull(order.paid_time),
    updatedAtMs: msOrNull(order.update_time) ?? createdAtMs,
    total: order.payment ? { currency: order.payment.currency, value: order.payment.total_amount } : null,
    deadlines: {
      shipByMs: msOrNull(order.rts_sla_time),
      collectByMs: msOrNull(order.tts_sla_time),
      deliverByMs: msOrNull(order.delivery_sla_time),
      autoCancelMs: msOrNull(order.shipping_due_time ?? order.cancel_order_sla_time),
    },
    recipient: order.recipient_address ? mapAddress(order.recipient_address) : null,
    lines: order.line_items.map((line) => mapLine(line, order.status)),
  };
};

/** A cancellation request; `…_CANCELLED` means that the request is gone and the order lives on. */
export const mapCancellation = (cancellation: RemoteCancellation): Cancellation => {
  const respond = cancellation.seller_next_action_response.find(
    (next) => next.action === 'SELLER_RESPOND_CANCEL',
  );
  return {
    cancelId: cancellation.cancel_id,
    orderId: cancellation.order_id,
    state: CANCELLATION_STATES.get(cancellation.cancel_status) ?? 'unknown',
    byBuyer: cancellation.role === 'BUYER' || cancellation.cancel_type === 'BUYER_CANCEL',
    respondByMs: msOrNull(respond?.deadline ?? null),
  };
};

/** The sellable SKUs of a product with the stock that the product itself shows. */
export const mapListings = (product: RemoteProduct): Listing[] =>
  product.skus
    .filter((sku) => sku.status_info?.status !== 'DEACTIVATED')
    .map((sku) => ({
      productId: product.id,
      skuId: sku.id,
      sellerSku: sku.seller_sku,
      isVirtualBundle: sku.combined_skus.length > 0,
      warehouses: sku.inventory.map((entry) => ({
        warehouseId: entry.warehouse_id,
        available: entry.quantity,
      })),
    }));

/** One refused SKU of an update that otherwise passed. The warehouse's own code says more than the SKU's. */
export const mapStockError = (error: RemoteStockError, skuIds: readonly string[]): StockPushFailure[] => {
  const cause = error.detail?.extra_errors[0] ?? error;
  const named = error.detail?.sku_id ?? '';
  return (named === '' ? skuIds : [named]).map((skuId) => ({
    skuId,
    remoteCode: cause.code,
    message: quote(cause.message),
  }));
};
