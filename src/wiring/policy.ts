import { ConfigError } from '../config/load.ts';
import { countryOfMarketplace } from '../fulfillment/amazon-mcf/regions.ts';
import { secondsToMs } from '../lib/clock.ts';
import type { OrderSource } from '../orders/observe.ts';
import { type Policy, withSettings } from '../orders/policy.ts';
import type { SkuMapService } from '../orders/sku-map-service.ts';
import type { Parts } from './parts.ts';
import type { Safety } from './shadow.ts';
import type { Registry } from './shops.ts';

/** Why no account ships a shop's new orders; null: one does. */
const problemOf = (registry: Registry, accountId: string | null): string | null => {
  if (accountId === null) return 'None is chosen.';
  const account = registry.account(accountId);
  if (!account) return `${accountId} is not connected.`;
  return account.stoppedAtMs === null ? null : `${accountId} withdrew its authorisation.`;
};

const sharesStock = (registry: Registry, accountId: string | null): boolean =>
  accountId !== null &&
  registry.shopsOf(accountId).filter(({ stoppedAtMs }) => stoppedAtMs === null).length > 1;

/** The rules for an order: the environment's, with what its shop does otherwise and where its account ships from. */
export const wirePolicy = (
  { config, store }: Parts,
  skuMap: SkuMapService,
  safety: Safety,
  registry: Registry,
): ((order: OrderSource) => Policy) => {
  const ownCountry = countryOfMarketplace(config.AMAZON_MARKETPLACE_ID);
  if (!ownCountry) throw new ConfigError(['AMAZON_MARKETPLACE_ID: is not a marketplace of Amazon']);
  const fixed = {
    remorseHoldMs: secondsToMs(config.REMORSE_HOLD_SECONDS),
    cancellation: config.CANCELLATION_POLICY,
    speed: { fallback: config.MCF_SHIPPING_SPEED, byDeliveryOption: config.MCF_SPEED_BY_DELIVERY_OPTION },
    holdKinds: config.HOLD_FOR_REVIEW,
    resubmitStuck: config.MCF_RESUBMIT_STUCK,
    fulfillmentPolicy: config.MCF_FULFILLMENT_POLICY,
    blockAmzl: config.MCF_BLOCK_AMZL,
    unbranded: config.MCF_UNBRANDED,
    isPaused: (shopId: string): boolean => (registry.shop(shopId)?.pausedAtMs ?? null) !== null,
    isSkuPaused: safety.pauses.isSkuPaused,
    liveFromMs: safety.liveFromMs,
    hash: (text: string): string => store.keyedHash(text),
  };
  return ({ key, amazonAccount }) => {
    const shop = registry.shop(key.shopId);
    const accountId = amazonAccount ?? shop?.amazonAccount ?? null;
    const account = accountId === null ? null : registry.account(accountId);
    const policy: Policy = {
      ...fixed,
      accountProblem: problemOf(registry, accountId),
      sharesStock: sharesStock(registry, accountId),
      marketplaceCountry: (account && countryOfMarketplace(account.marketplaceId)) ?? ownCountry,
      skuMap: skuMap.current(),
    };
    return withSettings(policy, shop?.settings ?? {});
  };
};
