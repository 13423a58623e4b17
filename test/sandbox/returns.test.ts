import { describe, expect, it, onTestFinished } from 'vitest';
import { startTikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { createBody, ORDER_ID, OUTBOUND, oneUnit, startRig } from './amazon-client.ts';
import { AMAZON, APP, createClient, manualClock, startReceiver } from './tiktok-client.ts';

const SEARCH = '/return_refund/202309/returns/search';

describe('returns at TikTok', () => {
  const startShop = async () => {
    const clock = manualClock();
    const receiver = await startReceiver();
    const shop = await startTikTokSandbox({ clock, ...APP, webhookUrl: receiver.url });
    onTestFinished(() => shop.close());
    onTestFinished(() => receiver.close());
    const client = createClient(shop, clock);
    const { orderId, lineIds } = shop.placeOrder({ lines: [{ sku: 'SOCK', units: 2 }], ready: true });
    await client.ship(orderId, lineIds, 'TBA300000000001', AMAZON);
    shop.advance(orderId, 'DELIVERED');
    const search = async (body: object, query = {}) => {
      const { code, data } = await client.call(SEARCH, { body, query });
      const { return_orders } = (data ?? {}) as unknown as { return_orders: Record<string, unknown>[] };
      return { code, returns: return_orders };
    };
    return { clock, receiver, shop, client, orderId, lineIds, search };
  };

  it('go from the request to the end, each step announced with topic 12', async () => {
    const { shop, receiver, orderId, lineIds, search } = await startShop();
    const returnId = shop.openReturn(orderId, { lineIds: lineIds.slice(0, 1) });

    expect((await search({ order_ids: [orderId] })).returns).toMatchObject([
      {
        return_id: returnId,
        return_type: 'RETURN_AND_REFUND',
        return_status: 'RETURN_OR_REFUND_REQUEST_PENDING',
        seller_next_action_response: [{ action: 'SELLER_RESPOND_RETURN' }],
        return_line_items: [{ order_line_item_id: lineIds[0] }],
      },
    ]);
    shop.approveReturn(returnId);
    shop.sendReturn(returnId);
    shop.returnArrives(returnId);
    shop.completeReturn(returnId);
    await shop.webhooks.idle();

    const statuses = receiver
      .messages()
      .filter(({ type }) => type === 12)
      .map(({ data }) => data.return_status);
    expect(statuses).toEqual([
      'RETURN_OR_REFUND_REQUEST_PENDING',
      'AWAITING_BUYER_SHIP',
      'BUYER_SHIPPED_ITEM',
      'BUYER_SHIPPED_ITEM',
      'RETURN_OR_REFUND_REQUEST_COMPLETE',
    ]);
  });

  it('are granted by TikTok after 48 hours, replacements after 24', async () => {
    const { clock, shop, orderId, lineIds } = await startShop();
    const returned = shop.openReturn(orderId, { lineIds: lineIds.slice(0, 1) });
    const replaced = shop.openReturn(orderId, { lineIds: lineIds.slice(1), type: 'REPLACEMENT' });

    clock.advance(24 * 3600);
    expect(shop.returnOf(replaced).status).toBe('AWAITING_BUYER_SHIP');
    expect(shop.returnOf(returned).status).toBe('RETURN_OR_REFUND_REQUEST_PENDING');
    clock.advance(24 * 3600);
    expect(shop.returnOf(returned).status).toBe('AWAITING_BUYER_SHIP');
  });

  it('are found by the time of their change; a page has ten at least', async () => {
    const { clock, shop, orderId, search } = await startShop();
    shop.openReturn(orderId);
    const since = Math.floor(clock.nowMs() / 1000);

    expect((await search({ update_time_ge: since })).returns).toHaveLength(1);
    expect((await search({ update_time_ge: since + 1 })).returns).toHaveLength(0);
    expect((await search({}, { page_size: '9' })).code).toBe(36009004);
  });

  it('are answered by the API once, however often with the same key', async () => {
    const { shop, client, orderId } = await startShop();
    const first = shop.openReturn(orderId);
    const approve = (id: string, idempotency_key: string) =>
      client.call(`/return_refund/202309/returns/${id}/approve`, {
        query: { idempotency_key },
        body: { decision: 'APPROVE_RETURN' },
      });

    expect([await approve(first, 'k'), await approve(first, 'k')].map(({ code }) => code)).toEqual([0, 0]);
    expect((await approve(first, 'other')).code).toBe(25020003);
    const second = shop.openReturn(orderId, { type: 'REFUND' });
    const rejected = await client.call(`/return_refund/202309/returns/${second}/reject`, {
      body: { decision: 'REJECT_REFUND', reject_reason: 'r' },
    });
    expect(rejected.code).toBe(0);
    expect(shop.returnOf(second).status).toBe('REFUND_OR_RETURN_REQUEST_REJECT');
  });
});

describe('returns at Amazon', () => {
  const startShipped = async () => {
    const rig = await startRig({ automatic: false });
    await rig.create(createBody({ items: [{ ...(oneUnit()[0] as object), quantity: 2 }] }));
    const parcel = { items: [{ sku: 'MUG-BLUE-12OZ', quantity: 1 }] };
    rig.amazon.addParcel(ORDER_ID, { ...parcel, status: 'SHIPPED' });
    rig.amazon.addParcel(ORDER_ID, parcel);
    const [left, packed] = rig.amazon.order(ORDER_ID)!.parcels.map(({ shipmentId }) => shipmentId);
    const ask = (...items: object[]) =>
      rig.call('PUT', `${OUTBOUND}/${ORDER_ID}/return`, {
        items: items.map((changes) => ({
          sellerReturnItemId: 'r-1',
          sellerFulfillmentOrderItemId: '577086512123755123',
          amazonShipmentId: left,
          returnReasonCode: 'CR-DEFECTIVE',
          ...changes,
        })),
      });
    return { rig, ask, packed };
  };
  const codesOf = (answer: Awaited<ReturnType<Awaited<ReturnType<typeof startShipped>>['ask']>>) =>
    answer.json.payload.invalidReturnItems.map(
      (item: { invalidItemReason: { invalidItemReasonCode: string } }) =>
        item.invalidItemReason.invalidItemReasonCode,
    );

  it('offer twelve reasons for a SKU they know', async () => {
    const { rig } = await startShipped();
    const path = '/fba/outbound/2020-07-01/returnReasonCodes?marketplaceId=ATVPDKIKX0DER';

    expect(
      (await rig.call('GET', `${path}&sellerSku=MUG-BLUE-12OZ`)).json.payload.reasonCodeDetails,
    ).toHaveLength(12);
    expect((await rig.call('GET', path)).json.errors[0].message).toBe(
      'The request must contain the parameter sellerSku.',
    );
  });

  it('take a unit that left, and show it with its RMA in the order', async () => {
    const { rig, ask } = await startShipped();

    const { json } = await ask({});

    expect(json.payload).toMatchObject({ returnItems: [{ status: 'New' }], invalidReturnItems: [] });
    const shown = (await rig.get(ORDER_ID)).json.payload;
    expect(shown.returnItems[0].returnAuthorizationId).toBe(
      shown.returnAuthorizations[0].returnAuthorizationId,
    );
    expect(rig.amazon.returns).toMatchObject([{ accepted: ['r-1'], refused: [] }]);
  });

  it('refuse a repeat, a unit too many, what has not left and what is not theirs, all with 200', async () => {
    const { rig, ask, packed } = await startShipped();
    await ask({});

    const again = await ask(
      {},
      { sellerReturnItemId: 'r-2' },
      { sellerReturnItemId: 'r-3', amazonShipmentId: packed },
      { sellerReturnItemId: 'r-4', amazonShipmentId: 'elsewhere' },
    );

    expect(again.status).toBe(200);
    expect(codesOf(again)).toEqual([
      'DuplicateRequest',
      'NoReturnableQuantity',
      'NoCompletedShipItems',
      'InvalidValues',
    ]);
    expect(rig.amazon.violations.map(({ rule }) => rule)).toEqual(['values']);
    expect((await ask({ sellerReturnItemId: '' })).status).toBe(400);
  });
});
