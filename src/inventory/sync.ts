import type { SalesChannel } from '../channels/channel.ts';
import { describeError } from '../lib/errors.ts';
import type { SkuMap } from '../orders/sku-map.ts';
import type { Store } from '../store/store.ts';
import { type BufferRule, listingUnits } from './available.ts';
import type { StockMemory } from './memory.ts';
import { promisedFrom, type ShownByShop, type StockPool, shareLevels } from './pool.ts';
import {
  emptySyncReport,
  nameOf,
  type PushDeps,
  pushTargets,
  type ShopListing,
  type SyncReport,
  shownNow,
  type Target,
} from './push.ts';

export type { SyncError, SyncReport } from './push.ts';

export type SyncDeps = PushDeps & {
  store: Pick<Store, 'orders' | 'inventory'>;
  /** Reads orders that were acknowledged but never looked at, so that their units count. Throws `UpstreamError`. */
  readUnread(): Promise<void>;
  channel: Pick<SalesChannel, 'fetchListings' | 'pushStock'>;
  /** The accounts whose stock is pushed, with their shops. Throws `UpstreamError`. */
  pools(): Promise<StockPool[]>;
  skuMap(): SkuMap;
  /** The service's own; a shop may keep back more. */
  buffer: BufferRule;
  /** Keeps what was read, for what has to be lowered before the next pass. */
  memory?: Pick<StockMemory, 'keep'>;
};

/** The shops' listings, side by side; one that cannot be read is reported and left alone. */
const readListings = async (deps: SyncDeps, pool: StockPool, report: SyncReport): Promise<ShopListing[]> => {
  const skuMap = deps.skuMap();
  const found = await Promise.all(
    pool.shops.map(async ({ shop, isPushed }): Promise<ShopListing[]> => {
      if (!isPushed) return [];
      try {
        const listings = await deps.channel.fetchListings(shop);
        return listings
          .filter(({ isVirtualBundle }) => !isVirtualBundle)
          .map((listing) => ({ shop, listing, components: skuMap.resolve(shop.shopId, listing) }));
      } catch (error) {
        report.errors.push(describeError(error));
        return [];
      }
    }),
  );
  return found.flat();
};

const skusOf = (listings: readonly ShopListing[]): string[] =>
  [...new Set(listings.flatMap(({ components }) => components ?? []).map((part) => part.amazonSku))].sort();

/** Promised is read before and after the stock, the larger figure counts: an order in between is never missed. */
const readStock = async (deps: SyncDeps, pool: StockPool, listings: readonly ShopListing[]) => {
  const before = promisedFrom(pool, await deps.store.orders.promisedUnits());
  const levels = await pool.provider.fetchStock(skusOf(listings));
  const after = promisedFrom(pool, await deps.store.orders.promisedUnits());
  deps.memory?.keep(pool.accountId, levels, listings);
  return shareLevels(pool, levels.values(), [before, after], deps.buffer, deps.clock.nowMs());
};

/** What each listing should show. One that cannot be computed is left alone and reported. */
const planTargets = (listings: readonly ShopListing[], shown: ShownByShop, report: SyncReport): Target[] =>
  listings.flatMap((entry) => {
    const { components } = entry;
    const available = shown.get(entry.shop.shopId) ?? new Map<string, number>();
    const quantity = components ? listingUnits(components, available) : null;
    if (components && quantity !== null) return [{ ...entry, components, quantity }];
    report.failed += 1;
    const unknown = components?.filter(({ amazonSku }) => !available.has(amazonSku)) ?? [];
    const what = components
      ? `Amazon does not know ${unknown.map(({ amazonSku }) => amazonSku).join(', ')}`
      : 'no Amazon SKU is mapped';
    report.errors.push({
      code: components ? 'sku_unknown' : 'sku_unmapped',
      message: `${nameOf(entry)}: ${what}; its stock is left as it is.`,
    });
    return [];
  });

/** More are not looked through: then any shop may have one. */
const UNREAD_LOOKED_AT = 500;

const hasUnread = async ({ store }: SyncDeps, pool: StockPool): Promise<boolean> => {
  const unread = await store.orders.unread(UNREAD_LOOKED_AT);
  const own = new Set(pool.shops.map(({ shop }) => shop.shopId));
  return unread.length === UNREAD_LOOKED_AT || unread.some(({ shopId }) => own.has(shopId));
};

/**
 * While an order is acknowledged but not read, its units are in nobody's count: nothing that its account ships is raised
 * then, because the channel may have lowered its figure for just that order. The next pass raises it.
 */
const withoutBlindRaises = async (
  deps: SyncDeps,
  pool: StockPool,
  targets: readonly Target[],
): Promise<Target[]> => {
  const isBlind = await hasUnread(deps, pool);
  return targets.map((target) =>
    isBlind && target.quantity > shownNow(target) ? { ...target, quantity: shownNow(target) } : target,
  );
};

const syncPool = async (
  deps: SyncDeps,
  pool: StockPool,
  listings: readonly ShopListing[],
  report: SyncReport,
): Promise<void> => {
  try {
    const { rows, shown } = await readStock(deps, pool, listings);
    report.skus += rows.length;
    await deps.store.inventory.saveStock(rows);
    const targets = await withoutBlindRaises(deps, pool, planTargets(listings, shown, report));
    await pushTargets(deps, targets, report);
  } catch (error) {
    report.errors.push(describeError(error));
  }
};

/**
 * Makes every listing show what Amazon can really ship: of each account fulfillable minus promised minus buffer, shared
 * out by its rule, the least over a bundle's components. Sets absolute figures, only where the channel shows another one
 * now. Accounts go side by side: one that fails is reported and stops no other.
 */
export const syncInventory = async (deps: SyncDeps): Promise<SyncReport> => {
  const report = emptySyncReport();
  const pools = await Promise.all(
    (await deps.pools()).map(async (pool) => ({ pool, listings: await readListings(deps, pool, report) })),
  );
  const filled = pools.filter(({ listings }) => listings.length > 0);
  if (filled.length === 0) return report;
  // After the listings: an order that already lowered them is known by now, or is read here.
  await deps.readUnread();
  await Promise.all(filled.map(({ pool, listings }) => syncPool(deps, pool, listings, report)));
  return report;
};
