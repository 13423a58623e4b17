import { describe, expect, test } from 'vitest';
import detail from './fixtures/order-detail.response.json' with { type: 'json' };
import { mapCancellation, mapListings, mapOrder, mapStockError } from './map.ts';
import { CancellationPage, InventoryUpdate, OrderDetail, ProductPage } from './schema.ts';

const read = (order: unknown) => {
  const [parsed] = OrderDetail.parse({ orders: [order] }).orders;
  if (!parsed) throw new Error('no order');
  return mapOrder(parsed);
};
const readLine = (line: Record<string, unknown>) =>
  read({ id: '1', line_items: [{ id: '2', ...line }] }).lines[0];

describe('the documented order', () => {
  const order = read(detail.data.orders[0]);

  test('is read in full', () => {
    expect(order).toMatchObject({
      orderId: '576900000000000101',
      status: 'awaiting_shipment',
      rawStatus: 'AWAITING_SHIPMENT',
      fulfilledBy: 'seller',
      shippedBy: 'seller',
      deliveryType: 'home',
      deliveryOptionId: '7091146663229654785',
      deliveryOptionName: 'Standard Shipping',
      hadChannelHold: true,
      buyerRequestedCancel: false,
      orderType: 'NORMAL',
      createdAtMs: 1_764_000_000_000,
      paidAtMs: 1_764_000_060_000,
      updatedAtMs: 1_764_003_660_000,
      total: { currency: 'USD', value: '63.42' },
      deadlines: {
        shipByMs: 1_764_172_800_000,
        collectByMs: 1_764_172_800_000,
        deliverByMs: 1_764_691_200_000,
        autoCancelMs: 1_764_604_800_000,
      },
    });
  });

  test('has its address line by line', () => {
    expect(order.recipient).toEqual({
      name: 'Jane Example',
      phone: '(+1)2175550143',
      countryCode: 'US',
      postalCode: '62701',
      lines: ['100 Example Street', 'Apt 4B'],
      detail: '100 Example Street Apt 4B',
      postTown: '',
      districts: [
        { level: 'L0', levelName: 'Country', name: 'United States' },
        { level: 'L1', levelName: 'State', name: 'Illinois' },
        { level: 'L2', levelName: 'County', name: 'Sangamon' },
        { level: 'L3', levelName: 'City', name: 'Springfield' },
      ],
    });
  });

  test('has one unit per line, the parts of its bundle, and its gift', () => {
    expect(order.lines.map((line) => line.units)).toEqual([1, 1, 1, 1]);
    expect(order.lines[0]).toMatchObject({
      lineId: '576900000000000201',
      sellerSku: 'SOCK-RED-M',
      title: 'Example Boat Socks – Red, M',
      status: 'awaiting_shipment',
      packageId: null,
      trackingNumber: null,
      carrierId: null,
      bundle: [],
    });
    expect(order.lines[2]?.bundle).toEqual([
      { skuId: '1729592969712207012', sellerSku: 'SOCK-RED-M', units: 2 },
      { skuId: '1729592969712207050', sellerSku: 'HAT-BLUE', units: 1 },
    ]);
    expect(order.lines[3]?.isGift).toBe(true);
  });
});

describe('tolerance', () => {
  test('an order with nothing but an id is readable and claims nothing', () => {
    expect(read({ id: 5 })).toEqual({
      orderId: '5',
      status: 'unknown',
      rawStatus: '',
      fulfilledBy: 'unknown',
      shippedBy: 'unknown',
      deliveryType: 'unknown',
      deliveryOptionId: null,
      deliveryOptionName: null,
      hadChannelHold: false,
      buyerRequestedCancel: false,
      addressEdited: false,
      isSample: false,
      isReplacement: false,
      isExchange: false,
      orderType: '',
      createdAtMs: 0,
      paidAtMs: null,
      updatedAtMs: 0,
      total: null,
      deadlines: { shipByMs: null, collectByMs: null, deliverByMs: null, autoCancelMs: null },
      recipient: null,
      lines: [],
    });
  });

  test('null means absent, 0 means no time, and the old auto-cancel time serves where the new one is missing', () => {
    const order = read({
      id: '1',
      create_time: 7,
      update_time: 0,
      rts_sla_time: 0,
      shipping_due_time: 0,
      cancel_order_sla_time: '9',
      recipient_address: null,
      line_items: null,
      payment: null,
    });

    expect(order.updatedAtMs).toBe(7000);
    expect(order.deadlines).toMatchObject({ shipByMs: null, autoCancelMs: 9000 });
    expect(order.recipient).toBeNull();
  });

  test('an address without lines keeps its detail', () => {
    const { recipient } = read({
      id: '1',
      recipient_address: { address_detail: '1 Main St', address_line1: ' ', district_info: null },
    });

    expect(recipient).toMatchObject({ lines: [], detail: '1 Main St', districts: [], name: '' });
  });

  test('a value of the wrong kind is not guessed at', () => {
    expect(() => read({ id: '1', is_buyer_request_cancel: 'true' })).toThrow(/boolean/);
    expect(() => read({ id: '1', line_items: [{}] })).toThrow(/line_items/);
  });
});

describe('statuses', () => {
  test.each([
    ['UNPAID', 'unpaid'],
    ['ON_HOLD', 'on_hold'],
    ['AWAITING_SHIPMENT', 'awaiting_shipment'],
    ['PARTIALLY_SHIPPING', 'partially_shipped'],
    ['AWAITING_COLLECTION', 'awaiting_collection'],
    ['IN_TRANSIT', 'in_transit'],
    ['DELIVERED', 'delivered'],
    ['COMPLETED', 'completed'],
    ['CANCELLED', 'cancelled'],
    ['CANCEL', 'cancelled'],
    ['SOMETHING_NEW', 'unknown'],
  ])('order %s is %s and stays visible', (rawStatus, status) => {
    expect(read({ id: '1', status: rawStatus })).toMatchObject({ status, rawStatus });
  });

  test.each([
    ['UNPAID', 'unpaid'],
    ['ON_HOLD', 'unpaid'],
    ['AWAITING_SHIPMENT', 'awaiting_shipment'],
    ['TO_SHIP', 'awaiting_shipment'],
    ['AWAITING_COLLECTION', 'shipped'],
    ['IN_TRANSIT', 'shipped'],
    ['DELIVERED', 'shipped'],
    ['COMPLETED', 'shipped'],
    ['CANCELLED', 'cancelled'],
    ['CANCEL', 'cancelled'],
    ['SOMETHING_NEW', 'unknown'],
  ])('line %s is %s and stays visible', (rawStatus, status) => {
    expect(readLine({ display_status: rawStatus })).toMatchObject({ status, rawStatus });
  });

  test.each([
    ['AWAITING_SHIPMENT', 'PROCESSING', 'T1', 'shipped'],
    ['AWAITING_SHIPMENT', 'FULFILLING', 'T1', 'shipped'],
    ['SOMETHING_NEW', 'COMPLETED', 'T1', 'shipped'],
    ['AWAITING_SHIPMENT', 'PROCESSING', '', 'awaiting_shipment'],
    ['AWAITING_SHIPMENT', 'TO_FULFILL', 'T1', 'awaiting_shipment'],
    ['CANCELLED', 'PROCESSING', 'T1', 'cancelled'],
  ])('line %s in a package %s with number "%s" is %s', (display, packageStatus, tracking, status) => {
    const line = readLine({
      display_status: display,
      package_status: packageStatus,
      tracking_number: tracking,
      package_id: '9',
      shipping_provider_id: '8',
    });

    expect(line).toMatchObject({ status, packageId: '9', carrierId: '8', trackingNumber: tracking || null });
  });

  test.each([
    ['FULFILLMENT_BY_SELLER', 'seller'],
    ['FULFILLMENT_BY_TIKTOK', 'platform'],
    ['FULFILLMENT_BY_DILAYANI_TOKOPEDIA', 'platform'],
    ['NEW', 'unknown'],
  ])('%s is fulfilled by the %s', (type, by) => {
    expect(read({ id: '1', fulfillment_type: type }).fulfilledBy).toBe(by);
  });

  test('what TikTok ships, and what goes to a collection point, is seen', () => {
    const order = read({ id: '1', shipping_type: 'TIKTOK', delivery_type: 'COLLECTION_POINT' });

    expect(order).toMatchObject({ shippedBy: 'platform', deliveryType: 'collection_point' });
  });

  test('dangerous goods and prescription goods are restricted', () => {
    expect(readLine({ is_dangerous_good: true })?.isRestricted).toBe(true);
    expect(readLine({ needs_prescription: true })?.isRestricted).toBe(true);
    expect(readLine({})?.isRestricted).toBe(false);
  });
});

describe('cancellations', () => {
  const readOne = (fields: Record<string, unknown>) => {
    const [parsed] = CancellationPage.parse({
      cancellations: [{ order_id: '1', cancel_id: '2', ...fields }],
    }).cancellations;
    if (!parsed) throw new Error('no cancellation');
    return mapCancellation(parsed);
  };

  test.each([
    ['CANCELLATION_REQUEST_PENDING', 'pending'],
    ['CANCELLATION_REQUEST_SUCCESS', 'accepted'],
    ['CANCELLATION_REQUEST_CANCEL', 'withdrawn'],
    ['CANCELLATION_REQUEST_CANCELLED', 'withdrawn'],
    ['CANCELLATION_REQUEST_COMPLETE', 'completed'],
    ['NEW', 'unknown'],
  ])('%s is %s', (status, state) => {
    expect(readOne({ cancel_status: status }).state).toBe(state);
  });

  test('the buyer is known by role or by kind of request; only the seller’s own deadline counts', () => {
    const respond = { action: 'SELLER_RESPOND_CANCEL', deadline: 5 };

    expect(
      readOne({ role: 'BUYER', seller_next_action_response: [{ action: 'X', deadline: 1 }, respond] }),
    ).toEqual({
      cancelId: '2',
      orderId: '1',
      state: 'unknown',
      byBuyer: true,
      respondByMs: 5000,
    });
    expect(readOne({ cancel_type: 'BUYER_CANCEL' }).byBuyer).toBe(true);
    expect(readOne({ role: 'SELLER', cancel_type: 'CANCEL' })).toMatchObject({
      byBuyer: false,
      respondByMs: null,
    });
  });
});

describe('stock', () => {
  test('a bundle that TikTok keeps is seen, a deactivated SKU is no listing', () => {
    const [product] = ProductPage.parse({
      products: [
        {
          id: '1',
          skus: [
            { id: '2', seller_sku: 'A', combined_skus: [{ sku_id: '3' }] },
            { id: '4', status_info: { status: 'DEACTIVATED' } },
          ],
        },
      ],
    }).products;

    expect(product && mapListings(product)).toEqual([
      { productId: '1', skuId: '2', sellerSku: 'A', isVirtualBundle: true, warehouses: [] },
    ]);
  });

  test('an error names its SKU and the cause within, or every SKU of the call', () => {
    const { errors } = InventoryUpdate.parse({
      errors: [
        {
          code: 1,
          message: 'outer',
          detail: { sku_id: 's1', extra_errors: [{ code: 2, message: 'inner' }] },
        },
        { code: 3, message: 'alone', detail: null },
      ],
    });

    expect(errors.flatMap((error) => mapStockError(error, ['s1', 's2']))).toEqual([
      { skuId: 's1', remoteCode: '2', message: 'inner' },
      { skuId: 's1', remoteCode: '3', message: 'alone' },
      { skuId: 's2', remoteCode: '3', message: 'alone' },
    ]);
  });
});
