import { describe, expect, test } from 'vitest';
import { useHttpMock } from '../../../test/http-mock.ts';
import fixtures from './fixtures/cancellations-and-returns.json' with { type: 'json' };
import { createHarness, expectCall, failure, SHOP, success } from './fixtures/harness.ts';
import { areaOf } from './limits.ts';
import { mapReturn } from './returns.ts';

const mock = useHttpMock();
const PATH = '/return_refund/202309/returns/search';
const query = { page_size: '50', sort_field: 'update_time', sort_order: 'ASC' };
const ORDER_ID = '576900000000000101';

const remoteOf = (fields: Partial<Parameters<typeof mapReturn>[0]> = {}) => ({
  order_id: ORDER_ID,
  return_id: '1',
  return_type: 'RETURN_AND_REFUND',
  return_status: 'AWAITING_BUYER_SHIP',
  return_reason: '',
  can_buyer_keep_item: false,
  create_time: null,
  update_time: null,
  seller_next_action_response: [],
  return_line_items: [],
  ...fields,
});

describe('returns', () => {
  test('of orders are read with their lines and the deadline of the answer, without the buyer’s words', async () => {
    const { tiktok } = createHarness();
    expectCall(
      mock,
      'POST',
      PATH,
      { query, body: { order_ids: [ORDER_ID] } },
      {
        body: fixtures.search_returns_response,
      },
    );

    expect(await tiktok.fetchReturns(SHOP, [ORDER_ID, ORDER_ID])).toEqual([
      {
        returnId: '4035900000000000501',
        orderId: ORDER_ID,
        type: 'return_and_refund',
        state: 'pending',
        rawStatus: 'RETURN_OR_REFUND_REQUEST_PENDING',
        reasonCode: 'ecom_order_delivered_refund_and_return_reason_wrong_product',
        lineIds: ['576900000000000201'],
        buyerKeepsItem: false,
        respondByMs: 1_764_772_800_000,
        updatedAtMs: 1_764_600_000_000,
      },
    ]);
  });

  test('changed since a time are walked page by page, oldest change first', async () => {
    const { tiktok } = createHarness();
    const body = { update_time_ge: 1_764_600_000 };
    const page = (return_id: string, next_page_token: string) =>
      success({ next_page_token, return_orders: [{ order_id: ORDER_ID, return_id }] });
    expectCall(mock, 'POST', PATH, { query, body }, page('1', 'a+/='));
    expectCall(mock, 'POST', PATH, { query: { ...query, page_token: 'a+/=' }, body }, page('2', ''));

    const ids: string[][] = [];
    for await (const returns of tiktok.searchReturns(SHOP, { updatedFromMs: 1_764_600_000_900 }))
      ids.push(returns.map((returned) => returned.returnId));

    expect(ids).toEqual([['1'], ['2']]);
  });

  test.each([
    [failure(36009002, 'x', 429), { code: 'upstream_throttled', retry: 'later' }],
    [failure(36009003), { code: 'upstream_unavailable', stage: 'before' }],
    [failure(105005), { code: 'upstream_auth_refused', retry: 'later' }],
    [success({ return_orders: [{ return_id: '1' }] }), { code: 'upstream_malformed' }],
    [{ status: 502, body: 'x' }, { code: 'upstream_unavailable' }],
    [new Error('socket hang up'), { code: 'upstream_unreachable' }],
  ])('a failed search is a fault like any other: %#', async (answer, error) => {
    const { tiktok } = createHarness();
    expectCall(mock, 'POST', PATH, { query, body: { order_ids: ['1'] } }, answer);

    await expect(tiktok.fetchReturns(SHOP, ['1'])).rejects.toMatchObject(error);
  });

  test.each([
    ['RETURN_OR_REFUND_REQUEST_PENDING', 'pending'],
    ['REPLACEMENT_REQUEST_PENDING', 'pending'],
    ['AWAITING_BUYER_SHIP', 'awaiting_parcel'],
    ['BUYER_SHIPPED_ITEM', 'parcel_sent'],
    ['REFUND_OR_RETURN_REQUEST_REJECT', 'rejected'],
    ['REQUEST_REJECTED', 'rejected'],
    ['REJECT_RECEIVE_PACKAGE', 'rejected'],
    ['RECEIVE_REJECTED', 'rejected'],
    ['REPLACEMENT_REQUEST_REJECT', 'rejected'],
    ['RETURN_OR_REFUND_REQUEST_SUCCESS', 'succeeded'],
    ['REQUEST_SUCCESS', 'succeeded'],
    ['REPLACEMENT_REQUEST_REFUND_SUCCESS', 'succeeded'],
    ['RETURN_OR_REFUND_REQUEST_CANCEL', 'cancelled'],
    ['RETURN_OR_REFUND_CANCEL', 'cancelled'],
    ['RETURN_OR_REFUND__REQUEST_CANCELLED', 'cancelled'],
    ['REPLACEMENT_REQUEST_CANCEL', 'cancelled'],
    ['RETURN_OR_REFUND_REQUEST_COMPLETE', 'completed'],
    ['REPLACEMENT_REQUEST_COMPLETE', 'completed'],
    ['SOMETHING_NEW', 'unknown'],
  ])('%s of either family of names is %s', (return_status, state) => {
    expect(mapReturn(remoteOf({ return_status }))).toMatchObject({ state, rawStatus: return_status });
  });

  test('a reason that is no code is not kept', () => {
    expect(mapReturn(remoteOf({ return_reason: 'it smells, says Jamie' })).reasonCode).toBeNull();
  });

  test('the soonest of several deadlines counts, and only the seller’s', () => {
    const seller_next_action_response = [
      { action: 'SELLER_RESPOND_REFUND', deadline: 9 },
      { action: 'SELLER_RESPOND_RETURN', deadline: 7 },
      { action: 'BUYER_SHIP', deadline: 1 },
    ];

    expect(mapReturn(remoteOf({ seller_next_action_response })).respondByMs).toBe(7000);
  });

  test('have a side of their own, so that a missing scope does not stop the orders', () => {
    expect(areaOf('searchReturns')).toBe('returns');
    expect(areaOf('searchOrders')).toBe('orders');
  });
});
