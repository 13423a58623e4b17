import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { daysToMs, isoTime } from '../../src/lib/clock.ts';
import type { DailyReport } from '../../src/telemetry/daily-report.ts';
import {
  becomes,
  endLives,
  jumpingClock,
  order,
  orderAtAmazon,
  pack,
  startLives,
  ups,
} from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';

const HOUR_MS = 3_600_000;

describe('the daily report, over HTTP against both simulators', () => {
  let clock: ReturnType<typeof jumpingClock>;
  let world: World;
  let today: string;

  beforeEach(async () => {
    clock = jumpingClock();
    today = isoTime(clock.nowMs()).slice(0, 10);
    world = await startLives({ clock });
  });
  afterEach(() => endLives(world));

  const read = (date?: string) => world.api('GET', `/api/reports/daily${date ? `?date=${date}` : ''}`);
  /** Time goes on to five in the morning of the next day, when the day is compared by itself. */
  const nextMorning = async (): Promise<DailyReport> => {
    clock.jump(Date.parse(`${today}T00:00:00Z`) + daysToMs(1) + 5 * HOUR_MS - clock.nowMs());
    await vi.waitFor(async () => expect((await read(today)).status).toBe(200), { timeout: 5000 });
    return (await read(today)).body as DailyReport;
  };
  const shipped = async () => {
    const placed = await orderAtAmazon(world);
    pack(world, placed.id, { MUG: 1 }, { tracking: ups(51), status: 'SHIPPED' });
    world.amazon.advanceOrder(placed.id, 'Complete');
    await world.reconcile('tracking');
    await becomes(world, placed.orderId, { stage: 'shipped' });
    return placed;
  };
  /** Shipped by a carrier that TikTok has no name for, so nothing is reported. */
  const shippedUnseen = async (last: number) => {
    const placed = await orderAtAmazon(world);
    pack(
      world,
      placed.id,
      { MUG: 1 },
      { carrier: 'Nobody Knows Ltd', tracking: `NK${last}`, status: 'SHIPPED' },
    );
    world.amazon.advanceOrder(placed.id, 'Complete');
    await world.reconcile('tracking');
    await becomes(world, placed.orderId, { stage: 'review' });
    return placed;
  };

  it('a day on which all three agree has no differences, and its totals', async () => {
    await shipped();

    const report = await nextMorning();

    expect(report).toMatchObject({ date: today, differenceCount: 0, differences: [], errors: [] });
    expect(report.shops).toEqual([
      {
        channel: 'tiktok-shop',
        shopId: world.tiktok.shop.id,
        atChannel: { awaiting_collection: 1 },
        here: { shipped: 1 },
        atProvider: { complete: 1 },
      },
    ]);
    expect((await read()).body).toEqual(report);
  });

  it('names each difference with its order, and no buyer', async () => {
    await shipped();
    const unreported = await shippedUnseen(1);
    const cancelled = await shippedUnseen(2);
    world.tiktok.sellerCancel(cancelled.orderId);
    await becomes(world, cancelled.orderId, { reason: 'cancelled_but_shipped' });
    await world.tiktok.webhooks.idle();
    world.tiktok.webhooks.off();
    const lost = order(world);

    const report = await nextMorning();

    const found = report.differences.map(({ kind, orderId, fulfillmentId }) => [
      kind,
      orderId,
      fulfillmentId,
    ]);
    expect(found.sort()).toEqual(
      [
        ['cancelled_but_shipped', cancelled.orderId, cancelled.id],
        ['shipped_not_reported', unreported.orderId, unreported.id],
        ['unknown_here', lost.orderId, null],
      ].sort(),
    );
    expect(report.differenceCount).toBe(3);
    const body = JSON.stringify(world.amazon.creates[0]?.body);
    const { name, addressLine1 } = JSON.parse(body).destinationAddress;
    for (const personal of [name, addressLine1]) expect(JSON.stringify(report)).not.toContain(personal);
  });

  it('a side that cannot be read is named, and the rest is compared', async () => {
    await shipped();
    world.amazon.faults.next(
      'list',
      { status: 400, body: { errors: [{ code: 'InvalidInput', message: 'x' }] } },
      50,
    );
    world.tiktok.webhooks.off();
    const lost = order(world);

    const report = await nextMorning();

    expect(report.errors).toMatchObject([{ code: expect.stringMatching(/^upstream_/) }]);
    expect(report.differences).toMatchObject([{ kind: 'unknown_here', orderId: lost.orderId }]);
  });

  it('a day without a report is 404, and what is no day 400', async () => {
    expect(await read()).toMatchObject({ status: 404, body: { code: 'report_missing' } });
    expect(await read('2020-01-01')).toMatchObject({ status: 404 });
    expect(await read('yesterday')).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});
