import type { Clock } from '../../lib/clock.ts';
import { UpstreamError } from '../../lib/errors.ts';
import type { Listing, StockPush, StockPushFailure } from '../channel.ts';
import type { CallTarget } from './call.ts';
import type { ProductFilter, TikTokClient } from './client.ts';
import {
  MAX_PRODUCTS_PER_SEARCH,
  MAX_SKUS_PER_INVENTORY_SEARCH,
  MAX_SKUS_PER_INVENTORY_UPDATE,
} from './limits.ts';
import { mapListings, mapStockError } from './map.ts';
import { chunksOf, eachPage } from './pages.ts';
import type { RemoteProduct } from './schema.ts';

type Warehouses = Listing['warehouses'];

/** Halves the span of creation times until one search can give all of it; null when it need not be halved. */
const halves = (filter: ProductFilter, totalCount: number, nowMs: number): ProductFilter[] | null => {
  const from = filter.create_time_ge ?? 0;
  const to = filter.create_time_le ?? Math.floor(nowMs / 1000);
  if (totalCount < MAX_PRODUCTS_PER_SEARCH || from >= to) return null;
  const middle = Math.floor((from + to) / 2);
  return [
    { create_time_ge: from, create_time_le: middle },
    { create_time_ge: middle + 1, create_time_le: to },
  ];
};

/** Every active product. One search gives at most 10,000, so a larger shop is searched by slices of time. */
export const fetchProducts = async (
  client: TikTokClient,
  clock: Clock,
  target: CallTarget,
  filter: ProductFilter = {},
): Promise<RemoteProduct[]> => {
  const products: RemoteProduct[] = [];
  const pages = eachPage('searchProducts', (token) => client.searchProducts(target, filter, token));
  for await (const page of pages) {
    const slices = halves(filter, page.total_count, clock.nowMs());
    if (slices) {
      const found: RemoteProduct[] = [];
      for (const slice of slices) found.push(...(await fetchProducts(client, clock, target, slice)));
      return found;
    }
    products.push(...page.products);
  }
  return products;
};

/** What the inventory search says per SKU; a SKU that it leaves out is absent. */
export const fetchWarehouseStock = async (
  client: TikTokClient,
  target: CallTarget,
  skuIds: readonly string[],
): Promise<Map<string, Warehouses>> => {
  const stock = new Map<string, Warehouses>();
  for (const chunk of chunksOf(skuIds, MAX_SKUS_PER_INVENTORY_SEARCH)) {
    const answer = await client.searchInventory(target, chunk);
    for (const sku of answer.inventory.flatMap((product) => product.skus)) {
      const warehouses = sku.warehouse_inventory.map((entry) => ({
        warehouseId: entry.warehouse_id,
        available: entry.available_quantity,
      }));
      if (warehouses.length > 0) stock.set(sku.id, warehouses);
    }
  }
  return stock;
};

/** Active listings; stock from the inventory search, else as the product shows it. */
export const fetchListings = async (
  client: TikTokClient,
  clock: Clock,
  target: CallTarget,
): Promise<Listing[]> => {
  const listings = (await fetchProducts(client, clock, target)).flatMap(mapListings);
  const skuIds = listings.map((listing) => listing.skuId);
  const stock = await fetchWarehouseStock(client, target, skuIds);
  return listings.map((listing) => ({
    ...listing,
    warehouses: stock.get(listing.skuId) ?? listing.warehouses,
  }));
};

/** Credentials and configuration concern every product, so they end the push. */
const ENDS_THE_PUSH = new Set(['upstream_auth_refused', 'upstream_token_expired', 'upstream_config_refused']);

const pushProduct = async (
  client: TikTokClient,
  target: CallTarget,
  productId: string,
  pushes: readonly StockPush[],
): Promise<StockPushFailure[]> => {
  const skuIds = pushes.map((push) => push.skuId);
  const skus = pushes.map((push) => ({
    id: push.skuId,
    inventory: push.warehouses.map(({ warehouseId, quantity }) =>
      warehouseId === '' ? { quantity } : { warehouse_id: warehouseId, quantity },
    ),
  }));
  try {
    const answer = await client.updateInventory(target, productId, skus);
    return answer.errors.flatMap((error) => mapStockError(error, skuIds));
  } catch (error) {
    if (!(error instanceof UpstreamError) || ENDS_THE_PUSH.has(error.code)) throw error;
    const remoteCode = error.remoteCode ?? error.code;
    return skuIds.map((skuId) => ({ skuId, remoteCode, message: error.message }));
  }
};

/**
 * Sets absolute stock, one call per product. A product that fails does not hold up the others: each of its SKUs is
 * in the answer. Refused credentials throw.
 */
export const pushStock = async (
  client: TikTokClient,
  target: CallTarget,
  pushes: readonly StockPush[],
): Promise<StockPushFailure[]> => {
  const failures: StockPushFailure[] = [];
  for (const [productId, ofProduct] of Map.groupBy(pushes, (push) => push.productId))
    for (const chunk of chunksOf(ofProduct, MAX_SKUS_PER_INVENTORY_UPDATE))
      failures.push(...(await pushProduct(client, target, productId, chunk)));
  return failures;
};
