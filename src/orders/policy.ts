import type { FulfillmentPolicy, ShippingSpeed } from '../fulfillment/provider.ts';
import type { SkuMap } from './sku-map.ts';

/** The seller's rules, as `decide` needs them. */
export type Policy = {
  /** From payment, where the channel shows no hold of its own. */
  remorseHoldMs: number;
  cancellation: 'auto' | 'manual';
  speed: ShippingSpeed;
  fulfillmentPolicy: FulfillmentPolicy;
  blockAmzl: boolean;
  unbranded: boolean;
  /** ISO 3166 alpha-2 of the marketplace whose stock ships. */
  marketplaceCountry: string;
  skuMap: SkuMap;
  /** Keyed hash, so that equal texts can be recognised without being kept. */
  hash: (text: string) => string;
};
