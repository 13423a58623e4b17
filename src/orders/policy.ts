import type { FulfillmentPolicy } from '../fulfillment/provider.ts';
import type { ShopSettings } from '../store/store.ts';
import type { OrderKind } from './order-kinds.ts';
import type { SkuMap } from './sku-map.ts';
import type { SpeedRule } from './speed.ts';

/** The seller's rules, as `decide` needs them. */
export type Policy = {
  /** From payment, where the channel shows no hold of its own. */
  remorseHoldMs: number;
  cancellation: 'auto' | 'manual';
  speed: SpeedRule;
  fulfillmentPolicy: FulfillmentPolicy;
  blockAmzl: boolean;
  unbranded: boolean;
  /** Kinds of orders that a person looks at before they ship. */
  holdKinds: readonly OrderKind[];
  /** Cancel and make anew what sits in planning past its expected ship date. */
  resubmitStuck: boolean;
  /** Why no Amazon account ships the order, in a sentence; null: one does. */
  accountProblem: string | null;
  /** Other shops sell from the stock that ships it. */
  sharesStock: boolean;
  /** ISO 3166 alpha-2 of the marketplace whose stock ships. */
  marketplaceCountry: string;
  skuMap: SkuMap;
  /** Nothing new of a paused shop, or of a paused SKU of it, is created at Amazon; everything else goes on. */
  isPaused: (shopId: string) => boolean;
  isSkuPaused: (shopId: string, amazonSku: string) => boolean;
  /** Orders placed before then may lie with another connector, so a person lets each go. Null: there was none. */
  liveFromMs: number | null;
  /** Keyed hash, so that equal texts can be recognised without being kept. */
  hash: (text: string) => string;
};

/**
 * The service's rules with what a shop does otherwise. Where several shops sell from one stock, an order is created
 * whole or not at all: Amazon's answer decides which of them gets the last unit. Pure.
 */
export const withSettings = (policy: Policy, settings: ShopSettings): Policy => ({
  ...policy,
  cancellation: settings.cancellation ?? policy.cancellation,
  speed: { ...policy.speed, fallback: settings.speed ?? policy.speed.fallback },
  fulfillmentPolicy: policy.sharesStock
    ? 'FillOrKill'
    : (settings.fulfillmentPolicy ?? policy.fulfillmentPolicy),
  blockAmzl: settings.blockAmzl ?? policy.blockAmzl,
  unbranded: settings.unbranded ?? policy.unbranded,
  holdKinds: settings.holdKinds ?? policy.holdKinds,
  resubmitStuck: settings.resubmitStuck ?? policy.resubmitStuck,
});
