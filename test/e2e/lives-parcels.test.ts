import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  becomes,
  effects,
  endLives,
  jumpingClock,
  numbersReported,
  orderAtAmazon,
  pack,
  startLives,
  ups,
} from './lives.ts';
import type { World } from './world.ts';

let world: World;
const start = async (options?: Parameters<typeof startLives>[0]): Promise<void> => {
  world = await startLives(options);
};
afterEach(() => endLives(world));

const HOUR = 3_600_000;
const USPS = '92612902000000000000';
const look = () => world.reconcile('tracking');
const parcels = async (orderId: string) => {
  const { body } = await world.api('GET', `/api/orders/${orderId}`);
  return (body as { packages: { warning: string | null; correctedAt: string | null }[] }).packages;
};

describe('units in several parcels', () => {
  it('of one SKU are reported one by one, each under a line of its own', async () => {
    await start();
    const { orderId, id, lineIds } = await orderAtAmazon(world, { MUG: 2 });
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    pack(world, id, { MUG: 1 }, { tracking: ups(2) });

    await look();

    expect(numbersReported(world)).toEqual([ups(1), ups(2)]);
    expect(world.tiktok.reports.flatMap((report) => report.lineIds).toSorted()).toEqual(lineIds.toSorted());
    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 2 });
  });

  it('of two shipments of one SKU, the second long after the first, are both reported', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world, { MUG: 3 });
    pack(world, id, { MUG: 2 }, { tracking: ups(1), status: 'SHIPPED' });
    await look();
    expect(await world.order(orderId)).toMatchObject({ stage: 'fulfilling' });

    pack(world, id, { MUG: 1 }, { tracking: ups(2), status: 'SHIPPED' });
    world.amazon.advanceOrder(id, 'Complete');
    await look();

    expect(world.tiktok.reports.map(({ lineIds }) => lineIds.length)).toEqual([2, 1]);
    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 2 });
  });

  it('of one bundle are one report of its line, with one of the numbers', async () => {
    await start();
    world.tiktok.addProduct({ skus: [{ sellerSku: 'SET', stock: 3 }] });
    const components = ['MUG', 'TEE'].map((amazonSku) => ({ amazonSku, quantity: 1 }));
    const entries = [{ shopId: null, channelSku: 'SET', components }];
    await world.api('PUT', '/api/sku-map', { entries });
    const { orderId, id, lineIds } = await orderAtAmazon(world, { SET: 1 });

    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    await look();
    pack(world, id, { TEE: 1 }, { tracking: ups(2) });
    await look();

    expect(world.tiktok.reports).toMatchObject([{ trackingNumber: ups(1), lineIds }]);
    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('of a partly cancelled order: what left is reported, then a person is told of the rest', async () => {
    await start();
    const { orderId, id, lineIds } = await orderAtAmazon(world, { MUG: 1, TEE: 1 });
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    world.amazon.advanceOrder(id, 'CompletePartialled');

    await look();

    expect(world.tiktok.reports).toMatchObject([{ trackingNumber: ups(1), lineIds: [lineIds[0]] }]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'mcf_partial' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });
});

describe('a number that changes', () => {
  it('from Amazon’s own to the carrier’s is one report and spends no correction', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    const number = pack(world, id, { MUG: 1 }, { aftn: true });
    await look();
    expect(numbersReported(world)).toEqual([expect.stringMatching(/^AFTN\d+$/)]);

    world.amazon.setTracking(id, number, { trackingNumber: ups(1), carrier: 'UPS' });
    await look();

    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('once within 72 hours is corrected once; a second time is told to a person', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world, { MUG: 2 });
    const number = pack(world, id, { MUG: 2 }, { tracking: ups(1) });
    await look();

    world.amazon.setTracking(id, number, { trackingNumber: ups(2) });
    await look();
    expect(world.tiktok.corrections).toMatchObject([{ orderId, from: ups(1), to: ups(2) }]);
    expect(await parcels(orderId)).toMatchObject([{ correctedAt: expect.any(String) }]);
    expect(await world.order(orderId)).toMatchObject({
      stage: 'shipped',
      packages: [{ trackingNumber: ups(2) }],
    });
    expect(await effects(world)).toEqual({ create: 1, ship: 1, correct: 1 });

    world.amazon.setTracking(id, number, { trackingNumber: ups(3) });
    await look();
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'tracking_changed' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1, correct: 1 });
  });

  it('after 72 hours is not corrected but told to a person', async () => {
    const clock = jumpingClock();
    await start({ clock });
    const { orderId, id } = await orderAtAmazon(world);
    const number = pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    await look();
    await world.tiktok.webhooks.idle();
    await look();
    clock.jump(73 * HOUR);

    world.amazon.setTracking(id, number, { trackingNumber: ups(2) });
    await look();

    await becomes(world, orderId, { stage: 'review', reason: 'tracking_changed' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });
});

describe('a number that TikTok does not simply take', () => {
  it('of USPS in the US is not reported but told to a person, until Amazon’s own number is there', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world, { MUG: 2 });
    const number = pack(world, id, { MUG: 2 }, { carrier: 'USPS', tracking: USPS });
    await look();
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'usps_not_accepted' });
    expect(await effects(world)).toEqual({ create: 1 });

    world.amazon.setTracking(id, number, { aftn: 'AFTN300000001' });
    await look();

    expect(numbersReported(world)).toEqual(['AFTN300000001']);
    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('that is taken with a warning is reported once, and the warning is shown in the order', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    world.tiktok.warnNextShip('The number does not look right.');
    pack(world, id, { MUG: 1 });

    await look();

    expect(await parcels(orderId)).toMatchObject([{ warning: 'The number does not look right.' }]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('of an unknown carrier is told to a person while the other parcel is still reported', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world, { MUG: 1, TEE: 1 });
    pack(world, id, { MUG: 1 }, { carrier: 'PIGEON', tracking: 'COO123456789' });
    pack(world, id, { TEE: 1 }, { tracking: ups(1) });

    await look();

    expect(numbersReported(world)).toEqual([ups(1)]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'carrier_unknown' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('is refused three times in a shop before no more reports go out, until a person has looked', async () => {
    await start({ tiktok: { settings: { trackingMismatch: 'refuse' } } });
    for (const last of [1, 2, 3]) {
      const refused = await orderAtAmazon(world);
      pack(world, refused.id, { MUG: 1 }, { tracking: `T900000000${last}` });
      await look();
      expect(await world.order(refused.orderId)).toMatchObject({ reason: 'tracking_rejected' });
    }
    const { orderId, id } = await orderAtAmazon(world);
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    await look();
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'reporting_stopped' });
    expect(await effects(world)).toEqual({ create: 4, ship: 3 });

    const [first] = world.tiktok.orders();
    await world.api('POST', `/api/orders/${first!.id}/resolve`, { note: 'reported by hand' });
    await look();

    await becomes(world, orderId, { stage: 'shipped' });
    expect(numbersReported(world)).toEqual([ups(1)]);
    expect(await effects(world)).toEqual({ create: 4, ship: 4 });
  });
});

describe('patience', () => {
  it('a shipment that takes thirty polls over simulated days is still reported', async () => {
    const clock = jumpingClock();
    await start({ clock });
    const { orderId, id } = await orderAtAmazon(world);
    const beganMs = clock.nowMs();
    const polls = () => world.amazon.countCalls('get');

    while (polls() < 30) {
      const before = polls();
      clock.jump(HOUR);
      await vi.waitFor(async () => {
        expect(polls()).toBeGreaterThan(before);
        const { nextAttemptAt } = await world.order(orderId);
        expect(Date.parse(nextAttemptAt!)).toBeGreaterThan(clock.nowMs());
      });
    }
    expect(clock.nowMs() - beganMs).toBeGreaterThan(24 * HOUR);
    expect(clock.nowMs() - beganMs).toBeLessThan(48 * HOUR);
    pack(world, id, { MUG: 1 }, { tracking: ups(1), status: 'SHIPPED' });
    clock.jump(HOUR);
    await vi.waitFor(() => expect(numbersReported(world)).toEqual([ups(1)]));

    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });
});
