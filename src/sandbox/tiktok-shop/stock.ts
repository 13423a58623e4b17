import { findSku, nowSeconds, salesWarehouse, type World } from './state.ts';
import type { BundlePart, Product, Sku, StockLevel } from './types.ts';

export type NewSku = {
  skuId?: string;
  sellerSku: string;
  /** Available units in the sales warehouse; 1000 when nothing is said. */
  stock?: number;
  /** Available units per warehouse id, instead of `stock`. */
  warehouses?: Record<string, number>;
  /** Makes this SKU a virtual bundle of other SKUs, which must exist. */
  bundle?: BundlePart[];
};

export type NewProduct = { productId?: string; title?: string; status?: string; skus: NewSku[] };

const DEFAULT_STOCK = 1000;

const buildSku = (world: World, wish: NewSku): Sku => {
  const quantities = wish.warehouses ?? { [salesWarehouse(world)]: wish.stock ?? DEFAULT_STOCK };
  const levels = Object.entries(quantities).map(([id, available]): [string, StockLevel] => [
    id,
    { available, committed: 0 },
  ]);
  return {
    id: wish.skuId ?? world.nextId.sku(),
    sellerSku: wish.sellerSku,
    stock: new Map(wish.bundle === undefined ? levels : []),
    bundle: wish.bundle ?? [],
  };
};

/** Adds a live product with its SKUs. */
export const addProduct = (world: World, wish: NewProduct): Product => {
  const id = wish.productId ?? world.nextId.product();
  const now = nowSeconds(world);
  const product: Product = {
    id,
    title: wish.title ?? `Example product ${id.slice(-4)}`,
    status: wish.status ?? 'ACTIVATE',
    createTime: now,
    updateTime: now,
    skus: wish.skus.map((sku) => buildSku(world, sku)),
  };
  world.products.set(id, product);
  return product;
};

/** The SKU of that name; a shop that never heard of it starts selling it. */
export const ensureSku = (world: World, sellerSku: string): { product: Product; sku: Sku } => {
  const known = findSku(world, sellerSku);
  if (known !== undefined) return known;
  addProduct(world, { skus: [{ sellerSku }] });
  return ensureSku(world, sellerSku);
};

/** What one unit of a SKU takes from the shelves. */
export const partsOf = (world: World, sku: Sku): Array<{ sku: Sku; units: number }> =>
  sku.bundle.length === 0
    ? [{ sku, units: 1 }]
    : sku.bundle.map((part) => ({ sku: ensureSku(world, part.sellerSku).sku, units: part.count }));

/** Available and committed units over all warehouses; a bundle has as many as its scarcest part allows. */
export const levelOf = (world: World, sku: Sku): StockLevel => {
  if (sku.bundle.length > 0) {
    const parts = partsOf(world, sku).map((part) =>
      Math.floor(levelOf(world, part.sku).available / part.units),
    );
    return { available: Math.min(...parts), committed: 0 };
  }
  const levels = [...sku.stock.values()];
  return {
    available: levels.reduce((sum, level) => sum + level.available, 0),
    committed: levels.reduce((sum, level) => sum + level.committed, 0),
  };
};

/** A buyer takes one unit: available goes down, committed goes up. Never below zero. */
export const commitUnit = (world: World, sku: Sku): void => {
  for (const part of partsOf(world, sku)) {
    for (let unit = 0; unit < part.units; unit += 1) {
      const levels = [...part.sku.stock.values()];
      const level = levels.find((candidate) => candidate.available > 0) ?? levels[0];
      if (level === undefined) continue;
      level.available = Math.max(0, level.available - 1);
      level.committed += 1;
    }
  }
};

/** The order lets a unit go: back to the shelf after a cancellation, out of the house after shipping. */
export const releaseUnit = (world: World, sellerSku: string, to: 'shelf' | 'gone'): void => {
  const found = findSku(world, sellerSku);
  if (found === undefined) return;
  for (const part of partsOf(world, found.sku)) {
    for (let unit = 0; unit < part.units; unit += 1) {
      const level = [...part.sku.stock.values()].find((candidate) => candidate.committed > 0);
      if (level === undefined) continue;
      level.committed -= 1;
      if (to === 'shelf') level.available += 1;
    }
  }
};
