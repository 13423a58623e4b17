import type { Limit } from '../../lib/quota.ts';
import type { CallKind } from '../../lib/read-only-http.ts';
import type { SideArea } from '../../lib/side.ts';

/** Every remote call of this connector. The name is its quota, its metric and its word in an error. */
export type TikTokOperation =
  | 'searchOrders'
  | 'getOrderDetail'
  | 'getShippingProviders'
  | 'markPackageAsShipped'
  | 'updatePackageShippingInfo'
  | 'searchProducts'
  | 'searchInventory'
  | 'updateInventory'
  | 'getWarehouses'
  | 'getDeliveryOptions'
  | 'searchCancellations'
  | 'approveCancellation'
  | 'rejectCancellation'
  | 'createCancellation'
  | 'searchReturns'
  | 'getAuthorizedShops'
  | 'refreshToken'
  | 'exchangeCode'
  | 'getWebhooks'
  | 'updateWebhook'
  | 'deleteWebhook';

const STOCK_OPERATIONS: ReadonlySet<TikTokOperation> = new Set([
  'searchProducts',
  'searchInventory',
  'updateInventory',
  'getWarehouses',
]);

/** Which area of the shop a call serves: products need scopes that orders do not. */
export const areaOf = (operation: TikTokOperation): SideArea => {
  if (operation === 'searchReturns') return 'returns';
  return STOCK_OPERATIONS.has(operation) ? 'stock' : 'orders';
};

/** 50 a second per API, app and shop (partner docs "Rate limits", 2025-12); the burst stays just below it. */
const PUBLISHED: Limit = { ratePerSecond: 50, burst: 48 };
/** No figure is published for the auth host, and no account needs more than this. */
const TOKEN: Limit = { ratePerSecond: 1, burst: 3 };

export const limitOf = (operation: TikTokOperation): Limit =>
  operation === 'refreshToken' || operation === 'exchangeCode' ? TOKEN : PUBLISHED;

export const MAX_ORDERS_PER_DETAIL_CALL = 50;
export const MAX_ORDERS_PER_PAGE = 100;
export const MAX_PRODUCTS_PER_PAGE = 100;
/** A product search never gives more than this, however many pages are asked for (12052180). */
export const MAX_PRODUCTS_PER_SEARCH = 10_000;
export const MAX_SKUS_PER_INVENTORY_SEARCH = 600;
export const MAX_SKUS_PER_INVENTORY_UPDATE = 100;
export const MAX_CANCELLATIONS_PER_PAGE = 50;
export const MAX_RETURNS_PER_PAGE = 50;
/** No figure is published for the order ids of one search of returns; the detail call's is taken. */
export const MAX_ORDERS_PER_RETURN_SEARCH = 50;

/** What each call does there: MODE=shadow makes only those that change nothing. */
export const CALL_KINDS: Readonly<Record<TikTokOperation, CallKind>> = {
  searchOrders: 'read',
  getOrderDetail: 'read',
  getShippingProviders: 'read',
  markPackageAsShipped: 'effect',
  updatePackageShippingInfo: 'effect',
  searchProducts: 'read',
  searchInventory: 'read',
  updateInventory: 'effect',
  getWarehouses: 'read',
  getDeliveryOptions: 'read',
  searchCancellations: 'read',
  approveCancellation: 'effect',
  rejectCancellation: 'effect',
  createCancellation: 'effect',
  searchReturns: 'read',
  getAuthorizedShops: 'read',
  refreshToken: 'token',
  exchangeCode: 'token',
  getWebhooks: 'read',
  updateWebhook: 'effect',
  deleteWebhook: 'effect',
};
