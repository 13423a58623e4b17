import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  becomes,
  effects,
  endLives,
  liveAtAmazon,
  numbersReported,
  order,
  orderAtAmazon,
  pack,
  sentBody,
  startLives,
  unitsSent,
  ups,
} from './lives.ts';
import type { World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await startLives();
});
afterEach(() => endLives(world));

const ELSEWHERE = { addressLine1: '9 Elsewhere Road', addressLine2: '' };
const streetSent = (index: number): string => sentBody(world, index).destinationAddress.addressLine1;

describe('an address that the buyer edits', () => {
  it('before the create is the one that is sent', async () => {
    const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], hold: true });
    await becomes(world, orderId, { stage: 'waiting' });

    world.tiktok.changeAddress(orderId, ELSEWHERE);
    world.tiktok.endHold(orderId);

    await becomes(world, orderId, { stage: 'fulfilling' });
    expect(streetSent(0)).toBe('9 Elsewhere Road');
    expect(await effects(world)).toEqual({ create: 1 });
  });

  it('while Amazon can stop is carried by a new order, made after the old one is proven stopped', async () => {
    const { orderId, id } = await orderAtAmazon(world);

    world.tiktok.changeAddress(orderId, ELSEWHERE);

    await becomes(world, orderId, { stage: 'fulfilling', fulfillmentId: `${id}-2` });
    expect(streetSent(1)).toBe('9 Elsewhere Road');
    expect(liveAtAmazon(world)).toEqual([`${id}-2`]);
    const operations = world.amazon.calls.map((call) => call.operation).join(' ');
    expect(operations).toMatch(/cancel get( get)* create/);
    expect(await effects(world)).toEqual({ create: 2, cancel: 1 });
  });

  it('while Amazon can stop, and back again, is followed both times', async () => {
    const { orderId, id } = await orderAtAmazon(world);

    world.tiktok.changeAddress(orderId, ELSEWHERE);
    await becomes(world, orderId, { stage: 'fulfilling', fulfillmentId: `${id}-2` });
    world.tiktok.changeAddress(orderId, { addressLine1: '100 Example Street', addressLine2: 'Apt 4B' });

    await becomes(world, orderId, { stage: 'fulfilling', fulfillmentId: `${id}-3` });
    expect(streetSent(2)).toBe('100 Example Street');
    expect(liveAtAmazon(world)).toEqual([`${id}-3`]);
    expect(await effects(world)).toEqual({ create: 3, cancel: 2 });
  });

  it('while Amazon can stop, to one that Amazon cannot serve, leaves nothing live and a person told', async () => {
    const { orderId } = await orderAtAmazon(world);

    world.tiktok.changeAddress(orderId, { state: 'Nowhereland' });

    await becomes(world, orderId, { stage: 'review', reason: 'address_invalid' });
    expect(liveAtAmazon(world)).toEqual([]);
    expect(await effects(world)).toEqual({ create: 1, cancel: 1 });
  });

  it('too late is told to a person; the tracking is reported and nothing is made anew', async () => {
    const { orderId, id } = await orderAtAmazon(world);
    world.amazon.advanceOrder(id, 'Processing');

    world.tiktok.changeAddress(orderId, ELSEWHERE);
    await becomes(world, orderId, { stage: 'review', reason: 'address_changed_after_create' });
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    await world.reconcile('tracking');

    expect(numbersReported(world)).toEqual([ups(1)]);
    expect(await world.order(orderId)).toMatchObject({
      stage: 'review',
      reason: 'address_changed_after_create',
    });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('after Amazon’s own number was reported is told to a person, and what is on its way is not stopped', async () => {
    await world.close();
    const delays = { receivedMs: 0, planningMs: 0, aftnMs: 0, cancelMs: 0 };
    world = await startLives({ amazon: { automatic: true, aftn: true, delays } });
    const { orderId, id } = await orderAtAmazon(world);
    await world.reconcile('tracking');
    expect(numbersReported(world)).toEqual([expect.stringMatching(/^AFTN\d+$/)]);
    expect(world.amazon.order(id)).toMatchObject({ state: 'Planning' });

    world.tiktok.changeAddress(orderId, ELSEWHERE);

    await becomes(world, orderId, { stage: 'review', reason: 'address_changed_after_create' });
    expect(liveAtAmazon(world)).toEqual([id]);
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('to the same words costs nothing', async () => {
    const { orderId } = await orderAtAmazon(world);

    world.tiktok.changeAddress(orderId, {});

    expect(await effects(world)).toEqual({ create: 1 });
    expect(await world.order(orderId)).toMatchObject({ stage: 'fulfilling' });
  });
});

describe('one unit of two that is cancelled at TikTok', () => {
  it('before the create is not sent', async () => {
    world.tiktok.webhooks.off();
    const { orderId, lineIds } = order(world, { MUG: 2 });
    world.tiktok.sellerCancel(orderId, { lineIds: [lineIds[0]!] });
    world.tiktok.webhooks.on();

    await world.reconcile('orders');

    expect(unitsSent(world, 0)).toEqual({ MUG: 1 });
    expect(await effects(world)).toEqual({ create: 1 });
  });

  it('while Amazon can stop is left out of a new order, and the other unit is reported under its line', async () => {
    const { orderId, id, lineIds } = await orderAtAmazon(world, { MUG: 2 });

    world.tiktok.sellerCancel(orderId, { lineIds: [lineIds[0]!] });

    await becomes(world, orderId, { stage: 'fulfilling', fulfillmentId: `${id}-2` });
    expect(unitsSent(world, 1)).toEqual({ MUG: 1 });
    expect(liveAtAmazon(world)).toEqual([`${id}-2`]);
    pack(world, `${id}-2`, { MUG: 1 });
    await world.reconcile('tracking');
    expect(world.tiktok.reports).toMatchObject([{ lineIds: [lineIds[1]] }]);
    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 2, cancel: 1, ship: 1 });
  });

  it('too late is told to a person, and the parcel is reported under the line that is left', async () => {
    const { orderId, id, lineIds } = await orderAtAmazon(world, { MUG: 2 });
    world.amazon.advanceOrder(id, 'Processing');

    world.tiktok.sellerCancel(orderId, { lineIds: [lineIds[0]!] });
    await becomes(world, orderId, { stage: 'review', reason: 'lines_cancelled_too_late' });
    pack(world, id, { MUG: 2 });
    await world.reconcile('tracking');

    expect(world.tiktok.reports).toMatchObject([{ lineIds: [lineIds[1]] }]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'lines_cancelled_too_late' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });
});

describe('lines that a person ships in Seller Center', () => {
  it('before the create are not sent to Amazon, the others are', async () => {
    world.tiktok.webhooks.off();
    const { orderId, id, lineIds } = order(world, { MUG: 1, TEE: 1 });
    world.tiktok.sellerShip(orderId, { trackingNumber: 'TBA300000000777', lineIds: [lineIds[0]!] });
    world.tiktok.webhooks.on();
    await world.reconcile('orders');
    expect(unitsSent(world, 0)).toEqual({ TEE: 1 });

    pack(world, id, { TEE: 1 });
    await world.reconcile('tracking');

    expect(world.tiktok.reports).toMatchObject([{ lineIds: [lineIds[1]] }]);
    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('all before the create leave nothing to do', async () => {
    world.tiktok.webhooks.off();
    const { orderId } = order(world);
    world.tiktok.sellerShip(orderId, { trackingNumber: 'TBA300000000777' });
    world.tiktok.webhooks.on();
    await world.tiktok.sendWebhook(1, { order_id: orderId, order_status: 'AWAITING_COLLECTION' });

    await becomes(world, orderId, { stage: 'shipped', reason: 'shipped_elsewhere' });
    expect(await effects(world)).toEqual({});
  });

  it('under another number than ours are told to a person, and the other parcel is still reported', async () => {
    const { orderId, id, lineIds } = await orderAtAmazon(world, { MUG: 1, TEE: 1 });
    world.tiktok.sellerShip(orderId, { trackingNumber: 'TBA300000000777', lineIds: [lineIds[0]!] });
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    pack(world, id, { TEE: 1 }, { tracking: ups(2) });

    await world.reconcile();

    expect(world.tiktok.reports).toMatchObject([{ trackingNumber: ups(2), lineIds: [lineIds[1]] }]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'tracking_conflict' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('under our own number count as reported and are not reported again', async () => {
    const { orderId, id, lineIds } = await orderAtAmazon(world, { MUG: 1, TEE: 1 });
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    pack(world, id, { TEE: 1 }, { tracking: ups(2) });
    world.tiktok.sellerShip(orderId, {
      trackingNumber: ups(1),
      providerId: '7117859084333745966',
      lineIds: [lineIds[0]!],
    });

    await world.reconcile();

    expect(world.tiktok.reports).toMatchObject([{ trackingNumber: ups(2), lineIds: [lineIds[1]] }]);
    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });
});
