import type { OrderSnapshot } from '../amazon/index.ts';
import type { OrderDetail } from './api.ts';
import type { Life, LifeName } from './cast.ts';
import type { Story } from './story.ts';
import { type DemoWorld, MINUTE_MS } from './world.ts';

/** An order that was really placed. */
export type Placed = { number: number; life: Life; orderId: string; lineIds: string[] };

/** What everybody on stage shares. */
export type Scene = {
  world: DemoWorld;
  story: Story;
  placed: Placed[];
  /** Each order as the service's API last showed it. */
  details: Map<string, OrderDetail>;
  /** Aborts when the demo is to end early. */
  signal: AbortSignal;
};

const LOOK_EVERY_MS = MINUTE_MS / 2;

/** `#3`, or the id of an order nobody here placed. */
export const nameOf = (scene: Scene, orderId: string | null): string => {
  const found = scene.placed.find((order) => order.orderId === orderId);
  return found ? `#${found.number}` : (orderId ?? 'no order');
};

/** The order of a life; throws before it is placed. */
export const placedAs = (scene: Scene, name: LifeName): Placed => {
  const found = scene.placed.find(({ life }) => life.name === name);
  if (!found) throw new Error(`the order of "${name}" is not placed yet`);
  return found;
};

/** The MCF orders of an order, as Amazon has them, in the order they were made. */
export const mcfOrdersOf = ({ world }: Scene, orderId: string): OrderSnapshot[] =>
  world.amazon
    .orders()
    .filter(({ fulfillmentId }) => `${fulfillmentId}-`.startsWith(`TTS-${orderId}-`))
    .sort((a, b) => a.createdAtMs - b.createdAtMs);

/** Sleeps on the shop's clock; throws when the demo is to end. */
export const sleepUntil = async ({ world, signal }: Scene, atMs: number): Promise<void> => {
  do {
    await world.clock.sleep(Math.max(0, atMs - world.clock.nowMs()), signal);
    signal.throwIfAborted();
    // A timer may fire a moment early.
  } while (world.clock.nowMs() < atMs);
};

/** Waits until `isSo`; false when the shop's clock reaches `deadlineMs` first. */
export const until = async (scene: Scene, isSo: () => boolean, deadlineMs: number): Promise<boolean> => {
  const { clock } = scene.world;
  while (!isSo()) {
    if (clock.nowMs() >= deadlineMs) return false;
    await sleepUntil(scene, clock.nowMs() + LOOK_EVERY_MS);
  }
  return true;
};

/** `2 x CUP, 1 x POT` */
export const unitsText = (units: Readonly<Record<string, number>>): string =>
  Object.entries(units)
    .map(([sku, quantity]) => `${quantity} x ${sku}`)
    .join(', ');

/** Adds up the quantities of each SKU. */
export const sumUnits = (items: readonly { sku: string; quantity: number }[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const { sku, quantity } of items) sum[sku] = (sum[sku] ?? 0) + quantity;
  return sum;
};
