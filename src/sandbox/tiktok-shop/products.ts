import { z } from 'zod';

import { badParameter, type Outcome, success } from './outcome.ts';
import { type Call, digits, get, paged, post, type Route, seconds } from './route.ts';
import { findSku, type World } from './state.ts';
import { levelOf } from './stock.ts';
import type { Product, Sku } from './types.ts';

const searchBody = z.looseObject({
  status: z.string().optional(),
  seller_skus: z.array(z.string()).max(10, '12019027: too many seller SKUs').optional(),
  sku_ids: z.array(digits).max(10, '12019087: too many SKU ids').optional(),
  create_time_ge: seconds.optional(),
  create_time_le: seconds.optional(),
  update_time_ge: seconds.optional(),
  update_time_le: seconds.optional(),
});

type SearchBody = z.infer<typeof searchBody>;

const warehouseStock = (world: World, sku: Sku) =>
  sku.bundle.length > 0
    ? [{ warehouse_id: world.warehouses[0]?.id ?? '', quantity: levelOf(world, sku).available }]
    : [...sku.stock].map(([warehouse_id, level]) => ({ warehouse_id, quantity: level.available }));

const renderSku = (world: World, sku: Sku) => ({
  id: sku.id,
  seller_sku: sku.sellerSku,
  price: { currency: 'USD', tax_exclusive_price: '19.99' },
  inventory: warehouseStock(world, sku),
  status_info: { status: 'NORMAL' },
});

const combined = (world: World, sku: Sku) => ({
  combined_skus: sku.bundle.map((part) => ({
    sku_id: findSku(world, part.sellerSku)?.sku.id ?? '',
    sku_count: part.count,
    seller_sku: part.sellerSku,
  })),
});

const renderProduct = (world: World, product: Product) => ({
  id: product.id,
  title: product.title,
  status: product.status,
  skus: product.skus.map((sku) => ({
    ...renderSku(world, sku),
    ...(world.settings.searchShowsBundles && combined(world, sku)),
  })),
  sales_regions: [world.shop.region],
  create_time: product.createTime,
  update_time: product.updateTime,
  is_not_for_sale: false,
  audit: { status: 'APPROVED', pre_approved_reasons: [] },
  has_draft: false,
});

// Products take an inclusive upper bound, unlike orders.
const inside = (time: number, from = 0, to = Number.POSITIVE_INFINITY): boolean => time >= from && time <= to;

const matches = (product: Product, filter: SearchBody): boolean =>
  (filter.status === undefined || filter.status === 'ALL' || filter.status === product.status) &&
  (filter.seller_skus === undefined ||
    product.skus.some((sku) => filter.seller_skus?.includes(sku.sellerSku))) &&
  (filter.sku_ids === undefined || product.skus.some((sku) => filter.sku_ids?.includes(sku.id))) &&
  inside(product.createTime, filter.create_time_ge, filter.create_time_le) &&
  inside(product.updateTime, filter.update_time_ge, filter.update_time_le);

const search = (call: Call, filter: SearchBody): Outcome => {
  const { world } = call;
  if (!call.query.has('page_size')) return badParameter('page_size is required');
  const found = [...world.products.values()]
    .filter((product) => matches(product, filter))
    .map((product) => renderProduct(world, product));
  const result = paged(found, call.query, { max: 100, fallback: 20, order: 'DESC' });
  return 'ok' in result ? result : success({ ...result.page, products: result.items });
};

const detail = (call: Call): Outcome => {
  const { world } = call;
  const product = world.products.get(call.params[0] ?? '');
  if (product === undefined) return badParameter('unknown product id');
  const skus = product.skus.map((sku) => ({ ...renderSku(world, sku), ...combined(world, sku) }));
  return success({ ...renderProduct(world, product), skus });
};

const inventoryBody = z.looseObject({
  product_ids: z.array(digits).max(100).optional(),
  sku_ids: z.array(digits).max(600).optional(),
});

const renderInventory = (world: World, sku: Sku) => {
  const total = levelOf(world, sku);
  return {
    id: sku.id,
    seller_sku: sku.sellerSku,
    total_available_quantity: total.available,
    total_committed_quantity: total.committed,
    warehouse_inventory: [...sku.stock].map(([warehouse_id, level]) => ({
      warehouse_id,
      available_quantity: level.available,
      committed_quantity: level.committed,
    })),
    total_available_inventory_distribution: {
      campaign_inventory: [],
      creator_inventory: [],
      in_shop_inventory: { quantity: total.available },
    },
  };
};

const inventory = (call: Call, body: z.infer<typeof inventoryBody>): Outcome => {
  const { sku_ids: skuIds, product_ids: productIds } = body;
  if (skuIds === undefined && productIds === undefined)
    return badParameter('product_ids or sku_ids is required');
  const wanted = (product: Product, sku: Sku): boolean =>
    skuIds === undefined ? (productIds ?? []).includes(product.id) : skuIds.includes(sku.id);
  const found = [...call.world.products.values()]
    .map((product) => ({ product, skus: product.skus.filter((sku) => wanted(product, sku)) }))
    .filter(({ skus }) => skus.length > 0)
    .map(({ product, skus }) => ({
      product_id: product.id,
      skus: skus.map((sku) => renderInventory(call.world, sku)),
    }));
  return success({ inventory: found });
};

export const productRoutes: Route[] = [
  post('products.search', '/product/202502/products/search', searchBody, search),
  get('products.detail', '/product/202309/products/{id}', detail),
  post('inventory.search', '/product/202309/inventory/search', inventoryBody, inventory),
];
