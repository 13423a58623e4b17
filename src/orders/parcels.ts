import type { Fulfillment, FulfillmentPackage } from '../fulfillment/provider.ts';
import type { Allocation, LineSnapshot, PackageRecord } from './model.ts';

/** Which lines a parcel is reported under, and which units of their components lie in it. */
export type ParcelPlan = { lineIds: string[]; allocations: Allocation[] };

type Need = { line: LineSnapshot; open: Map<string, number>; assigned: boolean; started: boolean };

const needsOf = (lines: readonly LineSnapshot[]): Need[] =>
  lines
    .filter((line) => line.components.length > 0)
    .map((line) => ({
      line,
      open: new Map(line.components.map((part) => [part.amazonSku, part.quantity * line.units])),
      assigned: false,
      started: false,
    }));

const takeUnits = (need: Need, content: Map<string, number>, into: Allocation[]): void => {
  for (const [amazonSku, wanted] of need.open) {
    const quantity = Math.min(wanted, content.get(amazonSku) ?? 0);
    if (quantity === 0) continue;
    need.open.set(amazonSku, wanted - quantity);
    content.set(amazonSku, (content.get(amazonSku) ?? 0) - quantity);
    need.started = true;
    into.push({ lineId: need.line.lineId, amazonSku, quantity });
  }
};

const fits = (need: Need, content: Map<string, number>): boolean =>
  [...need.open].every(([amazonSku, wanted]) => (content.get(amazonSku) ?? 0) >= wanted);

const wantsAny = (need: Need, content: Map<string, number>): boolean =>
  [...need.open].some(([amazonSku, wanted]) => wanted > 0 && (content.get(amazonSku) ?? 0) > 0);

/**
 * Units of a new parcel go first to lines it completes, then to lines begun in an earlier parcel, then to lines it
 * can only begin. A line is reported with the first parcel that holds a part of it, so a bundle whose parts leave
 * in two parcels carries the first one's number (TikTok: each line in exactly one package).
 */
const fillParcel = (needs: readonly Need[], content: Map<string, number>): ParcelPlan => {
  const plan: ParcelPlan = { lineIds: [], allocations: [] };
  const give = (need: Need): void => {
    if (!need.assigned) plan.lineIds.push(need.line.lineId);
    need.assigned = true;
    takeUnits(need, content, plan.allocations);
  };
  for (const need of needs) if (!need.started && fits(need, content)) give(need);
  for (const need of needs) if (need.started && wantsAny(need, content)) give(need);
  for (const need of needs) if (!need.started && wantsAny(need, content)) give(need);
  return plan;
};

const contentOf = (parcel: FulfillmentPackage): Map<string, number> => {
  const content = new Map<string, number>();
  for (const { amazonSku, quantity } of parcel.contents) {
    content.set(amazonSku, (content.get(amazonSku) ?? 0) + quantity);
  }
  return content;
};

/** The units of just these lines that lie in the parcel. */
export const allocationsIn = (lines: readonly LineSnapshot[], parcel: FulfillmentPackage): Allocation[] =>
  fillParcel(needsOf(lines), contentOf(parcel)).allocations;

/**
 * Assigns the lines of the order to the parcels of its fulfillment. What was reported stays as it was; a unit that
 * it used is never used again. The rest is planned anew at each look, because Amazon may re-plan its shipments.
 *
 * `lines` are those that went to Amazon, with their components as sent.
 */
export const planParcels = (
  lines: readonly LineSnapshot[],
  records: readonly PackageRecord[],
  fulfillment: Pick<Fulfillment, 'packages' | 'fulfillmentId'>,
): Map<string, ParcelPlan> => {
  const needs = needsOf(lines);
  const plans = new Map<string, ParcelPlan>();
  for (const record of records.filter((record) => record.reportedAtMs !== null)) {
    for (const need of needs.filter((need) => record.lineIds.includes(need.line.lineId)))
      need.assigned = true;
    for (const { lineId, amazonSku, quantity } of record.allocations) {
      const need = needs.find((need) => need.line.lineId === lineId);
      if (!need) continue;
      need.started = true;
      need.open.set(amazonSku, Math.max(0, (need.open.get(amazonSku) ?? 0) - quantity));
    }
    if (record.fulfillmentId === fulfillment.fulfillmentId) {
      plans.set(record.packageKey, { lineIds: record.lineIds, allocations: record.allocations });
    }
  }
  for (const parcel of fulfillment.packages) {
    if (plans.has(parcel.packageKey) || parcel.shipmentState === 'cancelled') continue;
    plans.set(parcel.packageKey, fillParcel(needs, contentOf(parcel)));
  }
  return plans;
};
