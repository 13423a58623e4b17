import type { ChannelLine } from '../channels/channel.ts';
import type { SkuMapEntry } from '../store/store.ts';
import type { Component } from './model.ts';

/** What is to be looked up: a line, a listing or a part of a bundle. */
export type ChannelSku = Pick<ChannelLine, 'skuId' | 'sellerSku'> & { bundle?: ChannelLine['bundle'] };

export type SkuMap = {
  /** What one unit of a channel SKU consists of at Amazon; null when nobody said. */
  resolve(shopId: string, sku: ChannelSku): Component[] | null;
  /** The entry that decides about a channel SKU itself, not about parts of it; null when there is none. */
  entryFor(shopId: string, sku: ChannelSku): SkuMapEntry | null;
};

/** Amazon's limit of `sellerSku` (Fulfillment Outbound model 2020-07-01). */
const AMAZON_SKU_MAX_LENGTH = 50;

const entryKey = (shopId: string | null, channelSku: string): string => JSON.stringify([shopId, channelSku]);

const addUp = (parts: readonly Component[]): Component[] => {
  const bySku = new Map<string, number>();
  for (const part of parts) bySku.set(part.amazonSku, (bySku.get(part.amazonSku) ?? 0) + part.quantity);
  return [...bySku].map(([amazonSku, quantity]) => ({ amazonSku, quantity }));
};

/**
 * The map in force. An entry names a seller SKU or a SKU id; one for the shop wins over one for all shops. Without
 * an entry a bundle of the channel's own is taken apart, and then `fallback` decides: `identity` takes the seller
 * SKU for the Amazon SKU, `none` leaves it unmapped.
 */
export const createSkuMap = (entries: readonly SkuMapEntry[], fallback: 'identity' | 'none'): SkuMap => {
  const byKey = new Map(entries.map((entry) => [entryKey(entry.shopId, entry.channelSku), entry]));

  const entryFor = (shopId: string, sku: ChannelSku): SkuMapEntry | null => {
    for (const shop of [shopId, null]) {
      for (const name of [sku.sellerSku, sku.skuId]) {
        const found = name === '' ? undefined : byKey.get(entryKey(shop, name));
        if (found) return found;
      }
    }
    return null;
  };

  const resolve = (shopId: string, sku: ChannelSku): Component[] | null => {
    const entry = entryFor(shopId, sku);
    if (entry) return addUp(entry.components);
    if (sku.bundle && sku.bundle.length > 0) {
      const parts: Component[] = [];
      for (const part of sku.bundle) {
        const components = resolve(shopId, { skuId: part.skuId, sellerSku: part.sellerSku });
        if (!components) return null;
        for (const { amazonSku, quantity } of components) {
          parts.push({ amazonSku, quantity: quantity * part.units });
        }
      }
      return addUp(parts);
    }
    const usable = sku.sellerSku !== '' && sku.sellerSku.length <= AMAZON_SKU_MAX_LENGTH;
    return fallback === 'identity' && usable ? [{ amazonSku: sku.sellerSku, quantity: 1 }] : null;
  };

  return { resolve, entryFor };
};
