import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import {
  becomes,
  effects,
  endLives,
  jumpingClock,
  liveAtAmazon,
  order,
  orderAtAmazon,
  pack,
  sentBody,
  startLives,
  unitsSent,
} from './lives.ts';
import type { World } from './world.ts';

let world: World;
const start = async (options?: Parameters<typeof startLives>[0]): Promise<void> => {
  world = await startLives(options);
};
afterEach(() => endLives(world));

const post = async (orderId: string, action: string, body?: unknown) =>
  (await world.api('POST', `/api/orders/${orderId}/${action}`, body)).body;
const OUT_OF_STOCK = 'seller_cancel_reason_out_of_stock';

describe('an order that Amazon ends by itself', () => {
  it('cancelled is in review, and a retry makes exactly one live order under the next id', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    world.amazon.advanceOrder(id, 'Cancelled');
    await world.reconcile('tracking');
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'mcf_cancelled' });
    expect(await effects(world)).toEqual({ create: 1 });

    await Promise.all([post(orderId, 'retry'), post(orderId, 'retry')]);

    await becomes(world, orderId, { stage: 'fulfilling', fulfillmentId: `${id}-2` });
    expect(liveAtAmazon(world)).toEqual([`${id}-2`]);
    expect(await effects(world)).toEqual({ create: 2 });
  });

  it.each([
    ['Unfulfillable', 'mcf_unfulfillable'],
    ['Invalid', 'mcf_invalid'],
  ] as const)('%s is in review and not made anew by itself', async (state, reason) => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);

    world.amazon.advanceOrder(id, state);
    await world.reconcile('tracking');

    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason });
    expect(await effects(world)).toEqual({ create: 1 });
  });
});

describe('a person who cancels', () => {
  it('has Amazon stopped, proven, and only then the order cancelled at TikTok for the given reason', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);

    const answer = await post(orderId, 'cancel', { reason: OUT_OF_STOCK });

    expect(answer).toMatchObject({ stage: 'cancelled', reason: 'cancelled' });
    expect(world.amazon.order(id)).toMatchObject({ state: 'Cancelled' });
    expect(world.tiktok.order(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: OUT_OF_STOCK });
    const stoppedAt = world.amazon.cancels[0]!.at;
    const cancelled = world.tiktok.calls.find((call) => call.operation === 'cancellations.create')!;
    expect(cancelled.at).toBeGreaterThanOrEqual(stoppedAt);
    expect(await effects(world)).toEqual({ create: 1, cancel: 1, cancelOrder: 1 });
  });

  it('leaves TikTok alone until Amazon is seen to have stopped', async () => {
    await start();
    world.amazon.planFor({ sku: 'MUG' }, { ignoreCancel: true });
    const { orderId, id } = await orderAtAmazon(world);

    expect(await post(orderId, 'cancel', { reason: OUT_OF_STOCK })).toMatchObject({ reason: 'cancelling' });
    expect(await effects(world)).toEqual({ create: 1, cancel: 1 });
    world.amazon.advanceOrder(id, 'Cancelled');
    await world.reconcile('tracking');

    await becomes(world, orderId, { stage: 'cancelled' });
    expect(await effects(world)).toEqual({ create: 1, cancel: 1, cancelOrder: 1 });
  });

  it('too late stops neither side: the parcel is reported', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    world.amazon.advanceOrder(id, 'Processing');

    expect(await post(orderId, 'cancel', { reason: OUT_OF_STOCK })).toMatchObject({
      stage: 'review',
      reason: 'cancel_requested_too_late',
    });
    pack(world, id, { MUG: 1 });
    await world.reconcile('tracking');

    expect(world.tiktok.reports).toHaveLength(1);
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('and keeps the order stops Amazon only, and a retry sends it under the next id', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);

    expect(await post(orderId, 'cancel', { keepOrder: true })).toMatchObject({
      stage: 'review',
      reason: 'mcf_cancelled',
    });
    expect(world.tiktok.order(orderId).status).toBe('AWAITING_SHIPMENT');
    expect(await effects(world)).toEqual({ create: 1, cancel: 1 });

    await post(orderId, 'retry');
    await becomes(world, orderId, { stage: 'fulfilling', fulfillmentId: `${id}-2` });
    expect(await effects(world)).toEqual({ create: 2, cancel: 1 });
  });
});

describe('a person who closes an order by hand', () => {
  it('ends every effort for it, the note is on the timeline', async () => {
    await start();
    const { orderId } = order(world, { MUG: 1 }, { address: { state: 'Nowhereland' } });
    await becomes(world, orderId, { stage: 'review', reason: 'address_invalid' });

    const answer = await post(orderId, 'resolve', { note: 'sent from the office' });

    expect(answer).toMatchObject({ stage: 'completed', reason: 'resolved' });
    world.tiktok.changeAddress(orderId, { state: 'Illinois' });
    const { timeline } = await world.order(orderId);
    expect(timeline.find(({ event }) => event === 'operator_resolve')!.detail).toContain(
      'sent from the office',
    );
    expect(await effects(world)).toEqual({});
  });

  it('still has reported what Amazon ships, at its next hourly look', async () => {
    const clock = jumpingClock();
    await start({ clock });
    const { orderId, id } = await orderAtAmazon(world);
    await post(orderId, 'resolve', { note: 'nothing more to do' });

    pack(world, id, { MUG: 1 });
    clock.jump(61 * 60_000);
    await world.reconcile('tracking');

    expect(world.tiktok.reports).toHaveLength(1);
    expect(await world.order(orderId)).toMatchObject({ stage: 'completed', reason: 'resolved' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });
});

describe('a person who retries', () => {
  it('releases a made-to-order order, which was held until then', async () => {
    await start();
    const { orderId } = order(world, { MUG: 1 }, { overrides: { order_type: 'MADE_TO_ORDER' } });
    await becomes(world, orderId, { stage: 'review', reason: 'held_by_rule' });
    expect(await effects(world)).toEqual({});

    expect(await post(orderId, 'retry')).toMatchObject({ stage: 'fulfilling' });

    expect(await effects(world)).toEqual({ create: 1 });
  });

  it('with a corrected address ships there, and the address is in no file and no log line', async () => {
    await start();
    const { orderId, id } = order(world, { MUG: 1 }, { address: { state: 'Nowhereland' } });
    await becomes(world, orderId, { stage: 'review', reason: 'address_invalid' });

    await post(orderId, 'retry', {
      address: { name: 'Zebedee Quillfeather', line1: '77 Marmalade Crescent', state: 'Illinois' },
    });

    await becomes(world, orderId, { stage: 'fulfilling' });
    expect(sentBody(world, 0).destinationAddress).toMatchObject({
      name: 'Zebedee Quillfeather',
      addressLine1: '77 Marmalade Crescent',
      stateOrRegion: 'IL',
    });
    pack(world, id, { MUG: 1 });
    await world.reconcile('tracking');
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
    await world.restart();
    const files = readdirSync(world.folder).map((name) => readFileSync(join(world.folder, name), 'latin1'));
    const told = JSON.stringify(await world.order(orderId));
    const everything = [...files, ...world.logs, told].join('\n');
    for (const word of ['Quillfeather', 'Marmalade']) expect(everything).not.toContain(word);
  });

  it('with a SKU has it mapped and shipped', async () => {
    await start();
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG-NEW', stock: 5 }] });
    const { orderId } = order(world, { 'MUG-NEW': 1 });
    await becomes(world, orderId, { stage: 'review', reason: 'sku_unknown' });
    const refused = world.amazon.countCalls('create');

    await post(orderId, 'retry', { sku: { channelSku: 'MUG-NEW', amazonSku: 'MUG', quantity: 2 } });

    await becomes(world, orderId, { stage: 'fulfilling' });
    expect(world.amazon.creates).toHaveLength(1);
    expect(unitsSent(world, 0)).toEqual({ MUG: 2 });
    expect(await effects(world)).toEqual({ create: refused + 1 });
  });

  it('all orders of one reason sends those, and leaves the others where they are', async () => {
    await start();
    const gone = [await orderAtAmazon(world), await orderAtAmazon(world)];
    for (const { id } of gone) world.amazon.advanceOrder(id, 'Unfulfillable');
    const bad = order(world, { MUG: 1 }, { address: { state: 'Nowhereland' } });
    await world.reconcile();

    const answer = await world.api('POST', '/api/orders/retry', { reason: 'mcf_unfulfillable' });

    expect(answer).toMatchObject({ status: 200, body: { retried: 2 } });
    expect(liveAtAmazon(world).toSorted()).toEqual(gone.map(({ id }) => `${id}-2`).toSorted());
    expect(await world.order(bad.orderId)).toMatchObject({ reason: 'address_invalid' });
    expect(await effects(world)).toEqual({ create: 4 });
  });
});

describe('MCF_SHIPPING_SPEED=auto', () => {
  const AUTO = { env: { MCF_SHIPPING_SPEED: 'auto' } };
  const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const preview = (speed: string, fee: string, days: number) => ({
    shippingSpeedCategory: speed,
    isFulfillable: true,
    isCODCapable: false,
    marketplaceId: 'ATVPDKIKX0DER',
    estimatedFees: [{ name: 'FBAPerUnitFulfillmentFee', amount: { currencyCode: 'USD', value: fee } }],
    fulfillmentPreviewShipments: [
      {
        earliestShipDate: day(days),
        latestShipDate: day(days),
        earliestArrivalDate: day(days + 1),
        latestArrivalDate: day(days + 1),
        fulfillmentPreviewItems: [],
      },
    ],
  });
  const kept = () => {
    const database = new DatabaseSync(join(world.folder, 'mcf.db'), { readOnly: true });
    const row = database.prepare('select speed, fee from orders').get() as { speed: string; fee: string };
    database.close();
    return { speed: row.speed, fee: JSON.parse(row.fee) as unknown };
  };

  it.each([
    [
      'the cheapest of those in time',
      [preview('Standard', '4.73', 1), preview('Expedited', '9.10', 1)],
      '4.73',
    ],
    [
      'a dearer one where the cheaper is late',
      [preview('Standard', '4.73', 60), preview('Expedited', '9.10', 1)],
      '9.10',
    ],
  ])('asks once and takes %s; the fee is kept', async (_name, fulfillmentPreviews, fee) => {
    await start(AUTO);
    world.amazon.faults.next('preview', { status: 200, body: { payload: { fulfillmentPreviews } } });

    await orderAtAmazon(world);

    const speed = fee === '4.73' ? 'Standard' : 'Expedited';
    expect(sentBody(world, 0).shippingSpeedCategory).toBe(speed);
    expect(kept()).toEqual({ speed, fee: { currency: 'USD', value: fee } });
    expect(await effects(world)).toEqual({ create: 1 });
    expect(world.amazon.countCalls('preview')).toBe(1);
  });
});
