import {
  nextNumber,
  type Order,
  type OrderItem,
  type Parcel,
  type ParcelPlan,
  type Shipment,
  type World,
} from './state.ts';

const DEFAULT_CARRIER = 'AMZN_US';
const FIRST_PACKAGE_NUMBER = 212_794_000;

const digits = (seed: number, length: number): string => String(seed).padStart(length, '0').slice(-length);

/** A made-up number of the carrier's own form. */
const trackingNumber = (carrier: string, seed: number): string => {
  const name = carrier.toUpperCase();
  if (name.startsWith('AMZ') || name.startsWith('AMAZON')) return `TBA${digits(300_000_000_000 + seed, 12)}`;
  if (name.startsWith('UPS')) return `1Z50V742${digits(seed, 10)}`;
  if (name.startsWith('USPS')) return `92612902${digits(seed, 14)}`;
  if (name.startsWith('FEDEX')) return digits(770_000_000_000 + seed, 12);
  if (name.startsWith('ONTRAC')) return `C${digits(seed, 14)}`;
  return `T${digits(seed, 13)}`;
};

const inParcels = (order: Order, itemId: string): number =>
  order.shipments
    .filter((shipment) => shipment.status !== 'CANCELLED_BY_SELLER')
    .flatMap((shipment) => shipment.parcels.flatMap((parcel) => parcel.items))
    .reduce((sum, item) => (item.itemId === itemId ? sum + item.quantity : sum), 0);

/** Units of a line that must ship and lie in no parcel yet. */
export const unpacked = (order: Order, item: OrderItem): number =>
  item.quantity - item.cancelled - item.unfulfillable - inParcels(order, item.itemId);

export const unitsOf = (order: Order): number =>
  order.items.reduce((sum, item) => sum + item.quantity - item.cancelled - item.unfulfillable, 0);

export const shippedUnits = (order: Order): number =>
  order.shipments
    .filter((shipment) => shipment.status === 'SHIPPED')
    .flatMap((shipment) => shipment.parcels.flatMap((parcel) => parcel.items))
    .reduce((sum, item) => sum + item.quantity, 0);

const takeUnits = (order: Order, plan: ParcelPlan): Parcel['items'] => {
  const taken: Parcel['items'] = [];
  for (const { sku, quantity } of plan.items) {
    let wanted = quantity;
    for (const item of order.items.filter((line) => line.sku === sku)) {
      const here = taken.reduce((sum, part) => (part.itemId === item.itemId ? sum + part.quantity : sum), 0);
      const units = Math.min(wanted, unpacked(order, item) - here);
      if (units <= 0) continue;
      taken.push({ itemId: item.itemId, sku, quantity: units });
      wanted -= units;
    }
  }
  return taken;
};

const buildParcel = (world: World, order: Order, plan: ParcelPlan): Parcel => {
  const seed = nextNumber(world);
  const carrier = plan.carrier ?? DEFAULT_CARRIER;
  return {
    packageNumber: FIRST_PACKAGE_NUMBER + seed,
    carrier,
    tracking: plan.tracking === undefined ? trackingNumber(carrier, seed) : (plan.tracking ?? undefined),
    aftn: plan.aftn ? `AFTN${digits(980_000_000 + seed, 9)}` : undefined,
    items: takeUnits(order, plan),
    numbered: false,
    tracked: false,
    packedMs: plan.packedMs ?? world.delays.packedMs,
    shippedMs: Math.max(plan.shippedMs ?? world.delays.shippedMs, plan.packedMs ?? 0),
  };
};

/** Adds one parcel to an order: to the given shipment, or as a shipment of its own. Empty parcels are not made. */
export const addParcelTo = (
  world: World,
  order: Order,
  plan: ParcelPlan,
  into?: Shipment,
): { shipment: Shipment; parcel: Parcel } | undefined => {
  const parcel = buildParcel(world, order, plan);
  if (parcel.items.length === 0) return undefined;
  const shipment: Shipment = into ?? {
    shipmentId: `D${nextNumber(world).toString(36).padStart(8, 'k')}`,
    status: 'PENDING',
    shippedAtMs: undefined,
    parcels: [],
  };
  if (!into) order.shipments.push(shipment);
  shipment.parcels.push(parcel);
  return { shipment, parcel };
};

const isSingleUnitInTheUs = (order: Order): boolean =>
  unitsOf(order) === 1 && order.body.destinationAddress.countryCode === 'US';

/** One parcel with everything that is in none yet. */
export const remainderPlan = (world: World, order: Order): ParcelPlan => ({
  items: order.items
    .map((item) => ({ sku: item.sku, quantity: unpacked(order, item) }))
    .filter((item) => item.quantity > 0),
  aftn: world.aftn && isSingleUnitInTheUs(order),
});

/** Lays out the shipments the order's plan asks for, once; nothing in them can be read as packed yet. */
export const layOut = (world: World, order: Order): void => {
  if (order.byHand || order.shipments.length > 0) return;
  const groups = new Map<number, Shipment>();
  for (const plan of order.plan.parcels ?? [remainderPlan(world, order)]) {
    const group = plan.shipment === undefined ? undefined : groups.get(plan.shipment);
    const made = addParcelTo(world, order, plan, group);
    if (made && plan.shipment !== undefined) groups.set(plan.shipment, made.shipment);
  }
};
