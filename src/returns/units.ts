import { ok, type Result, refuse } from '../lib/result.ts';
import type { Allocation, LineSnapshot, OrderRecord, PackageRecord, ReturnRecord } from '../orders/model.ts';

/** One unit of an Amazon SKU that comes back, with the shipment it left in. */
export type ReturnUnit = { returnItemId: string; itemId: string; shipmentId: string; amazonSku: string };

export type UnitPlan = { fulfillmentId: string; units: ReturnUnit[] };

const reportedOf = (order: OrderRecord): PackageRecord[] =>
  order.packages.filter((parcel) => parcel.reportedAtMs !== null);

/** Our Amazon order shipped a line of the return. One that names no lines may be about any of them. */
export const shippedByUs = (returned: ReturnRecord, order: OrderRecord): boolean =>
  reportedOf(order).some(
    (parcel) =>
      returned.lineIds.length === 0 || parcel.lineIds.some((lineId) => returned.lineIds.includes(lineId)),
  );

/** `<shipment>/<package>` is the provider's key of a parcel. */
const shipmentIdOf = (parcel: PackageRecord): string => parcel.packageKey.split('/')[0] ?? '';

type Part = { parcel: PackageRecord; allocation: Allocation };

const partsOf = (order: OrderRecord, lineId: string): Part[] =>
  reportedOf(order).flatMap((parcel) =>
    parcel.allocations
      .filter((allocation) => allocation.lineId === lineId)
      .map((allocation) => ({ parcel, allocation })),
  );

const isWhole = (line: LineSnapshot, parts: readonly Part[]): boolean =>
  line.components.every(({ amazonSku, quantity }) => {
    const known = parts
      .filter((part) => part.allocation.amazonSku === amazonSku)
      .reduce((sum, part) => sum + part.allocation.quantity, 0);
    return known === quantity * line.units;
  });

/** `<return>-<line>`, then `-2`, `-3`: the same unit gets the same id whenever it is planned. */
const unitsOf = (returnId: string, order: OrderRecord, lineId: string, parts: readonly Part[]) => {
  const units: ReturnUnit[] = [];
  for (const { parcel, allocation } of parts) {
    const item = order.items.find(({ amazonSku }) => amazonSku === allocation.amazonSku);
    if (!item || parcel.fulfillmentId !== order.fulfillmentId) return null;
    for (let unit = 0; unit < allocation.quantity; unit += 1) {
      const suffix = units.length === 0 ? '' : `-${units.length + 1}`;
      units.push({
        returnItemId: `${returnId}-${lineId}${suffix}`,
        itemId: item.itemId,
        shipmentId: shipmentIdOf(parcel),
        amazonSku: allocation.amazonSku,
      });
    }
  }
  return units;
};

/**
 * The units of the return's lines that our Amazon order shipped: Amazon takes a return unit by unit, each with its
 * item and shipment (MCF fact sheet 2026-08, 2.11). Lines shipped otherwise are left out. Pure.
 */
export const planUnits = (returned: ReturnRecord, order: OrderRecord): Result<UnitPlan, string> => {
  if (returned.lineIds.length === 0) return refuse('TikTok names no lines.');
  const { fulfillmentId } = order;
  const units: ReturnUnit[] = [];
  for (const lineId of returned.lineIds) {
    if (!reportedOf(order).some((parcel) => parcel.lineIds.includes(lineId))) continue;
    const line = order.snapshot?.lines.find((candidate) => candidate.lineId === lineId);
    const parts = partsOf(order, lineId);
    const planned = unitsOf(returned.returnId, order, lineId, parts);
    if (!line || !planned || !isWhole(line, parts)) {
      return refuse(`The parcels of line ${lineId} are not all known.`);
    }
    units.push(...planned);
  }
  if (fulfillmentId === null || units.length === 0) return refuse('Amazon shipped none of its lines.');
  return ok({ fulfillmentId, units });
};
