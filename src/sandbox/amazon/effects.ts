import { unpacked } from './parcels.ts';
import type { Order, OrderState, Shipment, World } from './state.ts';

export const setState = (order: Order, state: OrderState, atMs: number): void => {
  if (order.state === state) return;
  order.state = state;
  order.updatedAtMs = atMs;
};

/** Takes stock for as much of the order as there is; true when it is all there. */
export const reserve = (world: World, order: Order, atMs: number): boolean => {
  let complete = true;
  for (const item of order.items) {
    const row = world.stock.get(item.sku);
    const wanted = item.quantity - item.cancelled - item.unfulfillable - item.reserved;
    const units = Math.min(wanted, row?.fulfillable ?? 0);
    if (units < wanted) complete = false;
    if (!row || units === 0) continue;
    row.fulfillable -= units;
    row.pendingCustomerOrder += units;
    row.updatedAtMs = atMs;
    item.reserved += units;
  }
  return complete;
};

const release = (world: World, order: Order, atMs: number): void => {
  for (const item of order.items) {
    const row = world.stock.get(item.sku);
    if (row && item.reserved > 0) {
      row.fulfillable += item.reserved;
      row.pendingCustomerOrder -= item.reserved;
      row.updatedAtMs = atMs;
    }
    item.reserved = 0;
  }
};

/** Ends an order of which nothing ships. */
export const kill = (
  world: World,
  order: Order,
  state: 'Unfulfillable' | 'Invalid' | 'Cancelled',
  atMs: number,
): void => {
  release(world, order, atMs);
  for (const item of order.items) {
    if (state === 'Cancelled') item.cancelled = item.quantity - item.unfulfillable;
    else item.unfulfillable = item.quantity;
  }
  for (const shipment of order.shipments) shipment.status = 'CANCELLED_BY_SELLER';
  if (state !== 'Cancelled') order.shipments = [];
  setState(order, state, atMs);
};

/** Writes off what no parcel holds (or, before there are parcels, what no stock was found for). */
export const writeOff = (world: World, order: Order, atMs: number): void => {
  const packed = order.shipments.length > 0;
  for (const item of order.items) {
    const lost = packed
      ? unpacked(order, item)
      : item.quantity - item.cancelled - item.unfulfillable - item.reserved;
    if (lost <= 0) continue;
    item.unfulfillable += lost;
    const back = Math.min(lost, packed ? item.reserved : 0);
    const row = world.stock.get(item.sku);
    item.reserved -= back;
    if (!row || back === 0) continue;
    row.fulfillable += back;
    row.pendingCustomerOrder -= back;
    row.updatedAtMs = atMs;
  }
};

/** A shipment leaves: its numbers are readable, its units are gone from stock. */
export const shipShipment = (world: World, order: Order, shipment: Shipment, atMs: number): void => {
  if (shipment.status !== 'PENDING') return;
  shipment.status = 'SHIPPED';
  shipment.shippedAtMs = atMs;
  for (const parcel of shipment.parcels) {
    parcel.numbered = true;
    parcel.tracked = true;
    for (const { itemId, quantity } of parcel.items) {
      const item = order.items.find((line) => line.itemId === itemId);
      const row = item && world.stock.get(item.sku);
      if (!item) continue;
      const units = Math.min(item.reserved, quantity);
      item.reserved -= units;
      if (!row) continue;
      row.pendingCustomerOrder -= units;
      row.updatedAtMs = atMs;
    }
  }
};
