import type { AmazonWorld, OrderSnapshot } from '../../src/sandbox/amazon/index.ts';
import type { TikTokWorld } from '../../src/sandbox/tiktok-shop/index.ts';
import type { Order } from '../../src/sandbox/tiktok-shop/types.ts';
import type { AddressKind, OrderWish } from './plan.ts';

export type Components = { amazonSku: string; quantity: number }[];

/** What the plan did to one order, as far as it took effect. */
export type OrderFacts = {
  name: string;
  orderId: string;
  wish: OrderWish;
  address: AddressKind;
  addressChanged: boolean;
  handShipped: boolean;
  linesCancelled: boolean;
  amazonCancelledByHand: boolean;
  numberReplaced: boolean;
  operatorCancelled: boolean;
  /** Its buyer asked to cancel and took that back; Amazon may have been stopped meanwhile. */
  buyerWithdrew: boolean;
  resolved: boolean;
  retried: boolean;
};

/** What the run knows beside the two simulators. */
export type Facts = {
  orders: Map<string, OrderFacts>;
  /** By order id. */
  byId: Map<string, OrderFacts>;
  /** The SKU map in force, and whether an unmapped SKU stands for itself. */
  skuMap: Map<string, Components>;
  identity: boolean;
  /** Amazon SKUs that were ever unknown to Amazon. */
  mapChanges: number;
};

export const componentsOf = (facts: Facts, sellerSku: string): Components | null =>
  facts.skuMap.get(sellerSku) ??
  (facts.identity && sellerSku !== '' ? [{ amazonSku: sellerSku, quantity: 1 }] : null);

/** Fulfillment orders of one TikTok order, oldest first. */
export const familyOf = (amazon: AmazonWorld, orderId: string): OrderSnapshot[] =>
  amazon
    .orders()
    .filter(
      ({ fulfillmentId }) =>
        fulfillmentId === `TTS-${orderId}` || fulfillmentId.startsWith(`TTS-${orderId}-`),
    );

const ENDED = new Set(['Cancelled', 'Unfulfillable', 'Invalid']);

export const isLive = (order: OrderSnapshot): boolean => !ENDED.has(order.state);

const isMasked = (kind: AddressKind): boolean => kind !== 'good';

/** Why this order must not go to Amazon as it is now at TikTok; null when it may. */
export const obstacleOf = (tiktok: TikTokWorld, facts: Facts, order: Order): string | null => {
  const known = facts.byId.get(order.id);
  if (order.fulfillmentType !== 'FULFILLMENT_BY_SELLER') return 'platform-fulfilled';
  if (order.shippingType !== 'SELLER') return 'TikTok-shipped';
  if (order.status !== 'AWAITING_SHIPMENT' && order.status !== 'PARTIALLY_SHIPPING') return order.status;
  if (known && isMasked(known.address)) return `address ${known.address}`;
  const asked = tiktok.cancellationsOf(order.id).some((one) => one.status === 'CANCELLATION_REQUEST_PENDING');
  return asked ? 'the buyer asks to cancel' : null;
};

/** Units per Amazon SKU that the open lines of an order need; null: a line has no Amazon SKU. */
export const unitsNeeded = (facts: Facts, order: Order): Map<string, number> | null => {
  const units = new Map<string, number>();
  for (const line of order.lines) {
    if (line.status === 'CANCELLED' || line.packageId !== null) continue;
    const components = componentsOf(facts, line.sellerSku);
    if (!components) return null;
    for (const { amazonSku, quantity } of components)
      units.set(amazonSku, (units.get(amazonSku) ?? 0) + quantity);
  }
  return units;
};

export const unitsText = (units: Map<string, number> | null): string =>
  units === null
    ? 'unmapped'
    : [...units]
        .map(([sku, count]) => `${count}×${sku}`)
        .sort()
        .join(' ');
