import { isMasked, renderAddress } from './address.ts';
import { findSku, nowSeconds, pendingRequest, type World } from './state.ts';
import { providerName } from './tracking.ts';
import type { Line, Order, Package } from './types.ts';

const bundleParts = (world: World, line: Line) => {
  const bundle = findSku(world, line.sellerSku)?.sku.bundle ?? [];
  if (bundle.length === 0) return {};
  const parts = bundle.map((part) => {
    const found = findSku(world, part.sellerSku);
    return {
      sku_id: found?.sku.id ?? '',
      sku_count: part.count,
      product_id: found?.product.id ?? '',
      seller_sku: part.sellerSku,
    };
  });
  return { combined_listing_skus: parts };
};

const shipment = (parcel: Package | undefined) =>
  parcel === undefined
    ? {}
    : {
        package_id: parcel.id,
        package_status: parcel.status,
        tracking_number: parcel.trackingNumber,
        shipping_provider_id: parcel.providerId,
        shipping_provider_name: providerName(parcel.providerId),
        rts_time: parcel.createTime,
      };

const renderLine = (world: World, line: Line, detail: boolean) => ({
  id: line.id,
  sku_id: line.skuId,
  product_id: line.productId,
  product_name: world.products.get(line.productId)?.title ?? '',
  sku_name: 'Default',
  sku_image: 'https://example.com/img/default.jpg',
  original_price: '19.99',
  sale_price: '17.99',
  platform_discount: '1.00',
  seller_discount: '1.00',
  currency: 'USD',
  item_tax: [{ tax_type: 'SALES_TAX', tax_amount: '1.36', tax_rate: '0.0756' }],
  display_status: line.status,
  sku_type: 'NORMAL',
  seller_sku: line.sellerSku,
  is_gift: false,
  is_dangerous_good: false,
  needs_prescription: false,
  retail_delivery_fee: '0',
  gift_retail_price: '0',
  ...(line.cancelUser === null
    ? {}
    : { cancel_user: line.cancelUser, cancel_reason: line.cancelReason ?? '' }),
  ...shipment(line.packageId === null ? undefined : world.packages.get(line.packageId)),
  // The launch note says only the detail call shows what a bundle consists of.
  ...(detail ? bundleParts(world, line) : {}),
  ...line.overrides,
});

const payment = (units: number) => {
  const price = (cents: number): string => ((cents * units) / 100).toFixed(2);
  return {
    currency: 'USD',
    sub_total: price(1799),
    shipping_fee: '4.99',
    seller_discount: price(100),
    platform_discount: price(100),
    total_amount: ((1799 * units + 499 + 136 * units) / 100).toFixed(2),
    original_total_product_price: price(1999),
    original_shipping_fee: '4.99',
    tax: price(136),
    product_tax: price(136),
    retail_delivery_fee: '0',
  };
};

const deadlines = (paidTime: number | null) => {
  if (paidTime === null) return {};
  const day = (days: number): number => paidTime + days * 86_400;
  return {
    paid_time: paidTime,
    rts_sla_time: day(2),
    tts_sla_time: day(2),
    delivery_sla_time: day(8),
    shipping_due_time: day(7),
    collection_due_time: day(8),
    cancel_order_sla_time: day(7),
  };
};

const orderShipment = (world: World, order: Order) => {
  const ids = new Set(order.lines.map((line) => line.packageId).filter((id) => id !== null));
  const parcels = [...ids].map((id) => world.packages.get(id)).filter((parcel) => parcel !== undefined);
  const first = parcels[0];
  return {
    packages: parcels.map(({ id }) => ({ id })),
    shipping_provider: first === undefined ? '' : providerName(first.providerId),
    shipping_provider_id: first?.providerId ?? '',
    tracking_number: first?.trackingNumber ?? '',
    ...(parcels.length > 1 ? { split_or_combine_tag: 'SPLIT' } : {}),
  };
};

const flags = (world: World, order: Order) => ({
  is_on_hold_order: order.holds,
  is_sample_order: false,
  is_cod: false,
  is_buyer_request_cancel: pendingRequest(world, order) !== undefined,
  has_updated_recipient_address: order.addressUpdated,
  is_replacement_order: false,
  is_exchange_order: false,
});

/** The order as the API shows it now: masked when the sheet says so, with fewer fields in the list than in detail. */
export const renderOrder = (
  world: World,
  order: Order,
  view: 'list' | 'detail',
): Record<string, unknown> => ({
  id: order.id,
  user_id: '7021400000000000001',
  status: order.status,
  create_time: order.createTime,
  update_time: order.updateTime,
  ...deadlines(order.paidTime),
  payment: payment(order.lines.length),
  recipient_address: renderAddress(
    order.address,
    isMasked(order, nowSeconds(world)) ? world.settings.maskStyle : null,
  ),
  buyer_message: '',
  buyer_email: 'v2example@chat.seller.tiktok.com',
  fulfillment_type: order.fulfillmentType,
  shipping_type: order.shippingType,
  delivery_type: 'HOME_DELIVERY',
  delivery_option_id: order.deliveryOptionId,
  delivery_option_name: 'Standard Shipping',
  warehouse_id: order.warehouseId,
  ...orderShipment(world, order),
  ...flags(world, order),
  order_type: 'NORMAL',
  seller_note: '',
  payment_method_name: 'Credit card',
  ...(order.cancelInitiator === null
    ? {}
    : {
        cancellation_initiator: order.cancelInitiator,
        cancel_reason: order.cancelReason ?? '',
        ...(order.cancelTime === null ? {} : { cancel_time: order.cancelTime }),
      }),
  line_items: order.lines.map((line) => renderLine(world, line, view === 'detail')),
  ...(view === 'detail' ? { payment_method_code: 'credit_card', payment_card_type: 'DEBIT' } : {}),
  ...order.overrides,
});
