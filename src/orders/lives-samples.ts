import type { ChannelLine, RecipientAddress } from '../channels/channel.ts';
import { HOUR_MS } from './decision.ts';
import type { OrderRecord } from './model.ts';
import type { Policy } from './policy.ts';
import { createSkuMap } from './sku-map.ts';

/** When all situations of the page are. */
export const NOW = 1_767_225_600_000;

/** No person: words that pass the checks of an address in that country. */
export const recipientIn = (country: string, street: string): RecipientAddress => ({
  name: 'Buyer',
  phone: '',
  countryCode: country,
  postalCode: country === 'US' ? '62701' : 'SW1A 1AA',
  lines: [street],
  detail: street,
  postTown: country === 'US' ? '' : 'London',
  districts: [
    { level: 'L1', levelName: 'State', name: country === 'US' ? 'Illinois' : 'England' },
    { level: 'L3', levelName: 'City', name: country === 'US' ? 'Springfield' : 'London' },
  ],
});

export const lineOf = (lineId: string, status: ChannelLine['status'], trackingNumber: string | null) => ({
  lineId,
  skuId: 'sku',
  productId: 'product',
  sellerSku: 'A',
  title: '',
  units: 1,
  status,
  rawStatus: status,
  bundle: [],
  packageId: null,
  trackingNumber,
  carrierId: null,
  isGift: false,
  isRestricted: false,
});

export const policyOf = (marketplaceCountry: string): Policy => ({
  remorseHoldMs: HOUR_MS,
  cancellation: 'auto',
  speed: { fallback: 'Standard', byDeliveryOption: new Map() },
  fulfillmentPolicy: 'FillOrKill',
  blockAmzl: false,
  unbranded: false,
  holdKinds: [],
  resubmitStuck: false,
  accountProblem: null,
  sharesStock: false,
  marketplaceCountry,
  skuMap: createSkuMap([], 'identity'),
  isPaused: () => false,
  isSkuPaused: () => false,
  liveFromMs: null,
  hash: (text) => text,
});

export const NOTHING_SENT: Omit<OrderRecord, 'key' | 'stage' | 'reason'> = {
  detail: null,
  fulfillmentId: null,
  amazonAccount: 'amazon',
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
};
