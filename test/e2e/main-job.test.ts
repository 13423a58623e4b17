import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorld, type World } from './world.ts';

const TBA = 'TBA300000000001';
const UPS = '1Z50V7420354708051';

describe('the main job, over HTTP against both simulators', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
    for (const sku of ['MUG', 'TEE', 'HAT']) world.amazon.addSku(sku, 50);
    world.tiktok.addProduct({
      skus: ['MUG', 'TEE', 'HAT'].map((sellerSku) => ({ sellerSku, stock: 30 })),
    });
  });

  afterEach(async () => {
    const { amazon, tiktok } = world;
    await world.close();
    expect(amazon.violations).toEqual([]);
    expect(amazon.duplicateCreates).toEqual([]);
    expect(tiktok.violations).toEqual([]);
  });

  const created = (count: number) => vi.waitFor(() => expect(world.amazon.creates).toHaveLength(count));
  const itemsOf = (index: number) =>
    (world.amazon.creates[index]!.body as { items: { sellerSku: string; quantity: number }[] }).items;

  it('one webhook gives exactly one create, and its parcel is reported under the right lines', async () => {
    const { orderId, lineIds } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG', units: 2 }], ready: true });
    await created(1);
    expect(itemsOf(0)).toMatchObject([{ sellerSku: 'MUG', quantity: 2 }]);

    world.amazon.addParcel(`TTS-${orderId}`, {
      items: [{ sku: 'MUG', quantity: 2 }],
      carrier: 'AMZN_US',
      tracking: TBA,
    });
    const report = await world.reconcile();

    expect(report).toMatchObject({ tracking: { reported: 1 }, errors: [] });
    expect(world.tiktok.reports).toMatchObject([{ orderId, trackingNumber: TBA, lineIds }]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped', shopId: world.tiktok.shop.id });
  });

  it('fifty concurrent duplicates of a webhook give one create and fifty acknowledgements', async () => {
    world.tiktok.webhooks.off();
    const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    const data = {
      order_id: orderId,
      order_status: 'AWAITING_SHIPMENT',
      is_on_hold_order: true,
      update_time: 1,
    };

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.tiktok.sendWebhook(1, data, { notificationId: 'same' })),
    );

    expect(new Set(answers.map((answer) => `${answer.status}:${answer.body}`))).toEqual(new Set(['200:']));
    await created(1);
    await world.reconcile();
    expect(world.amazon.creates).toHaveLength(1);
  });

  it('fifty different webhooks about one order give one create', async () => {
    world.tiktok.webhooks.off();
    const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    const data = {
      order_id: orderId,
      order_status: 'AWAITING_SHIPMENT',
      is_on_hold_order: true,
      update_time: 1,
    };

    await Promise.all(Array.from({ length: 50 }, () => world.tiktok.sendWebhook(1, data)));

    await created(1);
    await world.reconcile();
    expect(world.amazon.creates).toHaveLength(1);
  });

  it('an order whose webhook was lost is found and placed by one pass', async () => {
    world.tiktok.webhooks.off();
    world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });

    const report = await world.reconcile();

    expect(report.orders).toMatchObject({ discovered: 1, created: 1, failed: 0 });
    expect(world.amazon.creates).toHaveLength(1);
  });

  it('two parcels of one SKU are two reports, each unit under a line of its own', async () => {
    const { orderId, lineIds } = world.tiktok.placeOrder({
      lines: [{ sku: 'MUG', units: 2 }, { sku: 'TEE' }],
      ready: true,
    });
    await created(1);
    const id = `TTS-${orderId}`;
    world.amazon.addParcel(id, { items: [{ sku: 'MUG', quantity: 1 }], carrier: 'AMZN_US', tracking: TBA });
    await world.reconcile('tracking');
    expect(world.tiktok.reports).toHaveLength(1);

    world.amazon.addParcel(id, {
      items: [
        { sku: 'MUG', quantity: 1 },
        { sku: 'TEE', quantity: 1 },
      ],
      carrier: 'UPS',
      tracking: UPS,
    });
    await world.reconcile('tracking');
    await world.reconcile('tracking');

    expect(world.tiktok.reports.map((report) => report.trackingNumber)).toEqual([TBA, UPS]);
    expect(world.tiktok.reports.map((report) => report.lineIds.length)).toEqual([1, 2]);
    expect(world.tiktok.reports.flatMap((report) => report.lineIds).toSorted()).toEqual(
      [...lineIds].toSorted(),
    );
    expect((await world.order(orderId)).packages).toHaveLength(2);
  });

  it.each(['timeout-after', 'reset-after', 'malformed'] as const)(
    'a create whose answer is lost (%s) after its effect is looked up and never sent again',
    async (fault) => {
      world.amazon.faults.next('create', fault);
      const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
      await created(1);

      await vi.waitFor(
        async () => {
          await world.reconcile('orders');
          expect(await world.order(orderId)).toMatchObject({ stage: 'fulfilling' });
        },
        { timeout: 25_000, interval: 300 },
      );

      expect(world.amazon.creates).toHaveLength(1);
      const operations = world.amazon.calls.map((call) => call.operation).filter((name) => name !== 'token');
      expect(operations.indexOf('get')).toBe(operations.indexOf('create') + 1);
      expect(world.amazon.countCalls('create')).toBe(1);
    },
    40_000,
  );

  it('a create refused by an overload is read first and then made once', async () => {
    world.amazon.faults.next('create', {
      status: 503,
      body: { errors: [{ code: 'ServiceUnavailable', message: 'x' }] },
    });
    world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    await vi.waitFor(() => expect(world.amazon.countCalls('create')).toBe(1));

    await vi.waitFor(
      async () => {
        await world.reconcile('orders');
        expect(world.amazon.creates).toHaveLength(1);
      },
      { timeout: 30_000, interval: 200 },
    );

    const operations = world.amazon.calls.map((call) => call.operation).filter((name) => name !== 'token');
    expect(operations.join(' ')).toMatch(/^create( get)+ create/);
    expect(world.amazon.countCalls('create')).toBe(2);
  }, 40_000);

  it.each(['timeout-after', 'reset-after'] as const)(
    'a report whose answer is lost (%s) is found in the order and not sent again',
    async (fault) => {
      const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
      await created(1);
      world.amazon.addParcel(`TTS-${orderId}`, {
        items: [{ sku: 'MUG', quantity: 1 }],
        carrier: 'UPS',
        tracking: UPS,
      });
      world.tiktok.faults.next('packages.ship', fault);

      await world.reconcile('tracking');
      await vi.waitFor(
        async () => {
          await world.reconcile('tracking');
          expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
        },
        { timeout: 25_000, interval: 300 },
      );

      expect(world.tiktok.countCalls('packages.ship')).toBe(1);
      expect((await world.order(orderId)).packages).toMatchObject([{ trackingNumber: UPS }]);
    },
    40_000,
  );

  it('a bundle is sent as its components and shows as many sets as the scarcest allows', async () => {
    world.tiktok.addProduct({ skus: [{ sellerSku: 'SET', stock: 3 }] });
    const entries = [
      {
        shopId: null,
        channelSku: 'SET',
        components: [
          { amazonSku: 'MUG', quantity: 2 },
          { amazonSku: 'HAT', quantity: 1 },
        ],
      },
    ];
    expect(await world.api('PUT', '/api/sku-map', { entries })).toEqual({ status: 200, body: { entries } });
    world.amazon.setStock('MUG', 9);
    world.tiktok.placeOrder({ lines: [{ sku: 'SET' }, { sku: 'MUG' }], ready: true });
    await created(1);

    expect(new Map(itemsOf(0).map(({ sellerSku, quantity }) => [sellerSku, quantity]))).toEqual(
      new Map([
        ['HAT', 1],
        ['MUG', 3],
      ]),
    );
    const report = await world.reconcile('inventory');
    expect(report.errors).toEqual([]);
    expect(world.tiktok.stockOf('SET').available).toBe(3);
    expect(world.tiktok.stockOf('MUG').available).toBe(6);
  });

  it('stock follows Amazon less what is promised, zero included, and is pushed only where it differs', async () => {
    world.amazon.setStock('TEE', 0);
    world.amazon.setStock('HAT', 7);
    world.tiktok.placeOrder({ lines: [{ sku: 'HAT', units: 2 }], paid: false });
    await world.tiktok.webhooks.idle();

    const first = await world.reconcile();
    const second = await world.reconcile();

    expect(first.inventory).toEqual({ skus: 3, pushed: 3, unchanged: 0, failed: 0 });
    expect(world.tiktok.stockOf('HAT').available).toBe(5);
    expect(world.tiktok.stockOf('TEE').available).toBe(0);
    expect(world.tiktok.stockOf('MUG').available).toBe(50);
    expect(second.inventory).toEqual({ skus: 3, pushed: 0, unchanged: 3, failed: 0 });
    const { body } = await world.api('GET', '/api/inventory');
    const { skus } = body as { skus: { amazonSku: string }[] };
    expect(skus.find((row) => row.amazonSku === 'HAT')).toMatchObject({
      fulfillable: 7,
      promised: 2,
      buffer: 0,
      available: 5,
      listings: [{ pushedQuantity: 5 }],
    });
  });

  it('a TikTok Shipping order is left alone, a cancelled one never placed, a bad address reviewed', async () => {
    const foreign = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true, shippingType: 'TIKTOK' });
    const held = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], hold: true });
    const bad = world.tiktok.placeOrder({
      lines: [{ sku: 'MUG' }],
      ready: true,
      address: { state: 'Nowhereland' },
    });
    await world.tiktok.webhooks.idle();
    world.tiktok.buyerCancel(held.orderId);
    await world.tiktok.webhooks.idle();
    await world.reconcile('orders');

    expect(await world.order(foreign.orderId)).toMatchObject({ stage: 'ignored', reason: 'tiktok_shipping' });
    expect(await world.order(held.orderId)).toMatchObject({ stage: 'cancelled' });
    expect(await world.order(bad.orderId)).toMatchObject({ stage: 'review', reason: 'address_invalid' });
    expect(world.amazon.countCalls('create')).toBe(0);
    const { body } = await world.api('GET', '/api/orders?stage=review');
    expect((body as { orders: unknown }).orders).toMatchObject([
      { orderId: bad.orderId, reason: 'address_invalid' },
    ]);
  });

  it('an expired access token is renewed once, and both tokens survive a restart', async () => {
    world.tiktok.expireAccessToken();
    world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    await created(1);
    expect(world.tiktok.countCalls('token.refresh')).toBe(1);

    await world.restart();
    world.tiktok.placeOrder({ lines: [{ sku: 'TEE' }], ready: true });
    await created(2);
    expect(world.tiktok.countCalls('token.refresh')).toBe(1);
  });

  it('revoked Amazon credentials stop that side, lose nothing, and one pass after they are back finishes', async () => {
    world.amazon.revoke();
    const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    await vi.waitFor(async () =>
      expect(await world.order(orderId)).toMatchObject({ reason: 'credentials_refused' }),
    );
    const health = await world.api('GET', '/health');
    expect(health).toMatchObject({ status: 200, body: { status: 'degraded' } });

    world.amazon.restore();
    const report = await world.reconcile();

    expect(report.orders.created).toBe(1);
    expect(await world.api('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('no buyer’s data and no secret is in the data directory or the log', async () => {
    world.tiktok.placeOrder({
      lines: [{ sku: 'MUG' }],
      ready: true,
      address: {
        name: 'Zebedee Quillfeather',
        addressLine1: '77 Marmalade Crescent',
        phone: '(+1)2175550199',
      },
    });
    await created(1);
    await world.reconcile();
    await world.restart();

    const files = readdirSync(world.folder).filter((name) => !name.endsWith('.key'));
    const everything = [
      ...files.map((name) => readFileSync(join(world.folder, name), 'latin1')),
      ...world.logs,
    ].join('\n');

    const { accessToken, refreshToken } = world.tiktok.tokens();
    const secrets = [
      accessToken,
      refreshToken,
      'app-secret-of-the-tests',
      'lwa-client-secret',
      'Atzr|refresh',
      'admin-token-for-tests',
    ];
    for (const text of ['Quillfeather', 'Marmalade', '2175550199', ...secrets])
      expect(everything).not.toContain(text);
  });
});
