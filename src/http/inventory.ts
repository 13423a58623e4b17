import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isoTime } from '../lib/clock.ts';
import { type Principal, sees } from '../people/principal.ts';
import type { ListingRow, ShopRow, StockRow, Store } from '../store/store.ts';
import { typed } from './route-docs.ts';

/** The Amazon account that the environment names. */
const ENVIRONMENT_ACCOUNT = 'amazon';

const Listing = z.object({
  shopId: z.string(),
  productId: z.string(),
  skuId: z.string(),
  pushedQuantity: z.int().nullable().describe('What the listing was last given'),
  pushedAt: z.iso.datetime().nullable(),
});
const units = z.int().nullable();
const Inventory = z
  .object({
    skus: z.array(
      z.object({
        amazonSku: z.string(),
        amazonAccount: z.string(),
        fulfillable: units.describe('What Amazon can ship'),
        promised: units.describe('Of orders that Amazon has not reserved stock for yet'),
        buffer: units,
        available: units,
        readAt: z.iso.datetime(),
        listings: z.array(Listing),
      }),
    ),
  })
  .describe(
    'Stock per Amazon SKU. What concerns an Amazon account as a whole is null where you do not see all of its shops',
  );

const listing = (row: ListingRow): z.output<typeof Listing> => ({
  shopId: row.shopId,
  productId: row.productId,
  skuId: row.skuId,
  pushedQuantity: row.pushedQuantity,
  pushedAt: row.pushedAtMs === null ? null : isoTime(row.pushedAtMs),
});

export type Visible = {
  stock: StockRow;
  /** Of the shops that may be seen. */
  listings: ListingRow[];
  /** Nobody else sells from this account, so that its figures tell nothing of others. */
  isWholeAccount: boolean;
};

/** The account of a shop that is not connected here is the environment's. */
const accountsOf = (shops: readonly ShopRow[]) => {
  const byShop = new Map(shops.map(({ shopId, amazonAccount }) => [shopId, amazonAccount]));
  return (shopId: string): string | null =>
    byShop.has(shopId) ? (byShop.get(shopId) ?? null) : ENVIRONMENT_ACCOUNT;
};

/** What somebody may learn of the stock: their own listings, and the SKUs that these use. */
export const visibleStock = (
  principal: Principal,
  stock: readonly StockRow[],
  listings: readonly ListingRow[],
  shops: readonly ShopRow[],
): Visible[] => {
  const accountOf = accountsOf(shops);
  const sellers = [...shops, ...listings].map(({ shopId }) => ({ shopId, account: accountOf(shopId) }));
  const hidden = new Set(
    sellers.filter(({ shopId }) => !sees(principal, shopId)).map(({ account }) => account),
  );
  const bySku = new Map<string, ListingRow[]>();
  for (const row of listings.filter(({ shopId }) => sees(principal, shopId)))
    for (const sku of new Set(row.components.map(({ amazonSku }) => amazonSku))) {
      const name = JSON.stringify([accountOf(row.shopId), sku]);
      bySku.set(name, [...(bySku.get(name) ?? []), row]);
    }
  return stock
    .map((row) => ({
      stock: row,
      listings: bySku.get(JSON.stringify([row.amazonAccount, row.amazonSku])) ?? [],
      isWholeAccount: principal.shopIds === null || !hidden.has(row.amazonAccount),
    }))
    .filter(({ listings: own }) => principal.shopIds === null || own.length > 0);
};

const view = ({ stock, listings, isWholeAccount }: Visible) => {
  const { amazonAccount, amazonSku, readAtMs, fulfillable, promised, buffer, available } = stock;
  const figures = isWholeAccount
    ? { fulfillable, promised, buffer, available }
    : { fulfillable: null, promised: null, buffer: null, available: null };
  return { amazonSku, amazonAccount, ...figures, readAt: isoTime(readAtMs), listings: listings.map(listing) };
};

export type InventoryDeps = {
  inventory: Pick<Store['inventory'], 'stock' | 'listings'>;
  shops: Pick<Store['shops'], 'all'>;
};

/**
 * `GET /api/inventory`: per Amazon SKU what there is, what is promised, and what each listing was last given. Somebody
 * limited to shops sees their listings and the SKUs that these use.
 */
export const inventoryRoutes = (app: FastifyInstance, store: InventoryDeps): void => {
  const route = {
    config: { needs: 'viewer' },
    schema: {
      operationId: 'listInventory',
      tags: ['Inventory'],
      summary: 'Stock, what is promised of it, and what each listing was last given',
      response: { 200: Inventory },
    },
  } as const;
  typed(app).get('/api/inventory', route, async ({ principal }) => {
    const [stock, listings, shops] = await Promise.all([
      store.inventory.stock(),
      store.inventory.listings(),
      store.shops.all(),
    ]);
    return { skus: visibleStock(principal, stock, listings, shops).map(view) };
  });
};
