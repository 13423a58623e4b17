import type { Listing, SalesChannel, Shop, StockPush } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Component } from '../orders/model.ts';
import type { ListingRow, ShadowStock, Store } from '../store/store.ts';
import { spreadOver } from './available.ts';

export type SyncError = { code: string; message: string };
export type SyncReport = {
  skus: number;
  pushed: number;
  unchanged: number;
  failed: number;
  errors: SyncError[];
};

export const emptySyncReport = (): SyncReport => ({
  skus: 0,
  pushed: 0,
  unchanged: 0,
  failed: 0,
  errors: [],
});

export type PushDeps = {
  store: Pick<Store, 'inventory'>;
  channel: Pick<SalesChannel, 'pushStock'>;
  clock: Clock;
  /** Listings with a paused SKU keep what they show. Absent: nothing is paused. */
  isSkuPaused?: (shopId: string, amazonSku: string) => boolean;
  /** Set in shadow mode: takes down what would be pushed, in the place of pushing it. */
  recordStock?: ((rows: ShadowStock[]) => Promise<void>) | undefined;
};

export type ShopListing = { shop: Shop; listing: Listing; components: Component[] | null };
/** What a listing is to show. */
export type Target = ShopListing & { components: Component[]; quantity: number };

export const nameOf = ({ shop, listing }: ShopListing): string =>
  `shop ${shop.shopId}, SKU ${listing.sellerSku || listing.skuId}`;

export const shownNow = ({ listing }: ShopListing): number =>
  listing.warehouses.reduce((sum, warehouse) => sum + warehouse.available, 0);

const toPush = (target: Target): StockPush => ({
  productId: target.listing.productId,
  skuId: target.listing.skuId,
  warehouses: spreadOver(target.listing.warehouses, target.quantity),
});

const isPaused = ({ isSkuPaused = () => false }: PushDeps, { shop, components }: Target): boolean =>
  components.some(({ amazonSku }) => isSkuPaused(shop.shopId, amazonSku));

const shadowOf = (target: Target, atMs: number): ShadowStock => ({
  channel: target.shop.channel,
  shopId: target.shop.shopId,
  skuId: target.listing.skuId,
  sellerSku: target.listing.sellerSku,
  ours: target.quantity,
  shown: shownNow(target),
  atMs,
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

/** A listing that is remembered shows from now on what it was given. */
const noteShown = ({ listing, quantity }: Target): void => {
  listing.warehouses = spreadOver(listing.warehouses, quantity).map((part) => ({
    warehouseId: part.warehouseId,
    available: part.quantity,
  }));
};

/** Pushes one shop's changes. A failing listing does not stop the others; refused credentials stop the shop's. */
const pushShop = async (
  deps: PushDeps,
  shop: Shop,
  targets: readonly Target[],
  report: SyncReport,
): Promise<void> => {
  if (deps.recordStock) {
    const recordedAtMs = deps.clock.nowMs();
    await deps.recordStock(targets.map((target) => shadowOf(target, recordedAtMs)));
    report.unchanged += targets.length;
    return;
  }
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
    if (failure === undefined) {
      report.pushed += 1;
      noteShown(target);
    } else {
      report.failed += 1;
      report.errors.push({ code: 'inventory_push_refused', message: `${nameOf(target)}: ${failure}` });
    }
  }
  await deps.store.inventory.saveListings(rows);
};

/** Gives listings their quantities, shop by shop; those with a paused SKU keep theirs. Adds to the report. */
export const pushTargets = async (
  deps: PushDeps,
  targets: readonly Target[],
  report: SyncReport,
): Promise<void> => {
  const open = targets.filter((target) => !isPaused(deps, target));
  for (const ofShop of Map.groupBy(open, ({ shop }) => shop.shopId).values()) {
    const [first] = ofShop;
    if (first) await pushShop(deps, first.shop, ofShop, report);
  }
};
