import { afterEach, beforeEach } from 'vitest';
import type { Clock } from '../../../src/lib/clock.ts';
import type { OrderRecord } from '../../../src/orders/model.ts';
import type { OrderPatch, Store } from '../../../src/store/store.ts';
import { createHeldClock, type HeldClock } from '../../held-clock.ts';
import { hintOf, keyOf } from '../fixtures.ts';

/** The lease length that a database under test opens its store with. */
export const LEASE_MS = 120_000;

/** A database that starts empty. */
export type TestDatabase = {
  open(clock: Clock): Promise<Store>;
  /** False where nothing outlives the store. */
  persistent: boolean;
  remove(): void;
};

/** What each test finds: a new store and a clock that stands still. */
export type World = {
  store: Store;
  clock: HeldClock;
  now: () => number;
  persistent: () => boolean;
  reopen: () => Promise<void>;
  /** Makes these orders known, one after the other. */
  known: (...orderIds: string[]) => Promise<void>;
  recordOf: (orderId: string) => Promise<OrderRecord>;
  /** Leases the order and releases it with this change. */
  rest: (orderId: string, patch: OrderPatch, shopId?: string) => Promise<void>;
};

/** Sets the world up anew before each test of the suite it is called in. */
export const createWorld = (createDatabase: () => TestDatabase): World => {
  let database: TestDatabase;
  const world = {
    now: () => world.clock.nowMs(),
    persistent: () => database.persistent,
    reopen: async () => {
      await world.store.close();
      world.store = await database.open(world.clock);
    },
    known: async (...orderIds: string[]) => {
      for (const orderId of orderIds) await world.store.orders.hint([hintOf(orderId)], world.now());
    },
    recordOf: async (orderId: string) => {
      const record = await world.store.orders.get(keyOf(orderId));
      if (!record) throw new Error(`no order ${orderId}`);
      return record;
    },
    rest: async (orderId: string, patch: OrderPatch, shopId?: string) => {
      const key = keyOf(orderId, shopId);
      const record = await world.store.orders.lease(key, orderId, world.now());
      await world.store.orders.release(key, orderId, record?.hintSeq ?? 0, { patch }, world.now());
    },
  } as World;

  beforeEach(async () => {
    database = createDatabase();
    world.clock = createHeldClock();
    world.store = await database.open(world.clock);
  });

  afterEach(async () => {
    await world.store.close();
    database.remove();
  });

  return world;
};
