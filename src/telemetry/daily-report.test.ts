import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld } from '../../test/fake-world.ts';
import { failureOf, HOUR, MINUTE, orderOf, SHOP } from '../../test/fakes.ts';
import { daysToMs } from '../lib/clock.ts';
import { StoreUnavailable } from '../store/store.ts';
import { createDailyReporter, type DailyReporter, newestReport } from './daily-report.ts';

/** The held clock begins at midnight of 2026-01-01. */
const DAY_BEFORE = '2025-12-31';
const QUARTER = 15 * MINUTE;

describe('the daily report', () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let reports: DailyReporter;
  let faults: unknown[];
  const open = (over: Partial<Parameters<typeof createDailyReporter>[0]> = {}): DailyReporter =>
    createDailyReporter({
      store: world.store,
      clock: world.clock,
      shops: () => Promise.resolve([SHOP]),
      channelOf: () => world.channel,
      providers: () => [world.provider],
      providerOf: () => world.provider,
      onFault: (error) => faults.push(error),
      ...over,
    });
  /** Time goes on by quarters, and after each what began then comes to its end. */
  const pass = async (ms: number): Promise<void> => {
    for (let leftMs = ms; leftMs > 0; leftMs -= QUARTER) {
      await world.clock.advance(Math.min(QUARTER, leftMs));
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const searches = (): number => world.channel.board.callsOf('searchOrders').length;

  beforeEach(async () => {
    faults = [];
    world = await openWorld();
    reports = open();
  });
  afterEach(async () => {
    await reports.stop();
    await world.store.close();
  });

  it('is made once, and not before what happened at midnight has arrived', async () => {
    reports.start();
    await pass(45 * MINUTE);
    expect(searches()).toBe(0);

    await pass(QUARTER);
    await pass(8 * HOUR);

    expect(searches()).toBe(1);
    expect(await reports.find(null)).toMatchObject({ date: DAY_BEFORE, errors: [] });
  });

  it('is made anew while a side cannot tell, and not for ever', async () => {
    world.channel.board.fail('searchOrders', ...Array.from({ length: 20 }, () => ({ before: failureOf() })));
    reports.start();

    await pass(HOUR);
    expect(await reports.find(DAY_BEFORE)).toMatchObject({ errors: [{ code: 'upstream_timeout' }] });
    await pass(12 * HOUR);

    expect(searches()).toBe(4);
  });

  it('is complete once the side is back', async () => {
    world.channel.board.fail('searchOrders', { before: failureOf() });
    reports.start();

    await pass(HOUR + QUARTER);

    expect(await reports.find(DAY_BEFORE)).toMatchObject({ errors: [] });
  });

  it('a store that fails is told of, and the next round goes on', async () => {
    let isBroken = true;
    const { cursors } = world.store;
    const set = (name: string, value: string) =>
      isBroken ? Promise.reject(new StoreUnavailable('gone')) : cursors.set(name, value);
    reports = open({ store: { ...world.store, cursors: { ...cursors, set } } });
    reports.start();

    await pass(HOUR);
    expect(faults).toHaveLength(1);
    isBroken = false;
    await pass(QUARTER);

    expect(await reports.find(DAY_BEFORE)).not.toBeNull();
  });

  it('keeps a month: a day takes the place of the same day of the month before', async () => {
    await reports.make('2025-11-30');
    await reports.make('2025-12-30');

    expect(await reports.find('2025-11-30')).toBeNull();
    expect(await reports.find('2025-12-30')).toMatchObject({ date: '2025-12-30' });
    expect(await newestReport(world.store)).toMatchObject({ date: '2025-12-30' });
  });

  it('a report of an older day is not the newest one', async () => {
    await reports.make('2025-12-30');
    await reports.make('2025-12-29');

    expect(await reports.find(null)).toMatchObject({ date: '2025-12-30' });
  });

  it('counts what was placed or changed that day, and nothing of the days around it', async () => {
    const midnight = world.clock.nowMs();
    const at = (createdAtMs: number, updatedAtMs: number, orderId: string) =>
      world.channel.put(orderOf({ orderId, createdAtMs, updatedAtMs }));
    at(midnight - 20 * HOUR, midnight + MINUTE, '1');
    at(midnight - daysToMs(3), midnight - HOUR, '2');
    at(midnight + MINUTE, midnight + MINUTE, '3');
    at(midnight - daysToMs(3), midnight - daysToMs(2), '4');
    await world.clock.advance(2 * HOUR);

    const report = await reports.make(DAY_BEFORE);

    expect(report.differences.map(({ orderId }) => orderId).toSorted()).toEqual(['1', '2']);
  });

  it('names 200 differences and counts all', async () => {
    for (let index = 0; index < 205; index += 1)
      world.channel.put(orderOf({ orderId: String(1000 + index), updatedAtMs: world.clock.nowMs() - HOUR }));
    await world.clock.advance(2 * HOUR);

    const report = await reports.make(DAY_BEFORE);

    expect(report.differenceCount).toBe(205);
    expect(report.differences).toHaveLength(200);
  });

  it('of a cancelled order the fulfillment is read, also when the list misses it', async () => {
    world.channel.put(orderOf());
    await world.hint();
    await world.converge();
    const { fulfillmentId } = await world.record();
    world.provider.change(fulfillmentId ?? '', { state: 'complete' });
    world.channel.put(orderOf({ status: 'cancelled', rawStatus: 'CANCELLED' }));

    const report = await reports.make(DAY_BEFORE);

    expect(report.differences).toContainEqual(
      expect.objectContaining({ kind: 'cancelled_but_shipped', fulfillmentId }),
    );
  });
});
