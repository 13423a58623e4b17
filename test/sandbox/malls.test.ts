import { afterEach, describe, expect, it } from 'vitest';
import { signRequest } from '../../src/channels/tiktok-shop/signing.ts';
import { startAmazonMall } from '../../src/sandbox/amazon/mall.ts';
import { startTikTokMall, type TikTokMall } from '../../src/sandbox/tiktok-shop/mall.ts';
import { createHeldClock, type HeldClock } from '../held-clock.ts';

/** What the simulators answer, which a test reads field by field. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test that reads what is not there fails
const jsonOf = async (response: Response): Promise<any> => response.json();

const APP = { appKey: 'appkey1', appSecret: 'secret1' };
const SHOPS = [
  { id: '7490000000000000001', cipher: 'C1' },
  { id: '7490000000000000002', cipher: 'C2' },
];
const EVENTS = '/event/202309/webhooks';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

describe('a mall of TikTok shops', () => {
  const start = async () => {
    const clock = createHeldClock();
    const sellers = [
      { openId: 'one', shops: SHOPS.slice(0, 1) },
      { openId: 'two', shops: SHOPS.slice(1) },
    ];
    const mall = await startTikTokMall({ clock, ...APP, sellers });
    closing.push(() => mall.close());
    return { clock, mall };
  };

  const tokensOf = async (mall: TikTokMall, code: string) => {
    const query = new URLSearchParams({
      app_key: APP.appKey,
      app_secret: APP.appSecret,
      auth_code: code,
      grant_type: 'authorized_code',
    });
    return jsonOf(await fetch(`${mall.url}/api/v2/token/get?${query.toString()}`));
  };

  const call = async (
    { mall, clock }: { mall: TikTokMall; clock: HeldClock },
    token: string,
    method: string,
    path: string,
    { cipher, body }: { cipher?: string; body?: unknown } = {},
  ) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const query: Record<string, string> = {
      app_key: APP.appKey,
      timestamp: String(Math.floor(clock.nowMs() / 1000)),
      ...(cipher ? { shop_cipher: cipher } : {}),
    };
    const sign = signRequest({ path, query, body: text }, APP.appSecret);
    const response = await fetch(`${mall.url}${path}?${new URLSearchParams({ ...query, sign }).toString()}`, {
      method,
      headers: { 'x-tts-access-token': token, 'content-type': 'application/json' },
      ...(text === undefined ? {} : { body: text }),
    });
    return jsonOf(response);
  };

  const accessTokenOf = async (mall: TikTokMall, openId: string): Promise<string> =>
    (await tokensOf(mall, mall.issueCode(openId))).data.access_token;

  it('redirects from the authorise page with a code that serves once, and keeps the state', async () => {
    const { mall } = await start();
    mall.redirectUrl = 'https://app.example.com/back';

    const { headers } = await fetch(`${mall.url}/open/authorize?service_id=1&state=s&seller=two`, {
      redirect: 'manual',
    });
    const back = new URL(headers.get('location') ?? '');
    const code = back.searchParams.get('code') ?? '';

    expect(back.searchParams.get('state')).toBe('s');
    expect((await tokensOf(mall, code)).data).toMatchObject({ open_id: 'two', user_type: 0 });
    expect((await tokensOf(mall, code)).code).toBe(36004003);
  });

  it('without a state brings none back, and a refusal brings code=null', async () => {
    const { mall } = await start();

    const { headers } = await fetch(`${mall.url}/open/authorize?service_id=1&decision=deny`, {
      redirect: 'manual',
    });
    const { searchParams } = new URL(headers.get('location') ?? '');

    expect(Object.fromEntries(searchParams)).toEqual({ code: 'null', error: 'auth_denied' });
  });

  it('tells sellers apart: one’s token sees its own shops and not the other’s', async () => {
    const world = await start();
    const token = await accessTokenOf(world.mall, 'two');

    const shops = await call(world, token, 'GET', '/authorization/202309/shops');
    const strange = await call(world, token, 'GET', EVENTS, { cipher: 'C1' });

    expect(shops.data.shops.map(({ id }: { id: string }) => id)).toEqual([SHOPS[1]?.id]);
    expect(strange.code).toBe(101000);
  });

  it('gives no id of an order twice', async () => {
    const { mall } = await start();

    const ids = mall.shops.map((shop) => shop.placeOrder({ lines: [{ sku: 'A' }] }).orderId);

    expect(new Set(ids).size).toBe(2);
  });

  it('a seller who removes the app ends that seller’s tokens alone, and each shop is told by topic 6', async () => {
    const world = await start();
    const [one, two] = [await accessTokenOf(world.mall, 'one'), await accessTokenOf(world.mall, 'two')];

    world.mall.revoke('two');

    expect((await call(world, two, 'GET', '/authorization/202309/shops')).code).toBe(36009004);
    expect((await call(world, one, 'GET', '/authorization/202309/shops')).code).toBe(0);
    const [delivery] = world.mall.shop(SHOPS[1]?.id ?? '').deliveries;
    expect(delivery?.type).toBe(6);
    expect(Object.keys(JSON.parse(delivery?.body ?? '{}').data)).toEqual(['message']);
  });

  it('keeps a list of webhook addresses: one a topic, https with a domain and no port, deleted by a signed body', async () => {
    const world = await start();
    const token = await accessTokenOf(world.mall, 'one');
    const ask = (method: string, body?: unknown) =>
      call(world, token, method, EVENTS, { cipher: 'C1', body });
    const event_type = 'ORDER_STATUS_CHANGE';

    for (const address of ['https://a.example.com/x', 'https://b.example.com/x'])
      expect((await ask('PUT', { address, event_type })).code).toBe(0);
    for (const address of ['http://a.example.com', 'https://a.example.com:8443', 'https://10.0.0.1/x', 'x'])
      expect((await ask('PUT', { address, event_type })).code).toBe(36009004);
    expect(
      (await ask('PUT', { address: 'https://a.example.com', event_type: 'INVENTORY_STATUS' })).code,
    ).toBe(36009004);
    expect((await ask('GET')).data).toMatchObject({
      total_count: 1,
      webhooks: [{ event_type, address: 'https://b.example.com/x' }],
    });
    expect((await ask('DELETE', { event_type })).code).toBe(0);
    expect((await ask('DELETE', { event_type })).code).toBe(0);
    expect((await ask('GET')).data.total_count).toBe(0);
  });
});

describe('a mall of Amazon sellers', () => {
  const start = async () => {
    const clock = createHeldClock();
    const mall = await startAmazonMall({
      clock,
      clientId: 'id',
      clientSecret: 'secret',
      applicationId: 'app',
      accounts: [
        { seller: 'ONE', refreshToken: 'Atzr|one', sellerSkus: { A: 1 } },
        { seller: 'TWO', refreshToken: 'Atzr|two', sellerSkus: { A: 2 } },
      ],
    });
    mall.redirectUrl = 'https://app.example.com/back';
    closing.push(() => mall.close());
    return { clock, mall };
  };
  const login = async (url: string, fields: Record<string, string>) => {
    const body = new URLSearchParams({ client_id: 'id', client_secret: 'secret', ...fields });
    return jsonOf(await fetch(`${url}/auth/o2/token`, { method: 'POST', body }));
  };

  it('redirects from consent with the seller and a code that serves once, for five minutes', async () => {
    const { clock, mall } = await start();
    const consent = async (): Promise<URL> => {
      const url = `${mall.url}/apps/authorize/consent?application_id=app&state=s&seller=TWO`;
      return new URL((await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '');
    };
    const exchange = (back: URL) =>
      login(mall.url, {
        grant_type: 'authorization_code',
        code: back.searchParams.get('spapi_oauth_code') ?? '',
      });
    const [first, second] = [await consent(), await consent()];

    expect(Object.fromEntries(first.searchParams)).toMatchObject({ state: 's', selling_partner_id: 'TWO' });
    expect((await exchange(first)).refresh_token).toBe('Atzr|two');
    expect((await exchange(first)).error).toBe('invalid_grant');
    await clock.advance(300_000);
    expect((await exchange(second)).error).toBe('invalid_grant');
  });

  it('asks for the app and the state', async () => {
    const { mall } = await start();
    const statusOf = async (query: string): Promise<number> =>
      (await fetch(`${mall.url}/apps/authorize/consent?${query}`, { redirect: 'manual' })).status;

    expect(await statusOf('application_id=other&state=s')).toBe(400);
    expect(await statusOf('application_id=app')).toBe(400);
  });

  it('tells sellers apart by their tokens: each has stock of its own', async () => {
    const { mall } = await start();
    const stockOf = async (refresh_token: string): Promise<number> => {
      const { access_token } = await login(mall.url, { grant_type: 'refresh_token', refresh_token });
      const path = '/fba/inventory/v1/summaries';
      const query =
        'details=true&granularityType=Marketplace&granularityId=ATVPDKIKX0DER&marketplaceIds=ATVPDKIKX0DER&sellerSkus=A';
      const response = await fetch(`${mall.url}${path}?${query}`, {
        headers: { 'x-amz-access-token': access_token, 'user-agent': 'test/1 (Language=TypeScript)' },
      });
      const answer = await jsonOf(response);
      return answer.payload.inventorySummaries[0].inventoryDetails.fulfillableQuantity;
    };

    expect([await stockOf('Atzr|one'), await stockOf('Atzr|two')]).toEqual([1, 2]);
    expect((await login(mall.url, { grant_type: 'refresh_token', refresh_token: 'Atzr|x' })).error).toBe(
      'invalid_grant',
    );
  });
});
