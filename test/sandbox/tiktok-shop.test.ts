import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { requestSignature, webhookSignature } from '../../src/sandbox/tiktok-shop/signing.ts';
import { AMAZON, APP, createClient, type Envelope, type ManualClock, manualClock } from './tiktok-client.ts';

const PROVIDERS = '/logistics/202309/delivery_options/7091146663229654785/shipping_providers';
const MAIN = '7000714532876273410';

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

describe('signatures', () => {
  const signed = (path: string, query: Record<string, string>, body = '', secret = APP.appSecret) =>
    requestSignature(secret, { path, query: Object.entries(query), body, contentType: 'application/json' });
  const common = {
    app_key: '6examplekey1',
    timestamp: '1764000000',
    shop_cipher: 'TTP_ExampleCipher0001',
  };

  test.each([
    [
      'the published example',
      'b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8',
      () =>
        signed(
          '/authorization/202309/shops',
          { app_key: '29a39d', timestamp: '1623812664' },
          '',
          'e59af819cc',
        ),
    ],
    [
      'a GET',
      '24b4d2124e4aab81ee1caa60a489d456e0420f6a159233cdb130b2e6a3693c15',
      () => signed('/order/202507/orders', { ...common, ids: '576900000000000101,576900000000000102' }),
    ],
    [
      'a POST with a page token',
      'a4bfff16d6423ca0dd85605d3de6f20d1852ad8f326d53c4432d5dfd904672d3',
      () =>
        signed(
          '/order/202309/orders/search',
          {
            ...common,
            page_size: '50',
            sort_field: 'update_time',
            sort_order: 'ASC',
            page_token: '6AsPQsUMvH3/RkchNUPP+h22NROHkE0D8pmq==',
          },
          '{"order_status":"AWAITING_SHIPMENT","shipping_type":"SELLER","update_time_ge":1763990000,"update_time_lt":1764000000}',
        ),
    ],
    [
      'a DELETE with a body',
      '6c91b8adfde7c21625776dae6569119ded2455885e72670da2d302b40ee7ce30',
      () => signed('/event/202309/webhooks', common, '{"event_type":"ORDER_STATUS_CHANGE"}'),
    ],
  ])('of %s match the published value', (_name, expected, compute) => {
    expect(compute()).toBe(expected);
  });

  test('of webhooks match the published values, multi-byte text too', () => {
    const body =
      '{"type":6,"tts_notification_id":"7327112393057371911","shop_id":"7494049642642441621","timestamp":1764003601,"data":{"message":"Shop_id 7494049642642441621 is deauthorized from your APP by merchant – café ✓"}}';
    expect(shop.signWebhook(body)).toBe('5f3830e44da5a8b5ea006d1698b0b84e266fac0748772b17eb2961e484924115');
    expect(webhookSignature(APP.appKey, 'another secret', body)).not.toBe(shop.signWebhook(body));
  });
});

describe('the door', () => {
  test('lets a correct call in and notes it', async () => {
    const answer = await client.call(PROVIDERS);
    expect(answer.code).toBe(0);
    expect(answer.data.shipping_providers).toContainEqual({ id: AMAZON, name: 'Amazon Logistics' });
    expect(shop.violations).toEqual([]);
    expect(shop.calls).toMatchObject([{ operation: 'providers.list', status: 200, code: 0 }]);
  });

  test.each([
    ['a wrong signature', 106001, { sign: 'f'.repeat(64) }],
    ['an upper-case signature', 106001, { sign: 'F'.repeat(64) }],
    ['a foreign app key', 36009004, { query: { app_key: 'other' } }],
    ['a stale timestamp', 36009004, { timestamp: 1_764_000_000 - 301 }],
    ['a timestamp of the future', 36009004, { timestamp: 1_764_000_000 + 31 }],
    ['no token', 36009004, { token: null }],
    ['an unknown token', 36009004, { token: 'TTP_never_issued' }],
    ['no cipher', 106013, { cipher: null }],
    ['a foreign cipher', 101000, { cipher: 'TTP_OtherCipher' }],
    ['a wrong method', 36009010, { body: {} }],
  ])('refuses %s', async (_name, code, options) => {
    expect((await client.call(PROVIDERS, options)).code).toBe(code);
    expect(violationCodes()).toEqual([code]);
  });

  test('accepts timestamps at the edges of the window', async () => {
    for (const timestamp of [1_764_000_000 - 300, 1_764_000_000 + 30])
      expect((await client.call(PROVIDERS, { timestamp })).code).toBe(0);
  });

  test('refuses unknown paths, ids that are no numbers, wrong types and a cipher where none belongs', async () => {
    expect((await client.call('/order/202309/nothing')).code).toBe(36009009);
    expect((await client.call('/fulfillment/202309/packages/abc')).code).toBe(36009004);
    const search = '/order/202309/orders/search';
    expect((await client.call(search, { body: { update_time_ge: '1764000000' } })).code).toBe(36009004);
    expect((await client.call(search, { body: { nobody_knows: 1 } })).code).toBe(0);
    expect((await client.call(search, { body: {}, query: { page_size: '101' } })).code).toBe(36009004);
    expect((await client.call(search, { body: {}, contentType: 'text/plain' })).code).toBe(36009023);
    expect((await client.call('/authorization/202309/shops')).code).toBe(36009004);
    const shops = await client.call('/authorization/202309/shops', { cipher: null });
    expect(shops.data.shops[0]).toMatchObject({ id: shop.shop.id, cipher: shop.shop.cipher });
  });

  test('allows so many calls a second for each API, and no more', async () => {
    shop.settings.rateLimitPerSecond = 3;
    for (let count = 0; count < 3; count += 1) expect((await client.call(PROVIDERS)).code).toBe(0);
    const refused = await client.raw(PROVIDERS);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 36009002 });
    expect((await client.call('/logistics/202309/warehouses')).code).toBe(0);
    clock.advance(1);
    expect((await client.call(PROVIDERS)).code).toBe(0);
    expect(shop.violations).toEqual([]);
  });
});

describe('tokens', () => {
  const auth = async (path: string, query: Record<string, string>) => {
    const all = new URLSearchParams({ app_key: APP.appKey, app_secret: APP.appSecret, ...query });
    return (await (await fetch(`${shop.url}/api/v2/token/${path}?${all.toString()}`)).json()) as Envelope;
  };
  const refresh = (token: string) => auth('refresh', { refresh_token: token, grant_type: 'refresh_token' });

  test('expire, are refreshed with absolute times, and rotate', async () => {
    const before = shop.tokens();
    shop.expireAccessToken();
    expect((await client.call(PROVIDERS)).code).toBe(105002);
    const answer = await refresh(before.refreshToken);
    expect(answer.code).toBe(0);
    expect(answer.data.access_token_expire_in).toBe(1_764_000_000 + 7 * 86_400);
    expect(answer.data.refresh_token).not.toBe(before.refreshToken);
    expect((await client.call(PROVIDERS, { token: answer.data.access_token })).code).toBe(0);
    expect((await client.call(PROVIDERS, { token: before.accessToken })).code).toBe(105002);
    expect((await refresh(before.refreshToken)).code).toBe(36004005);
    expect(shop.violations).toEqual([]);
  });

  test('keep the refresh token and the old access token where the shop is set so', async () => {
    shop.settings.rotateRefreshToken = false;
    shop.settings.refreshKillsOldAccessToken = false;
    const before = shop.tokens();
    expect((await refresh(before.refreshToken)).data.refresh_token).toBe(before.refreshToken);
    expect((await client.call(PROVIDERS, { token: before.accessToken })).code).toBe(0);
  });

  test('die with the authorisation and come back with a code that works once', async () => {
    shop.revoke();
    expect((await client.call(PROVIDERS)).code).toBe(36009004);
    expect((await refresh(shop.tokens().refreshToken)).code).toBe(36004005);
    const code = { auth_code: shop.issueAuthCode(), grant_type: 'authorized_code' };
    expect((await auth('get', code)).data.user_type).toBe(0);
    expect((await client.call(PROVIDERS)).code).toBe(0);
    expect((await auth('get', code)).code).not.toBe(0);
  });

  test('name an expired refresh token', async () => {
    shop.expireRefreshToken();
    expect((await refresh(shop.tokens().refreshToken)).code).toBe(36004001);
  });
});

describe('orders', () => {
  test('have one line item for each unit and hide the recipient exactly while they may not ship', async () => {
    const { orderId, lineIds } = shop.placeOrder({
      lines: [{ sku: 'SOCK', units: 2 }, { sku: 'HAT' }],
      paid: false,
    });
    expect(lineIds).toHaveLength(3);
    const seen: Record<string, string> = {};
    const look = async () => {
      const order = await client.order(orderId);
      seen[order.status] = order.recipient_address.name;
      return order;
    };
    await look();
    shop.pay(orderId);
    const held = await look();
    expect(held.is_on_hold_order).toBe(true);
    expect(held.recipient_address.district_info[1]!.address_name).toBe('Illinois');
    expect(held.recipient_address.address_line1).not.toContain('Example');
    clock.advance(3599);
    expect((await look()).status).toBe('ON_HOLD');
    clock.advance(1);
    const ready = await look();
    expect(ready.update_time).toBe(1_764_003_600);
    expect(ready.recipient_address).toMatchObject({ name: 'Jane Example', postal_code: '62701' });
    expect(ready.line_items[0]).toMatchObject({ seller_sku: 'SOCK', display_status: 'AWAITING_SHIPMENT' });
    shop.sellerCancel(orderId);
    await look();
    expect(seen).toEqual({
      UNPAID: 'J*** E***',
      ON_HOLD: 'J*** E***',
      AWAITING_SHIPMENT: 'Jane Example',
      CANCELLED: 'J*** E***',
    });
    expect(shop.violations).toEqual([]);
  });

  test('are masked again thirty days after completion', async () => {
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true });
    shop.complete(orderId);
    clock.advance(30 * 86_400);
    shop.setTokens({ accessToken: 'TTP_fresh' });
    expect((await client.order(orderId)).recipient_address.name).toBe('Jane Example');
    clock.advance(1);
    expect((await client.order(orderId)).recipient_address.name).not.toBe('Jane Example');
  });

  test('of shops without the hold phase may ship as soon as they are paid', async () => {
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SOCK' }], hold: false });
    expect(await client.order(orderId)).toMatchObject({
      status: 'AWAITING_SHIPMENT',
      is_on_hold_order: false,
    });
  });

  test('that do not exist are simply missing; more than fifty ids are refused', async () => {
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SOCK' }] });
    const ids = `${orderId},576900000000099999`;
    const answer = await client.call('/order/202309/orders', { query: { ids } });
    expect(answer.data.orders).toHaveLength(1);
    const many = Array.from({ length: 51 }, (_, n) => String(576900000000001000n + BigInt(n))).join(',');
    expect((await client.call('/order/202507/orders', { query: { ids: many } })).code).toBe(36009004);
  });

  test('are found by window and state, page by page, newest first unless asked otherwise', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.push(shop.placeOrder({ lines: [{ sku: 'SOCK' }], ready: true }).orderId);
      clock.advance(10);
    }
    const search = (body: unknown, query: Record<string, string>) =>
      client.call('/order/202309/orders/search', { body, query });
    const walk = async (query: Record<string, string>) => {
      const found: string[] = [];
      let page_token = '';
      do {
        const answer = await search({}, { page_size: '2', ...query, ...(page_token ? { page_token } : {}) });
        expect(answer.data.total_count).toBe(5);
        found.push(...answer.data.orders.map((order) => order.id));
        page_token = answer.data.next_page_token;
      } while (page_token !== '');
      return found;
    };
    expect(await walk({ sort_field: 'update_time', sort_order: 'ASC' })).toEqual(ids);
    expect(await walk({})).toEqual(ids.toReversed());
    const window = { update_time_ge: 1_764_000_010, update_time_lt: 1_764_000_030 };
    const inside = await search(window, { sort_order: 'ASC' });
    expect(inside.data.orders.map((order) => order.id)).toEqual(ids.slice(1, 3));
    expect((await search({ order_status: 'ON_HOLD' }, {})).data.orders).toEqual([]);
    expect((await search({ shipping_type: 'TIKTOK' }, {})).data.orders).toEqual([]);
    expect((await search({}, { page_token: 'guess' })).code).toBe(36009004);
  });

  test('show what a bundle consists of in detail only', async () => {
    shop.addProduct({ skus: [{ sellerSku: 'SOCK', stock: 10 }] });
    shop.addProduct({ skus: [{ sellerSku: 'SET', bundle: [{ sellerSku: 'SOCK', count: 2 }] }] });
    const { orderId } = shop.placeOrder({ lines: [{ sku: 'SET' }], ready: true });
    const [part] = (await client.order(orderId)).line_items[0]!.combined_listing_skus!;
    expect(part).toMatchObject({ seller_sku: 'SOCK', sku_count: 2 });
    const list = await client.call('/order/202309/orders/search', { body: {} });
    expect(list.data.orders[0]!.line_items[0]!.combined_listing_skus).toBeUndefined();
    expect(shop.stockOf('SOCK')).toEqual({ available: 8, committed: 2 });
    expect(shop.stockOf('SET').available).toBe(4);
  });

  test('carry address edits and whatever a test lays over them', async () => {
    const { orderId } = shop.placeOrder({
      lines: [{ sku: 'SOCK', overrides: { is_gift: true } }],
      ready: true,
      address: { name: 'Sam Sample', raw: { phone_number: '(+1)217-***-0143' } },
      overrides: { is_sample_order: true },
    });
    clock.advance(5);
    shop.changeAddress(orderId, { addressLine1: '7 Other Road' });
    const order = await client.order(orderId);
    expect(order).toMatchObject({ is_sample_order: true, has_updated_recipient_address: true });
    expect(order.update_time).toBe(1_764_000_005);
    expect(order.recipient_address).toMatchObject({
      first_name: 'Sam',
      address_line1: '7 Other Road',
      phone_number: '(+1)217-***-0143',
    });
    expect(order.line_items[0]!.is_gift).toBe(true);
  });
});

describe('products and stock', () => {
  test('are searched in pages and by seller SKU', async () => {
    for (const sellerSku of ['A', 'B', 'C']) shop.addProduct({ skus: [{ sellerSku, stock: 1 }] });
    const search = (query: Record<string, string>, body: unknown) =>
      client.call('/product/202502/products/search', { query, body });
    const page = await search({ page_size: '2' }, { status: 'ACTIVATE' });
    expect(page.data).toMatchObject({ total_count: 3 });
    const rest = await search(
      { page_size: '2', page_token: page.data.next_page_token },
      { status: 'ACTIVATE' },
    );
    expect([...page.data.products, ...rest.data.products].map(({ skus }) => skus[0]?.seller_sku)).toEqual([
      'C',
      'B',
      'A',
    ]);
    expect((await search({ page_size: '2' }, { seller_skus: ['B'] })).data.total_count).toBe(1);
  });

  test('are set absolutely, SKU by SKU, with failures hidden under code 0', async () => {
    const { productId, skuIds } = shop.addProduct({
      skus: [
        { sellerSku: 'A', stock: 9 },
        { sellerSku: 'B', stock: 9 },
      ],
    });
    const [a, b] = skuIds as [string, string];
    shop.placeOrder({ lines: [{ sku: 'A' }] });
    const update = (skus: unknown) =>
      client.call(`/product/202309/products/${productId}/inventory/update`, { body: { skus } });
    const answer = await update([
      { id: a, inventory: [{ warehouse_id: MAIN, quantity: 4 }] },
      { id: b, inventory: [{ warehouse_id: '7068517275539719942', quantity: 4 }] },
    ]);
    expect(answer.code).toBe(0);
    expect(answer.data.errors).toMatchObject([
      { code: 12052990, detail: { sku_id: b, extra_errors: [{ code: 12052097 }] } },
    ]);
    expect(shop.stockOf('A')).toEqual({ available: 4, committed: 1 });
    expect(shop.stockOf('B').available).toBe(9);
    expect(shop.stockPushes).toMatchObject([{ sellerSku: 'A', quantity: 4 }]);
    expect((await update([{ id: a, inventory: [{ quantity: 0 }] }])).data.errors).toEqual([]);
    shop.settings.allowZeroQuantity = false;
    expect((await update([{ id: b, inventory: [{ quantity: 0 }] }])).data.errors[0]!.code).toBe(12052055);
    shop.settings.lockedProducts.add(productId);
    expect((await update([{ id: b, inventory: [{ quantity: 8 }] }])).code).toBe(12052393);
    const found = await client.call('/product/202309/inventory/search', { body: { sku_ids: [a] } });
    expect(found.data.inventory[0]!.skus[0]).toMatchObject({
      total_available_quantity: 0,
      total_committed_quantity: 1,
    });
  });

  test('need every warehouse of the SKU', async () => {
    const second = { id: '7000714532876273412', name: 'US West', type: 'SALES_WAREHOUSE' as const };
    shop.warehouses.push(second);
    const { productId, skuIds } = shop.addProduct({
      skus: [{ sellerSku: 'A', warehouses: { [MAIN]: 1, [second.id]: 2 } }],
    });
    const update = async (inventory: unknown) =>
      (
        await client.call(`/product/202309/products/${productId}/inventory/update`, {
          body: { skus: [{ id: skuIds[0], inventory }] },
        })
      ).data.errors;
    expect(await update([{ warehouse_id: MAIN, quantity: 5 }])).toHaveLength(1);
    expect(shop.stockOf('A').available).toBe(3);
    const both = [MAIN, second.id].map((warehouse_id) => ({ warehouse_id, quantity: 5 }));
    expect(await update(both)).toEqual([]);
    expect(shop.stockOf('A').available).toBe(10);
  });

  test('do not let a buyer take what is not there', () => {
    shop.addProduct({ skus: [{ sellerSku: 'A', stock: 1 }] });
    shop.placeOrder({ lines: [{ sku: 'A' }] });
    expect(() => shop.placeOrder({ lines: [{ sku: 'A' }] })).toThrow('no A left');
    expect(shop.placeOrder({ lines: [{ sku: 'A' }], oversell: true }).lineIds).toHaveLength(1);
  });
});
