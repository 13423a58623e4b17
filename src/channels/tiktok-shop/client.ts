import type { Call, CallSpec, CallTarget } from './call.ts';
import {
  MAX_CANCELLATIONS_PER_PAGE,
  MAX_ORDERS_PER_PAGE,
  MAX_PRODUCTS_PER_PAGE,
  MAX_RETURNS_PER_PAGE,
} from './limits.ts';
import {
  AuthorizedShops,
  CancellationPage,
  DeliveryOptions,
  IgnoredData,
  InventoryUpdate,
  OrderDetail,
  OrderPage,
  ProductPage,
  ReturnPage,
  ShippedPackage,
  ShippingProviders,
  WarehouseStock,
  Warehouses,
} from './schema.ts';

export type OrderFilter = { order_status?: string; update_time_ge?: number };
export type ReturnFilter = { order_ids: readonly string[] } | { update_time_ge: number };
/** Unix seconds, both bounds inclusive. */
export type ProductFilter = { create_time_ge?: number; create_time_le?: number };
export type TrackingBody = { tracking_number: string; shipping_provider_id: string };
/** The warehouse may be absent where a SKU has only one. */
export type StockBody = { id: string; inventory: { warehouse_id?: string; quantity: number }[] };

type PostSpec<Data> = Omit<CallSpec<Data>, 'method' | 'effect'>;

const segment = encodeURIComponent;
const pageQuery = (pageSize: number, pageToken: string): Record<string, string> => ({
  page_size: String(pageSize),
  ...(pageToken === '' ? {} : { page_token: pageToken }),
});

const read = <Data>(spec: Omit<CallSpec<Data>, 'method' | 'effect' | 'body'>): CallSpec<Data> => ({
  ...spec,
  method: 'GET',
  effect: 'read',
});
const search = <Data>(spec: PostSpec<Data>): CallSpec<Data> => ({ ...spec, method: 'POST', effect: 'read' });
const write = <Data>(spec: PostSpec<Data>): CallSpec<Data> => ({ ...spec, method: 'POST', effect: 'write' });

const orderCalls = (call: Call) => ({
  /** One page, oldest change first. */
  searchOrders: (target: CallTarget, filter: OrderFilter, pageToken: string) =>
    call(
      target,
      search({
        operation: 'searchOrders',
        path: '/order/202309/orders/search',
        query: {
          ...pageQuery(MAX_ORDERS_PER_PAGE, pageToken),
          sort_field: 'update_time',
          sort_order: 'ASC',
        },
        body: filter,
        data: OrderPage,
      }),
    ),
  /** At most 50 ids; unknown ones are missing from the answer. */
  getOrderDetail: (target: CallTarget, orderIds: readonly string[]) =>
    call(
      target,
      read({
        operation: 'getOrderDetail',
        path: '/order/202507/orders',
        query: { ids: orderIds.join(',') },
        data: OrderDetail,
      }),
    ),
});

const fulfilmentCalls = (call: Call) => ({
  getShippingProviders: (target: CallTarget, deliveryOptionId: string) =>
    call(
      target,
      read({
        operation: 'getShippingProviders',
        path: `/logistics/202309/delivery_options/${segment(deliveryOptionId)}/shipping_providers`,
        data: ShippingProviders,
      }),
    ),
  /** Not idempotent. */
  markPackageAsShipped: (
    target: CallTarget,
    orderId: string,
    body: { order_line_item_ids: string[] } & TrackingBody,
  ) =>
    call(
      target,
      write({
        operation: 'markPackageAsShipped',
        path: `/fulfillment/202309/orders/${segment(orderId)}/packages`,
        body,
        data: ShippedPackage,
      }),
    ),
  /** Once per order, within 72 h of shipping. */
  updatePackageShippingInfo: (target: CallTarget, packageId: string, body: TrackingBody) =>
    call(
      target,
      write({
        operation: 'updatePackageShippingInfo',
        path: `/fulfillment/202309/packages/${segment(packageId)}/shipping_info/update`,
        body,
        data: IgnoredData,
      }),
    ),
  getWarehouses: (target: CallTarget) =>
    call(
      target,
      read({ operation: 'getWarehouses', path: '/logistics/202309/warehouses', data: Warehouses }),
    ),
  getDeliveryOptions: (target: CallTarget, warehouseId: string) =>
    call(
      target,
      read({
        operation: 'getDeliveryOptions',
        path: `/logistics/202309/warehouses/${segment(warehouseId)}/delivery_options`,
        data: DeliveryOptions,
      }),
    ),
});

const productCalls = (call: Call) => ({
  /** One page of active products. */
  searchProducts: (target: CallTarget, filter: ProductFilter, pageToken: string) =>
    call(
      target,
      search({
        operation: 'searchProducts',
        path: '/product/202502/products/search',
        query: pageQuery(MAX_PRODUCTS_PER_PAGE, pageToken),
        body: { status: 'ACTIVATE', ...filter },
        data: ProductPage,
      }),
    ),
  /** At most 600 SKUs. */
  searchInventory: (target: CallTarget, skuIds: readonly string[]) =>
    call(
      target,
      search({
        operation: 'searchInventory',
        path: '/product/202309/inventory/search',
        body: { sku_ids: skuIds },
        data: WarehouseStock,
      }),
    ),
  /** Sets absolute quantities; SKUs refused one by one are in `errors` although the call succeeds. */
  updateInventory: (target: CallTarget, productId: string, skus: readonly StockBody[]) =>
    call(
      target,
      write({
        operation: 'updateInventory',
        path: `/product/202309/products/${segment(productId)}/inventory/update`,
        body: { skus },
        data: InventoryUpdate,
      }),
    ),
});

const cancellationCalls = (call: Call) => ({
  searchCancellations: (target: CallTarget, orderId: string, pageToken: string) =>
    call(
      target,
      search({
        operation: 'searchCancellations',
        path: '/return_refund/202309/cancellations/search',
        query: pageQuery(MAX_CANCELLATIONS_PER_PAGE, pageToken),
        body: { order_ids: [orderId] },
        data: CancellationPage,
      }),
    ),
  /** Whether an empty object or nothing is to be sent and signed is not documented; nothing it is. */
  approveCancellation: (target: CallTarget, cancelId: string, key: string) =>
    call(
      target,
      write({
        operation: 'approveCancellation',
        path: `/return_refund/202309/cancellations/${segment(cancelId)}/approve`,
        query: { idempotency_key: key },
        data: IgnoredData,
      }),
    ),
  rejectCancellation: (target: CallTarget, cancelId: string, key: string, reason: string) =>
    call(
      target,
      write({
        operation: 'rejectCancellation',
        path: `/return_refund/202309/cancellations/${segment(cancelId)}/reject`,
        query: { idempotency_key: key },
        body: { reject_reason: reason },
        data: IgnoredData,
      }),
    ),
  createCancellation: (target: CallTarget, orderId: string, reason: string) =>
    call(
      target,
      write({
        operation: 'createCancellation',
        path: '/return_refund/202309/cancellations',
        body: { order_id: orderId, cancel_reason: reason },
        data: IgnoredData,
      }),
    ),
});

const returnCalls = (call: Call) => ({
  /** One page, oldest change first. */
  searchReturns: (target: CallTarget, filter: ReturnFilter, pageToken: string) =>
    call(
      target,
      search({
        operation: 'searchReturns',
        path: '/return_refund/202309/returns/search',
        query: {
          ...pageQuery(MAX_RETURNS_PER_PAGE, pageToken),
          sort_field: 'update_time',
          sort_order: 'ASC',
        },
        body: filter,
        data: ReturnPage,
      }),
    ),
});

/** The shops of the token. Must not name a shop: the target has no cipher. */
const shopCalls = (call: Call) => ({
  getAuthorizedShops: (target: CallTarget) =>
    call(
      target,
      read({
        operation: 'getAuthorizedShops',
        path: '/authorization/202309/shops',
        data: AuthorizedShops,
      }),
    ),
});

/** One method per remote call of TikTok Shop's Open API, each sent once. All throw `UpstreamError`. */
export const createTikTokClient = (call: Call) => ({
  ...orderCalls(call),
  ...fulfilmentCalls(call),
  ...productCalls(call),
  ...cancellationCalls(call),
  ...returnCalls(call),
  ...shopCalls(call),
});

export type TikTokClient = ReturnType<typeof createTikTokClient>;
