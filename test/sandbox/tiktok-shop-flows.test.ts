import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { webhookSignature } from '../../src/sandbox/tiktok-shop/signing.ts';
import { AMAZON, APP, createClient, type ManualClock, manualClock, startReceiver } from './tiktok-client.ts';

const UPS = '7117859084333745966';

let clock: ManualClock;
let shop: TikTokSandbox;
let client: ReturnType<typeof createClient>;

const violationCodes = () => shop.violations.map(({ message }) => Number(message.split(' ')[0]));

beforeEach(async () => {
  clock = manualClock();
  shop = await startTikTokSandbox({ clock, ...APP });
  client = createClient(shop, clock);
});

afterEach(async () => {
  await shop.close();
});

describe('shipping', () => {
  const ready = (units = 1, address = {}) =>
    shop.placeOrder({ lines: [{ sku: 'SOCK', units }], ready: true, address });

  test('goes parcel by parcel from AWAITING_SHIPMENT to AWAITING_COLLECTION', async () => {
    const { orderId, lineIds } = ready(3);
    const first = await client.ship(orderId, lineIds.slice(0, 2), 'TBA300000000001');
    expect(first.data).toMatchObject({ order_id: orderId, order_line_item_ids: lineIds.slice(0, 2) });
    expect((await client.order(orderId)).status).toBe('PARTIALLY_SHIPPING');
    expect((await client.ship(orderId, undefined, 'TBA300000000002')).code).toBe(21011048);
    expect((await client.ship(orderId, lineIds.slice(2), 'TBA300000000002')).code).toBe(0);
    const order = await client.order(orderId);
    expect(order).toMatchObject({ status: 'AWAITING_COLLECTION', split_or_combine_tag: 'SPLIT' });
    expect(order.line_items[0]).toMatchObject({
      display_status: 'AWAITING_COLLECTION',
      package_id: first.data.package_id,
      tracking_number: 'TBA300000000001',
    });
    expect(shop.reports.map((report) => report.lineIds)).toEqual([lineIds.slice(0, 2), lineIds.slice(2)]);
    expect(shop.stockOf('SOCK')).toEqual({ available: 997, committed: 0 });
  });

  test('may cover the whole order, and then tells again that it is done', async () => {
    const { orderId, lineIds } = ready(2);
    expect((await client.ship(orderId, undefined, 'AFTN987654321')).data.order_line_item_ids).toEqual(
      lineIds,
    );
    expect((await client.ship(orderId, undefined, 'AFTN987654321')).code).toBe(21011006);
    expect((await client.ship(orderId, lineIds, 'AFTN987654321')).code).toBe(21011006);
    expect(violationCodes()).toEqual([21011006, 21011006]);
    expect(shop.reports).toHaveLength(1);
  });

  test('is refused with the documented code in every state that forbids it', async () => {
    const held = shop.placeOrder({ lines: [{ sku: 'SOCK' }] });
    expect((await client.ship(held.orderId, held.lineIds, 'TBA300000000001')).code).toBe(21011044);
    const unpaid = shop.placeOrder({ lines: [{ sku: 'SOCK' }], paid: false });
    expect((await client.ship(unpaid.orderId, unpaid.lineIds, 'TBA300000000001')).code).toBe(21042057);
    const gone = ready();
    shop.sellerCancel(gone.orderId);
    expect((await client.ship(gone.orderId, gone.lineIds, 'TBA300000000001')).code).toBe(21011041);
    const labelled = shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true, shippingType: 'TIKTOK' });
    expect((await client.ship(labelled.orderId, labelled.lineIds, 'TBA300000000001')).code).toBe(21011004);
    expect((await client.ship('576900000000099999', undefined, 'TBA300000000001')).code).toBe(21008111);
    expect(violationCodes()).toEqual([21011044, 21042057, 21011004, 21008111]);
    expect(shop.reports).toEqual([]);
  });

  test('is refused for foreign lines, unknown carriers and impossible numbers', async () => {
    const { orderId, lineIds } = ready();
    const other = ready();
    const codes = [
      await client.ship(orderId, other.lineIds, 'TBA300000000001'),
      await client.ship(orderId, lineIds, 'TBA300000000001', '1234567890'),
      await client.ship(orderId, lineIds, 'TBA 300000000001'),
      await client.ship(orderId, lineIds, ''),
    ].map(({ code }) => code);
    expect(codes).toEqual([21011029, 21011022, 21004012, 21011022]);
    expect(shop.order(orderId).status).toBe('AWAITING_SHIPMENT');
  });

  test('shares a number only between orders of one recipient', async () => {
    const [first, same, other] = [ready(), ready(), ready(1, { name: 'Sam Sample' })];
    expect((await client.ship(first.orderId, first.lineIds, 'TBA300000000001')).code).toBe(0);
    expect((await client.ship(same.orderId, same.lineIds, 'TBA300000000001')).code).toBe(0);
    expect((await client.ship(other.orderId, other.lineIds, 'TBA300000000001')).code).toBe(21011025);
  });

  test('warns where the number looks like another carrier, and refuses where the shop is set so', async () => {
    const first = ready();
    const doubtful = await client.ship(first.orderId, first.lineIds, '1Z999AA10123456784');
    expect(doubtful.code).toBe(0);
    expect(doubtful.data.warning.message).toContain('UPS');
    const second = ready();
    shop.settings.trackingMismatch = 'refuse';
    expect((await client.ship(second.orderId, second.lineIds, '1Z999AA10123456799')).code).toBe(21004015);
    shop.warnNextShip('look again');
    const third = await client.ship(second.orderId, second.lineIds, '1Z999AA10123456799', UPS);
    expect(third.data.warning.message).toBe('look again');
  });

  test('may be corrected once, within 72 hours', async () => {
    const { orderId, lineIds } = ready();
    const { data } = await client.ship(orderId, lineIds, 'TBA300000000001');
    const correct = (packageId: string, tracking_number: string) =>
      client.call(`/fulfillment/202309/packages/${packageId}/shipping_info/update`, {
        body: { tracking_number, shipping_provider_id: AMAZON },
      });
    expect((await correct(data.package_id, 'TBA300000000002')).code).toBe(0);
    expect((await correct(data.package_id, 'TBA300000000003')).code).toBe(21011051);
    expect((await client.order(orderId)).tracking_number).toBe('TBA300000000002');
    const late = ready();
    const parcel = await client.ship(late.orderId, late.lineIds, 'TBA300000000004');
    clock.advance(72 * 3600 + 1);
    expect((await correct(parcel.data.package_id, 'TBA300000000005')).code).toBe(21011050);
    expect(shop.corrections).toHaveLength(1);
    const detail = await client.call(`/fulfillment/202309/packages/${data.package_id}`);
    expect(detail.data).toMatchObject({ package_status: 'PROCESSING', tracking_number: 'TBA300000000002' });
    const found = await client.call('/fulfillment/202309/packages/search', { body: {} });
    expect(found.data.total_count).toBe(2);
  });

  test('by hand in Seller Center is not a report, and a race with it is not a violation', async () => {
    const { orderId, lineIds } = ready();
    shop.sellerShip(orderId, { trackingNumber: 'TBA300000000009' });
    expect((await client.ship(orderId, lineIds, 'TBA300000000001')).code).toBe(21011006);
    expect(shop.reports).toEqual([]);
    expect(shop.violations).toEqual([]);
  });
});

describe('cancellations', () => {
  const search = async (orderId: string) =>
    (
      await client.call('/return_refund/202309/cancellations/search', {
        body: { order_ids: [orderId] },
      })
    ).data.cancellations;
  const post = (path: string, body: unknown) =>
    client.call(`/return_refund/202309/cancellations${path}`, { body });

  test('by the buyer in the remorse hour take effect at once and free the stock', async () => {
    shop.addProduct({ skus: [{ sellerSku: 'SOCK', stock: 5 }] });
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SOCK', units: 2 }] });
    expect(shop.stockOf('SOCK')).toEqual({ available: 3, committed: 2 });
    shop.buyerCancel(orderId);
    expect(await search(orderId)).toMatchObject([
      { cancel_type: 'CANCEL', cancel_status: 'CANCELLATION_REQUEST_SUCCESS', role: 'BUYER' },
    ]);
    expect(await client.order(orderId)).toMatchObject({
      status: 'CANCELLED',
      cancellation_initiator: 'BUYER',
    });
    expect(shop.stockOf('SOCK')).toEqual({ available: 5, committed: 0 });
  });

  test('after it are requests: approved once, with a key that makes repeats harmless', async () => {
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    const id = shop.buyerCancel(orderId);
    expect((await client.order(orderId)).is_buyer_request_cancel).toBe(true);
    expect((await search(orderId))[0]!.seller_next_action_response).toEqual([
      { action: 'SELLER_RESPOND_CANCEL', deadline: 1_764_000_000 + 48 * 3600 },
    ]);
    const approve = (key: string) =>
      client.call(`/return_refund/202309/cancellations/${id}/approve`, {
        method: 'POST',
        query: { idempotency_key: key },
      });
    expect((await approve('one')).code).toBe(0);
    expect((await approve('one')).code).toBe(0);
    expect((await approve('two')).code).toBe(25020003);
    expect((await client.order(orderId)).status).toBe('CANCELLED');
  });

  test('are approved by TikTok when nobody answers for 48 hours', async () => {
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    shop.buyerCancel(orderId);
    clock.advance(48 * 3600 - 1);
    expect(shop.order(orderId).status).toBe('AWAITING_SHIPMENT');
    clock.advance(1);
    expect((await client.order(orderId)).status).toBe('CANCELLED');
  });

  test('of US orders are answered by shipping, of others by a reason', async () => {
    const american = shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    const id = shop.buyerCancel(american.orderId);
    const body = { reject_reason: 'seller_reject_apply_product_has_been_packed' };
    expect((await post(`/${id}/reject`, body)).code).not.toBe(0);
    expect((await client.ship(american.orderId, american.lineIds, 'TBA300000000001')).code).toBe(0);
    expect((await search(american.orderId))[0]!.cancel_status).toBe('CANCELLATION_REQUEST_CANCEL');
    expect(() => shop.buyerCancel(american.orderId)).toThrow('AWAITING_COLLECTION');

    shop.shop.region = 'GB';
    const british = shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    const request = shop.buyerCancel(british.orderId);
    expect((await client.ship(british.orderId, british.lineIds, 'TBA300000000002')).code).toBe(21011007);
    expect((await post(`/${request}/reject`, { reject_reason: 'because' })).code).toBe(25001015);
    expect((await post(`/${request}/reject`, body)).code).toBe(0);
    expect(shop.order(british.orderId).status).toBe('AWAITING_SHIPMENT');
  });

  test('by the seller need a reason of the market and may take single lines that are out of stock', async () => {
    const { orderId, lineIds } = shop.placeOrder({ lines: [{ sku: 'SOCK', units: 2 }], ready: true });
    const cancel_reason = 'seller_cancel_reason_out_of_stock';
    expect((await post('', { order_id: orderId, cancel_reason: `${cancel_reason}_uk` })).code).toBe(25001014);
    const one = { order_id: orderId, order_line_item_ids: lineIds.slice(0, 1) };
    expect((await post('', { ...one, cancel_reason: 'seller_cancel_reason_wrong_price' })).code).toBe(
      25005010,
    );
    expect((await post('', { ...one, cancel_reason })).data.cancel_status).toBe(
      'CANCELLATION_REQUEST_SUCCESS',
    );
    const order = await client.order(orderId);
    expect(order.status).toBe('AWAITING_SHIPMENT');
    expect(order.line_items[0]).toMatchObject({ display_status: 'CANCELLED', cancel_user: 'SELLER' });
    expect((await post('', { order_id: orderId, cancel_reason })).code).toBe(0);
    expect(shop.order(orderId).status).toBe('CANCELLED');
    expect((await post('', { order_id: orderId, cancel_reason })).code).toBe(25001011);
  });
});

describe('webhooks', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;

  beforeEach(async () => {
    receiver = await startReceiver();
    shop.webhooks.url = receiver.url;
  });

  afterEach(async () => {
    await receiver.close();
  });

  test('announce every change of status, signed over the exact body', async () => {
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SOCK' }] });
    await shop.webhooks.idle();
    clock.advance(3600);
    await vi.waitFor(() => expect(receiver.hits).toHaveLength(3));
    await shop.webhooks.idle();
    shop.changeAddress(orderId, { name: 'Sam Sample' });
    shop.buyerCancel(orderId);
    shop.sellerCancel(orderId);
    await shop.webhooks.idle();
    const messages = receiver.messages();
    expect(messages.map(({ type }) => type).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 1, 3, 11, 11]);
    const statuses = messages.filter(({ type }) => type === 1).map(({ data }) => data.order_status);
    expect(new Set(statuses)).toEqual(new Set(['UNPAID', 'ON_HOLD', 'AWAITING_SHIPMENT', 'CANCEL']));
    expect(new Set(messages.map((message) => message.tts_notification_id)).size).toBe(7);
    for (const hit of receiver.hits)
      expect(hit.authorization).toBe(webhookSignature(APP.appKey, APP.appSecret, hit.body));
    expect(shop.deliveries.every(({ status }) => status === 'delivered')).toBe(true);
    expect(shop.violations).toEqual([]);
  });

  test('are repeated on the documented schedule until they are acknowledged', async () => {
    receiver.answer.status = 503;
    shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    const attempts = async (count: number) => {
      await vi.waitFor(() => expect(receiver.hits).toHaveLength(count));
      await shop.webhooks.idle();
    };
    await attempts(1);
    expect(shop.deliveries[0]).toMatchObject({ status: 'waiting', attempts: 1, lastStatus: 503 });
    let count = 1;
    for (const minutes of [2, 30, 180, 720]) {
      clock.advance(minutes * 60 - 1);
      shop.tick();
      expect(receiver.hits).toHaveLength(count);
      clock.advance(1);
      count += 1;
      await attempts(count);
    }
    expect(shop.deliveries[0]).toMatchObject({ status: 'dropped', attempts: 5 });
    expect(new Set(receiver.hits.map(({ body }) => body)).size).toBe(1);
  });

  test('refused with 401 are not sent again', async () => {
    receiver.answer.status = 401;
    shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    await shop.webhooks.idle();
    expect(shop.deliveries[0]).toMatchObject({ status: 'refused', attempts: 1 });
  });

  test('can be lost, doubled, held back and switched off', async () => {
    shop.webhooks.lose(1);
    shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    shop.webhooks.duplicate(1);
    const doubled = shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    shop.webhooks.off();
    shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    shop.webhooks.on();
    await shop.webhooks.idle();
    expect(receiver.messages().map(({ data }) => data.order_id)).toEqual([doubled.orderId, doubled.orderId]);
    expect(shop.deliveries.map(({ status }) => status)).toEqual(['lost', 'delivered', 'delivered', 'lost']);
    shop.webhooks.delayMs = 5000;
    shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    expect(receiver.hits).toHaveLength(2);
    clock.advance(5);
    await shop.webhooks.idle();
    expect(receiver.hits).toHaveLength(3);
  });

  test('can be forged for a test, and the answer is told', async () => {
    receiver.answer.body = 'hello';
    const options = { secret: 'not the secret', notificationId: '42' };
    expect(await shop.sendWebhook(1, { order_id: '1' }, options)).toEqual({ status: 200, body: 'hello' });
    expect(receiver.messages()[0].tts_notification_id).toBe('42');
    expect(receiver.hits[0]?.authorization).not.toBe(shop.signWebhook(receiver.hits[0]?.body ?? ''));
  });
});

describe('faults', () => {
  const order = () => shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
  const shipping = (id: { orderId: string; lineIds: string[] }, signal?: AbortSignal) =>
    client.raw(`/fulfillment/202309/orders/${id.orderId}/packages`, {
      body: {
        order_line_item_ids: id.lineIds,
        tracking_number: 'TBA300000000001',
        shipping_provider_id: AMAZON,
      },
      ...(signal ? { signal } : {}),
    });

  test.each([
    ['timeout-before', 'AWAITING_SHIPMENT'],
    ['timeout-after', 'AWAITING_COLLECTION'],
  ] as const)('%s never answers and leaves the order %s', async (fault, status) => {
    const id = order();
    shop.faults.next('packages.ship', fault);
    const abort = new AbortController();
    const pending = shipping(id, abort.signal);
    await vi.waitFor(() => expect(shop.countCalls('packages.ship')).toBe(1));
    abort.abort();
    await expect(pending).rejects.toThrow(Error);
    expect(shop.order(id.orderId).status).toBe(status);
  });

  test.each([
    ['reset-before', 'AWAITING_SHIPMENT'],
    ['reset-after', 'AWAITING_COLLECTION'],
  ] as const)('%s cuts the line and leaves the order %s', async (fault, status) => {
    const id = order();
    shop.faults.next('packages.ship', fault);
    await expect(shipping(id)).rejects.toThrow(Error);
    expect(shop.order(id.orderId).status).toBe(status);
  });

  test('answer with a status, with broken JSON, or late, as often as asked', async () => {
    const id = order();
    shop.faults.next('packages.ship', { status: 503, body: 'busy' }, 2);
    shop.faults.next('packages.ship', 'malformed');
    for (let count = 0; count < 2; count += 1) expect((await shipping(id)).status).toBe(503);
    expect(shop.order(id.orderId).status).toBe('AWAITING_SHIPMENT');
    await expect((await shipping(id)).json()).rejects.toThrow(Error);
    expect(shop.order(id.orderId).status).toBe('AWAITING_COLLECTION');
    shop.faults.next('orders.detail', { slowMs: 20 });
    expect((await client.order(id.orderId)).id).toBe(id.orderId);
    expect(shop.faults.pending()).toBe(0);
    expect(shop.calls.map(({ fault }) => fault)).toEqual(['status-503', 'status-503', 'malformed', 'slow']);
  });
});
