import type { FulfillmentPolicy } from '../fulfillment/provider.ts';
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
  /** ISO 3166 alpha-2 of the marketplace whose stock ships. */
  marketplaceCountry: string;
  skuMap: SkuMap;
  /** Keyed hash, so that equal texts can be recognised without being kept. */
  hash: (text: string) => string;
};
