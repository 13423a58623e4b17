import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  becomes,
  effects,
  endLives,
  jumpingClock,
  order,
  type Placed,
  startLives,
  ups,
} from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';
import { createBody, OUTBOUND, USER_AGENT } from '../sandbox/amazon-client.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: World;
let clock: ReturnType<typeof jumpingClock>;
let pushedBefore: number;
beforeEach(async () => {
  clock = jumpingClock();
  world = await startLives({ clock, env: { MODE: 'shadow' } });
  pushedBefore = world.tiktok.stockPushes.length;
});
afterEach(() => endLives(world));

/** What another connector does at Amazon, under ids of its own. */
const otherConnector = async () => {
  const grant = await fetch(`${world.amazon.url}/auth/o2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'lwa-client',
      client_secret: 'lwa-client-secret',
      refresh_token: 'Atzr|refresh',
    }),
  });
  const { access_token: token } = (await grant.json()) as { access_token: string };
  return {
    async place({ orderId, lineIds }: Placed): Promise<void> {
      const response = await fetch(`${world.amazon.url}${OUTBOUND}`, {
        method: 'POST',
        headers: {
          'x-amz-access-token': token,
          'user-agent': USER_AGENT,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: JSON.stringify(
          createBody({
            sellerFulfillmentOrderId: `OTHER-${orderId}`,
            displayableOrderId: orderId,
            items: [{ sellerSku: 'MUG', sellerFulfillmentOrderItemId: lineIds[0], quantity: 1 }],
          }),
        ),
      });
      expect(response.status).toBe(200);
    },
  };
};

type Shadow = {
  mode: string;
  liveFrom: string | null;
  summary: { orders: number; wouldHaveSent: number; differing: number };
  orders: {
    orderId: string;
    wouldHave: { kind: string; items?: unknown[] }[];
    happened: { outcome: string; parcels: { trackingNumber: string }[] };
    differences: { code: string }[];
  }[];
  stock: { sellerSku: string; ours: number; shown: number }[];
};
const shadow = async (): Promise<Shadow> => (await world.api('GET', '/api/shadow')).body as Shadow;
const shadowOf = async ({ orderId }: Placed) =>
  (await shadow()).orders.find((entry) => entry.orderId === orderId);

/** Every order that Amazon was asked to ship, and by whom. */
const placedAtAmazon = (): string[] => world.amazon.creates.map(({ fulfillmentId }) => fulfillmentId).sort();
const goLive = async (env: Record<string, string> = {}): Promise<void> => {
  clock.jump(2000);
  await world.restart({ MODE: 'live', ...env });
  // Orders are placed ready to ship, their remorse hour lying behind them.
  clock.jump(2 * HOUR);
};
const watched = (placed: Placed): Promise<void> =>
  becomes(world, placed.orderId, { stage: 'waiting', reason: 'shadow_would_act' });

describe('shadow mode', () => {
  it('makes no effect at either side over a whole life, and says what it would have done', async () => {
    const shipped = order(world);
    const cancelled = order(world, { TEE: 1 });
    await watched(shipped);
    await watched(cancelled);
    clock.jump(MINUTE);
    world.tiktok.sellerShip(shipped.orderId, { trackingNumber: ups(1) });
    world.tiktok.buyerCancel(cancelled.orderId);
    await becomes(world, shipped.orderId, { stage: 'shipped', reason: 'shipped_elsewhere' });

    expect(await effects(world)).toEqual({});
    expect(placedAtAmazon()).toEqual([]);
    expect(world.tiktok.stockPushes).toHaveLength(pushedBefore);
    expect(world.tiktok.reports).toEqual([]);
    expect(await shadowOf(shipped)).toMatchObject({
      wouldHave: [{ kind: 'create', items: [{ amazonSku: 'MUG', quantity: 1 }] }],
      happened: { outcome: 'shipped', parcels: [{ trackingNumber: ups(1) }] },
      differences: [],
    });
    expect((await shadowOf(cancelled))?.wouldHave.map(({ kind }) => kind)).toEqual([
      'create',
      'approveCancellation',
    ]);
  });

  it('names stock that it would have shown otherwise, in a pass without errors', async () => {
    const report = await world.reconcile();

    expect(report.errors).toEqual([]);
    expect(report.inventory).toMatchObject({ pushed: 0, failed: 0 });
    expect(await shadow()).toMatchObject({
      mode: 'shadow',
      stock: expect.arrayContaining([expect.objectContaining({ sellerSku: 'MUG', ours: 50, shown: 30 })]),
    });
  });

  it('carries out nothing that a person asks for', async () => {
    const placed = order(world);
    await watched(placed);
    await world.api('POST', `/api/orders/${placed.orderId}/cancel`, {});
    await world.api('POST', `/api/orders/${placed.orderId}/retry`, {});

    expect(await effects(world)).toEqual({});
  });
});

describe('going live from shadow', () => {
  it('ships nothing a second time that another connector placed, shipped or not', async () => {
    const other = await otherConnector();
    const shippedBefore = order(world);
    const placedBefore = order(world);
    const unseen = order(world);
    for (const placed of [shippedBefore, placedBefore]) await watched(placed);
    for (const placed of [shippedBefore, placedBefore, unseen]) await other.place(placed);
    clock.jump(MINUTE);
    world.tiktok.sellerShip(shippedBefore.orderId, { trackingNumber: ups(1) });

    await goLive();
    const ours = order(world);
    await becomes(world, ours.orderId, { stage: 'fulfilling' });
    await world.reconcile();
    await becomes(world, placedBefore.orderId, { stage: 'review', reason: 'before_live' });
    await becomes(world, unseen.orderId, { stage: 'review', reason: 'before_live' });

    expect(placedAtAmazon()).toEqual(
      [shippedBefore, placedBefore, unseen]
        .map(({ orderId }) => `OTHER-${orderId}`)
        .concat(ours.id)
        .sort(),
    );
    clock.jump(MINUTE);
    world.tiktok.sellerShip(placedBefore.orderId, { trackingNumber: ups(2) });
    await becomes(world, placedBefore.orderId, { stage: 'shipped', reason: 'shipped_elsewhere' });
    expect(await effects(world)).toMatchObject({ create: 4 });
  });

  it('sends what nobody placed once a person lets it go, each once', async () => {
    const left = [order(world), order(world)];
    for (const placed of left) await watched(placed);
    await goLive();
    await world.reconcile();
    for (const placed of left) await becomes(world, placed.orderId, { reason: 'before_live' });

    const { body } = await world.api('POST', '/api/orders/retry', { reason: 'before_live' });

    expect(body).toEqual({ retried: 2 });
    for (const placed of left) await becomes(world, placed.orderId, { stage: 'fulfilling' });
    expect(placedAtAmazon()).toEqual(left.map(({ id }) => id).sort());
    expect(await effects(world)).toMatchObject({ create: 2 });
  });

  it('keeps to its time over restarts, and says it', async () => {
    const placed = order(world);
    await watched(placed);
    await goLive();
    const { liveFrom, mode } = await shadow();
    await world.restart({ MODE: 'live' });
    await world.reconcile();

    expect(mode).toBe('live');
    expect((await shadow()).liveFrom).toBe(liveFrom);
    await becomes(world, placed.orderId, { reason: 'before_live' });
    expect(placedAtAmazon()).toEqual([]);
  });

  it('pushes stock again', async () => {
    await world.reconcile();
    await goLive();
    await world.reconcile('inventory');

    expect(world.tiktok.stockPushes.length).toBeGreaterThan(pushedBefore);
  });
});

describe('what was placed here before a shadow', () => {
  it('is watched in the shadow and goes on after it', async () => {
    await goLive();
    const placed = order(world);
    await becomes(world, placed.orderId, { stage: 'fulfilling', reason: 'at_amazon' });
    await world.restart({ MODE: 'shadow' });
    world.amazon.addParcel(placed.id, {
      items: [{ sku: 'MUG', quantity: 1 }],
      carrier: 'UPS',
      tracking: ups(3),
    });
    await world.reconcile('tracking');
    await becomes(world, placed.orderId, { stage: 'fulfilling', reason: 'shadow_would_act' });
    expect(world.tiktok.reports).toEqual([]);

    await goLive();
    await world.reconcile('tracking');

    await becomes(world, placed.orderId, { stage: 'shipped' });
    expect(world.tiktok.reports.map(({ trackingNumber }) => trackingNumber)).toEqual([ups(3)]);
  });
});

describe('a first start with LIVE_FROM', () => {
  it('leaves older orders to a person although there was no shadow', async () => {
    await world.close();
    clock = jumpingClock();
    const liveFrom = new Date(clock.nowMs() + MINUTE).toISOString();
    world = await startLives({ clock, env: { LIVE_FROM: liveFrom } });
    const older = order(world);
    await becomes(world, older.orderId, { stage: 'review', reason: 'before_live' });
    clock.jump(2 * HOUR);
    const newer = order(world);

    await becomes(world, newer.orderId, { stage: 'fulfilling' });
    expect(placedAtAmazon()).toEqual([newer.id]);
  });
});
