import { describe, expect, it } from 'vitest';
import { createHeldClock } from '../../../test/held-clock.ts';
import { useHttpMock } from '../../../test/http-mock.ts';
import { createHttpClient } from '../../lib/http-client.ts';
import { createQuota } from '../../lib/quota.ts';
import { createTikTokAuthorizer } from './authorize.ts';
import examples from './fixtures/auth.json' with { type: 'json' };
import { APP_KEY, APP_SECRET, AUTH_URL } from './fixtures/harness.ts';

const mock = useHttpMock();
const LINK = 'https://services.us.tiktokshop.com/open/authorize?service_id=7000000000000000001';

const authorizerOf = (authorizeUrl: string | null = LINK) =>
  createTikTokAuthorizer({
    http: createHttpClient({ quota: createQuota(createHeldClock()) }),
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    authUrl: AUTH_URL,
    authorizeUrl,
  });

const answer = (body: unknown, status = 200) =>
  mock
    .scope(AUTH_URL)
    .get('/api/v2/token/get')
    .query({ app_key: APP_KEY, app_secret: APP_SECRET, auth_code: 'c', grant_type: 'authorized_code' })
    .reply(status, JSON.stringify(body));

const granted = (over: Record<string, unknown>) => {
  const example = examples.token_get_response;
  return { ...example, data: { ...example.data, ...over } };
};

describe('the authorise link', () => {
  it('is the one of Partner Center with the state added', () => {
    expect(authorizerOf().link('s/+')).toBe(`${LINK}&state=s%2F%2B`);
    expect(authorizerOf(null).link('s')).toBeNull();
  });
});

describe('the exchange of a code', () => {
  it('brings the tokens with absolute times, who granted them, and no scope that is missing', async () => {
    answer(examples.token_get_response);

    expect(await authorizerOf().exchange('c')).toEqual({
      sellerId: 'ExampleSellerOpenId0001',
      sellerName: 'Example Goods LLC',
      isSeller: true,
      missingScopes: [],
      tokens: {
        accessToken: 'TTP_exampleAccessToken0000000000000000000000001',
        accessExpiresAtMs: 1_764_604_800_000,
        refreshToken: 'TTP_exampleRefreshToken000000000000000000000001',
        refreshExpiresAtMs: 1_795_536_000_000,
      },
    });
  });

  it.each([
    [0, true],
    ['0', true],
    [1, false],
    [3, false],
  ])('takes the account of user_type %j for a seller’s: %j', async (user_type, isSeller) => {
    answer(granted({ user_type }));

    expect((await authorizerOf().exchange('c')).isSeller).toBe(isSeller);
  });

  it('names the scopes that are missing, and none where TikTok does not say what it granted', async () => {
    answer(granted({ granted_scopes: ['seller.order.info'] }));
    answer(granted({ granted_scopes: undefined }));

    expect((await authorizerOf().exchange('c')).missingScopes).toContain('seller.fulfillment.basic');
    expect((await authorizerOf().exchange('c')).missingScopes).toEqual([]);
  });

  it.each([
    ['a refusal', { code: 36004003, message: 'auth code is invalid', data: null }, 200],
    ['a fault', { code: 36009003, message: 'internal', data: null }, 500],
    ['an answer without who granted', granted({ open_id: undefined }), 200],
  ])('throws on %s, without the code in it', async (_case, body, status) => {
    answer(body, status);

    const error: unknown = await authorizerOf()
      .exchange('c')
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'UpstreamError', operation: 'exchangeCode' });
    expect(String(error)).not.toContain(APP_SECRET);
  });
});
