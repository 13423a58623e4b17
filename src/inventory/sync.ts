import type { Listing, SalesChannel, Shop, StockPush } from '../channels/channel.ts';
import type { FulfillmentProvider, StockLevel } from '../fulfillment/provider.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Component } from '../orders/model.ts';
import type { SkuMap } from '../orders/sku-map.ts';
import type { ListingRow, StockRow, Store } from '../store/store.ts';
import {
  availableUnits,
  type BufferRule,
  bufferUnits,
  listingUnits,
  type PromisedRow,
  promisedOf,
  spreadOver,
} from './available.ts';

export type SyncError = { code: string; message: string };
export type SyncReport = {
  skus: number;
  pushed: number;
  unchanged: number;
  failed: number;
  errors: SyncError[];
};

export type SyncDeps = {
  store: Pick<Store, 'orders' | 'inventory'>;
  /** Reads orders that were acknowledged but never looked at, so that their units count. Throws `UpstreamError`. */
  readUnread(): Promise<void>;
  channel: SalesChannel;
  provider: FulfillmentProvider;
  shops(): Promise<Shop[]>;
  skuMap(): SkuMap;
  buffer: BufferRule;
  clock: Clock;
};

type ShopListing = { shop: Shop; listing: Listing; components: Component[] | null };
type Target = ShopListing & { components: Component[]; quantity: number };

const nameOf = ({ shop, listing }: ShopListing): string =>
  `shop ${shop.shopId}, SKU ${listing.sellerSku || listing.skuId}`;

const readListings = async (deps: SyncDeps, report: SyncReport): Promise<ShopListing[]> => {
  const skuMap = deps.skuMap();
  const found: ShopListing[] = [];
  for (const shop of await deps.shops()) {
    try {
      for (const listing of await deps.channel.fetchListings(shop)) {
        if (listing.isVirtualBundle) continue;
        found.push({ shop, listing, components: skuMap.resolve(shop.shopId, listing) });
      }
    } catch (error) {
      report.errors.push(describeError(error));
    }
  }
  return found;
};

type PromisedBySku = ReadonlyMap<string, readonly PromisedRow[]>;

/** By SKU, so that thousands of SKUs do not each go through the rows of all open orders. */
const promisedBySku = async ({ store }: SyncDeps): Promise<PromisedBySku> =>
  Map.groupBy(await store.orders.promisedUnits(), ({ amazonSku }) => amazonSku);

/** Read before and after the stock, the larger figure per SKU counts: an order in between is never missed. */
const readStock = async (
  deps: SyncDeps,
  amazonSkus: readonly string[],
): Promise<{ rows: StockRow[]; available: Map<string, number> }> => {
  const before = await promisedBySku(deps);
  const levels = await deps.provider.fetchStock(amazonSkus);
  const after = await promisedBySku(deps);
  const nowMs = deps.clock.nowMs();
  const rows = [...levels.values()].map((level) => stockRow(level, [before, after], deps.buffer, nowMs));
  return { rows, available: new Map(rows.map((row) => [row.amazonSku, row.available])) };
};

const stockRow = (
  level: StockLevel,
  readings: readonly PromisedBySku[],
  rule: BufferRule,
  nowMs: number,
): StockRow => {
  const promised = Math.max(
    ...readings.map((rows) =>
      promisedOf(level.amazonSku, rows.get(level.amazonSku) ?? [], level.updatedAtMs, nowMs),
    ),
  );
  const buffer = bufferUnits(level.fulfillable, rule);
  return {
    amazonSku: level.amazonSku,
    fulfillable: level.fulfillable,
    promised,
    buffer,
    available: availableUnits(level, promised, buffer),
    readAtMs: nowMs,
  };
};

/** What each listing should show. One that cannot be computed is left alone and reported. */
const planTargets = (
  listings: readonly ShopListing[],
  available: ReadonlyMap<string, number>,
  report: SyncReport,
): Target[] =>
  listings.flatMap((entry) => {
    const { components } = entry;
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

/**
 * While an order is acknowledged but not read, its units are in nobody's count: nothing is raised then, because the
 * channel may have lowered its figure for just that order. The next pass raises it.
 */
const withoutBlindRaises = async (deps: SyncDeps, targets: readonly Target[]): Promise<Target[]> => {
  const isBlind = (await deps.store.orders.unread(1)).length > 0;
  return targets.map((target) =>
    isBlind && target.quantity > shownNow(target) ? { ...target, quantity: shownNow(target) } : target,
  );
};

const shownNow = ({ listing }: Target): number =>
  listing.warehouses.reduce((sum, warehouse) => sum + warehouse.available, 0);

const toPush = (target: Target): StockPush => ({
  productId: target.listing.productId,
  skuId: target.listing.skuId,
  warehouses: spreadOver(target.listing.warehouses, target.quantity),
});

const rowOf = (target: Target, pushedAtMs: number | null): ListingRow => ({
  channel: target.shop.channel,
  shopId: target.shop.shopId,
  productId: target.listing.productId,
  skuId: target.listing.skuId,
  sellerSku: target.listing.sellerSku,
  components: target.components,
  pushedQuantity: pushedAtMs === null ? null : target.quantity,
  pushedAtMs,
});

/** Pushes one shop's changes. A failing listing does not stop the others; refused credentials stop the shop's. */
const pushShop = async (
  deps: SyncDeps,
  shop: Shop,
  targets: readonly Target[],
  report: SyncReport,
): Promise<void> => {
  const changed = targets.filter((target) => shownNow(target) !== target.quantity);
  report.unchanged += targets.length - changed.length;
  const failures = new Map<string, string>();
  try {
    for (const failure of await deps.channel.pushStock(shop, changed.map(toPush))) {
      failures.set(failure.skuId, `${failure.remoteCode} ${failure.message}`);
    }
  } catch (error) {
    const { code, message } = describeError(error);
    for (const { listing } of changed) failures.set(listing.skuId, `${code} ${message}`);
  }
  const nowMs = deps.clock.nowMs();
  const rows = targets.map((target) => {
    const isPushed = changed.includes(target) && !failures.has(target.listing.skuId);
    return rowOf(target, isPushed ? nowMs : null);
  });
  for (const target of changed) {
    const failure = failures.get(target.listing.skuId);
    if (failure === undefined) report.pushed += 1;
    else {
      report.failed += 1;
      report.errors.push({ code: 'inventory_push_refused', message: `${nameOf(target)}: ${failure}` });
    }
  }
  await deps.store.inventory.saveListings(rows);
};

/**
 * Makes every listing show what Amazon can really ship: fulfillable minus promised minus buffer, the least over a
 * bundle's components. Sets absolute figures, only where the channel shows another one now.
 */
export const syncInventory = async (deps: SyncDeps): Promise<SyncReport> => {
  const report: SyncReport = { skus: 0, pushed: 0, unchanged: 0, failed: 0, errors: [] };
  const listings = await readListings(deps, report);
  const amazonSkus = new Set(
    listings.flatMap(({ components }) => (components ?? []).map((part) => part.amazonSku)),
  );
  if (amazonSkus.size === 0 && listings.length === 0) return report;
  // After the listings: an order that already lowered them is known by now, or is read here.
  await deps.readUnread();
  const { rows, available } = await readStock(deps, [...amazonSkus].sort());
  report.skus = rows.length;
  await deps.store.inventory.saveStock(rows);
  const targets = await withoutBlindRaises(deps, planTargets(listings, available, report));
  for (const shop of new Set(targets.map((target) => target.shop))) {
    await pushShop(
      deps,
      shop,
      targets.filter((target) => target.shop === shop),
      report,
    );
  }
  return report;
};
