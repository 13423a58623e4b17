import { describe, expect, test } from 'vitest';
import { useHttpMock } from '../../../test/http-mock.ts';
import { createTikTokClient } from './client.ts';
import cancellations from './fixtures/cancellations-and-returns.json' with { type: 'json' };
import {
  type Answer,
  API_URL,
  createHarness,
  expectCall,
  expectRefresh,
  failure,
  granted,
  SHOP,
  START_MS,
  success,
} from './fixtures/harness.ts';
import shipped from './fixtures/mark-package-shipped.json' with { type: 'json' };
import orderDetail from './fixtures/order-detail.response.json' with { type: 'json' };
import vectors from './fixtures/signature-vectors.json' with { type: 'json' };

const mock = useHttpMock();
const ORDER_ID = '576900000000000101';
const DETAIL = '/order/202507/orders';
const SHIP = `/fulfillment/202309/orders/${ORDER_ID}/packages`;
const shipRequest = {
  orderId: ORDER_ID,
  lineIds: shipped.request_partial.order_line_item_ids,
  trackingNumber: ' TBA300000000001\t',
  carrierId: '7248600717110282027',
};

const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

describe('the requests on the wire', () => {
  test('carry the published signatures', async () => {
    const { tiktok } = createHarness();
    const [, get, , post] = vectors.api;
    mock
      .scope(API_URL)
      .get(DETAIL)
      .query({ ...get?.query, sign: get?.expected_sign ?? '' })
      .reply(200, orderDetail);
    mock
      .scope(API_URL)
      .post(SHIP, shipped.request_partial)
      .query({ ...post?.query, sign: post?.expected_sign ?? '' })
      .reply(200, shipped.response_ok);

    const orders = await tiktok.fetchOrders(SHOP, ['576900000000000101', '576900000000000102']);
    const result = await tiktok.ship(SHOP, shipRequest);

    expect([...orders.keys()]).toEqual([ORDER_ID]);
    expect(result.ok).toBe(true);
  });

  test('encode what the signature takes decoded', async () => {
    const { tiktok } = createHarness();
    const pageToken = '6AsPQsUMvH3/RkchNUPP+h22NROHkE0D8pmq==';
    const query = { page_size: '100', sort_field: 'update_time', sort_order: 'ASC' };
    const body = { order_status: 'AWAITING_SHIPMENT', update_time_ge: 1_763_990_000 };
    expectCall(
      mock,
      'POST',
      '/order/202309/orders/search',
      { query, body },
      {
        body: { code: 0, data: { next_page_token: pageToken, orders: [] } },
      },
    );
    expectCall(
      mock,
      'POST',
      '/order/202309/orders/search',
      { query: { ...query, page_token: pageToken }, body },
      success({ orders: [{ id: '1', status: 'UNPAID', update_time: 5 }, { id: '2' }] }),
    );

    const pages = [];
    const search = { status: 'awaiting_shipment', updatedFromMs: 1_763_990_000_900 } as const;
    for await (const page of tiktok.searchOrders(SHOP, search)) pages.push(page);

    expect(pages).toEqual([
      [],
      [
        { orderId: '1', rawStatus: 'UNPAID', updatedAtMs: 5000 },
        { orderId: '2', rawStatus: '', updatedAtMs: 0 },
      ],
    ]);
  });

  test('a search without a filter starts at the beginning of the shop', async () => {
    const { tiktok } = createHarness();
    const query = { page_size: '100', sort_field: 'update_time', sort_order: 'ASC' };
    expectCall(mock, 'POST', '/order/202309/orders/search', { query, body: {} }, success({ orders: null }));

    const pages = [];
    for await (const page of tiktok.searchOrders(SHOP, {})) pages.push(page);

    expect(pages).toEqual([[]]);
  });

  test('a page token that comes back ends the search instead of looping', async () => {
    const { tiktok } = createHarness();
    const query = { page_size: '50' };
    const path = '/return_refund/202309/cancellations/search';
    const body = { order_ids: [ORDER_ID] };
    const answer = success({ next_page_token: 'again' });
    expectCall(mock, 'POST', path, { query, body }, answer);
    expectCall(mock, 'POST', path, { query: { ...query, page_token: 'again' }, body }, answer);

    expect(await rejection(tiktok.fetchCancellations(SHOP, ORDER_ID))).toMatchObject({
      code: 'upstream_malformed',
    });
  });

  test('orders are read 50 at a time, each id once, and unknown ids are absent', async () => {
    const { tiktok } = createHarness();
    const ids = Array.from({ length: 51 }, (_, index) => String(1000 + index));
    const first = ids.slice(0, 50).join(',');
    expectCall(mock, 'GET', DETAIL, { query: { ids: first } }, success({ orders: [{ id: '1000' }] }));
    expectCall(mock, 'GET', DETAIL, { query: { ids: '1050' } }, success({}));

    const orders = await tiktok.fetchOrders(SHOP, [...ids, '1000']);

    expect([...orders.keys()]).toEqual(['1000']);
  });

  test('no order to read is no call', async () => {
    expect((await createHarness().tiktok.fetchOrders(SHOP, [])).size).toBe(0);
  });

  test('an approval has a key and a zero-length body', async () => {
    const { tiktok } = createHarness();
    const path = '/return_refund/202309/cancellations/9/approve';
    expectCall(mock, 'POST', path, { query: { idempotency_key: 'k-1' } }, { body: { code: 0 } });

    expect(await tiktok.approveCancellation(SHOP, '9', 'k-1')).toEqual({ ok: true, value: true });
  });

  test('a rejection has a key and its reason', async () => {
    const { tiktok } = createHarness();
    const path = '/return_refund/202309/cancellations/9/reject';
    const body = { reject_reason: 'packed' };
    expectCall(mock, 'POST', path, { query: { idempotency_key: 'k-2' }, body }, success(null));

    expect(await tiktok.rejectCancellation(SHOP, '9', 'k-2', 'packed')).toEqual({ ok: true, value: true });
  });

  test('a cancellation names the order and the reason', async () => {
    const { tiktok } = createHarness();
    const body = { order_id: ORDER_ID, cancel_reason: 'seller_cancel_reason_out_of_stock' };
    const answer = { body: cancellations.cancel_order_response };
    expectCall(mock, 'POST', '/return_refund/202309/cancellations', { body }, answer);

    expect(await tiktok.cancelOrder(SHOP, ORDER_ID, body.cancel_reason)).toEqual({ ok: true, value: true });
  });

  test('a correction names the package', async () => {
    const { tiktok } = createHarness();
    const body = shipped.update_package_shipping_info_request;
    const answer = { body: shipped.update_package_shipping_info_response };
    expectCall(mock, 'POST', '/fulfillment/202309/packages/7/shipping_info/update', { body }, answer);

    const request = {
      orderId: ORDER_ID,
      packageId: '7',
      trackingNumber: body.tracking_number,
      carrierId: body.shipping_provider_id,
    };
    expect(await tiktok.correctTracking(SHOP, request)).toEqual({ ok: true, value: true });
  });

  test('an id from outside cannot leave its place in the path', async () => {
    const { tiktok } = createHarness();
    const path = '/return_refund/202309/cancellations/..%2F9/approve';
    expectCall(mock, 'POST', path, { query: { idempotency_key: 'k' } }, success({}));

    expect((await tiktok.approveCancellation(SHOP, '../9', 'k')).ok).toBe(true);
  });

  test('warehouses are read without a body', async () => {
    const specs: unknown[] = [];
    const client = createTikTokClient(async (_target, spec) => {
      specs.push(spec);
      return spec.data.parse({ warehouses: [{ id: 1, type: 'SALES_WAREHOUSE' }] });
    });

    const answer = await client.getWarehouses({ account: 'a', authorization: 'b', cipher: 'c', side: null });

    expect(answer.warehouses[0]).toMatchObject({ id: '1', type: 'SALES_WAREHOUSE' });
    expect(specs).toMatchObject([{ method: 'GET', path: '/logistics/202309/warehouses', effect: 'read' }]);
  });
});

describe('an access token that has expired', () => {
  const query = { ids: '1' };

  test.each([
    ['105002', failure(105002)],
    ['105002 with HTTP 401', failure(105002, 'expired', 401)],
    ['a bare HTTP 401', { status: 401, body: '' }],
  ] as [string, Answer][])('is refreshed once and the call made once more: %s', async (_, answer) => {
    const { tiktok } = createHarness();
    expectCall(mock, 'GET', DETAIL, { query }, answer);
    expectRefresh(mock, 'refresh-1', granted(2));
    expectCall(mock, 'GET', DETAIL, { query, token: 'access-2' }, success({ orders: [{ id: '1' }] }));

    expect((await tiktok.fetchOrders(SHOP, ['1'])).has('1')).toBe(true);
  });

  test('twice in a row stops the side, and no further call goes out', async () => {
    const { tiktok, side } = createHarness();
    expectCall(mock, 'GET', DETAIL, { query }, failure(105002));
    expectRefresh(mock, 'refresh-1', granted(2));
    expectCall(mock, 'GET', DETAIL, { query, token: 'access-2' }, failure(105002));

    const error = await rejection(tiktok.fetchOrders(SHOP, ['1']));

    expect(error).toMatchObject({ code: 'upstream_auth_refused', stage: 'before' });
    expect(side.state().state).toBe('stopped');
    expect(await rejection(tiktok.fetchOrders(SHOP, ['1']))).toMatchObject({ code: 'upstream_auth_refused' });
  });

  test('and another fault after the refresh is that fault', async () => {
    const { tiktok } = createHarness();
    expectCall(mock, 'GET', DETAIL, { query }, failure(105002));
    expectRefresh(mock, 'refresh-1', granted(2));
    expectCall(mock, 'GET', DETAIL, { query, token: 'access-2' }, failure(36009003));

    expect(await rejection(tiktok.fetchOrders(SHOP, ['1']))).toMatchObject({ code: 'upstream_unavailable' });
  });

  test('when the refresh fails, the write that needed it surely had no effect', async () => {
    const { tiktok } = createHarness();
    expectCall(mock, 'POST', SHIP, { body: shipped.request_partial }, failure(105002));
    expectRefresh(mock, 'refresh-1', { status: 503, body: '' });

    expect(await rejection(tiktok.ship(SHOP, shipRequest))).toMatchObject({
      code: 'upstream_unavailable',
      stage: 'before',
    });
  });
});

describe('a call that goes wrong', () => {
  test.each([
    ['bad JSON', { body: '{"code":' }, 'upstream_malformed', 'during'],
    ['a page of HTML', { status: 404, body: '<html>' }, 'upstream_malformed', 'during'],
    ['no code', { body: {} }, 'upstream_malformed', 'during'],
    ['data of another shape', success({ package_id: {} }), 'upstream_malformed', 'after'],
    ['a reset', new Error('reset'), 'upstream_unreachable', 'during'],
    ['HTTP 503', { status: 503, body: '' }, 'upstream_unavailable', 'during'],
    ['HTTP 429', failure(36009002, 'x', 429), 'upstream_throttled', 'before'],
    ['a time-out inside TikTok', failure(21001003), 'upstream_timeout', 'during'],
    ['a scope that is missing', failure(105005), 'upstream_auth_refused', 'before'],
    ['a cipher that is missing', failure(106013), 'upstream_config_refused', 'before'],
  ] as const)('is a fault, and a write is not repeated: %s', async (_, answer, code, stage) => {
    const { tiktok } = createHarness();
    expectCall(mock, 'POST', SHIP, { body: shipped.request_partial }, answer);

    expect(await rejection(tiktok.ship(SHOP, shipRequest))).toMatchObject({ code, stage });
  });

  test('leaves a read without effect', async () => {
    const { tiktok } = createHarness();
    expectCall(mock, 'GET', DETAIL, { query: { ids: '1' } }, { body: 'x' });

    expect(await rejection(tiktok.fetchOrders(SHOP, ['1']))).toMatchObject({ stage: 'before' });
  });

  test('tells neither token, secret, address nor body', async () => {
    const { tiktok } = createHarness();
    const answer = failure(36009003, 'Jane Example, 100 Example Street');
    expectCall(mock, 'POST', SHIP, { body: shipped.request_partial }, answer);

    const error = await rejection(tiktok.ship(SHOP, shipRequest));

    const told = JSON.stringify(error, Object.getOwnPropertyNames(error));
    expect(told).not.toMatch(/access-1|refresh-1|0123456789|tiktok\.test|Jane|TBA3|TTP_/);
    expect(told).toContain('36009003');
    expect(told).toContain('request-2');
  });

  test('is signed with the time of its sending', async () => {
    const { tiktok, clock } = createHarness();
    await clock.advance(90_000);
    expectCall(mock, 'GET', DETAIL, { query: { ids: '1' }, timestampMs: START_MS + 90_000 }, success({}));

    expect((await tiktok.fetchOrders(SHOP, ['1'])).size).toBe(0);
  });
});
