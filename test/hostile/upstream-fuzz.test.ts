import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import auth from '../../src/channels/tiktok-shop/fixtures/auth.json' with { type: 'json' };
import cancellations from '../../src/channels/tiktok-shop/fixtures/cancellations-and-returns.json' with {
  type: 'json',
};
import { createHarness, SHOP as TIKTOK_SHOP } from '../../src/channels/tiktok-shop/fixtures/harness.ts';
import inventory from '../../src/channels/tiktok-shop/fixtures/inventory-search.json' with { type: 'json' };
import updates from '../../src/channels/tiktok-shop/fixtures/inventory-update.json' with { type: 'json' };
import shipped from '../../src/channels/tiktok-shop/fixtures/mark-package-shipped.json' with { type: 'json' };
import orderDetail from '../../src/channels/tiktok-shop/fixtures/order-detail.response.json' with {
  type: 'json',
};
import products from '../../src/channels/tiktok-shop/fixtures/products-search.json' with { type: 'json' };
import providers from '../../src/channels/tiktok-shop/fixtures/shipping-providers.response.json' with {
  type: 'json',
};
import { createTikTokShop } from '../../src/channels/tiktok-shop/index.ts';
import { createAmazonMcf } from '../../src/fulfillment/amazon-mcf/index.ts';
import type { Fulfillment } from '../../src/fulfillment/provider.ts';
import { UpstreamError } from '../../src/lib/errors.ts';
import type { HttpClient } from '../../src/lib/http-client.ts';
import { amazonFixture, amazonSetup, collect, fulfillmentRequest } from '../amazon-setup.ts';
import { FULFILLMENT_ID, KEY, ORDER_ID, orderOf } from '../fakes.ts';
import { type Hostile, openHostile, runs, TOKEN } from './app.ts';
import { mutated, pollutionWitness } from './hostile-values.ts';

/** A client that answers every call with the same text. */
const answering = (text: string, status = 200): HttpClient => ({
  send: (request) => {
    request.sign?.();
    return Promise.resolve({ status, headers: {}, text });
  },
  close: () => undefined,
});

const tiktok = (text: string, status?: number) =>
  createTikTokShop({ ...createHarness().options, http: answering(text, status) });

/** Answers the token, then the same text for every call. */
const amazon = (text: string, status = 200) => {
  const http: HttpClient = {
    send: (request) =>
      Promise.resolve(
        request.url.endsWith('/auth/o2/token')
          ? { status: 200, headers: {}, text: '{"access_token":"Atza|x","expires_in":3600}' }
          : { status, headers: {}, text },
      ),
    close: () => undefined,
  };
  return createAmazonMcf(amazonSetup({ http }).options);
};

/** A value, or an error of the kind that every caller handles. */
const expectValueOrUpstream = async (call: () => Promise<unknown>): Promise<void> => {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(UpstreamError);
  }
  expect(pollutionWitness()).toEqual([]);
};

const order = { orderId: ORDER_ID, lineIds: ['1'], trackingNumber: '1Z', carrierId: 'c' };

const TIKTOK_CALLS: [string, unknown[], (text: string, status?: number) => Promise<unknown>][] = [
  ['orders', [orderDetail], (text, status) => tiktok(text, status).fetchOrders(TIKTOK_SHOP, [ORDER_ID])],
  [
    'order search',
    [orderDetail],
    (text, status) => collect(tiktok(text, status).searchOrders(TIKTOK_SHOP, {})),
  ],
  ['carriers', [providers], (text, status) => tiktok(text, status).fetchCarriers(TIKTOK_SHOP, 'option')],
  [
    'cancellations',
    [cancellations.search_cancellations_response],
    (text, status) => tiktok(text, status).fetchCancellations(TIKTOK_SHOP, ORDER_ID),
  ],
  [
    'returns',
    [cancellations.search_returns_response],
    (text, status) => tiktok(text, status).fetchReturns(TIKTOK_SHOP, [ORDER_ID]),
  ],
  [
    'listings',
    [products.response, inventory.response],
    (text, status) => tiktok(text, status).fetchListings(TIKTOK_SHOP),
  ],
  [
    'stock pushes',
    [updates.response_ok, updates.response_partial_error_with_code_0, updates.response_locked_by_campaign],
    (text, status) =>
      tiktok(text, status).pushStock(TIKTOK_SHOP, [
        { productId: '1', skuId: '2', warehouses: [{ warehouseId: '3', quantity: 1 }] },
      ]),
  ],
  [
    'reports',
    [shipped.response_ok, shipped.response_ok_with_warning, shipped.response_already_shipped],
    (text, status) => tiktok(text, status).ship(TIKTOK_SHOP, order),
  ],
  [
    'shops',
    [auth.get_authorized_shops_response],
    (text, status) => tiktok(text, status).discoverShops('tiktok-shop'),
  ],
];

const amazonOrders = [
  amazonFixture('order-three-packages'),
  amazonFixture('order-received'),
  amazonFixture('order-with-aftn'),
];

const AMAZON_CALLS: [string, unknown[], (text: string, status?: number) => Promise<unknown>][] = [
  ['orders', amazonOrders, (text, status) => amazon(text, status).fetch(FULFILLMENT_ID)],
  [
    'the list of changes',
    [
      {
        payload: {
          fulfillmentOrders: [{ sellerFulfillmentOrderId: 'TTS-1', statusUpdatedDate: '2026-01-01' }],
        },
      },
    ],
    (text, status) => collect(amazon(text, status).listChanged(0)),
  ],
  [
    'previews',
    [amazonFixture('preview')],
    (text, status) => amazon(text, status).preview({ ...fulfillmentRequest(), speeds: ['Standard'] }),
  ],
  ['stock', [amazonFixture('inventory-page')], (text, status) => collect(amazon(text, status).listStock())],
  [
    'creates',
    [{}, { errors: [{ code: 'InvalidInput', message: 'm', details: 'd' }] }],
    (text, status) => amazon(text, status).submit(fulfillmentRequest()),
  ],
  [
    'cancels',
    [{}, { errors: [{ code: 'InvalidInput', message: 'm' }] }],
    (text, status) => amazon(text, status).cancel('TTS-1'),
  ],
  [
    'returns',
    [amazonFixture('returns')],
    (text, status) =>
      amazon(text, status).createReturn('TTS-1', [
        { returnItemId: '1', itemId: '2', shipmentId: '3', reasonCode: 'R' },
      ]),
  ],
];

describe.each([
  ['TikTok Shop', TIKTOK_CALLS],
  ['Amazon', AMAZON_CALLS],
])('an answer of %s with anything in it', (_side, calls) => {
  it.each(calls)('is a value or an upstream error: %s', async (_name, samples, call) => {
    expect.hasAssertions();
    const status = fc.constantFrom(200, 200, 200, 200, 204, 302, 400, 401, 403, 404, 429, 500, 503);
    await fc.assert(
      fc.asyncProperty(mutated(samples), status, (text, httpStatus) =>
        expectValueOrUpstream(() => call(text, httpStatus)),
      ),
      runs(150),
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), (text) => expectValueOrUpstream(() => call(text))),
      runs(30),
    );
  });
});

describe('half a surrogate pair', () => {
  const page = (body: unknown): string => JSON.stringify(body).replace('HALF', '\\ud800');

  it('as TikTok’s token of the next page ends in an upstream error', async () => {
    const text = page({ code: 0, data: { next_page_token: 'HALF', products: [] } });

    await expect(tiktok(text).fetchListings(TIKTOK_SHOP)).rejects.toBeInstanceOf(UpstreamError);
  });

  it('as Amazon’s token of the next page ends in an upstream error', async () => {
    const text = page({ payload: { fulfillmentOrders: [], nextToken: 'HALF' } });

    await expect(collect(amazon(text).listChanged(0))).rejects.toBeInstanceOf(UpstreamError);
  });
});

describe('a time that is none in seconds', () => {
  it.each([1_767_225_000_000_000, 1_767_225_000.5, -5, '99999999999999999999'])(
    'is as good as absent: %s',
    async (time) => {
      const text = JSON.stringify({
        code: 0,
        data: { orders: [{ id: '1', paid_time: time, rts_sla_time: time }] },
      });
      const fetched = await tiktok(text).fetchOrders(TIKTOK_SHOP, ['1']);

      expect(fetched.get('1')).toMatchObject({ paidAtMs: null, deadlines: { shipByMs: null } });
    },
  );
});

it.each([0, -1, 1.5, 1e300])(
  'a part of a bundle that is there %s times is never ordered',
  async (sku_count) => {
    const line = {
      id: '1',
      seller_sku: 'SET',
      combined_listing_skus: [{ sku_id: 's', seller_sku: 'A', sku_count }],
    };
    const text = JSON.stringify({ code: 0, data: { orders: [{ id: '1', line_items: [line] }] } });

    await expect(tiktok(text).fetchOrders(TIKTOK_SHOP, ['1'])).rejects.toMatchObject({
      code: 'upstream_malformed',
    });
  },
);

describe('an order that one side shows in a way nobody foresaw', () => {
  let hostile: Hostile;

  beforeEach(async () => {
    hostile = await openHostile();
  });
  afterEach(() => hostile.close());

  /** Whatever was taken in, the order, the list and the service can still be looked at. */
  const expectShown = async (): Promise<void> => {
    expect(hostile.faults).toEqual([]);
    for (const url of [`/api/orders/${ORDER_ID}`, '/api/orders', '/api/orders?stage=review', '/health']) {
      const answer = await hostile.app.inject({
        url,
        headers: { authorization: `Bearer ${TOKEN}` },
        remoteAddress: `10.1.${Math.floor(Math.random() * 250)}.1`,
      });
      expect([url, answer.statusCode, answer.body.slice(0, 200)]).toEqual([url, 200, expect.any(String)]);
    }
    await hostile.hint();
  };

  it('from TikTok is decided, or is an upstream error', async () => {
    await hostile.hint();
    await fc.assert(
      fc.asyncProperty(mutated([orderDetail]), async (text) => {
        let fetched: Awaited<ReturnType<ReturnType<typeof tiktok>['fetchOrders']>>;
        try {
          fetched = await tiktok(text).fetchOrders(TIKTOK_SHOP, [ORDER_ID]);
        } catch {
          return;
        }
        for (const one of fetched.values()) hostile.channel.put({ ...one, orderId: ORDER_ID });
        await hostile.converger.converge(KEY);
        await expectShown();
        for (const { items, destination } of hostile.provider.board.callsOf('submit') as {
          items: { quantity: number; amazonSku: string }[];
          destination: unknown;
        }[]) {
          for (const item of items) expect(Number.isInteger(item.quantity) && item.quantity > 0).toBe(true);
          expect(JSON.stringify(destination)).not.toMatch(/\\u00[01]|\\ud[89a-f]|\*/);
        }
      }),
      runs(250),
    );
  });

  it('from Amazon is decided, or is an upstream error', async () => {
    hostile.channel.put(orderOf());
    await hostile.hint();
    await hostile.converge();
    expect([...hostile.provider.state.fulfillments.keys()]).toEqual([FULFILLMENT_ID]);
    await fc.assert(
      fc.asyncProperty(mutated(amazonOrders), async (text) => {
        let fulfillment: Fulfillment | null;
        try {
          fulfillment = await amazon(text).fetch(FULFILLMENT_ID);
        } catch {
          return;
        }
        if (!fulfillment) return;
        hostile.provider.state.fulfillments.set(FULFILLMENT_ID, {
          ...fulfillment,
          fulfillmentId: FULFILLMENT_ID,
        });
        await hostile.converger.converge(KEY);
        await expectShown();
      }),
      runs(250),
    );
  });
});
