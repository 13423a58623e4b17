import type { SalesChannel, Shop } from '../channels/channel.ts';
import type { FulfillmentProvider } from '../fulfillment/provider.ts';
import type { SkuMap } from '../orders/sku-map.ts';
import { matchListings, type ShopListing, type SkuReport } from './sku-match.ts';

export type SkuReportDeps = {
  channel: Pick<SalesChannel, 'fetchListings'>;
  provider: Pick<FulfillmentProvider, 'listStock' | 'fetchStock'>;
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

const listAmazonSkus = async ({ provider }: SkuReportDeps): Promise<Set<string>> => {
  const known = new Set<string>();
  for await (const page of provider.listStock()) for (const { amazonSku } of page) known.add(amazonSku);
  return known;
};

const createReport = async (deps: SkuReportDeps): Promise<SkuReport> => {
  const [listings, listed] = await Promise.all([readListings(deps), listAmazonSkus(deps)]);
  const skuMap = deps.skuMap.current();
  const inForce = listings.flatMap((listing) => skuMap.resolve(listing.shopId, listing) ?? []);
  const missing = new Set(inForce.map(({ amazonSku }) => amazonSku).filter((sku) => !listed.has(sku)));
  // Amazon's list may leave SKUs out, and calling one unknown that sells would send a person looking in vain.
  const found = await deps.provider.fetchStock([...missing].sort());
  return matchListings(listings, skuMap, new Set([...listed, ...found.keys()]));
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
