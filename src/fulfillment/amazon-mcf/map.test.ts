import { describe, expect, test } from 'vitest';
import { amazonFixture, fulfillmentRequest, MARKETPLACE } from '../../../test/amazon-setup.ts';
import type { Fulfillment } from '../provider.ts';
import { toChanged, toCreateBody, toFulfillment, toPreview, toPreviewBody, toStockLevel } from './map.ts';
import { InventoryAnswer, ListAnswer, OrderAnswer, PreviewAnswer } from './schema.ts';

const fulfillmentOf = (body: unknown): Fulfillment => toFulfillment(OrderAnswer.parse(body));

/** The least Amazon can answer, with these shipments. */
const order = (changes: object, shipments: unknown = null): unknown => ({
  payload: {
    fulfillmentOrder: { sellerFulfillmentOrderId: 'TTS-1', ...changes },
    fulfillmentOrderItems: null,
    fulfillmentShipments: shipments,
  },
});

const item = (id: string, quantity: number, packageNumber?: unknown) => ({
  sellerSku: `SKU-${id}`,
  sellerFulfillmentOrderItemId: id,
  quantity,
  packageNumber,
});
const parcel = (packageNumber: unknown, changes: object = {}) => ({
  packageNumber,
  carrierCode: 'UPS',
  ...changes,
});
const shipment = (items: unknown, packages: unknown, status: unknown = 'PENDING') => ({
  amazonShipmentId: 'D1',
  fulfillmentCenterId: 'DFW7',
  fulfillmentShipmentStatus: status,
  fulfillmentShipmentItem: items,
  fulfillmentShipmentPackage: packages,
});
const packagesOf = (...shipments: unknown[]) => fulfillmentOf(order({}, shipments)).packages;

describe('the state of an order', () => {
  test.each([
    ['New', 'submitted'],
    ['Received', 'accepted'],
    ['RECEIVED', 'accepted'],
    ['Planning', 'planning'],
    ['PROCESSING', 'processing'],
    ['Complete', 'complete'],
    ['CompletePartialled', 'partial'],
    ['COMPLETE_PARTIALLED', 'partial'],
    ['cancelled', 'cancelled'],
    ['Unfulfillable', 'unfulfillable'],
    ['INVALID', 'invalid'],
    ['Paused', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s, whatever its case, and kept as it came', (rawState, state) => {
    expect(fulfillmentOf(order({ fulfillmentOrderStatus: rawState }))).toMatchObject({ state, rawState });
  });

  test('an answer with nothing but an id is an unknown state, not a fault', () => {
    expect(fulfillmentOf(order({ fulfillmentOrderStatus: null, destinationAddress: null }))).toEqual({
      fulfillmentId: 'TTS-1',
      state: 'unknown',
      rawState: '',
      receivedAtMs: null,
      updatedAtMs: null,
      items: [],
      packages: [],
      expectedReturns: [],
      destination: null,
    });
  });

  test('a date without a zone is UTC, and an unreadable one is none', () => {
    const read = fulfillmentOf(order({ receivedDate: '2026-01-15T12:00:00', statusUpdatedDate: 'soon' }));

    expect(read.receivedAtMs).toBe(Date.parse('2026-01-15T12:00:00Z'));
    expect(read.updatedAtMs).toBeNull();
  });
});

describe('packages', () => {
  test('two shipments with three packages keep their items, numbers and states apart', () => {
    const read = fulfillmentOf(amazonFixture('order-three-packages'));

    expect(read.packages).toEqual([
      {
        packageKey: 'DchKfcZ9N/212794778',
        shipmentState: 'shipped',
        shippedAtMs: Date.parse('2026-08-19T17:41:00Z'),
        carrierCode: 'UPS',
        carrierTracking: '1Z50V7420354708051',
        amazonTracking: null,
        contents: [{ itemId: '577086512123755123', amazonSku: 'MUG-BLUE-12OZ', quantity: 2 }],
      },
      {
        packageKey: 'DchKfcZ9N/212794779',
        shipmentState: 'shipped',
        shippedAtMs: Date.parse('2026-08-19T17:41:00Z'),
        carrierCode: 'Amazon Logistics',
        carrierTracking: 'TBA323972323220',
        amazonTracking: null,
        contents: [{ itemId: '577086512123755123', amazonSku: 'MUG-BLUE-12OZ', quantity: 2 }],
      },
      {
        packageKey: 'Dkf8WqT1P/212800010',
        shipmentState: 'pending',
        shippedAtMs: Date.parse('2026-08-20T18:00:00Z'),
        carrierCode: 'USPS',
        carrierTracking: '9261290278835123456784',
        amazonTracking: null,
        contents: [{ itemId: '577086512123755124', amazonSku: 'TEE-BLK-M', quantity: 1 }],
      },
    ]);
    expect(read.items[1]).toEqual({
      itemId: '577086512123755124',
      amazonSku: 'TEE-BLK-M',
      quantity: 2,
      cancelledQuantity: 0,
      unfulfillableQuantity: 1,
      expectedShipAtMs: Date.parse('2026-08-20T18:00:00Z'),
      expectedArrivalAtMs: Date.parse('2026-08-23T06:59:59Z'),
    });
    expect(read).toMatchObject({
      state: 'processing',
      receivedAtMs: Date.parse('2026-08-18T15:05:10Z'),
      updatedAtMs: Date.parse('2026-08-19T02:33:31Z'),
    });
  });

  test('Amazon’s own number is there before a carrier’s', () => {
    expect(fulfillmentOf(amazonFixture('order-with-aftn')).packages).toMatchObject([
      { carrierTracking: null, amazonTracking: 'AFTN987654321', shipmentState: 'pending' },
    ]);
  });

  test('without packages there are none, and the address comes back as it was sent', () => {
    const read = fulfillmentOf(amazonFixture('order-received'));

    expect(read.packages).toEqual([]);
    expect(read.destination).toEqual({
      name: 'Jamie Example',
      addressLine1: '1234 Example Ave',
      addressLine2: 'Apt 5B',
      city: 'Austin',
      stateOrRegion: 'TX',
      postalCode: '78701',
      countryCode: 'US',
      phone: '5125550100',
    });
  });

  test.each([[0], [undefined], [null], ['0'], ['']])(
    'items with the number %s belong to the only package of their shipment',
    (number) => {
      expect(packagesOf(shipment([item('a', 1, number)], [parcel(7)]))).toMatchObject([
        { packageKey: 'D1/7', contents: [{ itemId: 'a', quantity: 1 }] },
      ]);
    },
  );

  test('with two packages an item without a number is in neither', () => {
    const packages = packagesOf(shipment([item('a', 1, 0), item('b', 1, 8)], [parcel(7), parcel(8)]));

    expect(packages.map((each) => each.contents.map((content) => content.itemId))).toEqual([[], ['b']]);
  });

  test('beside a packed item, one without a number is not in the only package so far', () => {
    const [only] = packagesOf(shipment([item('a', 1, 7), item('b', 1, 0)], [parcel(7)]));

    expect(only?.contents).toEqual([{ itemId: 'a', amazonSku: 'SKU-a', quantity: 1 }]);
  });

  test('an item of another package’s number is in none of these', () => {
    expect(packagesOf(shipment([item('a', 1, 9)], [parcel(7)]))[0]?.contents).toEqual([]);
  });

  test('an item listed twice for a package counts once with all its units', () => {
    expect(packagesOf(shipment([item('a', 1, 7), item('a', 2, 7)], [parcel(7)]))[0]?.contents).toEqual([
      { itemId: 'a', amazonSku: 'SKU-a', quantity: 3 },
    ]);
  });

  test('a package listed twice is one, with every number either row knows', () => {
    const rows = [
      parcel(7),
      parcel(7, { trackingNumber: '1Z1' }),
      parcel(7, { amazonFulfillmentTrackingNumber: 'AFTN1' }),
    ];

    expect(packagesOf(shipment([item('a', 1)], rows))).toMatchObject([
      { packageKey: 'D1/7', carrierTracking: '1Z1', amazonTracking: 'AFTN1', contents: [{ itemId: 'a' }] },
    ]);
  });

  test('the same package number in two shipments is two packages', () => {
    const second = { ...shipment([], [parcel(7)]), amazonShipmentId: 'D2' };

    expect(packagesOf(shipment([], [parcel(7)]), second).map((each) => each.packageKey)).toEqual([
      'D1/7',
      'D2/7',
    ]);
  });

  test('a package without a number has a key too', () => {
    expect(packagesOf(shipment(null, [parcel(null)]))[0]?.packageKey).toBe('D1/0');
  });

  test('numbers lose their spaces, and an empty one is none', () => {
    const rows = [
      parcel(7, {
        carrierCode: ' UPS ',
        trackingNumber: ' 1Z 50V7\t42 ',
        amazonFulfillmentTrackingNumber: ' ',
      }),
    ];

    expect(packagesOf(shipment([], rows))).toMatchObject([
      { carrierCode: 'UPS', carrierTracking: '1Z50V742', amazonTracking: null },
    ]);
  });

  test('a tracking number sent as a number is read', () => {
    expect(packagesOf(shipment([], [parcel(7, { trackingNumber: 123456789012 })]))[0]?.carrierTracking).toBe(
      '123456789012',
    );
  });

  test.each([
    ['PENDING', 'pending'],
    ['Shipped', 'shipped'],
    ['CANCELLED_BY_FULFILLER', 'cancelled'],
    ['CancelledBySeller', 'cancelled'],
    ['LOST', 'unknown'],
    [null, 'unknown'],
  ])('a shipment that is %s is %s', (status, state) => {
    expect(packagesOf(shipment([], [parcel(7)], status))[0]?.shipmentState).toBe(state);
  });
});

test('an address without one of its required parts cannot be compared and is none', () => {
  const destinationAddress = { name: 'A', addressLine1: 'B', postalCode: 'C', countryCode: null };

  expect(fulfillmentOf(order({ destinationAddress })).destination).toBeNull();
});

test('list entries without an id are passed over', () => {
  const page = ListAnswer.parse({
    payload: {
      fulfillmentOrders: [{ sellerFulfillmentOrderId: null }, { sellerFulfillmentOrderId: 'TTS-1' }],
    },
  });

  expect(toChanged(page.orders)).toEqual([
    { fulfillmentId: 'TTS-1', state: 'unknown', rawState: '', updatedAtMs: null },
  ]);
});

describe('what is sent', () => {
  test('create carries the documented fields and nothing more', () => {
    expect(toCreateBody(MARKETPLACE, fulfillmentRequest())).toEqual({
      marketplaceId: MARKETPLACE,
      sellerFulfillmentOrderId: 'TTS-576461413038785752',
      displayableOrderId: '576461413038785752',
      displayableOrderDate: '2026-01-15T12:00:00Z',
      displayableOrderComment: 'Thank you for your order!',
      shippingSpeedCategory: 'Standard',
      destinationAddress: {
        name: 'Jamie Example',
        addressLine1: '1234 Example Ave',
        city: 'Austin',
        stateOrRegion: 'TX',
        postalCode: '78701',
        countryCode: 'US',
      },
      fulfillmentAction: 'Ship',
      fulfillmentPolicy: 'FillOrKill',
      items: [
        { sellerSku: 'MUG-BLUE-12OZ', sellerFulfillmentOrderItemId: '577086512123755123', quantity: 2 },
      ],
    });
  });

  test('unbranded packaging and no Amazon Logistics are demanded only when asked for', () => {
    const constraint = (featureName: string) => ({ featureName, featureFulfillmentPolicy: 'Required' });

    expect(toCreateBody(MARKETPLACE, fulfillmentRequest({ unbranded: true }))).toMatchObject({
      featureConstraints: [constraint('BLANK_BOX')],
    });
    expect(
      toPreviewBody(MARKETPLACE, {
        ...fulfillmentRequest({ unbranded: true, blockAmzl: true }),
        speeds: ['Standard'],
      }),
    ).toMatchObject({ featureConstraints: [constraint('BLANK_BOX'), constraint('BLOCK_AMZL')] });
  });

  test('an address to Japan has no city, and empty parts are left out everywhere', () => {
    const { destination } = fulfillmentRequest();
    const japan = { ...destination, countryCode: 'JP', addressLine2: '' };

    const sent = toCreateBody(
      'A1VC38T7YXB528',
      fulfillmentRequest({ destination: japan }),
    ).destinationAddress;

    expect(sent).not.toHaveProperty('city');
    expect(sent).not.toHaveProperty('addressLine2');
  });
});

describe('previews', () => {
  test('each speed has its dates, its exact fee and its problems', () => {
    expect(PreviewAnswer.parse(amazonFixture('preview')).map(toPreview)).toEqual([
      {
        speed: 'Standard',
        isFulfillable: true,
        latestShipAtMs: Date.parse('2026-08-20T06:59:59Z'),
        latestArrivalAtMs: Date.parse('2026-08-22T06:59:59Z'),
        fee: { currency: 'USD', value: '9.46' },
        problems: [],
      },
      {
        speed: 'Expedited',
        isFulfillable: false,
        latestShipAtMs: null,
        latestArrivalAtMs: null,
        fee: null,
        problems: ['DeliverySLAUnavailable', 'MUG-BLUE-12OZ: DeliverySLAUnavailable'],
      },
    ]);
  });

  test('of several shipments the latest dates count; null fees and reasons are none', () => {
    const [entry] = PreviewAnswer.parse({
      payload: {
        fulfillmentPreviews: [
          {
            shippingSpeedCategory: 'Standard',
            isFulfillable: false,
            estimatedFees: null,
            fulfillmentPreviewShipments: [
              { latestShipDate: '2026-01-03T00:00:00Z' },
              { latestShipDate: '2026-01-05T00:00:00Z' },
              { latestShipDate: null },
              { latestShipDate: '2026-01-04T00:00:00Z' },
            ],
            unfulfillablePreviewItems: [{ sellerSku: null, itemUnfulfillableReasons: ['NoInventory'] }],
            orderUnfulfillableReasons: null,
          },
        ],
      },
    });

    expect(toPreview(entry!)).toMatchObject({
      latestShipAtMs: Date.parse('2026-01-05T00:00:00Z'),
      fee: null,
      problems: ['item: NoInventory'],
    });
  });

  test('fees in another form do not spoil a preview', () => {
    const [entry] = PreviewAnswer.parse({
      payload: {
        fulfillmentPreviews: [
          { shippingSpeedCategory: 'Standard', isFulfillable: true, estimatedFees: 'none' },
        ],
      },
    });

    expect(toPreview(entry!)).toMatchObject({ isFulfillable: true, fee: null });
  });
});

describe('stock', () => {
  const levelOf = (summary: object) =>
    toStockLevel(InventoryAnswer.parse({ payload: { inventorySummaries: [summary] } }).summaries[0]!);

  test('only what can be shipped now counts, whatever the total', () => {
    expect(
      levelOf({
        sellerSku: 'A',
        totalQuantity: 165,
        lastUpdatedTime: '2026-08-18T14:59:00Z',
        inventoryDetails: { fulfillableQuantity: 41, reservedQuantity: { totalReservedQuantity: 9 } },
      }),
    ).toEqual({ amazonSku: 'A', fulfillable: 41, updatedAtMs: Date.parse('2026-08-18T14:59:00Z') });
  });

  test('a missing number is 0 when details are there, and the SKU is absent when they are not', () => {
    expect(levelOf({ sellerSku: 'A', inventoryDetails: {} })?.fulfillable).toBe(0);
    expect(levelOf({ sellerSku: 'A', inventoryDetails: { fulfillableQuantity: -2 } })?.fulfillable).toBe(0);
    expect(levelOf({ sellerSku: 'A', totalQuantity: 9 })).toBeNull();
    expect(levelOf({ inventoryDetails: { fulfillableQuantity: 3 } })).toBeNull();
  });
});
