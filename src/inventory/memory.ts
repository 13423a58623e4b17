import type { StockLevel } from '../fulfillment/provider.ts';
import type { ShopListing } from './push.ts';

/** What a pass last read of one account: Amazon's figures by SKU, and the listings that sell them. */
export type PoolReading = { levels: ReadonlyMap<string, StockLevel>; listings: readonly ShopListing[] };

/** What the passes last read, so that what was sold meanwhile can be taken off without reading everything again. */
export type StockMemory = {
  keep: (accountId: string, levels: PoolReading['levels'], listings: readonly ShopListing[]) => void;
  of: (accountId: string) => PoolReading | null;
};

export const createStockMemory = (): StockMemory => {
  const readings = new Map<string, PoolReading>();
  return {
    keep: (accountId, levels, listings) => void readings.set(accountId, { levels, listings }),
    of: (accountId) => readings.get(accountId) ?? null,
  };
};
