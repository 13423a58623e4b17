import { describe, expect, it } from 'vitest';
import { createHeldClock } from '../../../test/held-clock.ts';
import { useHttpMock } from '../../../test/http-mock.ts';
import { createHttpClient } from '../../lib/http-client.ts';
import { createQuota } from '../../lib/quota.ts';
import { createAmazonAuthorizer } from './authorize.ts';

const mock = useHttpMock();
const LWA = 'https://lwa.test';
const US = { region: 'na', marketplaceId: 'ATVPDKIKX0DER' } as const;
const BACK = 'https://mcf.example.com/connect/amazon/callback';

const authorizerOf = (over: Partial<Parameters<typeof createAmazonAuthorizer>[0]> = {}) => {
  const clock = createHeldClock();
  return createAmazonAuthorizer({
    http: createHttpClient({ quota: createQuota(clock) }),
    clock,
    lwaUrl: LWA,
    clientId: 'id',
    clientSecret: 'secret',
    applicationId: 'amzn1.sp.solution.x',
    authorizeUrl: null,
    isDraft: false,
    redirectUrl: BACK,
    providerOf: () => {
      throw new Error('no trial in this test');
    },
    ...over,
  });
};

describe('the consent link', () => {
  it.each([
    ['ATVPDKIKX0DER', 'na', 'https://sellercentral.amazon.com'],
    ['A1F83G8C2ARO7P', 'eu', 'https://sellercentral-europe.amazon.com'],
    ['A1805IZSGTT6HS', 'eu', 'https://sellercentral.amazon.nl'],
    ['A1VC38T7YXB528', 'fe', 'https://sellercentral.amazon.co.jp'],
  ] as const)('of %s leads to its Seller Central', (marketplaceId, region, base) => {
    const link = authorizerOf().consentLink({ region, marketplaceId }, 's');

    expect(link).toBe(
      `${base}/apps/authorize/consent?application_id=amzn1.sp.solution.x&state=s&redirect_uri=${encodeURIComponent(BACK)}`,
    );
  });

  it('says that an app is a draft, and is none without an application id', () => {
    expect(authorizerOf({ isDraft: true }).consentLink(US, 's')).toContain('&version=beta');
    expect(authorizerOf({ applicationId: null }).consentLink(US, 's')).toBeNull();
  });
});

describe('a place', () => {
  it('is a marketplace of its region', () => {
    const authorizer = authorizerOf();

    expect(authorizer.isPlace(US)).toBe(true);
    expect(authorizer.isPlace({ ...US, region: 'eu' })).toBe(false);
    expect(authorizer.isPlace({ ...US, marketplaceId: 'X' })).toBe(false);
  });
});

describe('the exchange of a code', () => {
  const answer = (status: number, body: unknown) =>
    mock
      .scope(LWA)
      .post('/auth/o2/token', {
        grant_type: 'authorization_code',
        code: 'c',
        client_id: 'id',
        client_secret: 'secret',
        redirect_uri: BACK,
      })
      .reply(status, JSON.stringify(body));

  it('brings the refresh token', async () => {
    answer(200, { access_token: 'Atza|x', refresh_token: 'Atzr|x', token_type: 'bearer', expires_in: 3600 });

    expect(await authorizerOf().exchange('c')).toBe('Atzr|x');
  });

  it.each([
    [400, { error: 'invalid_grant' }, 'upstream_auth_refused'],
    [401, { error: 'invalid_client' }, 'upstream_auth_refused'],
    [503, { error: 'temporarily_unavailable' }, 'upstream_unavailable'],
    [200, { access_token: 'Atza|x' }, 'upstream_malformed'],
  ])('answered with %i %j is an error', async (status, body, code) => {
    answer(status, body);

    await expect(authorizerOf().exchange('c')).rejects.toMatchObject({ code, stage: 'before' });
  });
});
