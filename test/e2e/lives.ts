import { expect, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { startWorld, type World } from './world.ts';

/** Calls that change something outside, by the operation that does it. */
const EFFECTS = {
  create: 'create',
  cancel: 'cancel',
  'packages.ship': 'ship',
  'packages.updateShipping': 'correct',
  'orders.updateShipping': 'correct',
  'cancellations.approve': 'approve',
  'cancellations.reject': 'reject',
  'cancellations.create': 'cancelOrder',
} as const;

const isEffect = (operation: string): operation is keyof typeof EFFECTS => operation in EFFECTS;

/**
 * How often each effect was called for, refused and failed calls included, once two more passes over everything
 * have had their chance to do one too many. What never happened is absent.
 */
export const effects = async (world: World): Promise<Partial<Record<string, number>>> => {
  await world.tiktok.webhooks.idle();
  await world.reconcile();
  await world.reconcile();
  const counts: Partial<Record<string, number>> = {};
  for (const { operation } of [...world.amazon.calls, ...world.tiktok.calls]) {
    if (isEffect(operation)) counts[EFFECTS[operation]] = (counts[EFFECTS[operation]] ?? 0) + 1;
  }
  return counts;
};

const SKUS = ['MUG', 'TEE', 'HAT'];

/** A shop whose goods Amazon has. What is cancelled at Amazon reads as cancelled at once. */
export const startLives = async (options: Parameters<typeof startWorld>[0] = {}): Promise<World> => {
  const world = await startWorld({ ...options, amazon: { delays: { cancelMs: 0 }, ...options.amazon } });
  for (const sku of SKUS) world.amazon.addSku(sku, 50);
  world.tiktok.addProduct({ skus: SKUS.map((sellerSku) => ({ sellerSku, stock: 30 })) });
  return world;
};

/** Ends the world; nothing in it may have been done that a correct client never does. */
export const endLives = async (world: World): Promise<void> => {
  const { amazon, tiktok } = world;
  await world.close();
  expect(amazon.violations).toEqual([]);
  expect(amazon.duplicateCreates).toEqual([]);
  expect(tiktok.violations).toEqual([]);
};

export type Placed = { orderId: string; lineIds: string[]; id: string };

/** A shippable order of these units. */
export const order = (
  world: World,
  units: Record<string, number> = { MUG: 1 },
  more: Partial<Parameters<World['tiktok']['placeOrder']>[0]> = {},
): Placed => {
  const lines = Object.entries(units).map(([sku, count]) => ({ sku, units: count }));
  const placed = world.tiktok.placeOrder({ lines, ready: true, ...more });
  return { ...placed, id: `TTS-${placed.orderId}` };
};

/** A shippable order of these units that Amazon has taken. */
export const orderAtAmazon = async (
  world: World,
  units?: Record<string, number>,
  more?: Parameters<typeof order>[2],
): Promise<Placed> => {
  const placed = order(world, units, more);
  await vi.waitFor(() => expect(world.amazon.order(placed.id)).toBeDefined(), { timeout: 5000 });
  await becomes(world, placed.orderId, { stage: 'fulfilling' });
  return placed;
};

/** Waits until the order reads like this. */
export const becomes = (world: World, orderId: string, like: object): Promise<void> =>
  vi.waitFor(async () => expect(await world.order(orderId)).toMatchObject(like), { timeout: 5000 });

/** Amazon packs these units: their numbers can be read at once. Answers the package's number. */
export const pack = (
  world: World,
  id: string,
  units: Record<string, number>,
  parcel: Omit<Parameters<World['amazon']['addParcel']>[1], 'items'> = {},
): number =>
  world.amazon.addParcel(id, {
    items: Object.entries(units).map(([sku, quantity]) => ({ sku, quantity })),
    carrier: 'UPS',
    ...parcel,
  });

/** A UPS number of its own for each `last`. */
export const ups = (last: number): string => `1Z50V74203547080${String(last).padStart(2, '0')}`;

export const numbersReported = ({ tiktok }: World): string[] =>
  tiktok.reports.map((report) => report.trackingNumber);

type SentBody = {
  items: { sellerSku: string; quantity: number }[];
  destinationAddress: { name: string; addressLine1: string; stateOrRegion?: string };
  shippingSpeedCategory: string;
};

/** What the create of this place in the row said. */
export const sentBody = ({ amazon }: World, index: number): SentBody => {
  const create = amazon.creates[index];
  if (!create) throw new Error(`no create ${index}`);
  return create.body as SentBody;
};

/** What was sent, as units by SKU. */
export const unitsSent = (world: World, index: number): Record<string, number> =>
  Object.fromEntries(sentBody(world, index).items.map(({ sellerSku, quantity }) => [sellerSku, quantity]));

/** Ids of the order's fulfillments that can still ship or have shipped. */
export const liveAtAmazon = ({ amazon }: World): string[] =>
  amazon
    .orders()
    .filter(({ state }) => !['Cancelled', 'Unfulfillable', 'Invalid'].includes(state))
    .map(({ fulfillmentId }) => fulfillmentId);

/** The machine's clock, which a test can put forward: what sleeps until then wakes. */
export const jumpingClock = (): Clock & { jump(ms: number): void } => {
  let aheadMs = 0;
  let jumped = new AbortController();
  const nowMs = (): number => systemClock.nowMs() + aheadMs;
  return {
    nowMs,
    async sleep(ms, signal) {
      const dueMs = nowMs() + ms;
      const isOver = (): boolean => signal?.aborted === true || nowMs() >= dueMs;
      do {
        const wakers = [jumped.signal, ...(signal ? [signal] : [])];
        await systemClock.sleep(dueMs - nowMs(), AbortSignal.any(wakers));
      } while (!isOver());
    },
    jump(ms) {
      aheadMs += ms;
      const before = jumped;
      jumped = new AbortController();
      before.abort();
    },
  };
};
