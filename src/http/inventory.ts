import type { FastifyInstance } from 'fastify';
import { isoTime } from '../lib/clock.ts';
import type { ListingRow, Store } from '../store/store.ts';

const listing = (row: ListingRow) => ({
  shopId: row.shopId,
  productId: row.productId,
  skuId: row.skuId,
  pushedQuantity: row.pushedQuantity,
  pushedAt: row.pushedAtMs === null ? null : isoTime(row.pushedAtMs),
});

/** `GET /api/inventory`: per Amazon SKU what there is, what is promised, and what each listing was last given. */
export const inventoryRoutes = (app: FastifyInstance, store: Pick<Store, 'inventory'>): void => {
  app.get('/api/inventory', async () => {
    const [stock, listings] = await Promise.all([store.inventory.stock(), store.inventory.listings()]);
    return {
      skus: stock.map(({ readAtMs, ...row }) => ({
        ...row,
        readAt: isoTime(readAtMs),
        listings: listings
          .filter(({ components }) => components.some((part) => part.amazonSku === row.amazonSku))
          .map(listing),
      })),
    };
  });
};
