import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectWorld, SHOP_A1, SHOP_A2, SHOP_B1, startConnectWorld } from './world.ts';

const US = 'ATVPDKIKX0DER';
const TOKEN_ONE = 'Atzr|refresh-token-of-one';
const TOKEN_TWO = 'Atzr|refresh-token-of-two';

let world: ConnectWorld | null = null;

const start = async (options: Parameters<typeof startConnectWorld>[0] = {}): Promise<ConnectWorld> => {
  world = await startConnectWorld(options);
  return world;
};

afterEach(async () => {
  await world?.close();
  world = null;
});

const add = (now: ConnectWorld, refreshToken: string, over: Record<string, unknown> = {}) =>
  now.api('POST', '/api/amazon-accounts', {
    name: 'One',
    region: 'na',
    marketplaceId: US,
    refreshToken,
    ...over,
  });

describe('a pasted refresh token', () => {
  it('is tried with calls that change nothing, kept sealed and never shown', async () => {
    const now = await start();

    const { status, body } = await add(now, TOKEN_ONE);
    const shown = await now.api('GET', '/api/amazon-accounts');

    expect([status, body.connectedAt === null, body.stoppedAt]).toEqual([201, false, null]);
    expect(JSON.stringify([body, shown.body])).not.toContain(TOKEN_ONE);
    expect(now.logs.join()).not.toContain(TOKEN_ONE);
    const operations = now.amazon.account('AMZ1').calls.map(({ operation }) => operation);
    expect(new Set(operations)).toEqual(new Set(['token', 'inventory', 'get']));
    expect(await now.service.service.store.tokens.load(`amazon-mcf/${body.accountId}`)).toMatchObject({
      refreshToken: TOKEN_ONE,
    });
  });

  it('that Amazon refuses is not kept, and the answer says why without showing it', async () => {
    const now = await start();
    const wrong = 'Atzr|a-token-that-nobody-made';

    const { status, body } = await add(now, wrong);

    expect([status, body.code]).toEqual([422, 'amazon_refused']);
    expect(body.detail).toContain('AMAZON_LWA_CLIENT_ID');
    expect(JSON.stringify(body)).not.toContain(wrong);
    expect((await now.api('GET', '/api/amazon-accounts')).body.accounts).toEqual([]);
  });

  it('is not kept while Amazon does not answer', async () => {
    const now = await start();
    now.amazon
      .account('AMZ1')
      .faults.next('token', { status: 503, body: { error: 'temporarily_unavailable' } }, 3);

    const { status, body } = await add(now, TOKEN_ONE);

    expect([status, body.code]).toEqual([502, 'upstream_unavailable']);
    expect((await now.api('GET', '/api/amazon-accounts')).body.accounts).toEqual([]);
  });

  it('of an account that is there, in the same marketplace, is refused; in another one it is a second account', async () => {
    const now = await start();
    await add(now, TOKEN_ONE);

    const again = await add(now, TOKEN_ONE);
    const nowhere = await add(now, TOKEN_ONE, { marketplaceId: 'A1F83G8C2ARO7P' });

    expect([again.status, again.body.code]).toEqual([409, 'amazon_account_known']);
    expect([nowhere.status, nowhere.body.code]).toEqual([400, 'marketplace_unknown']);
  });

  it('takes the place of one that was revoked', async () => {
    const now = await start();
    const { accountId } = (await add(now, TOKEN_ONE)).body;

    const refused = await now.api('PATCH', `/api/amazon-accounts/${accountId}`, {
      refreshToken: `${TOKEN_ONE}x`,
    });
    const renewed = await now.api('PATCH', `/api/amazon-accounts/${accountId}`, { refreshToken: TOKEN_TWO });

    expect([refused.status, renewed.status]).toEqual([422, 200]);
    expect(await now.service.service.store.tokens.load(`amazon-mcf/${accountId}`)).toMatchObject({
      refreshToken: TOKEN_TWO,
    });
  });
});

describe('consent at Seller Central', () => {
  const PATH = `/connect/amazon?name=One&region=na&marketplaceId=${US}`;

  it('connects the seller once, however often it is given', async () => {
    const now = await start();

    await now.connect(PATH, 'AMZ1');
    const page = await now.connect(PATH, 'AMZ1');

    const { accounts } = (await now.api('GET', '/api/amazon-accounts')).body;
    expect(page.text).toContain('Connected');
    expect(accounts).toHaveLength(1);
    expect(accounts[0]).toMatchObject({ name: 'One', sellingPartnerId: 'AMZ1', marketplaceId: US });
  });

  it('asks for a draft app as a draft', async () => {
    const now = await start({ env: { AMAZON_APP_IS_DRAFT: 'true' } });

    expect((await now.begin(PATH)).searchParams.get('version')).toBe('beta');
  });

  it('with a code that Amazon does not take connects nothing, and the state is spent', async () => {
    const now = await start();
    const state = (await now.begin(PATH)).searchParams.get('state');
    const back = `/connect/amazon/callback?state=${state}&selling_partner_id=AMZ1&spapi_oauth_code=`;

    const first = await now.open(`${back}wrong`);
    const second = await now.open(back + now.amazon.account('AMZ1').issueConsentCode());

    expect([first.status, second.status]).toEqual([502, 400]);
    expect((await now.api('GET', '/api/amazon-accounts')).body.accounts).toEqual([]);
  });

  it('begins only for a marketplace of the region', async () => {
    const now = await start();

    const { status, body } = await now.api('GET', '/connect/amazon?region=eu&marketplaceId=ATVPDKIKX0DER');

    expect([status, body.code]).toEqual([400, 'marketplace_unknown']);
  });
});

describe('shops and accounts', () => {
  const connected = async (): Promise<{ now: ConnectWorld; accountId: string }> => {
    const now = await start();
    const { accountId } = (await add(now, TOKEN_ONE)).body;
    await now.connect('/connect/tiktok-shop', 'SellerA');
    return { now, accountId };
  };

  it('the first seller’s shops draw on the only account; a second seller’s wait until one is chosen', async () => {
    const { now, accountId } = await connected();
    await now.connect('/connect/tiktok-shop', 'SellerB');

    const { shops } = (await now.api('GET', '/api/shops')).body;

    expect(shops.map((shop: { amazonAccount: string | null }) => shop.amazonAccount)).toEqual([
      accountId,
      accountId,
      null,
    ]);
    expect(shops[2].warnings[0].code).toBe('amazon_account_missing');
  });

  it('settings are laid over those that are there, and null goes back to the environment', async () => {
    const { now } = await connected();
    const path = `/api/shops/${SHOP_A1}`;

    await now.api('PATCH', path, { settings: { bufferUnits: 3, speed: 'Expedited' } });
    const { body } = await now.api('PATCH', path, { settings: { bufferUnits: null, unbranded: true } });

    expect(body.settings).toEqual({ speed: 'Expedited', unbranded: true });
  });

  it('pausing twice keeps the time of the first, and ends with the pause', async () => {
    const { now } = await connected();
    const path = `/api/shops/${SHOP_A1}`;

    const first = (await now.api('PATCH', path, { paused: true })).body.pausedAt;
    const second = (await now.api('PATCH', path, { paused: true })).body.pausedAt;
    const ended = (await now.api('PATCH', path, { paused: false })).body.pausedAt;

    expect([first === null, second === first, ended]).toEqual([false, true, null]);
  });

  it.each([
    [{ amazonAccount: 'nobody' }, 404, 'amazon_account_unknown'],
    [{ settings: { bufferUnits: -1 } }, 400, 'invalid_request'],
    [{ settings: { colour: 'red' } }, 400, 'invalid_request'],
    [{ stoppedAt: null }, 400, 'invalid_request'],
  ])('a change of %j is refused', async (change, status, code) => {
    const { now } = await connected();

    const answer = await now.api('PATCH', `/api/shops/${SHOP_A1}`, change);

    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('a sharing rule has to hold together', async () => {
    const { now, accountId } = await connected();
    const change = (sharing: unknown) => now.api('PATCH', `/api/amazon-accounts/${accountId}`, { sharing });

    const over = await change({ kind: 'shares', percentByShop: { [SHOP_A1]: 60, [SHOP_A2]: 41 } });
    const stranger = await change({ kind: 'priority', shops: [{ shopId: SHOP_B1, atMostUnits: null }] });
    const good = await change({ kind: 'shares', percentByShop: { [SHOP_A1]: 60 } });
    const left = (await now.api('GET', `/api/shops/${SHOP_A2}`)).body;

    expect([over.status, over.body.code]).toEqual([400, 'sharing_invalid']);
    expect(over.body.errors[0]).toContain('101');
    expect(stranger.body.errors[0]).toContain(SHOP_B1);
    expect(good.body.sharing).toEqual({ kind: 'shares', percentByShop: { [SHOP_A1]: 60 } });
    expect(left.warnings.map(({ code }: { code: string }) => code)).toContain('stock_share_missing');
  });

  it('an account goes when no shop draws on it any more, and its token with it', async () => {
    const { now, accountId } = await connected();

    const used = await now.api('DELETE', `/api/amazon-accounts/${accountId}`);
    for (const shopId of [SHOP_A1, SHOP_A2])
      await now.api('PATCH', `/api/shops/${shopId}`, { amazonAccount: null });
    const free = await now.api('DELETE', `/api/amazon-accounts/${accountId}`);

    expect([used.status, used.body.code]).toEqual([409, 'amazon_account_in_use']);
    expect(free.status).toBe(204);
    expect(await now.service.service.store.tokens.load(`amazon-mcf/${accountId}`)).toBeNull();
  });

  it('what the environment gives cannot be taken away here', async () => {
    const now = await start({ env: { AMAZON_LWA_REFRESH_TOKEN: TOKEN_ONE } });

    const token = await now.api('PATCH', '/api/amazon-accounts/amazon', { refreshToken: TOKEN_TWO });
    const account = await now.api('DELETE', '/api/amazon-accounts/amazon');
    const twin = await add(now, TOKEN_ONE);

    expect([token.body.code, account.body.code]).toEqual(['environment_owns_it', 'environment_owns_it']);
    expect(twin.body.code).toBe('amazon_account_known');
  });

  it('a shop that another authorisation acted for moves to the newer one', async () => {
    const { now } = await connected();
    const { store } = now.service.service;
    const row = await store.shops.find(SHOP_B1);
    expect(row).toBeNull();
    // Seller B was given the shop of seller A.
    now.tiktok.seller('SellerB').shops.push(now.tiktok.shop(SHOP_A1).shop);

    const page = await now.connect('/connect/tiktok-shop', 'SellerB');

    expect(page.text).toContain('Another authorisation');
    expect((await store.shops.find(SHOP_A1))?.authorization).toBe('tiktok-shop/SellerB');
    expect((await store.shops.find(SHOP_A2))?.authorization).toBe('tiktok-shop/SellerA');
    expect(await store.tokens.load('tiktok-shop/SellerA')).not.toBeNull();
  });

  it('a shop of the environment that was connected here stays so over a restart, until the environment has new tokens', async () => {
    const tokenOf = (kind: string): string => `TTP_SellerB_${kind}Token${'1'.padStart(27, '0')}`;
    const now = await start({
      env: {
        TIKTOK_SHOP_ID: SHOP_B1,
        TIKTOK_ACCESS_TOKEN: tokenOf('Access'),
        TIKTOK_REFRESH_TOKEN: tokenOf('Refresh'),
      },
    });
    const authorizationOf = async () => (await now.service.service.store.shops.find(SHOP_B1))?.authorization;
    expect(await authorizationOf()).toBe('tiktok-shop');
    expect((await now.api('DELETE', `/api/shops/${SHOP_B1}`)).body.code).toBe('environment_owns_it');

    await now.connect('/connect/tiktok-shop', 'SellerB');
    await now.restart();
    expect(await authorizationOf()).toBe('tiktok-shop/SellerB');
    await now.restart({ TIKTOK_ACCESS_TOKEN: 'another' });

    expect(await authorizationOf()).toBe('tiktok-shop');
  });

  it('every change is in the audit log, without a token', async () => {
    const { now, accountId } = await connected();
    await now.api('PATCH', `/api/shops/${SHOP_A1}`, { paused: true });
    await now.api('PATCH', `/api/amazon-accounts/${accountId}`, { name: 'Uno' });

    const { body } = await now.api('GET', '/api/audit');

    const text = JSON.stringify(body);
    for (const action of [
      'connect.begin',
      'shop.connect',
      'amazon_account.connect',
      'shop.change',
      'amazon_account.change',
    ])
      expect(text).toContain(action);
    expect(text).not.toContain('Atzr');
  });
});

describe('a person limited to one shop', () => {
  /** An API token of somebody with this role who sees shop A1 only. */
  const tokenOf = async (now: ConnectWorld, role: string): Promise<string> => {
    const user = await now.api('POST', '/api/users', { name: role, role, shopIds: [SHOP_A1] });
    const made = await now.api('POST', `/api/users/${user.body.id}/tokens`, { name: 'test' });
    return made.body.token;
  };
  const ask = async (now: ConnectWorld, token: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(now.service.url + path, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  it('sees that shop alone, and no account', async () => {
    const now = await start();
    await add(now, TOKEN_ONE);
    await now.connect('/connect/tiktok-shop', 'SellerA');
    const token = await tokenOf(now, 'viewer');

    const list = await ask(now, token, 'GET', '/api/shops');
    const other = await ask(now, token, 'GET', `/api/shops/${SHOP_A2}`);
    const unknown = await ask(now, token, 'GET', '/api/shops/1');
    const accounts = await ask(now, token, 'GET', '/api/amazon-accounts');

    expect(list.text).toContain(SHOP_A1);
    expect(list.text).not.toContain(SHOP_A2);
    expect(other).toEqual(unknown);
    expect([other.status, accounts.status]).toEqual([404, 403]);
  });

  it('as an operator pauses it, changes nothing else, and touches no other shop', async () => {
    const now = await start();
    await add(now, TOKEN_ONE);
    await now.connect('/connect/tiktok-shop', 'SellerA');
    const token = await tokenOf(now, 'operator');
    const patch = async (shopId: string, body: unknown): Promise<number> =>
      (await ask(now, token, 'PATCH', `/api/shops/${shopId}`, body)).status;

    expect(await patch(SHOP_A1, { paused: true })).toBe(200);
    expect(await patch(SHOP_A1, { settings: { bufferUnits: 1 } })).toBe(403);
    expect(await patch(SHOP_A1, { amazonAccount: null })).toBe(403);
    expect(await patch(SHOP_A2, { paused: true })).toBe(404);
    expect((await ask(now, token, 'GET', '/connect/tiktok-shop')).status).toBe(403);
  });
});
