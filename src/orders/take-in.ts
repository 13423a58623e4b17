import type { ChannelOrder } from '../channels/channel.ts';
import type { Fulfillment } from '../fulfillment/provider.ts';
import { isOurNumber, newPackage } from './decide-parcels.ts';
import type { Observation } from './decision.ts';
import type { Draft } from './draft.ts';
import { isOpenLine, itemsFor, snapshotLine } from './lines.ts';
import type { OrderRecord, OrderSnapshot } from './model.ts';
import { allocationsIn } from './parcels.ts';
import type { SkuMap } from './sku-map.ts';

const isRouted = (record: OrderRecord): boolean =>
  record.acceptedAtMs !== null || record.intent?.kind === 'create';

/** Lines as kept: components as they were sent once the order is at the provider, else as the map says now. */
export const snapshotOf = (order: ChannelOrder, record: OrderRecord, skuMap: SkuMap): OrderSnapshot => {
  const sent = new Map((record.snapshot?.lines ?? []).map((line) => [line.lineId, line.components]));
  const routed = isRouted(record);
  return {
    status: order.status,
    rawStatus: order.rawStatus,
    total: order.total,
    deliveryOptionName: order.deliveryOptionName,
    lines: order.lines.map((line) =>
      snapshotLine(line, routed ? (sent.get(line.lineId) ?? []) : skuMap.resolve(record.key.shopId, line)),
    ),
  };
};

const ENDED_BADLY = new Set(['cancelled', 'unfulfillable', 'invalid']);

/**
 * Units that this order still takes from the provider's stock, per Amazon SKU. Lines shipped or cancelled at the
 * channel take nothing; an order that ended is left out by its stage.
 */
export const promisedUnits = (
  order: ChannelOrder,
  record: OrderRecord,
  sight: Observation['sight'],
): { amazonSku: string; units: number }[] => {
  if (order.fulfilledBy === 'platform' || order.shippedBy === 'platform') return [];
  const live = isRouted(record) && !(sight.kind === 'found' && ENDED_BADLY.has(sight.fulfillment.state));
  if (live && sight.kind === 'found') {
    return sight.fulfillment.items.map((item) => ({
      amazonSku: item.amazonSku,
      units: Math.max(0, item.quantity - item.cancelledQuantity - item.unfulfillableQuantity),
    }));
  }
  if (live) return record.items.map(({ amazonSku, quantity }) => ({ amazonSku, units: quantity }));
  const open = new Set(
    order.lines.filter((line) => isOpenLine(line) || line.status === 'unpaid').map((line) => line.lineId),
  );
  const lines = (record.snapshot?.lines ?? []).filter((line) => open.has(line.lineId));
  return itemsFor(lines).map(({ amazonSku, quantity }) => ({ amazonSku, units: quantity }));
};

/**
 * Parcels as the provider shows them now, and reports of ours that the channel shows although we never saw their
 * answer: lines that carry a number of a parcel of ours were reported by us.
 */
const takeInParcels = (draft: Draft, order: ChannelOrder, fulfillment: Fulfillment, nowMs: number): void => {
  for (const parcel of fulfillment.packages) {
    const elsewhere = new Set(
      draft.record.packages
        .filter((other) => other.packageKey !== parcel.packageKey && other.reportedAtMs !== null)
        .flatMap((other) => other.lineIds),
    );
    const known = draft.record.packages.find(
      (other) => other.fulfillmentId === fulfillment.fulfillmentId && other.packageKey === parcel.packageKey,
    );
    const numbers = {
      carrierCode: parcel.carrierCode,
      carrierTracking: parcel.carrierTracking,
      amazonTracking: parcel.amazonTracking,
    };
    const current = { ...(known ?? newPackage(fulfillment.fulfillmentId, parcel)), ...numbers };
    const ours = order.lines.filter(
      (line) => line.status === 'shipped' && isOurNumber(line, parcel) && !elsewhere.has(line.lineId),
    );
    const [first] = ours;
    if (first && current.reportedAtMs === null) {
      const lineIds = ours.map((line) => line.lineId);
      const lines = (draft.record.snapshot?.lines ?? []).filter((line) => lineIds.includes(line.lineId));
      draft.putPackage({
        ...current,
        lineIds,
        allocations: allocationsIn(lines, parcel),
        reportedNumber: first.trackingNumber,
        reportedAtMs: nowMs,
        channelPackageId: first.packageId,
      });
      draft.note('tracking_found_reported', `${first.trackingNumber}: ${lineIds.length} line(s)`);
    } else if (!known || JSON.stringify(known) !== JSON.stringify(current)) {
      draft.putPackage(current);
    }
  }
};

/** The create's answer was lost, and here the order is. */
const adopt = (draft: Draft, fulfillment: Fulfillment, nowMs: number): void => {
  if (draft.record.acceptedAtMs !== null) return;
  draft.set({ acceptedAtMs: fulfillment.receivedAtMs ?? nowMs, recreate: false });
  draft.note('adopted', fulfillment.fulfillmentId);
};

const latest = (times: readonly (number | null)[]): number | null =>
  times.reduce((last, time) => (last === null || (time !== null && time > last) ? time : last), null);

/** Writes what was seen into the draft, so that the next decision rests on both sides' present state. */
export const takeIn = (draft: Draft, seen: Observation, skuMap: SkuMap, nowMs: number): void => {
  const { order, sight } = seen;
  if (!order) return;
  if (sight.kind === 'found') adopt(draft, sight.fulfillment, nowMs);
  draft.set({
    snapshot: snapshotOf(order, draft.record, skuMap),
    orderCreatedAtMs: order.createdAtMs,
    orderUpdatedAtMs: order.updatedAtMs,
    shipByMs: order.deadlines.shipByMs,
    collectByMs: order.deadlines.collectByMs,
    autoCancelMs: order.deadlines.autoCancelMs,
  });
  if (sight.kind === 'found') {
    const { fulfillment } = sight;
    draft.set({
      fulfillmentState: fulfillment.state,
      fulfillmentUpdatedAtMs: fulfillment.updatedAtMs,
      fulfillmentReadAtMs: nowMs,
      expectedShipAtMs: latest(fulfillment.items.map((item) => item.expectedShipAtMs)),
      expectedArrivalAtMs: latest(fulfillment.items.map((item) => item.expectedArrivalAtMs)),
    });
    // A wish for a new one is void once the old one turns out to be alive.
    if (draft.record.recreate && !ENDED_BADLY.has(fulfillment.state)) draft.set({ recreate: false });
    takeInParcels(draft, order, fulfillment, nowMs);
  }
  draft.promise(promisedUnits(order, draft.record, sight));
};
