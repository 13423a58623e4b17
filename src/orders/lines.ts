import type { ChannelLine, ChannelOrder } from '../channels/channel.ts';
import type { FulfillmentItem } from '../fulfillment/provider.ts';
import { ok, type Result, refuse } from '../lib/result.ts';
import type { Component, LineSnapshot } from './model.ts';
import type { SkuMap } from './sku-map.ts';

export type Problem<Reason extends string> = { reason: Reason; detail: string };

/** Lines that still have to ship, each with what it consists of, and the items that Amazon gets for them. */
export type LinePlan = { lines: LineSnapshot[]; items: FulfillmentItem[] };

/** Limits of one fulfillment order (MCF fact sheet 2026-08: 100 lines, 250 units). */
const MAX_ITEMS = 100;
const MAX_UNITS = 250;

/** Neither shipped nor cancelled: still to be sent. */
export const isOpenLine = (line: ChannelLine): boolean => line.status === 'awaiting_shipment';

/** How a person recognises a line's SKU, whichever names the seller filled in. */
export const skuName = (line: { sellerSku: string; skuId: string }): string => line.sellerSku || line.skuId;

const byId = (a: { lineId: string }, b: { lineId: string }): number =>
  a.lineId.length - b.lineId.length || (a.lineId < b.lineId ? -1 : a.lineId > b.lineId ? 1 : 0);

export const snapshotLine = (line: ChannelLine, components: readonly Component[] | null): LineSnapshot => ({
  lineId: line.lineId,
  skuId: line.skuId,
  sku: skuName(line),
  units: line.units,
  status: line.rawStatus,
  components: [...(components ?? [])],
});

/**
 * Joins lines into one item per Amazon SKU. The item id is the first line's own id, so that Amazon's answers lead
 * back to a line; further SKUs of the same line (a bundle) get `-2`, `-3`. The same lines give the same ids.
 */
export const itemsFor = (lines: readonly LineSnapshot[]): FulfillmentItem[] => {
  const items = new Map<string, FulfillmentItem>();
  const timesUsed = new Map<string, number>();
  for (const line of [...lines].sort(byId)) {
    for (const { amazonSku, quantity } of line.components) {
      const units = quantity * line.units;
      const item = items.get(amazonSku);
      if (item) {
        item.quantity += units;
        continue;
      }
      const used = (timesUsed.get(line.lineId) ?? 0) + 1;
      timesUsed.set(line.lineId, used);
      const itemId = used === 1 ? line.lineId : `${line.lineId}-${used}`;
      items.set(amazonSku, { itemId, amazonSku, quantity: units });
    }
  }
  return [...items.values()];
};

/** Plans what Amazon has to ship for the order's open lines. */
export const planLines = (
  order: ChannelOrder,
  shopId: string,
  skuMap: SkuMap,
): Result<LinePlan, Problem<'sku_unmapped' | 'order_too_large'>> => {
  const lines: LineSnapshot[] = [];
  const unmapped = new Set<string>();
  for (const line of order.lines.filter(isOpenLine)) {
    const components = skuMap.resolve(shopId, line);
    if (components) lines.push(snapshotLine(line, components));
    else unmapped.add(skuName(line));
  }
  if (unmapped.size > 0)
    return refuse({ reason: 'sku_unmapped', detail: `SKU: ${[...unmapped].join(', ')}.` });
  const items = itemsFor(lines);
  const units = items.reduce((sum, item) => sum + item.quantity, 0);
  if (items.length > MAX_ITEMS || units > MAX_UNITS) {
    return refuse({ reason: 'order_too_large', detail: `It has ${items.length} items and ${units} units.` });
  }
  return ok({ lines, items });
};
