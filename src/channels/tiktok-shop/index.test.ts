import { describe, expect, test } from 'vitest';
import { useHttpMock } from '../../../test/http-mock.ts';
import authSamples from './fixtures/auth.json' with { type: 'json' };
import cancellations from './fixtures/cancellations-and-returns.json' with { type: 'json' };
import {
  type Answer,
  APP_KEY,
  createHarness,
  expectCall,
  failure,
  SHOP,
  START_MS,
  shopRowOf,
  success,
} from './fixtures/harness.ts';
import inventorySearch from './fixtures/inventory-search.json' with { type: 'json' };
import inventoryUpdate from './fixtures/inventory-update.json' with { type: 'json' };
import shipped from './fixtures/mark-package-shipped.json' with { type: 'json' };
import productsSearch from './fixtures/products-search.json' with { type: 'json' };
import providers from './fixtures/shipping-providers.response.json' with { type: 'json' };
import { createTikTokShop } from './index.ts';

const mock = useHttpMock();
const HOUR_MS = 3_600_000;
const ORDER_ID = '576900000000000101';
const SHOPS_PATH = '/authorization/202309/shops';
const PRODUCTS_PATH = '/product/202502/products/search';
const STOCK_PATH = '/product/202309/inventory/search';
const shipRequest = {
  orderId: ORDER_ID,
  lineIds: shipped.request_partial.order_line_item_ids,
  trackingNumber: 'TBA300000000001',
  carrierId: '7248600717110282027',
};
const expectShip = (answer: Answer): void =>
  expectCall(
    mock,
    'POST',
    `/fulfillment/202309/orders/${ORDER_ID}/packages`,
    { body: shipped.request_partial },
    answer,
  );

const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

describe('ship', () => {
  test('answers the package', async () => {
    const { tiktok } = createHarness();
    expectShip({ body: shipped.response_ok });

    expect(await tiktok.ship(SHOP, shipRequest)).toEqual({
      ok: true,
      value: { packageId: '1153900000000000301', warning: null },
    });
  });

  test('a warning is a success, and is passed on', async () => {
    const { tiktok } = createHarness();
    expectShip({ body: shipped.response_ok_with_warning });

    const result = await tiktok.ship(SHOP, shipRequest);

    expect(result.ok && result.value.warning).toContain('does not match');
  });

  test('a success that names no package is still one', async () => {
    const { tiktok } = createHarness();
    expectShip(success({ warning: null }));

    expect(await tiktok.ship(SHOP, shipRequest)).toEqual({
      ok: true,
      value: { packageId: null, warning: null },
    });
  });

  test.each([
    [shipped.response_already_shipped.code, 'already_done'],
    [shipped.response_duplicate_tracking.code, 'duplicate_tracking'],
    [shipped.response_on_hold.code, 'state_changed'],
    [21011022, 'tracking_rejected'],
    [21011007, 'after_sale_pending'],
    [21011048, 'refused'],
    [12345, 'refused'],
  ])('the refusal %i is a value: %s', async (code, reason) => {
    const { tiktok, side } = createHarness();
    expectShip(failure(code));

    const result = await tiktok.ship(SHOP, shipRequest);

    expect(result).toMatchObject({ ok: false, problem: { reason, remoteCode: String(code) } });
    expect(side.state().state).toBe('ok');
  });

  test('refused credentials stop the side', async () => {
    const { tiktok, side } = createHarness();
    expectShip(failure(106001));

    await rejection(tiktok.ship(SHOP, shipRequest));

    expect(side.state()).toMatchObject({ state: 'stopped', code: 'upstream_auth_refused' });
  });
});

describe('the other effects', () => {
  test('a second correction is refused as not correctable', async () => {
    const { tiktok } = createHarness();
    const body = { tracking_number: 'T2', shipping_provider_id: '8' };
    expectCall(
      mock,
      'POST',
      '/fulfillment/202309/packages/7/shipping_info/update',
      { body },
      failure(21011051),
    );

    const request = { orderId: ORDER_ID, packageId: '7', trackingNumber: 'T2', carrierId: '8' };

    expect(await tiktok.correctTracking(SHOP, request)).toMatchObject({
      ok: false,
      problem: { reason: 'not_correctable' },
    });
  });

  test('a cancellation that is already made is said to be done', async () => {
    const { tiktok } = createHarness();
    const body = { order_id: ORDER_ID, cancel_reason: 'r' };
    expectCall(mock, 'POST', '/return_refund/202309/cancellations', { body }, failure(25001011));

    expect(await tiktok.cancelOrder(SHOP, ORDER_ID, 'r')).toMatchObject({
      ok: false,
      problem: { reason: 'already_done' },
    });
  });
});

describe('cancellations', () => {
  test('all pages of the order’s requests are read', async () => {
    const { tiktok } = createHarness();
    const path = '/return_refund/202309/cancellations/search';
    const body = cancellations.search_cancellations_request;
    const first = cancellations.search_cancellations_response.data;
    const query = { page_size: '50' };
    expectCall(mock, 'POST', path, { query, body }, success({ ...first, next_page_token: 'p2' }));
    expectCall(
      mock,
      'POST',
      path,
      { query: { ...query, page_token: 'p2' }, body },
      success({ cancellations: [{ order_id: ORDER_ID, cancel_id: '2', cancel_status: 'X' }] }),
    );

    expect(await tiktok.fetchCancellations(SHOP, ORDER_ID)).toEqual([
      {
        cancelId: '4035900000000000401',
        orderId: ORDER_ID,
        state: 'pending',
        byBuyer: true,
        respondByMs: 1_764_177_800_000,
      },
      { cancelId: '2', orderId: ORDER_ID, state: 'unknown', byBuyer: false, respondByMs: null },
    ]);
  });
});

describe('carriers', () => {
  const path = '/logistics/202309/delivery_options/7/shipping_providers';

  test('are looked up once a day, by many at once too', async () => {
    const { tiktok, clock } = createHarness();
    expectCall(mock, 'GET', path, {}, { body: providers });

    const [first, second] = await Promise.all([
      tiktok.fetchCarriers(SHOP, '7'),
      tiktok.fetchCarriers(SHOP, '7'),
    ]);
    await clock.advance(24 * HOUR_MS - 1);

    expect(first).toContainEqual({ carrierId: '7248600717110282027', name: 'Amazon Logistics' });
    expect(second).toEqual(first);
    expect(await tiktok.fetchCarriers(SHOP, '7')).toEqual(first);

    await clock.advance(1);
    const later = { timestampMs: START_MS + 24 * HOUR_MS };
    expectCall(mock, 'GET', path, later, success({ shipping_providers: [{ id: '1', name: 'New' }] }));
    expect(await tiktok.fetchCarriers(SHOP, '7')).toEqual([{ carrierId: '1', name: 'New' }]);
  });

  test.each([21008116, 21008117])(
    'there are none when the option has none (%i), and it is asked again',
    async (code) => {
      const { tiktok } = createHarness();
      expectCall(mock, 'GET', path, {}, failure(code));
      expectCall(mock, 'GET', path, {}, { body: providers });

      expect(await tiktok.fetchCarriers(SHOP, '7')).toEqual([]);
      expect(await tiktok.fetchCarriers(SHOP, '7')).toHaveLength(5);
    },
  );

  test('a fault is thrown and not remembered', async () => {
    const { tiktok } = createHarness();
    expectCall(mock, 'GET', path, {}, failure(36009003));
    expectCall(mock, 'GET', path, {}, { body: providers });

    expect(await rejection(tiktok.fetchCarriers(SHOP, '7'))).toMatchObject({ code: 'upstream_unavailable' });
    expect(await tiktok.fetchCarriers(SHOP, '7')).toHaveLength(5);
  });
});

describe('listings', () => {
  const query = { page_size: '100' };
  const skuIds = { sku_ids: ['1729592969712207012', '1729592969712207013'] };

  test('have the stock of the inventory search, else that of the product', async () => {
    const { tiktok } = createHarness();
    const answer = structuredClone(inventorySearch.response);
    const sku = answer.data.inventory[0]?.skus[0]?.warehouse_inventory[0];
    if (sku) sku.available_quantity = 77;
    expectCall(
      mock,
      'POST',
      PRODUCTS_PATH,
      { query, body: { status: 'ACTIVATE' } },
      { body: productsSearch.response },
    );
    expectCall(mock, 'POST', STOCK_PATH, { body: skuIds }, { body: answer });

    expect(await tiktok.fetchListings(SHOP)).toEqual([
      {
        productId: '1729592969712207008',
        skuId: '1729592969712207012',
        sellerSku: 'SOCK-RED-M',
        isVirtualBundle: false,
        warehouses: [{ warehouseId: '7000714532876273410', available: 77 }],
      },
      {
        productId: '1729592969712207008',
        skuId: '1729592969712207013',
        sellerSku: 'SOCK-RED-L',
        isVirtualBundle: false,
        warehouses: [{ warehouseId: '7000714532876273410', available: 5 }],
      },
    ]);
  });

  test('a SKU without warehouses in the inventory search keeps the product’s', async () => {
    const { tiktok } = createHarness();
    expectCall(
      mock,
      'POST',
      PRODUCTS_PATH,
      { query, body: { status: 'ACTIVATE' } },
      { body: productsSearch.response },
    );
    const empty = { inventory: [{ skus: [{ id: '1729592969712207012', warehouse_inventory: [] }] }] };
    expectCall(mock, 'POST', STOCK_PATH, { body: skuIds }, success(empty));

    const [first] = await tiktok.fetchListings(SHOP);

    expect(first?.warehouses).toEqual([{ warehouseId: '7000714532876273410', available: 100 }]);
  });

  test('the inventory is asked for at most 600 SKUs at a time, over all pages of products', async () => {
    const { tiktok } = createHarness();
    const skus = Array.from({ length: 400 }, (_, index) => ({ id: `a${index}` }));
    const more = skus.map((_, index) => ({ id: `b${index}` }));
    const body = { status: 'ACTIVATE' };
    expectCall(
      mock,
      'POST',
      PRODUCTS_PATH,
      { query, body },
      success({ next_page_token: 'p2', products: [{ id: '1', skus }] }),
    );
    expectCall(
      mock,
      'POST',
      PRODUCTS_PATH,
      { query: { ...query, page_token: 'p2' }, body },
      success({ products: [{ id: '2', skus: more }] }),
    );
    const ids = [...skus, ...more].map((sku) => sku.id);
    expectCall(mock, 'POST', STOCK_PATH, { body: { sku_ids: ids.slice(0, 600) } }, success({}));
    expectCall(mock, 'POST', STOCK_PATH, { body: { sku_ids: ids.slice(600) } }, success({}));

    expect(await tiktok.fetchListings(SHOP)).toHaveLength(800);
  });

  test('a shop too large for one search is searched by halves of time', async () => {
    const { tiktok } = createHarness();
    const nowSeconds = START_MS / 1000;
    const slice = (from: number, to: number) => ({
      query,
      body: { status: 'ACTIVATE', create_time_ge: from, create_time_le: to },
    });
    expectCall(
      mock,
      'POST',
      PRODUCTS_PATH,
      { query, body: { status: 'ACTIVATE' } },
      success({ total_count: 10_000 }),
    );
    expectCall(
      mock,
      'POST',
      PRODUCTS_PATH,
      slice(0, nowSeconds / 2),
      success({ total_count: 1, products: [{ id: '1', skus: [{ id: 's1' }] }] }),
    );
    expectCall(
      mock,
      'POST',
      PRODUCTS_PATH,
      slice(nowSeconds / 2 + 1, nowSeconds),
      success({ total_count: 9999, products: [{ id: '2', skus: [{ id: 's2' }] }] }),
    );
    expectCall(mock, 'POST', STOCK_PATH, { body: { sku_ids: ['s1', 's2'] } }, success({}));

    expect((await tiktok.fetchListings(SHOP)).map((listing) => listing.skuId)).toEqual(['s1', 's2']);
  });

  test('a shop without products asks for no inventory', async () => {
    const { tiktok } = createHarness();
    expectCall(mock, 'POST', PRODUCTS_PATH, { query, body: { status: 'ACTIVATE' } }, success({}));

    expect(await tiktok.fetchListings(SHOP)).toEqual([]);
  });
});

describe('stock', () => {
  const push = (productId: string, skuId: string, quantity = 3) => ({
    productId,
    skuId,
    warehouses: [{ warehouseId: 'w1', quantity }],
  });
  const path = (productId: string) => `/product/202309/products/${productId}/inventory/update`;
  const body = (...skuIds: string[]) => ({
    skus: skuIds.map((id) => ({ id, inventory: [{ warehouse_id: 'w1', quantity: 3 }] })),
  });

  test('one call sets all SKUs of a product, and the errors inside a success come back', async () => {
    const { tiktok } = createHarness();
    expectCall(
      mock,
      'POST',
      path('p1'),
      { body: body('s1', 's2') },
      {
        body: inventoryUpdate.response_partial_error_with_code_0,
      },
    );
    expectCall(mock, 'POST', path('p2'), { body: body('s3') }, { body: inventoryUpdate.response_ok });

    expect(await tiktok.pushStock(SHOP, [push('p1', 's1'), push('p2', 's3'), push('p1', 's2')])).toEqual([
      {
        skuId: '1729592969712207013',
        remoteCode: '12052097',
        message: 'The warehouse does not exist',
      },
    ]);
  });

  test.each([
    ['a refusal', { body: inventoryUpdate.response_locked_by_campaign }, '12052393'],
    ['a virtual bundle', failure(12052850), '12052850'],
    ['an inner fault', failure(36009003), '36009003'],
    ['no usable answer', { status: 502, body: '' }, 'upstream_unavailable'],
  ])('%s of one product does not hold up the next', async (_, answer, remoteCode) => {
    const { tiktok } = createHarness();
    expectCall(mock, 'POST', path('p1'), { body: body('s1', 's2') }, answer);
    expectCall(mock, 'POST', path('p2'), { body: body('s3') }, success(null));

    const failures = await tiktok.pushStock(SHOP, [push('p1', 's1'), push('p1', 's2'), push('p2', 's3')]);

    expect(failures).toMatchObject([
      { skuId: 's1', remoteCode },
      { skuId: 's2', remoteCode },
    ]);
  });

  test('a product with more than 100 SKUs takes several calls', async () => {
    const { tiktok } = createHarness();
    const ids = Array.from({ length: 101 }, (_, index) => `s${index}`);
    expectCall(mock, 'POST', path('p1'), { body: body(...ids.slice(0, 100)) }, success({}));
    expectCall(mock, 'POST', path('p1'), { body: body('s100') }, success({}));

    expect(
      await tiktok.pushStock(
        SHOP,
        ids.map((id) => push('p1', id)),
      ),
    ).toEqual([]);
  });

  test('a warehouse that TikTok did not name is not named to it', async () => {
    const { tiktok } = createHarness();
    expectCall(
      mock,
      'POST',
      path('p1'),
      { body: { skus: [{ id: 's1', inventory: [{ quantity: 0 }] }] } },
      success({}),
    );
    const nameless = { productId: 'p1', skuId: 's1', warehouses: [{ warehouseId: '', quantity: 0 }] };

    expect(await tiktok.pushStock(SHOP, [nameless])).toEqual([]);
  });

  test('refused credentials end the push', async () => {
    const { tiktok } = createHarness();
    expectCall(mock, 'POST', path('p1'), { body: body('s1') }, failure(101000));

    const pushes = [push('p1', 's1'), push('p2', 's2')];

    expect(await rejection(tiktok.pushStock(SHOP, pushes))).toMatchObject({ code: 'upstream_auth_refused' });
  });
});

describe('shops', () => {
  const shopsAnswer = { body: authSamples.get_authorized_shops_response };

  test('a cipher that is not known is looked up once, saved and used', async () => {
    const { tiktok, rows } = createHarness({ cipher: null });
    expectCall(mock, 'GET', SHOPS_PATH, { cipher: null }, shopsAnswer);
    expectCall(mock, 'GET', '/order/202507/orders', { query: { ids: '1' } }, success({}));
    expectCall(mock, 'GET', '/order/202507/orders', { query: { ids: '2' } }, success({}));

    await Promise.all([tiktok.fetchOrders(SHOP, ['1']), tiktok.fetchOrders(SHOP, ['2'])]);

    expect(rows.get(SHOP.shopId)).toEqual(shopRowOf({ cipher: 'TTP_ExampleCipher0001' }));
  });

  test.each([
    ['is not in the answer', success({ shops: [{ id: '1', region: 'US', cipher: 'c' }] })],
    ['has no cipher there', success({ shops: [{ id: SHOP.shopId, region: '', cipher: '' }] })],
  ])('a shop that %s is a fault of the configuration', async (_, answer) => {
    const { tiktok, side } = createHarness({ cipher: null });
    expectCall(mock, 'GET', SHOPS_PATH, { cipher: null }, answer);

    expect(await rejection(tiktok.fetchOrders(SHOP, ['1']))).toMatchObject({
      code: 'upstream_config_refused',
      stage: 'before',
    });
    expect(side.state().state).toBe('ok');
  });

  test('credentials refused at the look-up stop the side', async () => {
    const { tiktok, side } = createHarness({ cipher: null });
    expectCall(mock, 'GET', SHOPS_PATH, { cipher: null }, failure(105005));

    await rejection(tiktok.fetchOrders(SHOP, ['1']));

    expect(side.state().state).toBe('stopped');
  });

  test('all shops of an authorisation can be discovered; nothing is saved', async () => {
    const { tiktok, rows } = createHarness({ cipher: null });
    expectCall(
      mock,
      'GET',
      SHOPS_PATH,
      { cipher: null },
      success({
        shops: [
          { id: '1', name: 'First', region: 'US', cipher: 'c1' },
          { id: '2', cipher: 'c2' },
        ],
      }),
    );

    expect(await tiktok.discoverShops('tiktok-shop')).toEqual([
      { shopId: '1', name: 'First', region: 'US', cipher: 'c1' },
      { shopId: '2', name: null, region: null, cipher: 'c2' },
    ]);
    expect([...rows.keys()]).toEqual([SHOP.shopId]);
  });
});

describe('several authorisations', () => {
  const OTHER = { ...SHOP, shopId: '2' };
  const pairOf = (accessToken: string) => ({
    accessToken,
    accessExpiresAtMs: null,
    refreshToken: null,
    refreshExpiresAtMs: null,
    origin: 'connected',
  });
  const openTwo = () => {
    const harness = createHarness();
    harness.rows.set('2', shopRowOf({ ...OTHER, cipher: 'C2', authorization: 'tiktok-shop/other' }));
    harness.tokens.pairs.set('tiktok-shop/other', pairOf('access-other'));
    return harness;
  };
  const expectRead = (id: string, token: string, cipher: string): void =>
    expectCall(mock, 'GET', '/order/202507/orders', { query: { ids: id }, token, cipher }, success({}));

  test('each shop is called with the token of its own', async () => {
    const { tiktok } = openTwo();
    expectRead('1', 'access-1', 'TTP_ExampleCipher0001');
    expectRead('2', 'access-other', 'C2');

    expect(await tiktok.fetchOrders(SHOP, ['1'])).toEqual(new Map());
    expect(await tiktok.fetchOrders(OTHER, ['2'])).toEqual(new Map());
  });

  test('the environment’s tokens are not those of another authorisation that has none', async () => {
    const { tiktok, tokens } = openTwo();
    tokens.pairs.clear();

    expect(await rejection(tiktok.fetchOrders(OTHER, ['2']))).toMatchObject({
      code: 'upstream_auth_refused',
    });
  });

  test('what is held of one is forgotten, so that its next call takes the stored token', async () => {
    const { tiktok, tokens } = openTwo();
    expectRead('1', 'access-other', 'C2');
    await tiktok.fetchOrders(OTHER, ['1']);
    tokens.pairs.set('tiktok-shop/other', pairOf('access-new'));
    tiktok.forget('tiktok-shop/other');
    expectRead('2', 'access-new', 'C2');

    expect(await tiktok.fetchOrders(OTHER, ['2'])).toEqual(new Map());
  });

  test('of a shop that withdrew, and of one that is not known, nothing is sent', async () => {
    const { tiktok, rows } = openTwo();
    rows.set('2', shopRowOf({ ...OTHER, stoppedAtMs: 1 }));

    expect(await rejection(tiktok.fetchOrders(OTHER, ['1']))).toMatchObject({
      code: 'upstream_auth_refused',
    });
    expect(await rejection(tiktok.fetchOrders({ ...SHOP, shopId: '3' }, ['1']))).toMatchObject({
      code: 'upstream_config_refused',
    });
  });
});

describe('the connector', () => {
  test('has a name, and counts down the reads that are left', async () => {
    const { tiktok } = createHarness();
    expectCall(mock, 'GET', '/order/202507/orders', { query: { ids: '1' } }, success({}));

    expect(tiktok.name).toBe('tiktok-shop');
    expect(tiktok.readCapacity(SHOP)).toBe(48);
    await tiktok.fetchOrders(SHOP, ['1']);
    expect(tiktok.readCapacity(SHOP)).toBe(47);
  });

  test('does not start without a secret', () => {
    const options = { appKey: APP_KEY, appSecrets: [], initialTokens: null };

    expect(() => createTikTokShop({ ...createHarness().options, ...options })).toThrow(/secret/);
  });
});
