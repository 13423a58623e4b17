import type { Listing } from '../channels/channel.ts';
import type { Component } from '../orders/model.ts';
import type { SkuMap } from '../orders/sku-map.ts';
import { canBeChannelSku } from '../orders/sku-map-csv.ts';
import type { SkuMapEntry } from '../store/store.ts';

/**
 * `mapped`: by an entry. `identity`: no entry, and Amazon has the same SKU. `suggested`: Amazon has one SKU like it.
 * `ambiguous`: several. `unmapped`: none. `unknown_at_amazon`: what is in force names a SKU that Amazon does not
 * have. `duplicate`: several listings of the shop carry the seller SKU, so that nothing tells them apart.
 * `virtual_bundle`: the channel takes it apart itself, and its parts are looked up instead.
 */
export const SKU_STATUSES = [
  'mapped',
  'identity',
  'suggested',
  'ambiguous',
  'unmapped',
  'unknown_at_amazon',
  'duplicate',
  'virtual_bundle',
] as const;
export type SkuStatus = (typeof SKU_STATUSES)[number];

export type ShopListing = { shopId: string } & Omit<Listing, 'warehouses'>;

export type SkuReportRow = {
  shopId: string;
  productId: string;
  skuId: string;
  sellerSku: string;
  status: SkuStatus;
  /** What is in force now, whether Amazon has it or not; null when nothing is. */
  components: Component[] | null;
  /** Amazon SKUs that may be meant where nothing usable is in force. They never take effect by themselves. */
  suggestions: string[];
};

export type SkuReport = { rows: SkuReportRow[]; summary: Record<SkuStatus, number> };

type Verdict = Pick<SkuReportRow, 'status' | 'components' | 'suggestions'>;
type Facts = {
  skuMap: SkuMap;
  amazonSkus: ReadonlySet<string>;
  /** Amazon SKUs that may be meant by a seller SKU. */
  similarTo(sellerSku: string): string[];
  isRepeated(listing: ShopListing): boolean;
};

/**
 * The form in which two spellings of a SKU are the same: Unicode NFKC, upper case, letters and digits only. Leading
 * zeros stay, as `007` and `7` are two SKUs to every seller who uses both.
 */
export const normaliseSku = (sku: string): string =>
  sku
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** The same spelling is meant before a similar one is. A SKU without a letter or digit is like no other. */
const createSimilarity = (amazonSkus: ReadonlySet<string>): Facts['similarTo'] => {
  const byForm = Map.groupBy([...amazonSkus].sort(), normaliseSku);
  return (sellerSku) => {
    if (amazonSkus.has(sellerSku)) return [sellerSku];
    const form = normaliseSku(sellerSku);
    return form === '' ? [] : (byForm.get(form) ?? []);
  };
};

const shopSku = ({ shopId, sellerSku }: ShopListing): string => JSON.stringify([shopId, sellerSku]);

const createRepetition = (listings: readonly ShopListing[]): Facts['isRepeated'] => {
  const groups = Map.groupBy(listings, shopSku);
  return (listing) => listing.sellerSku !== '' && (groups.get(shopSku(listing))?.length ?? 0) > 1;
};

const judge = (listing: ShopListing, facts: Facts): Verdict => {
  const { skuMap, amazonSkus } = facts;
  const entry = skuMap.entryFor(listing.shopId, listing);
  // Its order lines name parts, so without an entry the seller SKU of the whole decides nothing.
  if (listing.isVirtualBundle && !entry)
    return { status: 'virtual_bundle', components: null, suggestions: [] };
  const components = skuMap.resolve(listing.shopId, listing);
  const isUsable = components?.every(({ amazonSku }) => amazonSkus.has(amazonSku)) ?? false;
  const suggestions = isUsable ? [] : facts.similarTo(listing.sellerSku);
  const verdict = (status: SkuStatus): Verdict => ({ status, components, suggestions });
  const isMappedByItsId = entry?.channelSku === listing.skuId;
  if (facts.isRepeated(listing) && !isMappedByItsId) return verdict('duplicate');
  if (entry) return verdict(isUsable ? 'mapped' : 'unknown_at_amazon');
  if (isUsable) return verdict('identity');
  if (suggestions.length > 0) return verdict(suggestions.length === 1 ? 'suggested' : 'ambiguous');
  return verdict(components ? 'unknown_at_amazon' : 'unmapped');
};

/** How many rows there are of each status. */
export const countStatuses = (rows: readonly SkuReportRow[]): Record<SkuStatus, number> => {
  const counts: Record<SkuStatus, number> = {
    mapped: 0,
    identity: 0,
    suggested: 0,
    ambiguous: 0,
    unmapped: 0,
    unknown_at_amazon: 0,
    duplicate: 0,
    virtual_bundle: 0,
  };
  for (const { status } of rows) counts[status] += 1;
  return counts;
};

/** Says of every listing how it leads to Amazon's SKUs, or why it does not. Pure; changes nothing. */
export const matchListings = (
  listings: readonly ShopListing[],
  skuMap: SkuMap,
  amazonSkus: ReadonlySet<string>,
): SkuReport => {
  const facts: Facts = {
    skuMap,
    amazonSkus,
    similarTo: createSimilarity(amazonSkus),
    isRepeated: createRepetition(listings),
  };
  const rows = listings.map((listing): SkuReportRow => {
    const { shopId, productId, skuId, sellerSku } = listing;
    return { shopId, productId, skuId, sellerSku, ...judge(listing, facts) };
  });
  return { rows, summary: countStatuses(rows) };
};

/**
 * Entries that would put the `suggested` rows into force. An ambiguous row gives none: several rows of one SKU would
 * read as a bundle.
 */
export const suggestedEntries = ({ rows }: Pick<SkuReport, 'rows'>): SkuMapEntry[] =>
  rows
    .filter(({ status }) => status === 'suggested')
    .flatMap(({ shopId, skuId, sellerSku, suggestions }) =>
      suggestions.map((amazonSku) => ({
        shopId,
        // A seller SKU with blanks around it is none that the map can name.
        channelSku: canBeChannelSku(sellerSku) ? sellerSku : skuId,
        components: [{ amazonSku, quantity: 1 }],
      })),
    );
