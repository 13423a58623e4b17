import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, type ConnectWorld, SHOP_A1, SHOP_A2, SHOP_B1, startConnectWorld } from './world.ts';

const TIKTOK = '/connect/tiktok-shop';
const AMAZON = '/connect/amazon?region=na&marketplaceId=ATVPDKIKX0DER';

let world: ConnectWorld | null = null;

const start = async (...options: Parameters<typeof startConnectWorld>): Promise<ConnectWorld> => {
  world = await startConnectWorld(...options);
  return world;
};

afterEach(async () => {
  await world?.close();
  world = null;
});

const shopIdsOf = async (all: ConnectWorld): Promise<string[]> =>
  (await all.api('GET', '/api/shops')).body.shops.map(({ shopId }: { shopId: string }) => shopId);

/** Both sellers and both Amazon accounts, each shop with the account that ships for it. */
const connectAll = async (all: ConnectWorld): Promise<[string, string]> => {
  await all.connect(AMAZON, 'AMZ1');
  const pasted = await all.api('POST', '/api/amazon-accounts', {
    name: 'Two',
    region: 'na',
    marketplaceId: 'ATVPDKIKX0DER',
    refreshToken: 'Atzr|refresh-token-of-two',
  });
  const { accounts } = (await all.api('GET', '/api/amazon-accounts')).body;
  const one: string = accounts.find(
    (row: { sellingPartnerId: string }) => row.sellingPartnerId === 'AMZ1',
  ).accountId;
  const two: string = pasted.body.accountId;
  await all.connect(TIKTOK, 'SellerA');
  await all.connect(TIKTOK, 'SellerB');
  for (const [shopId, amazonAccount] of [
    [SHOP_A1, one],
    [SHOP_A2, two],
    [SHOP_B1, two],
  ])
    await all.api('PATCH', `/api/shops/${shopId}`, { amazonAccount });
  return [one, two];
};

const placeReadyOrder = ({ tiktok }: ConnectWorld, shopId: string, sellerSku: string): string => {
  const shop = tiktok.shop(shopId);
  shop.addProduct({ title: sellerSku, skus: [{ sellerSku, stock: 5 }] });
  const { orderId } = shop.placeOrder({ lines: [{ sku: sellerSku }] });
  shop.endHold(orderId);
  return orderId;
};

describe('two sellers with three shops and two Amazon accounts', () => {
  it('are connected through the OAuth routes, and orders flow in all', async () => {
    const all = await start();
    const [one, two] = await connectAll(all);
    const orders = [
      placeReadyOrder(all, SHOP_A1, 'A'),
      placeReadyOrder(all, SHOP_A2, 'A'),
      placeReadyOrder(all, SHOP_B1, 'C'),
    ];

    const report = await all.reconcile();

    expect(report.errors).toEqual([]);
    expect(await shopIdsOf(all)).toEqual([SHOP_A1, SHOP_A2, SHOP_B1]);
    const idsAt = (seller: string): string[] =>
      all.amazon.account(seller).creates.map(({ fulfillmentId }) => fulfillmentId);
    expect([one, two].every((id) => /^amazon-[0-9a-f]{8}$/.test(id))).toBe(true);
    expect(idsAt('AMZ1')).toEqual([`TTS-${orders[0]}`]);
    expect(idsAt('AMZ2').toSorted()).toEqual([`TTS-${orders[1]}`, `TTS-${orders[2]}`].toSorted());
    expect(all.tiktok.shops.flatMap(({ violations }) => violations)).toEqual([]);
    expect(all.amazon.accounts.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('one revoked: its shop stops and its tokens go, the others do not notice', async () => {
    const all = await start();
    await connectAll(all);
    await all.reconcile();
    const store = all.service.service.store;
    expect(await store.tokens.load('tiktok-shop/SellerB')).not.toBeNull();

    all.tiktok.revoke('SellerB');
    all.tiktok.revoke('SellerB');
    await expect.poll(() => store.tokens.load('tiktok-shop/SellerB'), { timeout: 8_000 }).toBeNull();
    const orderId = placeReadyOrder(all, SHOP_A1, 'A');
    const report = await all.reconcile();

    const shops = (await all.api('GET', '/api/shops')).body.shops;
    expect(shops.map(({ stoppedAt }: { stoppedAt: string | null }) => stoppedAt === null)).toEqual([
      true,
      true,
      false,
    ]);
    expect(shops[2].warnings.map(({ code }: { code: string }) => code)).toEqual(['disconnected']);
    expect(report.errors).toEqual([]);
    expect((await all.api('GET', `/api/orders/${orderId}`)).body.stage).toBe('fulfilling');
    expect(await store.tokens.load('tiktok-shop/SellerA')).not.toBeNull();
  });

  it('the one that was revoked comes back by authorising again', async () => {
    const all = await start();
    const [, two] = await connectAll(all);
    await all.api('PATCH', `/api/shops/${SHOP_B1}`, { settings: { bufferUnits: 3 } });
    all.tiktok.revoke('SellerB');
    const { store } = all.service.service;
    all.tiktok.revoke('SellerB');
    await expect.poll(() => store.tokens.load('tiktok-shop/SellerB'), { timeout: 8_000 }).toBeNull();

    await all.connect(TIKTOK, 'SellerB');
    const orderId = placeReadyOrder(all, SHOP_B1, 'C');
    await all.reconcile();

    expect((await all.api('GET', `/api/shops/${SHOP_B1}`)).body).toMatchObject({
      stoppedAt: null,
      amazonAccount: two,
      settings: { bufferUnits: 3 },
    });
    expect((await all.api('GET', `/api/orders/${orderId}`)).body.stage).toBe('fulfilling');
  });

  it('stay connected over a restart', async () => {
    const all = await start();
    await connectAll(all);

    await all.restart();
    const orderId = placeReadyOrder(all, SHOP_A2, 'A');
    await all.reconcile();

    expect(await shopIdsOf(all)).toEqual([SHOP_A1, SHOP_A2, SHOP_B1]);
    expect((await all.api('GET', `/api/orders/${orderId}`)).body.stage).toBe('fulfilling');
  });
});

describe('the way there and back', () => {
  it('a state serves once', async () => {
    const all = await start();
    const link = await all.begin(TIKTOK);
    const back = `${TIKTOK}/callback?state=${link.searchParams.get('state')}&code=`;

    const first = await all.open(back + all.tiktok.issueCode('SellerA'));
    const second = await all.open(back + all.tiktok.issueCode('SellerB'));

    expect([first.status, second.status]).toEqual([200, 400]);
    expect(await shopIdsOf(all)).toEqual([SHOP_A1, SHOP_A2]);
  });

  it('a state that nobody began, or that was begun for Amazon, connects nothing', async () => {
    const all = await start();
    const amazonState = (await all.begin(AMAZON)).searchParams.get('state');

    for (const state of ['made-up', amazonState]) {
      const code = all.tiktok.issueCode('SellerA');
      const page = await all.open(`${TIKTOK}/callback?state=${state}&code=${code}`);
      expect(page.status).toBe(400);
    }

    expect(await shopIdsOf(all)).toEqual([]);
  });

  it('a refusal is told, connects nothing and spends the state', async () => {
    const all = await start();
    const link = await all.begin(TIKTOK);
    const state = link.searchParams.get('state');

    const page = await all.open(`${TIKTOK}/callback?state=${state}&code=null&error=auth_denied`);
    const later = await all.open(`${TIKTOK}/callback?state=${state}&code=${all.tiktok.issueCode('SellerA')}`);

    expect([page.status, later.status]).toEqual([200, 400]);
    expect(page.text).toContain('not given');
    expect(await shopIdsOf(all)).toEqual([]);
  });

  it('a link without state, as an install from the App Store brings it, keeps nothing and leads to the beginning', async () => {
    const all = await start();

    const page = await all.open(`${TIKTOK}/callback?code=${all.tiktok.issueCode('SellerA')}`);

    expect(page.text).toContain('href="/connect/tiktok-shop"');
    expect(await shopIdsOf(all)).toEqual([]);
    expect((await all.connect(TIKTOK, 'SellerA')).text).toContain('Connected');
  });

  it('a connection begun in a browser is finished in that browser only', async () => {
    const all = await start();
    const signIn = await fetch(`${all.service.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    const jar = signIn.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    const begun = async () => {
      const response = await fetch(`${all.service.url}${TIKTOK}`, {
        redirect: 'manual',
        headers: { cookie: jar },
      });
      const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
      const state = new URL(response.headers.get('location') ?? '').searchParams.get('state');
      return { cookies, state };
    };
    const finish = async (state: string | null, cookie: string) => {
      const url = `${all.service.url}${TIKTOK}/callback?state=${state}&code=${all.tiktok.issueCode('SellerA')}`;
      return (await fetch(url, { headers: { cookie } })).status;
    };

    const stolen = await begun();
    const own = await begun();

    expect(stolen.cookies.join()).toMatch(/mcf_connect=[\w-]{43}/);
    expect(await finish(stolen.state, 'mcf_connect=another')).toBe(400);
    expect(await finish(own.state, own.cookies.join('; '))).toBe(200);
  });

  it('only an admin for the whole service begins', async () => {
    const all = await start();

    const answers = await Promise.all(
      [TIKTOK, AMAZON].map((path) => fetch(all.service.url + path, { redirect: 'manual' })),
    );

    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  });

  it('neither code nor state nor token is logged', async () => {
    const all = await start();
    const link = await all.begin(TIKTOK);
    const state = link.searchParams.get('state') ?? '';
    const code = all.tiktok.issueCode('SellerA');

    await all.open(`${TIKTOK}/callback?state=${state}&code=${code}`);
    await all.open(`${TIKTOK}/callback?state=${state}&code=${code}`);
    await all.reconcile();

    const { accessToken = '', refreshToken = '' } =
      (await all.service.service.store.tokens.load('tiktok-shop/SellerA')) ?? {};
    const logged = all.logs.join('\n');
    expect(accessToken).not.toBe('');
    for (const secret of [state, code, accessToken, refreshToken, ADMIN_TOKEN])
      expect(logged).not.toContain(secret);
  });

  it('where a setting is missing the answer names it', async () => {
    const all = await start({ env: { TIKTOK_AUTHORIZE_URL: '', PUBLIC_URL: '' } });

    const answer = await all.api('GET', TIKTOK);

    expect([answer.status, answer.body.code]).toEqual([409, 'connect_not_configured']);
    expect(answer.body.detail).toContain('PUBLIC_URL');
  });
});

describe('what a seller grants', () => {
  it('a creator’s account connects nothing and leaves no token', async () => {
    const all = await start();
    all.tiktok.seller('SellerA').userType = 1;

    const page = await all.connect(TIKTOK, 'SellerA');

    expect(page.text).toContain('Not a seller');
    expect(await shopIdsOf(all)).toEqual([]);
    expect(await all.service.service.store.tokens.load('tiktok-shop/SellerA')).toBeNull();
  });

  it('missing scopes that orders need are named, and nothing is kept', async () => {
    const all = await start();
    const seller = all.tiktok.seller('SellerA');
    seller.scopes = seller.scopes.filter((scope) => scope !== 'seller.fulfillment.basic');

    const page = await all.connect(TIKTOK, 'SellerA');

    expect(page.text).toContain('seller.fulfillment.basic');
    expect(await all.service.service.store.tokens.load('tiktok-shop/SellerA')).toBeNull();
  });

  it('missing scopes that only stock needs are shown with the shop', async () => {
    const all = await start();
    const seller = all.tiktok.seller('SellerB');
    seller.scopes = seller.scopes.filter((scope) => !scope.startsWith('seller.product'));

    const page = await all.connect(TIKTOK, 'SellerB');
    const { warnings } = (await all.api('GET', `/api/shops/${SHOP_B1}`)).body;

    expect(page.text).toContain('seller.product.write');
    expect(warnings.map(({ code }: { code: string }) => code)).toContain('scopes_missing');
  });

  it('a list of shops that cannot be read at once is read by the next reconcile', async () => {
    const all = await start();
    all.tiktok.shop(SHOP_B1).faults.next('shops.list', 'reset-before');

    const page = await all.connect(TIKTOK, 'SellerB');
    const before = await shopIdsOf(all);
    await all.reconcile();

    expect(page.text).toContain('Nearly connected');
    expect(before).toEqual([]);
    expect(await shopIdsOf(all)).toEqual([SHOP_B1]);
  });

  it('a code that TikTok does not take connects nothing', async () => {
    const all = await start();
    const link = await all.begin(TIKTOK);

    const page = await all.open(
      `${TIKTOK}/callback?state=${link.searchParams.get('state')}&code=TTP_SellerA_AuthCode0`,
    );

    expect(page.status).toBe(502);
    expect(await shopIdsOf(all)).toEqual([]);
  });
});
