import type { StockLevel } from '../fulfillment/provider.ts';
import type { Component } from '../orders/model.ts';

export type BufferRule = { units: number; percent: number };

/** Units of an order, as the store keeps them. `reserved`: the provider shows that it has planned them. */
export type PromisedRow = {
  amazonSku: string;
  units: number;
  acceptedAtMs: number | null;
  reserved: boolean;
};

/** TikTok's documented range of a quantity ends here (partner docs 2025-12, 7.2). */
const MAX_QUANTITY = 99_999;
/** How long Amazon's figures may lag behind an order it has taken; "near real time" in practice. */
const STOCK_LAG_MS = 30 * 60_000;

/** The larger of both rules; a percentage is rounded up to whole units. */
export const bufferUnits = (fulfillable: number, rule: BufferRule): number =>
  Math.max(rule.units, Math.ceil((fulfillable * rule.percent) / 100 - 1e-9));

/**
 * Units promised but not yet taken out of the provider's figure: not planned there yet, or accepted after the
 * figure was last changed (MCF fact sheet 2026-08, section 4).
 */
export const promisedOf = (
  amazonSku: string,
  rows: readonly PromisedRow[],
  stockUpdatedAtMs: number | null,
  nowMs: number,
): number => {
  const stillOpen = ({ reserved, acceptedAtMs }: PromisedRow): boolean => {
    if (!reserved || acceptedAtMs === null) return true;
    if (stockUpdatedAtMs === null) return false;
    return acceptedAtMs > stockUpdatedAtMs && nowMs - acceptedAtMs < STOCK_LAG_MS;
  };
  return rows
    .filter((row) => row.amazonSku === amazonSku && stillOpen(row))
    .reduce((sum, row) => sum + row.units, 0);
};

/** What can be sold of one Amazon SKU now; never below zero. */
export const availableUnits = (
  level: Pick<StockLevel, 'fulfillable'>,
  promised: number,
  buffer: number,
): number => Math.max(0, level.fulfillable - promised - buffer);

/** What a listing may show: as many whole sets as its scarcest component allows. Null: a component is unknown. */
export const listingUnits = (
  components: readonly Component[],
  available: ReadonlyMap<string, number>,
): number | null => {
  let units = MAX_QUANTITY;
  for (const { amazonSku, quantity } of components) {
    const have = available.get(amazonSku);
    if (have === undefined) return null;
    units = Math.min(units, Math.floor(have / quantity));
  }
  return units;
};

/**
 * Lays an absolute quantity over the warehouses of a SKU: TikTok wants all of them in one call. The one that holds
 * most now gets everything, so that the sum never exceeds what is available.
 */
export const spreadOver = (
  warehouses: readonly { warehouseId: string; available: number }[],
  quantity: number,
): { warehouseId: string; quantity: number }[] => {
  const most = warehouses.reduce((best, next) => (next.available > best.available ? next : best), {
    warehouseId: warehouses[0]?.warehouseId ?? '',
    available: Number.NEGATIVE_INFINITY,
  });
  return warehouses.map(({ warehouseId }) => ({
    warehouseId,
    quantity: warehouseId === most.warehouseId ? quantity : 0,
  }));
};
