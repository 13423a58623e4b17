import { afterEach, describe, expect, it, vi } from 'vitest';
import { becomes, effects, endLives, order, orderAtAmazon, pack, startLives, ups } from './lives.ts';
import type { World } from './world.ts';

let world: World;
const start = async (options?: Parameters<typeof startLives>[0]): Promise<void> => {
  world = await startLives(options);
};
afterEach(() => endLives(world));

const MANUAL = { env: { CANCELLATION_POLICY: 'manual' } };
const BRITISH = {
  env: { AMAZON_MARKETPLACE_ID: 'A1F83G8C2ARO7P', AMAZON_REGION: 'eu' },
  tiktok: { shop: { region: 'GB' } },
  amazon: { marketplaceId: 'A1F83G8C2ARO7P' },
};
const LONDON = {
  regionCode: 'GB',
  country: 'United Kingdom',
  state: 'England',
  county: 'Greater London',
  city: 'London',
  postTown: 'London',
  postalCode: 'SW1A 1AA',
  phone: '(+44)2079460958',
};

const requestOf = (orderId: string) => world.tiktok.cancellationsOf(orderId).at(-1)!;

/** A shippable order that the buyer asks to cancel before the connector hears of it. */
const askedBeforeCreate = async (): Promise<string> => {
  world.tiktok.webhooks.off();
  const { orderId } = order(world);
  world.tiktok.buyerCancel(orderId);
  world.tiktok.webhooks.on();
  await world.reconcile('orders');
  return orderId;
};

describe('a buyer who cancels before anything was sent', () => {
  it('in the remorse hour ends the order, and nothing was ever created', async () => {
    await start();
    const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], hold: true });
    await becomes(world, orderId, { stage: 'waiting', reason: 'on_hold' });

    world.tiktok.buyerCancel(orderId);

    await becomes(world, orderId, { stage: 'cancelled', reason: 'cancelled', fulfillmentId: null });
    expect(await effects(world)).toEqual({});
  });

  it('of a shippable order is approved at once, and nothing is created', async () => {
    await start();

    const orderId = await askedBeforeCreate();

    await becomes(world, orderId, { stage: 'cancelled', reason: 'cancelled' });
    expect(world.tiktok.order(orderId).status).toBe('CANCELLED');
    expect(requestOf(orderId)).toMatchObject({ answeredBy: 'api', status: 'CANCELLATION_REQUEST_SUCCESS' });
    expect(await effects(world)).toEqual({ approve: 1 });
  });

  it('waits for a person under the manual policy, and nothing is created', async () => {
    await start(MANUAL);

    const orderId = await askedBeforeCreate();

    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'buyer_cancel_requested' });
    expect(await effects(world)).toEqual({});
  });

  it('and takes the request back gets the goods', async () => {
    await start(MANUAL);
    const orderId = await askedBeforeCreate();

    world.tiktok.buyerWithdraw(orderId);

    await becomes(world, orderId, { stage: 'fulfilling' });
    expect(await effects(world)).toEqual({ create: 1 });
  });
});

describe('a buyer who asks after the create', () => {
  it('has Amazon stopped once, proven by a read, before the request is approved', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);

    world.tiktok.buyerCancel(orderId);

    await becomes(world, orderId, { stage: 'cancelled', reason: 'cancelled' });
    expect(world.amazon.order(id)).toMatchObject({ state: 'Cancelled' });
    expect(world.tiktok.order(orderId).status).toBe('CANCELLED');
    const operations = world.amazon.calls.map((call) => call.operation);
    expect(operations.slice(operations.indexOf('cancel'), operations.indexOf('cancel') + 2)).toEqual([
      'cancel',
      'get',
    ]);
    expect(await effects(world)).toEqual({ create: 1, cancel: 1, approve: 1 });
  });

  it('is not answered while Amazon only says that it will stop', async () => {
    await start();
    world.amazon.planFor({ sku: 'MUG' }, { ignoreCancel: true });
    const { orderId, id } = await orderAtAmazon(world);
    world.tiktok.buyerCancel(orderId);
    await becomes(world, orderId, { stage: 'routing', reason: 'cancelling' });
    expect(await effects(world)).toEqual({ create: 1, cancel: 1 });
    expect(requestOf(orderId).status).toBe('CANCELLATION_REQUEST_PENDING');

    world.amazon.advanceOrder(id, 'Cancelled');
    await world.reconcile('tracking');

    await becomes(world, orderId, { stage: 'cancelled' });
    expect(await effects(world)).toEqual({ create: 1, cancel: 1, approve: 1 });
  });

  it('too late, in the US, is never approved: the report of the parcel rejects the request', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    world.amazon.advanceOrder(id, 'Processing');

    world.tiktok.buyerCancel(orderId);
    await becomes(world, orderId, { stage: 'review', reason: 'cancel_requested_too_late' });
    expect(requestOf(orderId).status).toBe('CANCELLATION_REQUEST_PENDING');
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    await world.reconcile('tracking');

    await becomes(world, orderId, { stage: 'shipped' });
    expect(requestOf(orderId)).toMatchObject({
      status: 'CANCELLATION_REQUEST_CANCEL',
      answeredBy: 'system',
    });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('too late, in Great Britain, is rejected once as packed, and then the parcel is reported', async () => {
    await start(BRITISH);
    const { orderId, id } = await orderAtAmazon(world, { MUG: 1 }, { address: LONDON });
    world.amazon.advanceOrder(id, 'Processing');

    world.tiktok.buyerCancel(orderId);
    await vi.waitFor(() => expect(requestOf(orderId)).toMatchObject({ answeredBy: 'api' }));
    pack(world, id, { MUG: 1 }, { tracking: ups(1) });
    await world.reconcile('tracking');

    await becomes(world, orderId, { stage: 'shipped' });
    expect(requestOf(orderId).status).toBe('CANCELLATION_REQUEST_CANCEL');
    const operations = world.tiktok.calls.map((call) => call.operation);
    expect(operations.indexOf('cancellations.reject')).toBeLessThan(operations.indexOf('packages.ship'));
    expect(await effects(world)).toEqual({ create: 1, reject: 1, ship: 1 });
  });

  it('waits for a person under the manual policy while Amazon goes on, and the parcel is reported', async () => {
    await start(MANUAL);
    const { orderId, id } = await orderAtAmazon(world);

    world.tiktok.buyerCancel(orderId);
    await becomes(world, orderId, { stage: 'review', reason: 'buyer_cancel_requested' });
    pack(world, id, { MUG: 1 });
    await world.reconcile('tracking');

    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('and takes the request back while Amazon packs gets the goods as if nothing had been', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    world.amazon.advanceOrder(id, 'Processing');
    world.tiktok.buyerCancel(orderId);
    await becomes(world, orderId, { reason: 'cancel_requested_too_late' });

    world.tiktok.buyerWithdraw(orderId);
    await becomes(world, orderId, { stage: 'fulfilling', reason: 'at_amazon' });
    pack(world, id, { MUG: 1 });
    await world.reconcile('tracking');

    await becomes(world, orderId, { stage: 'shipped' });
    expect(await effects(world)).toEqual({ create: 1, ship: 1 });
  });

  it('and takes the request back after Amazon stopped is in review, and a retry sends the order again', async () => {
    await start({ amazon: { delays: { cancelMs: 400 } } });
    const { orderId, id } = await orderAtAmazon(world);
    world.tiktok.buyerCancel(orderId);
    await vi.waitFor(() => expect(world.amazon.cancels).toHaveLength(1));
    world.tiktok.buyerWithdraw(orderId);
    await vi.waitFor(() => expect(world.amazon.order(id)).toMatchObject({ state: 'Cancelled' }));
    await world.reconcile('tracking');
    await becomes(world, orderId, { stage: 'review', reason: 'mcf_cancelled' });

    await world.api('POST', `/api/orders/${orderId}/retry`);

    await becomes(world, orderId, { stage: 'fulfilling', fulfillmentId: `${id}-2` });
    expect(await effects(world)).toEqual({ create: 2, cancel: 1 });
  });
});

describe('a seller who cancels in Seller Center', () => {
  it('before the create ends the order, and nothing is created', async () => {
    await start();
    world.tiktok.webhooks.off();
    const { orderId } = order(world);
    world.tiktok.sellerCancel(orderId);
    world.tiktok.webhooks.on();

    await world.reconcile('orders');

    // An order that ended before it was ever seen is nobody's business; one that is named is `cancelled`.
    await world.tiktok.sendWebhook(1, { order_id: orderId, order_status: 'CANCEL', update_time: 1 });
    await becomes(world, orderId, { stage: 'cancelled' });
    expect(await effects(world)).toEqual({});
  });

  it('while Amazon can stop has it stopped', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);

    world.tiktok.sellerCancel(orderId);

    await becomes(world, orderId, { stage: 'cancelled', reason: 'cancelled' });
    expect(world.amazon.order(id)).toMatchObject({ state: 'Cancelled' });
    expect(await effects(world)).toEqual({ create: 1, cancel: 1 });
  });

  it('too late is told to a person at once, and nothing is reported for a cancelled order', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    world.amazon.advanceOrder(id, 'Processing');

    world.tiktok.sellerCancel(orderId);

    await becomes(world, orderId, { stage: 'review', reason: 'cancelled_but_shipped' });
    pack(world, id, { MUG: 1 }, { status: 'SHIPPED' });
    await world.reconcile('tracking');
    await becomes(world, orderId, { stage: 'review', reason: 'cancelled_but_shipped' });
    expect(await effects(world)).toEqual({ create: 1 });
  });
});
