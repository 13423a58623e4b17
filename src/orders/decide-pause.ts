import type { FulfillmentItem } from '../fulfillment/provider.ts';
import { HOUR_MS, type KnownInput, type Rest, review, wait } from './decision.ts';

/** What keeps new orders of these items from Amazon for now; null when nothing does. */
export const pauseOf = (
  { record, policy, nowMs }: KnownInput,
  items: readonly FulfillmentItem[],
): Rest | null => {
  const { shopId } = record.key;
  const lookAgainMs = nowMs + HOUR_MS;
  if (policy.isPaused(shopId)) return wait('waiting', 'shop_paused', lookAgainMs);
  const paused = items.map(({ amazonSku }) => amazonSku).filter((sku) => policy.isSkuPaused(shopId, sku));
  return paused.length > 0
    ? wait('waiting', 'sku_paused', lookAgainMs, `Amazon SKU: ${paused.join(', ')}.`)
    : null;
};

/**
 * An order that another connector may have placed at Amazon already: older than going live, never sent by us, and not
 * let go by a person. TikTok shows such an order as open until it ships, so nothing else can tell.
 */
export const olderThanLive = ({ order, record, policy, nowMs }: KnownInput): Rest | null => {
  const { liveFromMs } = policy;
  if (liveFromMs === null || order.createdAtMs >= liveFromMs) return null;
  if (record.takenOver || record.acceptedAtMs !== null) return null;
  return review('before_live', nowMs + HOUR_MS);
};
