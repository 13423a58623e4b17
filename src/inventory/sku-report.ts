import type { SalesChannel, Shop } from '../channels/channel.ts';
import type { FulfillmentProvider } from '../fulfillment/provider.ts';
import type { SkuMap } from '../orders/sku-map.ts';
import { countStatuses, matchListings, type ShopListing, type SkuReport } from './sku-match.ts';

export type SkuReportDeps = {
  channel: Pick<SalesChannel, 'fetchListings'>;
  /** Who ships a shop's orders. One that has no account refuses every call. */
  providerOf(shopId: string): Pick<FulfillmentProvider, 'listStock' | 'fetchStock'>;
  shops: { list(): Promise<Shop[]> };
  skuMap: { current(): SkuMap };
};

const readListings = async (deps: SkuReportDeps): Promise<ShopListing[]> => {
  const found: ShopListing[] = [];
  for (const shop of await deps.shops.list()) {
    for (const listing of await deps.channel.fetchListings(shop))
      found.push({ shopId: shop.shopId, ...listing });
  }
  return found;
};

type Provider = ReturnType<SkuReportDeps['providerOf']>;

const listAmazonSkus = async (provider: Provider): Promise<Set<string>> => {
  const known = new Set<string>();
  for await (const page of provider.listStock()) for (const { amazonSku } of page) known.add(amazonSku);
  return known;
};

/** The rows of the shops that one account ships for. */
const reportOf = async (
  provider: Provider,
  listings: readonly ShopListing[],
  skuMap: SkuMap,
): Promise<SkuReport['rows']> => {
  const listed = await listAmazonSkus(provider);
  const inForce = listings.flatMap((listing) => skuMap.resolve(listing.shopId, listing) ?? []);
  const missing = new Set(inForce.map(({ amazonSku }) => amazonSku).filter((sku) => !listed.has(sku)));
  // Amazon's list may leave SKUs out, and calling one unknown that sells would send a person looking in vain.
  const found = await provider.fetchStock([...missing].sort());
  return matchListings(listings, skuMap, new Set([...listed, ...found.keys()])).rows;
};

const createReport = async (deps: SkuReportDeps): Promise<SkuReport> => {
  const skuMap = deps.skuMap.current();
  const byProvider = Map.groupBy(await readListings(deps), ({ shopId }) => deps.providerOf(shopId));
  const parts = [...byProvider].map(([provider, listings]) => reportOf(provider, listings, skuMap));
  const rows = (await Promise.all(parts)).flat();
  return { rows, summary: countStatuses(rows) };
};

/**
 * Makes the report of all shops' listings from what both sides say now. A call during a run joins it, as Amazon's
 * quota of stock reads is small. Throws `UpstreamError`: half a list would call SKUs unmapped that are not.
 */
export const createSkuReporter = (deps: SkuReportDeps): (() => Promise<SkuReport>) => {
  let running: Promise<SkuReport> | null = null;
  return () => {
    running ??= createReport(deps).finally(() => {
      running = null;
    });
    return running;
  };
};
