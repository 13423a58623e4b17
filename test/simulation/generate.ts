import type { OrderPlan, ParcelPlan } from '../../src/sandbox/amazon/index.ts';
import {
  type AddressKind,
  CRASH_POINTS,
  type Happening,
  type OrderWish,
  type Plan,
  type PlanEvent,
  type WorldSettings,
} from './plan.ts';
import { createRandom, type Random } from './random.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Seller SKUs of the shop. KIT and DUO are bundles by the SKU map; Amazon does not know GHOST. */
export const SKUS = ['MUG', 'TEE', 'HAT', 'KIT', 'DUO', 'GHOST'] as const;

type MapEntries = Extract<Happening, { do: 'skuMap' }>['entries'];

const one = (channelSku: string, amazonSku = channelSku, quantity = 1): MapEntries[number] => ({
  channelSku,
  components: [{ amazonSku, quantity }],
});

const BUNDLES: MapEntries = [
  {
    channelSku: 'KIT',
    components: [
      { amazonSku: 'MUG', quantity: 1 },
      { amazonSku: 'TEE', quantity: 2 },
    ],
  },
  one('DUO', 'HAT', 2),
];

const MAPS: MapEntries[] = [
  [...BUNDLES, one('MUG'), one('TEE'), one('HAT')],
  // HAT is not mapped where nothing is taken for granted.
  [...BUNDLES, one('MUG'), one('TEE')],
  [...BUNDLES, one('MUG'), one('TEE'), one('HAT'), one('GHOST', 'MUG')],
];

type Size = { lastsMs: number; orders: number; passes: readonly number[] };

const sizeOf = (random: Random): Size => {
  const share = random.next();
  if (share < 0.65) {
    const passes = [1, 2, 4].map((hours) => hours * HOUR_MS);
    // Passes in quick succession belong to worlds that are over soon.
    if (random.chance(0.15))
      return { lastsMs: 2 * HOUR_MS, orders: random.int(2, 5), passes: [5 * MINUTE_MS, HOUR_MS / 2] };
    return { lastsMs: random.int(2, 10) * HOUR_MS, orders: random.int(2, 6), passes };
  }
  if (share < 0.97) {
    const passes = [3, 6, 12].map((hours) => hours * HOUR_MS);
    return { lastsMs: random.int(12, 60) * HOUR_MS, orders: random.int(3, 9), passes };
  }
  return { lastsMs: random.int(4, 16) * DAY_MS, orders: random.int(4, 12), passes: [DAY_MS] };
};

const settingsOf = (random: Random, passes: readonly number[]): WorldSettings => {
  const env: Record<string, string> = {};
  if (random.chance(0.2)) env['CANCELLATION_POLICY'] = 'manual';
  if (random.chance(0.2)) env['SKU_MAP_DEFAULT'] = 'none';
  if (random.chance(0.15)) env['MCF_RESUBMIT_STUCK'] = 'true';
  if (random.chance(0.15)) env['INVENTORY_BUFFER_UNITS'] = String(random.int(1, 5));
  if (random.chance(0.15)) env['INVENTORY_BUFFER_PERCENT'] = String(random.pick([5, 10, 33]));
  if (random.chance(0.2)) env['REMORSE_HOLD_SECONDS'] = String(random.pick([0, 600, 7200]));
  if (random.chance(0.2)) env['WEBHOOK_BUDGET_MS'] = String(random.pick([0, 200]));
  const few = random.chance(0.3);
  const fulfillable = (): number => (few ? random.int(0, 6) : random.int(20, 100));
  return {
    env,
    passEveryMs: random.pick(passes),
    latencyMs: random.pick([10, 60, 60, 150, 400]),
    aftn: random.chance(0.3),
    amazonPace: random.pick([0.05, 0.3, 1, 1, 2]),
    createQuota: random.chance(0.1)
      ? { ratePerSecond: random.pick([0.2, 0.5, 1]), burst: random.int(1, 3) }
      : null,
    stock: { MUG: fulfillable(), TEE: fulfillable(), HAT: fulfillable() },
  };
};

const bundleFree = (sku: string): boolean => sku === 'MUG' || sku === 'TEE' || sku === 'HAT';

/** Cuts an order's units into parcels of one to a few units. */
const parcelsOf = (random: Random, lines: OrderWish['lines']): ParcelPlan[] => {
  const count = random.int(1, 3);
  const parcels: ParcelPlan[] = Array.from({ length: count }, () => ({
    items: [],
    carrier: random.pick(['AMZN_US', 'AMZN_US', 'UPS', 'FEDEX', 'ONTRAC', 'USPS']),
    packedMs: random.int(20, 120) * MINUTE_MS,
    shippedMs: random.int(120, 360) * MINUTE_MS,
    ...(random.chance(0.15) ? { aftn: true } : {}),
    ...(random.chance(0.2) ? { shipment: 1 } : {}),
  }));
  for (const { sku, units } of lines.filter((line) => bundleFree(line.sku))) {
    for (let unit = 0; unit < units; unit += 1) random.pick(parcels).items.push({ sku, quantity: 1 });
  }
  return parcels.filter((parcel) => parcel.items.length > 0);
};

const amazonPlanOf = (random: Random, lines: OrderWish['lines']): OrderPlan | undefined => {
  const share = random.next();
  const plain = lines.every((line) => bundleFree(line.sku));
  if (share < 0.25 && plain) return { parcels: parcelsOf(random, lines) };
  if (share < 0.3) return { state: 'Unfulfillable' };
  if (share < 0.34) return { state: 'Invalid' };
  // Of a single unit there is no part.
  if (share < 0.38 && lines.some((line) => line.units > 1)) return { state: 'CompletePartialled' };
  if (share < 0.42) return { ignoreCancel: true };
  if (share < 0.46) return { stuck: true, expectedShipMs: 2 * HOUR_MS };
  if (share < 0.52) return { visibleAfterMs: random.pick([1_000, 4_000]) };
  return undefined;
};

const ADDRESSES: readonly AddressKind[] = [
  'masked',
  'empty',
  'incomplete',
  'bad-state',
  'foreign',
  'too-long',
];

const linesOf = (random: Random): OrderWish['lines'] =>
  Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => ({
    sku: random.chance(0.04) ? 'GHOST' : random.pick(['MUG', 'MUG', 'TEE', 'TEE', 'HAT', 'KIT', 'DUO']),
    units: random.pick([1, 1, 1, 2, 3]),
  }));

const orderOf = (random: Random, name: string): Happening => {
  const lines = linesOf(random);
  const amazon = amazonPlanOf(random, lines);
  const kind = random.chance(0.06)
    ? random.pick(['platform', 'tiktok-shipping', 'sample'] as const)
    : undefined;
  return {
    do: 'order',
    name,
    lines,
    paid: !random.chance(0.15),
    hold: random.chance(0.4),
    ready: random.chance(0.35),
    address: random.chance(0.12) ? random.pick(ADDRESSES) : 'good',
    ...(amazon ? { amazon } : {}),
    ...(kind ? { kind } : {}),
  };
};

/** What buyers, the seller, Amazon and the operator do to one order. */
const doingsOf = (random: Random, name: string): Happening[] => {
  const doings: Happening[] = [];
  const add = (share: number, doing: () => Happening): void => {
    if (random.chance(share)) doings.push(doing());
  };
  add(0.2, () => ({ do: 'buyerCancel', name }));
  add(0.06, () => ({ do: 'buyerWithdraw', name }));
  add(0.1, () => ({ do: 'sellerCancel', name, lines: random.pick(['all', 'first']) }));
  add(0.1, () => ({ do: 'sellerShip', name }));
  add(0.18, () => ({
    do: 'changeAddress',
    name,
    address: random.chance(0.2) ? random.pick(ADDRESSES) : 'good',
    street: random.int(0, 2),
  }));
  add(0.06, () => ({ do: 'amazonCancel', name }));
  add(0.1, () => ({ do: 'replaceNumber', name }));
  add(0.12, () => ({ do: 'retry', name }));
  add(0.06, () => ({ do: 'operatorCancel', name, keepOrder: random.chance(0.4) }));
  add(0.04, () => ({ do: 'resolve', name }));
  add(0.1, () => ({ do: 'advance', name, to: random.pick(['IN_TRANSIT', 'DELIVERED', 'COMPLETED']) }));
  return doings;
};

const TIKTOK_OPERATIONS = [
  'orders.detail',
  'orders.detail',
  'orders.search',
  'packages.ship',
  'packages.ship',
  'packages.updateShipping',
  'cancellations.approve',
  'cancellations.create',
  'cancellations.search',
  'inventory.update',
  'inventory.search',
  'products.search',
  'providers.list',
  'token.refresh',
];
const AMAZON_OPERATIONS = [
  'create',
  'create',
  'create',
  'get',
  'get',
  'list',
  'cancel',
  'cancel',
  'inventory',
  'token',
];
const FAULTS = ['timeout-before', 'timeout-after', 'reset-before', 'reset-after', 'malformed'] as const;

const troubleOf = (random: Random): Happening => {
  const side = random.pick(['amazon', 'tiktok'] as const);
  const forMs = random.pick([20_000, 2 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS]);
  switch (random.int(0, 11)) {
    case 0:
      return { do: 'storm', side, status: random.pick([429, 500, 503]), forMs };
    case 1:
      return { do: 'outage', side, how: random.pick(['refused', 'reset', 'hang']), forMs };
    case 2:
      return { do: 'slow', side, latencyMs: random.pick([2_000, 5_000, 9_000]), forMs };
    case 3:
    case 4:
      return { do: 'webhooks', how: random.pick(['lost', 'late', 'twice', 'reordered']), forMs: forMs * 3 };
    case 5:
      return { do: 'restart' };
    case 6:
    case 7:
    case 8:
      return { do: 'crash', point: random.pick(CRASH_POINTS), after: random.int(1, 12) };
    default: {
      const operation = random.pick(side === 'amazon' ? AMAZON_OPERATIONS : TIKTOK_OPERATIONS);
      return {
        do: 'fault',
        side,
        operation,
        fault: random.pick(FAULTS),
        times: random.pick([1, 1, 1, 2, 5]),
      };
    }
  }
};

/** Things that happen to the shop as a whole. */
const shopDoingsOf = (random: Random): Happening[] => {
  const doings: Happening[] = [];
  const add = (share: number, doing: () => Happening): void => {
    if (random.chance(share)) doings.push(doing());
  };
  for (let count = random.int(0, 3); count > 0; count -= 1)
    doings.push({
      do: 'stock',
      sku: random.pick(['MUG', 'TEE', 'HAT']),
      fulfillable: random.pick([0, 1, 3, 10, 50]),
    });
  add(0.2, () => ({
    do: 'sellerStock',
    sku: random.pick(['MUG', 'TEE', 'HAT']),
    available: random.int(0, 99),
  }));
  add(0.3, () => ({ do: 'skuMap', entries: random.pick(MAPS) }));
  add(0.12, () => ({ do: 'tokens', what: 'amazon-expire' }));
  add(0.12, () => ({ do: 'tokens', what: 'tiktok-expire' }));
  for (let count = random.int(0, 3); count > 0; count -= 1)
    doings.push({ do: 'pass', only: random.pick(['all', 'orders', 'tracking', 'inventory']) });
  add(0.15, () => ({ do: 'skew', skewMs: random.pick([-200_000, -60_000, -5_000, 5_000, 20_000]) }));
  return doings;
};

const revocations = (random: Random, within: () => number): PlanEvent[] => {
  const atMs = within();
  const backMs = atMs + random.pick([10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS]);
  if (random.chance(0.06))
    return [
      { atMs, do: 'tokens', what: 'amazon-revoke' },
      { atMs: backMs, do: 'tokens', what: 'amazon-restore' },
    ];
  if (random.chance(0.06))
    return [
      { atMs, do: 'tokens', what: 'tiktok-revoke' },
      { atMs: backMs, do: 'tokens', what: 'tiktok-reauthorise' },
    ];
  return [];
};

/** After an order was placed most things happen to it soon, the moments of its create and its report above all. */
const delayOf = (random: Random): number =>
  random.pick([
    () => random.int(0, 3_000),
    () => random.int(0, 10 * MINUTE_MS),
    () => random.int(0, 3 * HOUR_MS),
    () => random.int(0, 12 * HOUR_MS),
  ])();

/** The world that a seed stands for. */
export const generatePlan = (seed: number): Plan => {
  const random = createRandom(`${seed}/plan`);
  const size = sizeOf(random);
  const settings = settingsOf(random, size.passes);
  const events: PlanEvent[] = [{ atMs: 0, do: 'skuMap', entries: random.pick(MAPS) }];
  const within = (): number => random.int(2_000, size.lastsMs);
  const interesting: number[] = [];
  for (let count = 1; count <= size.orders; count += 1) {
    const name = `o${count}`;
    const atMs = random.int(2_000, Math.floor(size.lastsMs * 0.8));
    const order = orderOf(random, name);
    events.push({ atMs, ...order });
    let startMs = atMs;
    if (order.do === 'order' && !order.paid && !order.ready) {
      if (random.chance(0.8)) {
        startMs += random.int(1_000, HOUR_MS);
        events.push({ atMs: startMs, do: 'pay', name });
      }
    }
    interesting.push(startMs, startMs + HOUR_MS);
    for (const doing of doingsOf(random, name)) {
      const doneMs = startMs + delayOf(random);
      events.push({ atMs: doneMs, ...doing });
      interesting.push(doneMs);
    }
  }
  for (const doing of shopDoingsOf(random)) events.push({ atMs: within(), ...doing });
  for (let count = random.int(0, 8); count > 0; count -= 1) {
    // Trouble is no trouble where nothing happens.
    const atMs = random.chance(0.75) ? random.pick(interesting) - random.int(0, 2_000) : within();
    events.push({ atMs: Math.max(1_500, atMs), ...troubleOf(random) });
  }
  events.push(...revocations(random, within));
  events.sort((a, b) => a.atMs - b.atMs);
  const inTime = events.filter((event) => event.atMs <= size.lastsMs);
  return { seed, lastsMs: size.lastsMs, settings, events: inTime };
};
