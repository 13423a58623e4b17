import { kill, reserve, setState, shipShipment, writeOff } from './effects.ts';
import { layOut, shippedUnits, unitsOf } from './parcels.ts';
import { type Order, type Parcel, TERMINAL, type World } from './state.ts';

const HOLD_MS = 14 * 24 * 3_600_000;
const FILL_ALL_MS = 24 * 3_600_000;

type Step = { atMs: number; run(): void };

const hasBadAddress = ({ body }: Order): boolean => {
  const { countryCode, postalCode, stateOrRegion } = body.destinationAddress;
  if (countryCode !== 'US') return false;
  return !/^\d{5}(-\d{4})?$/.test(postalCode) || !/^[A-Z]{2}$/.test(stateOrRegion ?? '');
};

const validateOrder = (world: World, order: Order, atMs: number): void => {
  if (order.plan.state === 'Invalid' || hasBadAddress(order)) {
    kill(world, order, 'Invalid', atMs);
    return;
  }
  if (order.held) reserve(world, order, atMs);
  setState(order, 'Received', atMs);
};

const settleForLess = (world: World, order: Order, atMs: number): void => {
  order.waitsForStockUntilMs = undefined;
  if (order.items.every((item) => item.reserved === 0)) {
    kill(world, order, 'Unfulfillable', atMs);
    return;
  }
  writeOff(world, order, atMs);
};

/** Received → Planning: the stock is taken now, and the fulfillment policy says what a lack of it means. */
export const planOrder = (world: World, order: Order, atMs: number): void => {
  setState(order, 'Planning', atMs);
  if (order.plan.state === 'Unfulfillable') {
    kill(world, order, 'Unfulfillable', atMs);
    return;
  }
  if (reserve(world, order, atMs)) return;
  const policy = order.body.fulfillmentPolicy ?? 'FillOrKill';
  if (policy === 'FillOrKill') kill(world, order, 'Unfulfillable', atMs);
  else if (policy === 'FillAllAvailable') settleForLess(world, order, atMs);
  else order.waitsForStockUntilMs = order.createdAtMs + FILL_ALL_MS;
};

const isEmptyParcel = ({ items }: Parcel): boolean => items.every(({ quantity }) => quantity === 0);

/** Planning → Processing: picking begins, shipments appear, nothing is packed yet. */
export const processOrder = (world: World, order: Order, atMs: number): void => {
  if (order.plan.state === 'CompletePartialled' && !order.plan.parcels) dropLastUnit(order);
  layOut(world, order);
  // Of a single unit nothing is left to ship.
  const isEmpty = !order.byHand && order.shipments.every(({ parcels }) => parcels.every(isEmptyParcel));
  if (isEmpty) {
    kill(world, order, 'Unfulfillable', atMs);
    return;
  }
  if (order.plan.state === 'CompletePartialled') writeOff(world, order, atMs);
  setState(order, 'Processing', atMs);
};

/** A partial order without scripted parcels loses its last line, or the last unit of its only line. */
const dropLastUnit = (order: Order): void => {
  const last = order.items.at(-1);
  if (!last || order.shipments.length > 0) return;
  const units = order.items.length > 1 ? last.quantity : 1;
  order.plan = {
    ...order.plan,
    parcels: [
      {
        items: order.items.map((item) => ({
          sku: item.sku,
          quantity: item === last ? item.quantity - units : item.quantity,
        })),
      },
    ],
  };
};

/** All that can ship has shipped: the order is complete, wholly or in part. */
export const completeIfShipped = (order: Order, atMs: number): void => {
  if (order.state !== 'Processing' || shippedUnits(order) < unitsOf(order)) return;
  const lost = order.items.some((item) => item.cancelled + item.unfulfillable > 0);
  if (shippedUnits(order) === 0) setState(order, 'Unfulfillable', atMs);
  else setState(order, lost ? 'CompletePartialled' : 'Complete', atMs);
};

const planningStep = (world: World, order: Order): Step => {
  const until = order.waitsForStockUntilMs;
  if (until !== undefined) {
    const lastTry = (): void => {
      if (!reserve(world, order, until)) settleForLess(world, order, until);
      order.waitsForStockUntilMs = undefined;
      order.startMs = until - world.delays.processingMs;
    };
    return { atMs: until, run: lastTry };
  }
  const { aftnMs, processingMs } = world.delays;
  const early = order.shipments.length === 0 && aftnMs < processingMs && wantsAftn(world, order);
  if (early) {
    const number = (): void => {
      layOut(world, order);
      for (const parcel of order.shipments.flatMap((shipment) => shipment.parcels)) {
        parcel.numbered = parcel.aftn !== undefined;
      }
    };
    return { atMs: order.startMs + aftnMs, run: number };
  }
  const atMs = order.startMs + processingMs;
  return { atMs, run: () => processOrder(world, order, atMs) };
};

const wantsAftn = (world: World, order: Order): boolean =>
  order.plan.parcels
    ? order.plan.parcels.some((parcel) => parcel.aftn === true)
    : world.aftn && unitsOf(order) === 1 && order.body.destinationAddress.countryCode === 'US';

const processingSteps = (world: World, order: Order): Step[] =>
  order.shipments
    .filter((shipment) => shipment.status === 'PENDING')
    .flatMap((shipment) => {
      const packs = shipment.parcels
        .filter((parcel) => !parcel.numbered || !parcel.tracked)
        .map((parcel) => ({
          atMs: order.startMs + parcel.packedMs,
          run: () => {
            parcel.numbered = true;
            parcel.tracked = true;
          },
        }));
      const shipAtMs = order.startMs + Math.max(...shipment.parcels.map((parcel) => parcel.shippedMs));
      const ship = (): void => {
        shipShipment(world, order, shipment, shipAtMs);
        completeIfShipped(order, shipAtMs);
      };
      return [...packs, { atMs: shipAtMs, run: ship }];
    });

const automaticSteps = (world: World, order: Order): Step[] => {
  const { receivedMs, planningMs } = world.delays;
  if (order.state === 'New') {
    const atMs = order.startMs + receivedMs;
    return [{ atMs, run: () => validateOrder(world, order, atMs) }];
  }
  if (order.state === 'Received' && order.held) {
    const atMs = order.createdAtMs + HOLD_MS;
    return [{ atMs, run: () => kill(world, order, 'Cancelled', atMs) }];
  }
  if (order.state === 'Received') {
    const atMs = order.startMs + planningMs;
    return [{ atMs, run: () => planOrder(world, order, atMs) }];
  }
  if (order.state === 'Planning') return order.plan.stuck ? [] : [planningStep(world, order)];
  return order.state === 'Processing' && !order.byHand ? processingSteps(world, order) : [];
};

const nextStep = (world: World, order: Order): Step | undefined => {
  if (TERMINAL.has(order.state)) return undefined;
  if (order.cancelRequestedAtMs !== undefined && !order.plan.ignoreCancel) {
    const atMs = order.cancelRequestedAtMs + world.delays.cancelMs;
    return { atMs, run: () => kill(world, order, 'Cancelled', atMs) };
  }
  if (!world.automatic) return undefined;
  return automaticSteps(world, order).sort((a, b) => a.atMs - b.atMs)[0];
};

/** Brings every order to where the clock says it is, earliest change first: they compete for the same stock. */
export const settle = (world: World): void => {
  const nowMs = world.clock.nowMs();
  while (world.dueMs <= nowMs) {
    const steps = [...world.orders.values()].flatMap((order) => nextStep(world, order) ?? []);
    steps.sort((a, b) => a.atMs - b.atMs);
    const due = steps.filter((step) => step.atMs <= nowMs);
    world.dueMs = steps[due.length]?.atMs ?? Number.POSITIVE_INFINITY;
    for (const step of due) step.run();
    if (due.length > 0) world.dueMs = nowMs;
  }
};

/** Something changed from outside: what is due next must be looked up again. */
export const touch = (world: World): void => {
  world.dueMs = Number.NEGATIVE_INFINITY;
};
