import type { Shop } from '../channels/channel.ts';
import type { FulfillmentProvider, StockLevel } from '../fulfillment/provider.ts';
import type { PromisedUnits, SharingRule, StockRow } from '../store/store.ts';
import { type BufferRule, bufferUnits, promisedOf } from './available.ts';
import { availableInAll, type Share, shareOut } from './sharing.ts';

export type PoolShop = {
  shop: Shop;
  /** What the shop keeps back; the larger of it and the account's counts. */
  buffer: BufferRule;
  /** False: no stock is pushed to it, and what it has promised still counts. */
  isPushed: boolean;
};

/** The stock of one account, and the shops that sell it. */
export type StockPool = {
  accountId: string;
  provider: Pick<FulfillmentProvider, 'fetchStock'>;
  rule: SharingRule;
  shops: readonly PoolShop[];
};

/** Units still promised from one account, by Amazon SKU. */
export type PromisedBySku = ReadonlyMap<string, readonly PromisedUnits[]>;

/** The rows of one account: sent to it, or of a shop that it ships for and sent to nobody yet. */
export const promisedFrom = (pool: StockPool, rows: readonly PromisedUnits[]): PromisedBySku => {
  const own = new Set(pool.shops.map(({ shop }) => shop.shopId));
  const isIts = ({ amazonAccount, shopId }: PromisedUnits): boolean =>
    amazonAccount === null ? own.has(shopId) : amazonAccount === pool.accountId;
  return Map.groupBy(rows.filter(isIts), ({ amazonSku }) => amazonSku);
};

const promisedByShop = (level: StockLevel, rows: PromisedBySku, nowMs: number): Map<string, number> => {
  const byShop = Map.groupBy(rows.get(level.amazonSku) ?? [], ({ shopId }) => shopId);
  return new Map(
    [...byShop].map(([shopId, ofShop]) => [
      shopId,
      promisedOf(level.amazonSku, ofShop, level.updatedAtMs, nowMs),
    ]),
  );
};

/** Of several readings the larger figure of each shop counts. */
const largest = (readings: readonly Map<string, number>[]): Map<string, number> => {
  const most = new Map<string, number>();
  for (const reading of readings)
    for (const [shopId, units] of reading) most.set(shopId, Math.max(units, most.get(shopId) ?? 0));
  return most;
};

/** What each shop of a pool may show: shop → Amazon SKU → units. */
export type ShownByShop = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Shares out the stock of a pool. `buffer` is the service's own rule. Pure. */
export const shareLevels = (
  pool: StockPool,
  levels: Iterable<StockLevel>,
  readings: readonly PromisedBySku[],
  buffer: BufferRule,
  nowMs: number,
): { rows: StockRow[]; shown: ShownByShop } => {
  const rows: StockRow[] = [];
  const shown = new Map(pool.shops.map(({ shop }) => [shop.shopId, new Map<string, number>()]));
  for (const level of levels) {
    const { amazonSku, fulfillable } = level;
    const share: Share = {
      rule: pool.rule,
      fulfillable,
      buffer: bufferUnits(fulfillable, buffer),
      promised: largest(readings.map((reading) => promisedByShop(level, reading, nowMs))),
      shops: pool.shops.map(({ shop, buffer: own }) => ({
        shopId: shop.shopId,
        buffer: bufferUnits(fulfillable, own),
      })),
    };
    for (const [shopId, units] of shareOut(share)) shown.get(shopId)?.set(amazonSku, units);
    rows.push({
      amazonAccount: pool.accountId,
      amazonSku,
      fulfillable,
      promised: [...share.promised.values()].reduce((sum, units) => sum + units, 0),
      buffer: share.buffer,
      available: availableInAll(share),
      readAtMs: nowMs,
    });
  }
  return { rows, shown };
};
