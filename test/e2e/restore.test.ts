import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { backUp } from '../../src/store/backup.ts';
import {
  becomes,
  effects,
  endLives,
  jumpingClock,
  liveAtAmazon,
  numbersReported,
  order,
  orderAtAmazon,
  pack,
  startLives,
  ups,
} from './lives.ts';
import type { World } from './world.ts';

/** Longer than a create of the stopped process may be on its way. */
const SETTLED_MS = 25_000;

describe('a service restored from a backup', () => {
  let world: World;
  let clock: ReturnType<typeof jumpingClock>;

  beforeEach(async () => {
    clock = jumpingClock();
    world = await startLives({ clock });
  });
  afterEach(() => endLives(world));

  const at = (name: string): string => join(world.folder, name);
  const takeBackup = (): void => {
    backUp(`file:${at('mcf.db')}`, at('backup.db'), systemClock);
  };
  /** The steps of docs/operations.md, into a new folder. */
  const restore = async (): Promise<void> => {
    mkdirSync(at('restored'));
    cpSync(at('backup.db'), at('restored/mcf.db'));
    cpSync(at('backup.db.key'), at('restored/mcf.db.key'));
    await world.restart({ DATABASE_URL: `file:${at('restored/mcf.db')}` });
  };
  const catchUp = async (): Promise<void> => {
    clock.jump(SETTLED_MS);
    await world.reconcile();
    await world.reconcile();
  };

  it('brings in what happened since, and creates and reports nothing a second time', async () => {
    const early = await orderAtAmazon(world, { MUG: 1 });
    takeBackup();
    const unshipped = await orderAtAmazon(world, { TEE: 1 });
    const shipped = await orderAtAmazon(world, { MUG: 1, HAT: 1 });
    pack(world, early.id, { MUG: 1 }, { tracking: ups(1) });
    pack(world, shipped.id, { MUG: 1 }, { tracking: ups(2) });
    clock.jump(3_600_000);
    await world.reconcile();
    await becomes(world, early.orderId, { stage: 'shipped' });
    const numbers = numbersReported(world);
    expect(numbers).toHaveLength(2);

    await restore();
    expect(world.logs.some((line) => line.includes('restored backup'))).toBe(true);
    expect((await world.api('GET', `/api/orders/${unshipped.orderId}`)).status).toBe(404);
    await catchUp();

    await becomes(world, unshipped.orderId, { stage: 'fulfilling', fulfillmentId: unshipped.id });
    await becomes(world, shipped.orderId, { stage: 'fulfilling', fulfillmentId: shipped.id });
    await becomes(world, early.orderId, { stage: 'shipped' });
    expect(numbersReported(world)).toEqual(numbers);
    expect(await effects(world)).toEqual({ create: 3, ship: 2 });
    expect((await world.order(shipped.orderId)).timeline.map(({ event }) => event)).toContain('adopted');

    pack(world, shipped.id, { HAT: 1 }, { tracking: ups(3) });
    clock.jump(3_600_000);
    expect(await effects(world)).toEqual({ create: 3, ship: 3 });
    await becomes(world, shipped.orderId, { stage: 'shipped' });
  });

  it('creates an order that was not at Amazon yet, once', async () => {
    takeBackup();
    await world.service.close();
    const late = order(world, { MUG: 1 });
    await restore();
    expect(await effects(world)).toEqual({});

    await catchUp();

    expect(await effects(world)).toEqual({ create: 1 });
    expect(liveAtAmazon(world)).toEqual([late.id]);
  });

  it('stops at Amazon what was created after the backup and cancelled while the service was down', async () => {
    takeBackup();
    const { orderId, id } = await orderAtAmazon(world, { MUG: 1 });
    await world.service.close();
    world.tiktok.sellerCancel(orderId);

    await restore();
    await catchUp();

    await becomes(world, orderId, { stage: 'cancelled' });
    expect(liveAtAmazon(world)).not.toContain(id);
    expect(await effects(world)).toEqual({ create: 1, cancel: 1 });
  });
});
