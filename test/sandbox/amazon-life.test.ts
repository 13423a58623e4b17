import { describe, expect, it } from 'vitest';
import {
  type Answer,
  addressWith,
  createBody,
  HOUR,
  type Json,
  MINUTE,
  ORDER_ID,
  OUTBOUND,
  oneUnit,
  type Rig,
  startRig,
} from './amazon-client.ts';

const INVENTORY = '/fba/inventory/v1/summaries';
const MARKETPLACE = 'ATVPDKIKX0DER';
const messageOf = (answer: Answer): string => answer.json.errors[0].message;
const stateOf = (answer: Answer): string => answer.json.payload.fulfillmentOrder.fulfillmentOrderStatus;
const mugs = (rig: Rig): number[] => {
  const row = rig.amazon.stockOf('MUG-BLUE-12OZ');
  return [row?.fulfillable ?? -1, row?.pendingCustomerOrder ?? -1];
};
const oneMug = (id = ORDER_ID, changes: Record<string, unknown> = {}): Record<string, unknown> =>
  createBody({ sellerFulfillmentOrderId: id, items: oneUnit(), ...changes });
const queryOf = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
const list = (rig: Rig, fields: Record<string, string>): Promise<Answer> =>
  rig.call('GET', `${OUTBOUND}?${queryOf(fields)}`);
const summaries = (rig: Rig, fields: Record<string, string> = {}): Promise<Answer> => {
  const scope = { granularityType: 'Marketplace', granularityId: MARKETPLACE, marketplaceIds: MARKETPLACE };
  return rig.call('GET', `${INVENTORY}?${queryOf({ details: 'true', ...scope, ...fields })}`);
};

describe('the life of an order', () => {
  it('goes from New to Complete by the clock, taking its stock along', async () => {
    const rig = await startRig();
    await rig.create(createBody());
    expect(stateOf(await rig.get(ORDER_ID))).toBe('New');

    await rig.clock.advance(5_000);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Received');
    expect(mugs(rig)).toEqual([41, 0]);

    await rig.clock.advance(MINUTE);
    const planned = await rig.get(ORDER_ID);
    expect([stateOf(planned), planned.json.payload.fulfillmentShipments]).toEqual(['Planning', []]);
    expect(mugs(rig)).toEqual([39, 2]);

    await rig.clock.advance(20 * MINUTE);
    const picked = (await rig.get(ORDER_ID)).json.payload;
    expect(picked.fulfillmentOrder.fulfillmentOrderStatus).toBe('Processing');
    expect(picked.fulfillmentShipments).toEqual([
      expect.objectContaining({ fulfillmentShipmentStatus: 'PENDING' }),
    ]);
    expect(picked.fulfillmentShipments[0].fulfillmentShipmentItem).toEqual([
      expect.objectContaining({ sellerSku: 'MUG-BLUE-12OZ', quantity: 2, packageNumber: 0 }),
      expect.objectContaining({ sellerSku: 'TEE-BLK-M', quantity: 1, packageNumber: 0 }),
    ]);
    expect(picked.fulfillmentShipments[0]).not.toHaveProperty('fulfillmentShipmentPackage');

    await rig.clock.advance(10 * MINUTE);
    const packed = (await rig.get(ORDER_ID)).json.payload.fulfillmentShipments[0];
    const [parcel] = packed.fulfillmentShipmentPackage;
    expect(packed.fulfillmentShipmentStatus).toBe('PENDING');
    expect(parcel).toMatchObject({
      carrierCode: 'AMZN_US',
      trackingNumber: expect.stringMatching(/^TBA\d{12}$/),
    });
    expect(parcel).not.toHaveProperty('amazonFulfillmentTrackingNumber');
    expect(packed.fulfillmentShipmentItem[0].packageNumber).toBe(parcel.packageNumber);

    await rig.clock.advance(2 * HOUR);
    const done = await rig.get(ORDER_ID);
    expect(stateOf(done)).toBe('Complete');
    expect(done.json.payload.fulfillmentShipments[0].fulfillmentShipmentStatus).toBe('SHIPPED');
    expect(mugs(rig)).toEqual([39, 0]);
    expect(rig.amazon.violations).toEqual([]);
  });

  it('gives back what was sent, with the fields the model requires', async () => {
    const rig = await startRig();
    await rig.create(createBody());

    const { payload } = (await rig.get(ORDER_ID)).json;

    const { items: _items, ...sent } = createBody();
    expect(payload.fulfillmentOrder).toMatchObject(sent);
    expect(payload.fulfillmentOrder).toMatchObject({
      receivedDate: expect.stringMatching(/^[\d-]+T[\d:]+Z$/),
      statusUpdatedDate: expect.stringMatching(/^[\d-]+T[\d:]+Z$/),
    });
    expect(payload.fulfillmentOrderItems[0]).toMatchObject({
      sellerSku: 'MUG-BLUE-12OZ',
      sellerFulfillmentOrderItemId: '577086512123755123',
      quantity: 2,
      cancelledQuantity: 0,
      unfulfillableQuantity: 0,
      perUnitDeclaredValue: { currencyCode: 'USD', value: '14.99' },
    });
    expect([payload.returnItems, payload.returnAuthorizations]).toEqual([[], []]);
  });

  it('reaches the same end in one jump as in many looks', async () => {
    const rig = await startRig();
    await rig.create(createBody());

    await rig.clock.advance(24 * HOUR);

    expect(stateOf(await rig.get(ORDER_ID))).toBe('Complete');
  });

  it('gives a single unit in the US an AFTN before the carrier has a number', async () => {
    const rig = await startRig({ aftn: true });
    await rig.create(oneMug());
    await rig.create(createBody({ sellerFulfillmentOrderId: 'TTS-2' }));

    await rig.clock.advance(4 * MINUTE);
    const early = (await rig.get(ORDER_ID)).json.payload;
    await rig.clock.advance(30 * MINUTE);
    const later = (await rig.get(ORDER_ID)).json.payload;

    expect(early.fulfillmentOrder.fulfillmentOrderStatus).toBe('Planning');
    const [first] = early.fulfillmentShipments[0].fulfillmentShipmentPackage;
    expect(first.amazonFulfillmentTrackingNumber).toMatch(/^AFTN\d+$/);
    expect(first).not.toHaveProperty('trackingNumber');
    expect(later.fulfillmentShipments[0].fulfillmentShipmentPackage).toEqual([
      { ...first, trackingNumber: expect.stringMatching(/^TBA/) },
    ]);
    expect((await rig.get('TTS-2')).text).not.toContain('AFTN');
  });

  it('follows a script: parcels, carriers, one shipment for two', async () => {
    const rig = await startRig();
    const parcel = (sku: string, quantity: number) => ({ items: [{ sku, quantity }] });
    rig.amazon.planFor(
      { orderId: '576461413038785752' },
      {
        parcels: [
          { ...parcel('MUG-BLUE-12OZ', 1), carrier: 'UPS', tracking: '1Z50V7420354708051', shipment: 1 },
          { ...parcel('MUG-BLUE-12OZ', 1), carrier: 'USPS', shipment: 1 },
          { ...parcel('TEE-BLK-M', 1), shippedMs: 5 * HOUR },
        ],
      },
    );
    await rig.create(createBody());

    await rig.clock.advance(3 * HOUR);
    const split = (await rig.get(ORDER_ID)).json.payload;
    await rig.clock.advance(2 * HOUR);

    expect(split.fulfillmentOrder.fulfillmentOrderStatus).toBe('Processing');
    expect(
      split.fulfillmentShipments.map((one: Json) => [
        one.fulfillmentShipmentStatus,
        one.fulfillmentShipmentPackage.map((each: Json) => each.carrierCode),
      ]),
    ).toEqual([
      ['SHIPPED', ['UPS', 'USPS']],
      ['PENDING', ['AMZN_US']],
    ]);
    expect(split.fulfillmentShipments[0].fulfillmentShipmentPackage[0].trackingNumber).toBe(
      '1Z50V7420354708051',
    );
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Complete');
  });

  it.each([
    ['Unfulfillable', 1],
    ['Invalid', 1],
  ] as const)('ends as %s where the script says so', async (state, lost) => {
    const rig = await startRig();
    rig.amazon.planFor({ sku: 'MUG-BLUE-12OZ' }, { state });
    await rig.create(oneMug());

    await rig.clock.advance(5 * MINUTE);

    const answer = await rig.get(ORDER_ID);
    expect(stateOf(answer)).toBe(state);
    expect(answer.json.payload.fulfillmentOrderItems[0].unfulfillableQuantity).toBe(lost);
    expect(answer.json.payload.fulfillmentShipments).toEqual([]);
    expect(mugs(rig)).toEqual([41, 0]);
  });

  it('completes in part: what is lost goes back to stock', async () => {
    const rig = await startRig();
    rig.amazon.planFor({ orderId: ORDER_ID }, { state: 'CompletePartialled' });
    await rig.create(createBody());

    await rig.clock.advance(3 * HOUR);

    const { payload } = (await rig.get(ORDER_ID)).json;
    expect(payload.fulfillmentOrder.fulfillmentOrderStatus).toBe('CompletePartialled');
    expect(payload.fulfillmentOrderItems.map((item: Json) => item.unfulfillableQuantity)).toEqual([0, 1]);
    expect(rig.amazon.stockOf('TEE-BLK-M')).toMatchObject({ fulfillable: 10, pendingCustomerOrder: 0 });
  });

  it.each([
    ['FillOrKill', 'Unfulfillable', [2]],
    ['FillAllAvailable', 'CompletePartialled', [1]],
    ['FillAll', 'CompletePartialled', [1]],
  ] as const)('lacks stock under %s', async (fulfillmentPolicy, state, lost) => {
    const rig = await startRig();
    rig.amazon.setStock('MUG-BLUE-12OZ', 1);
    const items = [{ ...(oneUnit()[0] as object), quantity: 2 }];
    await rig.create(createBody({ fulfillmentPolicy, items }));

    await rig.clock.advance(27 * HOUR);

    const { payload } = (await rig.get(ORDER_ID)).json;
    expect(payload.fulfillmentOrder.fulfillmentOrderStatus).toBe(state);
    expect(payload.fulfillmentOrderItems.map((item: Json) => item.unfulfillableQuantity)).toEqual(lost);
  });

  it('finds a wrong ZIP code only after it took the order', async () => {
    const rig = await startRig();

    const answer = await rig.create(createBody(addressWith({ postalCode: 'ABC' })));
    await rig.clock.advance(MINUTE);

    expect(answer.status).toBe(200);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Invalid');
  });

  it('hides an order for a while, and knows it all the same', async () => {
    const rig = await startRig();
    rig.amazon.planFor({ orderId: ORDER_ID }, { visibleAfterMs: MINUTE });
    await rig.create(oneMug());

    expect(messageOf(await rig.get(ORDER_ID))).toBe(`Requested order '${ORDER_ID}' not found`);
    expect(messageOf(await rig.create(oneMug()))).toContain('already exists');
    await rig.clock.advance(MINUTE);
    expect((await rig.get(ORDER_ID)).status).toBe(200);
  });
});

describe('by hand', () => {
  it('moves only when told', async () => {
    const rig = await startRig({ automatic: false });
    await rig.create(createBody());
    await rig.clock.advance(48 * HOUR);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('New');

    rig.amazon.advanceOrder(ORDER_ID, 'Planning');
    expect(mugs(rig)).toEqual([39, 2]);
    const first = rig.amazon.addParcel(ORDER_ID, {
      items: [{ sku: 'MUG-BLUE-12OZ', quantity: 2 }],
      aftn: true,
    });
    const parcels = (await rig.get(ORDER_ID)).json.payload.fulfillmentShipments[0].fulfillmentShipmentPackage;
    expect(parcels).toEqual([
      expect.objectContaining({
        packageNumber: first,
        amazonFulfillmentTrackingNumber: expect.stringMatching(/^AFTN/),
      }),
    ]);
    expect(parcels[0]).not.toHaveProperty('trackingNumber');

    rig.amazon.setTracking(ORDER_ID, first, { carrier: 'UPS', trackingNumber: '1Z50V7420354708051' });
    rig.amazon.shipParcel(ORDER_ID, first);
    expect(rig.amazon.order(ORDER_ID)?.parcels).toEqual([
      expect.objectContaining({ carrier: 'UPS', trackingNumber: '1Z50V7420354708051', status: 'SHIPPED' }),
    ]);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Processing');

    rig.amazon.advanceOrder(ORDER_ID, 'Complete');
    const { payload } = (await rig.get(ORDER_ID)).json;
    expect(payload.fulfillmentOrder.fulfillmentOrderStatus).toBe('Complete');
    expect(payload.fulfillmentShipments).toHaveLength(2);
  });

  it('puts a parcel made by hand in the place of the laid out one, and completes on the last', async () => {
    const rig = await startRig();
    await rig.create(createBody());
    await rig.clock.advance(25 * MINUTE);

    rig.amazon.addParcel(ORDER_ID, { items: [{ sku: 'MUG-BLUE-12OZ', quantity: 2 }], carrier: 'UPS' });
    expect(() =>
      rig.amazon.addParcel(ORDER_ID, { items: [{ sku: 'MUG-BLUE-12OZ', quantity: 1 }], carrier: 'UPS' }),
    ).toThrow('no such units left');
    const tee = { items: [{ sku: 'TEE-BLK-M', quantity: 1 }], carrier: 'USPS', status: 'SHIPPED' } as const;
    rig.amazon.addParcel(ORDER_ID, { ...tee, items: [...tee.items] });
    const [mug] = rig.amazon.order(ORDER_ID)?.parcels ?? [];
    rig.amazon.shipParcel(ORDER_ID, mug!.packageNumber);

    expect(rig.amazon.order(ORDER_ID)).toMatchObject({ state: 'Complete' });
  });

  it.each(['Cancelled', 'Unfulfillable', 'Invalid', 'CompletePartialled'] as const)(
    'ends as %s',
    async (to) => {
      const rig = await startRig({ automatic: false });
      await rig.create(createBody());
      rig.amazon.advanceOrder(ORDER_ID, 'Processing');

      rig.amazon.advanceOrder(ORDER_ID, to);

      expect(stateOf(await rig.get(ORDER_ID))).toBe(to);
      expect(mugs(rig)).toEqual([to === 'CompletePartialled' ? 39 : 41, 0]);
      expect(() => rig.amazon.advanceOrder(ORDER_ID, 'Complete')).toThrow('has ended');
    },
  );
});

describe('cancel and update', () => {
  it.each([0, 10_000, 5 * MINUTE])('cancels an order %i ms old; the effect is read later', async (age) => {
    const rig = await startRig();
    await rig.create(createBody());
    await rig.clock.advance(age);

    const answer = await rig.cancel(ORDER_ID);
    const before = stateOf(await rig.get(ORDER_ID));
    const again = await rig.cancel(ORDER_ID);
    await rig.clock.advance(10_000);

    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(before).not.toBe('Cancelled');
    expect(messageOf(again)).toBe(
      `Value ${ORDER_ID} for parameter SellerFulfillmentOrderId is invalid. Reason: DuplicateCancelRequest.`,
    );
    const { payload } = (await rig.get(ORDER_ID)).json;
    expect(payload.fulfillmentOrder.fulfillmentOrderStatus).toBe('Cancelled');
    expect(payload.fulfillmentOrderItems.map((item: Json) => item.cancelledQuantity)).toEqual([2, 1]);
    expect(mugs(rig)).toEqual([41, 0]);
    expect(rig.amazon.cancels.map(({ fulfillmentId }) => fulfillmentId)).toEqual([ORDER_ID]);
  });

  it('is too late once picking began, and does not know every id', async () => {
    const rig = await startRig();
    await rig.create(createBody());
    await rig.clock.advance(20 * MINUTE);

    expect((await rig.cancel(ORDER_ID)).status).toBe(400);
    expect(messageOf(await rig.cancel('TTS-9'))).toBe("Requested order 'TTS-9' not found");
    expect(rig.amazon.cancels).toEqual([]);
    await rig.clock.advance(3 * HOUR);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Complete');
  });

  it('can take a cancel and ship all the same', async () => {
    const rig = await startRig();
    rig.amazon.planFor({ orderId: ORDER_ID }, { ignoreCancel: true });
    await rig.create(createBody());

    expect((await rig.cancel(ORDER_ID)).status).toBe(200);
    await rig.clock.advance(3 * HOUR);

    expect(stateOf(await rig.get(ORDER_ID))).toBe('Complete');
  });

  it('can leave an order in Planning past its expected ship date, and still cancel it', async () => {
    const rig = await startRig();
    rig.amazon.planFor({ orderId: ORDER_ID }, { stuck: true, expectedShipMs: HOUR });
    await rig.create(oneMug());
    const created = Date.parse((await rig.get(ORDER_ID)).json.payload.fulfillmentOrder.receivedDate);

    await rig.clock.advance(48 * HOUR);

    const stuck = await rig.get(ORDER_ID);
    expect(stateOf(stuck)).toBe('Planning');
    expect(Date.parse(stuck.json.payload.fulfillmentOrderItems[0].estimatedShipDate)).toBe(created + HOUR);
    expect((await rig.cancel(ORDER_ID)).status).toBe(200);
    await rig.clock.advance(MINUTE);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Cancelled');
    expect(mugs(rig)).toEqual([41, 0]);
  });

  it('holds an order with its stock until it is released', async () => {
    const rig = await startRig();
    await rig.create(createBody({ fulfillmentAction: 'Hold' }));
    await rig.clock.advance(24 * HOUR);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Received');
    expect(mugs(rig)).toEqual([39, 2]);

    const answer = await rig.call('PUT', `${OUTBOUND}/${ORDER_ID}`, { fulfillmentAction: 'Ship' });
    await rig.clock.advance(3 * HOUR);

    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(stateOf(await rig.get(ORDER_ID))).toBe('Complete');
    expect(mugs(rig)).toEqual([39, 0]);
  });

  it('drops a hold after fourteen days', async () => {
    const rig = await startRig();
    await rig.create(createBody({ fulfillmentAction: 'Hold' }));

    await rig.clock.advance(15 * 24 * HOUR);

    expect(rig.amazon.order(ORDER_ID)?.state).toBe('Cancelled');
    expect(mugs(rig)).toEqual([41, 0]);
  });

  it('changes what is not planned yet, and nothing in work', async () => {
    const rig = await startRig();
    await rig.create(createBody());
    const change = { ...addressWith({ name: 'NameChangeTest' }), marketplaceId: MARKETPLACE };

    expect((await rig.call('PUT', `${OUTBOUND}/${ORDER_ID}`, change)).text).toBe('{}');
    expect((await rig.get(ORDER_ID)).text).toContain('NameChangeTest');
    await rig.clock.advance(HOUR);

    expect(messageOf(await rig.call('PUT', `${OUTBOUND}/${ORDER_ID}`, change))).toBe(
      'Value OrderNotUpdatable for parameter  is invalid. Reason: 1 error:\nThis order is not updatable. Items in the order are already in working or completed shipments. \n.',
    );
  });
});

describe('list', () => {
  it('names who changed since, without items or shipments', async () => {
    const rig = await startRig();
    await rig.create(oneMug('TTS-1'));
    await rig.clock.advance(24 * HOUR);
    await rig.create(oneMug('TTS-2'));
    const since = new Date(rig.clock.nowMs() - HOUR).toISOString();

    const answer = await list(rig, { queryStartDate: since });

    const { payload } = answer.json;
    expect(payload.fulfillmentOrders.map((order: Json) => order.sellerFulfillmentOrderId)).toEqual(['TTS-2']);
    expect(payload.fulfillmentOrders[0]).toMatchObject({ fulfillmentOrderStatus: 'New' });
    expect(payload.fulfillmentOrders[0]).not.toHaveProperty('items');
    expect(payload).not.toHaveProperty('nextToken');
    expect((await list(rig, { queryStartDate: '2020-01-01T19:46:45Z' })).text).toContain('"TTS-1"');
  });

  it('pages, with a token that must come back encoded and with its date', async () => {
    const rig = await startRig({ listPageSize: 2 });
    for (const n of [1, 2, 3, 4, 5]) await rig.create(oneMug(`TTS-${n}`));
    const queryStartDate = '2020-01-01T19:46:45Z';
    const seen: string[] = [];
    let nextToken: string | undefined;

    do {
      const fields = nextToken === undefined ? { queryStartDate } : { queryStartDate, nextToken };
      const { payload } = (await list(rig, fields)).json;
      seen.push(...payload.fulfillmentOrders.map((order: Json) => order.sellerFulfillmentOrderId));
      nextToken = payload.nextToken;
    } while (nextToken !== undefined);

    expect(seen).toEqual(['TTS-1', 'TTS-2', 'TTS-3', 'TTS-4', 'TTS-5']);
    expect(rig.amazon.countCalls('list')).toBe(3);
    const first = (await list(rig, { queryStartDate })).json.payload.nextToken;
    expect((await list(rig, { queryStartDate: '2021-01-01T00:00:00Z', nextToken: first })).status).toBe(400);
    expect(rig.amazon.violations).toEqual([]);
  });

  it('refuses a date that is none', async () => {
    const rig = await startRig();

    expect(messageOf(await list(rig, { queryStartDate: 'fdfdsfds' }))).toBe('timestamp must follow ISO8601');
  });
});

describe('preview', () => {
  const body = (quantity: number, changes: object = {}): object => ({
    marketplaceId: MARKETPLACE,
    address: createBody()['destinationAddress'],
    items: [{ ...(oneUnit()[0] as object), quantity }],
    shippingSpeedCategories: ['Standard', 'Priority'],
    ...changes,
  });

  it('judges each speed by stock, with fees, and has no effect', async () => {
    const rig = await startRig();

    const [standard, priority] = (await rig.call('POST', `${OUTBOUND}/preview`, body(2))).json.payload
      .fulfillmentPreviews;
    const [short] = (await rig.call('POST', `${OUTBOUND}/preview`, body(42))).json.payload
      .fulfillmentPreviews;

    expect(standard).toMatchObject({ shippingSpeedCategory: 'Standard', isFulfillable: true });
    expect(standard.estimatedFees[0].amount.value).toMatch(/^\d+\.\d\d$/);
    expect(priority.orderUnfulfillableReasons).toEqual(['DeliverySLAUnavailable']);
    expect(short.isFulfillable).toBe(false);
    expect(short.unfulfillablePreviewItems[0].itemUnfulfillableReasons).toEqual(['ItemQuantityNotAvailable']);
    expect(mugs(rig)).toEqual([41, 0]);
  });

  it('asks for the country in words of its own', async () => {
    const rig = await startRig();
    const address = { ...(createBody()['destinationAddress'] as object), countryCode: undefined };

    const answer = await rig.call('POST', `${OUTBOUND}/preview`, body(1, { address }));

    expect(messageOf(answer)).toBe('The request must contain the parameter Address.CountryCode.');
  });
});

describe('inventory', () => {
  const skusOf = (answer: Answer): string[] =>
    answer.json.payload.inventorySummaries.map((row: Json) => row.sellerSku);

  it('tells what can be shipped apart from all else', async () => {
    const rig = await startRig();
    rig.amazon.setStock('MUG-BLUE-12OZ', 41, { pendingTransshipment: 5, inbound: 112, unfulfillable: 2 });

    const answer = await summaries(rig, { sellerSkus: 'MUG-BLUE-12OZ,NO-SUCH' });

    expect(answer.json.payload.granularity).toEqual({
      granularityType: 'Marketplace',
      granularityId: MARKETPLACE,
    });
    expect(answer.json).not.toHaveProperty('pagination');
    expect(answer.json.payload.inventorySummaries).toEqual([
      expect.objectContaining({
        sellerSku: 'MUG-BLUE-12OZ',
        totalQuantity: 160,
        inventoryDetails: expect.objectContaining({
          fulfillableQuantity: 41,
          reservedQuantity: expect.objectContaining({
            totalReservedQuantity: 5,
            pendingTransshipmentQuantity: 5,
          }),
        }),
      }),
    ]);
    const bare = (await summaries(rig, { details: 'false' })).json.payload.inventorySummaries[0];
    expect(bare).not.toHaveProperty('inventoryDetails');
  });

  it('moves lastUpdatedTime only when figures move', async () => {
    const rig = await startRig({ rates: { inventory: { ratePerSecond: 9, burst: 9 } } });
    const times = async (): Promise<string[]> =>
      (await summaries(rig)).json.payload.inventorySummaries.map((row: Json) => row.lastUpdatedTime);
    const [mug, tee] = await times();
    await rig.clock.advance(HOUR);
    expect(await times()).toEqual([mug, tee]);

    rig.amazon.setStock('TEE-BLK-M', 3);

    const [mugAfter, teeAfter] = await times();
    expect([mugAfter === mug, Date.parse(teeAfter!) - Date.parse(tee!)]).toEqual([true, HOUR]);
    const since = new Date(rig.clock.nowMs() - MINUTE).toISOString();
    expect(skusOf(await summaries(rig, { startDateTime: since, sellerSkus: 'MUG-BLUE-12OZ' }))).toEqual([
      'TEE-BLK-M',
    ]);
  });

  it('pages beside the payload, for thirty seconds', async () => {
    const skus = ['A B', 'C/D', 'E+F', 'G&H', 'I'];
    const rates = { inventory: { ratePerSecond: 99, burst: 99 } };
    const rig = await startRig({ sellerSkus: skus, inventoryPageSize: 2, rates });

    const first = await summaries(rig);
    const { nextToken } = first.json.pagination;
    await rig.clock.advance(30_000);
    const second = await summaries(rig, { nextToken });
    const third = await summaries(rig, { nextToken: second.json.pagination.nextToken });

    expect([first, second, third].flatMap(skusOf)).toEqual(skus);
    expect(third.json).not.toHaveProperty('pagination');
    expect(messageOf(await summaries(rig, { nextToken, details: 'false' }))).toMatch(/invalid or expired/);
    await rig.clock.advance(1);
    expect(messageOf(await summaries(rig, { nextToken }))).toBe('Next token is invalid or expired');
    expect(skusOf(await summaries(rig, { sellerSkus: 'C/D,E+F' }))).toEqual(['C/D', 'E+F']);
    expect(skusOf(await summaries(rig, { sellerSku: 'G&H' }))).toEqual(['G&H']);
    expect(rig.amazon.violations).toEqual([]);
  });

  it.each([
    [
      'no granularity type',
      { granularityType: '' },
      'The request must contain the parameter granularityType.',
    ],
    ['no marketplace', { marketplaceIds: '' }, 'The request must contain the parameter marketplaceIds.'],
    [
      '51 SKUs',
      { sellerSkus: Array.from({ length: 51 }, String).join(',') },
      'The request must contain at most 50 sellerSkus.',
    ],
    ['a date that is none', { startDateTime: 'today' }, 'today value is not a valid ISO date-time object'],
  ])('refuses %s', async (_name, fields, message) => {
    const rig = await startRig();

    const answer = await summaries(rig, fields);

    expect([answer.status, messageOf(answer)]).toEqual([400, message]);
  });

  it('has a burst of two', async () => {
    const rig = await startRig();

    const answers = [await summaries(rig), await summaries(rig), await summaries(rig)];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  });
});

describe('faults', () => {
  it('loses an answer after the effect, and a request before it', async () => {
    const rig = await startRig();
    await rig.get('x');
    rig.amazon.faults.next('create', 'reset-after');
    rig.amazon.faults.next('create', 'reset-before');

    await expect(rig.create(oneMug('TTS-1'))).rejects.toThrow(/socket hang up|ECONNRESET/);
    await expect(rig.create(oneMug('TTS-2'))).rejects.toThrow(/socket hang up|ECONNRESET/);

    expect(rig.amazon.creates.map(({ fulfillmentId }) => fulfillmentId)).toEqual(['TTS-1']);
    expect((await rig.get('TTS-1')).status).toBe(200);
    expect(messageOf(await rig.get('TTS-2'))).toBe("Requested order 'TTS-2' not found");
    expect(
      rig.amazon.calls.filter(({ operation }) => operation === 'create').map(({ status }) => status),
    ).toEqual([null, null]);
  });

  it('hangs for ever, and lets go when it is closed', async () => {
    const rig = await startRig();
    await rig.get('x');
    rig.amazon.faults.next('create', 'timeout-after');
    const cut = rig.create(oneMug('TTS-1')).catch(String);

    while (rig.amazon.creates.length === 0) await new Promise(setImmediate);
    await rig.amazon.close();

    expect(await cut).toMatch(/socket hang up|ECONNRESET/);
  });

  it('answers a status, or broken JSON, as often as asked', async () => {
    const rig = await startRig();
    const body = { errors: [{ code: 'ServiceUnavailable', message: 'later', details: '' }] };
    rig.amazon.faults.next('create', { status: 503, body, headers: { 'retry-after': '7' } }, 2);
    rig.amazon.faults.next('create', 'malformed');

    const answers = [await rig.create(oneMug()), await rig.create(oneMug()), await rig.create(oneMug())];

    expect(answers.map(({ status, json }) => [status, json])).toEqual([
      [503, body],
      [503, body],
      [200, undefined],
    ]);
    expect(answers[0]?.headers).toMatchObject({
      'retry-after': '7',
      'x-amzn-requestid': expect.any(String),
    });
    expect(rig.amazon.creates).toHaveLength(1);
    expect(rig.amazon.countCalls('create')).toBe(3);
    expect(rig.amazon.faults.pending()).toBe(0);
  });
});
