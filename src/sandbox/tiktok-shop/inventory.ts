import { z } from 'zod';

import { type Outcome, type Refusal, refuse, success, violation } from './outcome.ts';
import { type Call, digits, post, type Route } from './route.ts';
import { nowSeconds, type World } from './state.ts';
import type { Product, Sku } from './types.ts';

const LARGEST_QUANTITY = 99_999;

const entrySchema = z.looseObject({
  warehouse_id: digits.optional(),
  quantity: z.int(),
  backorder_quantity: z.int().optional(),
  handling_time: z.int().optional(),
});

const updateBody = z.looseObject({
  skus: z.array(z.looseObject({ id: digits, inventory: z.array(entrySchema).min(1) })).min(1),
});

type Entry = z.infer<typeof entrySchema>;
type Problem = { code: number; message: string; warehouseId?: string; violation: boolean };

const checkQuantity = (world: World, quantity: number): Problem | null => {
  if (quantity === 0 && world.settings.allowZeroQuantity) return null;
  if (quantity >= 1 && quantity <= LARGEST_QUANTITY) return null;
  const message = `The quantity must be between 1 and ${LARGEST_QUANTITY}`;
  return { code: 12052055, message, violation: quantity !== 0 };
};

const checkWarehouses = (world: World, sku: Sku, entries: Entry[]): Problem | null => {
  const given = entries.map(
    (entry) => entry.warehouse_id ?? (sku.stock.size === 1 ? [...sku.stock.keys()][0] : ''),
  );
  for (const id of given) {
    if (id !== undefined && sku.stock.has(id)) continue;
    const known = world.warehouses.some((warehouse) => warehouse.id === id);
    const code = known ? 12019028 : 12052097;
    const message = known ? 'The warehouse is not assigned to the SKU' : 'The warehouse does not exist';
    return { code, message, warehouseId: id ?? '', violation: true };
  }
  return new Set(given).size === sku.stock.size && given.length === sku.stock.size
    ? null
    : { code: 12052533, message: 'Every warehouse of the SKU must be given', violation: true };
};

const checkSku = (world: World, sku: Sku | undefined, entries: Entry[]): Problem | null => {
  if (sku === undefined) return { code: 12052032, message: 'The SKU does not exist', violation: false };
  if (sku.bundle.length > 0)
    return { code: 12052850, message: 'The stock of a bundle cannot be edited', violation: true };
  const wrong = entries
    .map((entry) => checkQuantity(world, entry.quantity))
    .find((problem) => problem !== null);
  return wrong ?? checkWarehouses(world, sku, entries);
};

const checkProduct = (
  world: World,
  product: Product | undefined,
  wishes: Map<Sku, Entry[]>,
): Refusal | null => {
  if (product === undefined) return refuse(12052048, 'The product does not exist');
  if (product.status !== 'ACTIVATE') return refuse(12052901, 'The product is not live');
  if (!world.settings.lockedProducts.has(product.id)) return null;
  const lowers = [...wishes].some(([sku, entries]) => {
    const now = [...sku.stock.values()].reduce((sum, level) => sum + level.available, 0);
    return entries.reduce((sum, entry) => sum + entry.quantity, 0) < now;
  });
  return lowers
    ? refuse(12052393, "Product locked for Promotion and stock can't be updated below current stock")
    : null;
};

const apply = (world: World, product: Product, sku: Sku, entries: Entry[]): void => {
  for (const entry of entries) {
    const warehouseId = entry.warehouse_id ?? [...sku.stock.keys()][0] ?? '';
    const level = sku.stock.get(warehouseId);
    if (level === undefined) continue;
    level.available = entry.quantity;
    world.stockPushes.push({
      productId: product.id,
      skuId: sku.id,
      sellerSku: sku.sellerSku,
      warehouseId,
      quantity: entry.quantity,
      at: nowSeconds(world),
    });
  }
};

const renderProblem = (skuId: string, problem: Problem) => {
  const { code, message, warehouseId } = problem;
  if (warehouseId === undefined) return { code, message, detail: { sku_id: skuId, extra_errors: [] } };
  const extra = { warehouse_id: warehouseId, code, message };
  return { code: 12052990, message: 'Check failed', detail: { sku_id: skuId, extra_errors: [extra] } };
};

const update = (call: Call, body: z.infer<typeof updateBody>): Outcome => {
  const { world } = call;
  const product = world.products.get(call.params[0] ?? '');
  const skuOf = (id: string): Sku | undefined => product?.skus.find((sku) => sku.id === id);
  const wishes = new Map<Sku, Entry[]>();
  for (const { id, inventory } of body.skus) {
    const sku = skuOf(id);
    if (sku !== undefined) wishes.set(sku, inventory);
  }
  if (
    wishes.size > 0 &&
    wishes.size + body.skus.filter(({ id }) => skuOf(id) === undefined).length < body.skus.length
  )
    return violation(36009004, 'a SKU is named twice');
  const refusal = checkProduct(world, product, wishes);
  if (refusal !== null || product === undefined)
    return refusal ?? refuse(12052048, 'The product does not exist');
  const errors = [];
  for (const { id, inventory } of body.skus) {
    const sku = skuOf(id);
    const problem = checkSku(world, sku, inventory);
    if (problem === null && sku !== undefined) apply(world, product, sku, inventory);
    if (problem === null) continue;
    errors.push(renderProblem(id, problem));
    if (problem.violation)
      world.violations.push({
        at: world.clock.nowMs(),
        operation: 'inventory.update',
        message: `${problem.code} ${problem.message} (SKU ${id})`,
      });
  }
  return success({ errors });
};

export const inventoryRoutes: Route[] = [
  post('inventory.update', '/product/202309/products/{id}/inventory/update', updateBody, update),
];
