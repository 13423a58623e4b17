import type { Limit } from '../../lib/quota.ts';
import type { CallKind } from '../../lib/read-only-http.ts';
import type { SideArea } from '../../lib/side.ts';

export type AmazonOperation =
  | 'requestAccessToken'
  | 'exchangeCode'
  | 'getFulfillmentPreview'
  | 'createFulfillmentOrder'
  | 'getFulfillmentOrder'
  | 'listAllFulfillmentOrders'
  | 'updateFulfillmentOrder'
  | 'cancelFulfillmentOrder'
  | 'listReturnReasonCodes'
  | 'createFulfillmentReturn'
  | 'getInventorySummaries';

/**
 * Published: 2 a second, burst 30, per application and seller (fulfillmentOutbound_2020-07-01, "Usage Plan" of each
 * operation). The burst stays two below, so that a restart or a clock that runs ahead does not earn a 429.
 */
const OUTBOUND: Limit = { ratePerSecond: 2, burst: 28 };

/** One bucket per operation; a live `x-amzn-RateLimit-Limit` corrects the rate. */
export const LIMITS: Readonly<Record<AmazonOperation, Limit>> = {
  // Not published. Login with Amazon answers 429 under load, and a token lasts an hour.
  requestAccessToken: { ratePerSecond: 1, burst: 5 },
  exchangeCode: { ratePerSecond: 1, burst: 5 },
  getFulfillmentPreview: OUTBOUND,
  createFulfillmentOrder: OUTBOUND,
  getFulfillmentOrder: OUTBOUND,
  listAllFulfillmentOrders: OUTBOUND,
  updateFulfillmentOrder: OUTBOUND,
  cancelFulfillmentOrder: OUTBOUND,
  listReturnReasonCodes: OUTBOUND,
  createFulfillmentReturn: OUTBOUND,
  // Published: 2 a second, burst 2 (fbaInventory, "Usage Plan" of getInventorySummaries); kept one below.
  getInventorySummaries: { ratePerSecond: 2, burst: 1 },
};

const OTHER_AREAS: Readonly<Partial<Record<AmazonOperation, SideArea>>> = {
  getInventorySummaries: 'stock',
  listReturnReasonCodes: 'returns',
  createFulfillmentReturn: 'returns',
};

/** What a call serves: trouble with stock or returns must not stop the orders. */
export const areaOf = (operation: AmazonOperation): SideArea => OTHER_AREAS[operation] ?? 'orders';

/** What each call does there: MODE=shadow makes only those that change nothing. */
export const CALL_KINDS: Readonly<Record<AmazonOperation, CallKind>> = {
  requestAccessToken: 'token',
  exchangeCode: 'token',
  getFulfillmentPreview: 'read',
  createFulfillmentOrder: 'effect',
  getFulfillmentOrder: 'read',
  listAllFulfillmentOrders: 'read',
  updateFulfillmentOrder: 'effect',
  cancelFulfillmentOrder: 'effect',
  listReturnReasonCodes: 'read',
  createFulfillmentReturn: 'effect',
  getInventorySummaries: 'read',
};
