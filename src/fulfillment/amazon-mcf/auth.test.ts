import { describe, expect, test } from 'vitest';
import { createHeldClock } from '../../../test/held-clock.ts';
import { useHttpMock } from '../../../test/http-mock.ts';
import { UpstreamError } from '../../lib/errors.ts';
import { createHttpClient } from '../../lib/http-client.ts';
import { createQuota } from '../../lib/quota.ts';
import { createLwa } from './auth.ts';

const mock = useHttpMock();
const LWA = 'https://api.amazon.com';
const SECRETS = {
  clientId: 'amzn1.application-oa2-client.EXAMPLE',
  clientSecret: 'amzn1.oa2-cs.v1.EXAMPLE',
  refreshToken: 'Atzr|EXAMPLE+/=',
};

const refreshToken = (): Promise<string> => Promise.resolve(SECRETS.refreshToken);
const setup = (timeoutMs = 5000) => {
  const clock = createHeldClock();
  const http = createHttpClient({ quota: createQuota(clock), timeoutMs });
  return {
    clock,
    lwa: createLwa({
      http,
      clock,
      url: LWA,
      account: 'seller-1',
      ...SECRETS,
      refreshToken,
    }),
  };
};

const answering = (status: number, body: string | object) =>
  mock.scope(LWA).post('/auth/o2/token').reply(status, body);
const granting = (token: string, changes: object = {}) =>
  answering(200, { access_token: token, token_type: 'bearer', expires_in: 3600, ...changes });

const failure = async (call: Promise<unknown>): Promise<UpstreamError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
};

test('the request is the documented form, with every sign of the secrets encoded', async () => {
  let sent: { body: unknown; type: string | undefined } | undefined;
  mock
    .scope(LWA)
    .post('/auth/o2/token', (body: unknown) => {
      sent = { body, type: undefined };
      return true;
    })
    .matchHeader('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
    .reply(200, { access_token: 'Atza|1', token_type: 'bearer', expires_in: 3600 });

  await expect(setup().lwa.accessToken()).resolves.toBe('Atza|1');

  expect(sent?.body).toEqual({
    grant_type: 'refresh_token',
    refresh_token: SECRETS.refreshToken,
    client_id: SECRETS.clientId,
    client_secret: SECRETS.clientSecret,
  });
});

describe('a token is asked for as rarely as it can be', () => {
  test('it serves until 120 s before its end, then a new one is fetched', async () => {
    const { lwa, clock } = setup();
    granting('first');

    await lwa.accessToken();
    await clock.advance(3_479_999);
    await expect(lwa.accessToken()).resolves.toBe('first');
    granting('second');
    await clock.advance(1);

    await expect(lwa.accessToken()).resolves.toBe('second');
  });

  test('callers who come together share one request', async () => {
    const { lwa } = setup();
    granting('shared');

    const tokens = await Promise.all([lwa.accessToken(), lwa.accessToken(), lwa.accessToken()]);

    expect(tokens).toEqual(['shared', 'shared', 'shared']);
  });

  test('callers who share a failed request all fail, and the next one asks anew', async () => {
    const { lwa } = setup();
    answering(503, { error: 'temporarily_unavailable' });
    await Promise.all([failure(lwa.accessToken()), failure(lwa.accessToken())]);
    granting('later');

    await expect(lwa.accessToken()).resolves.toBe('later');
  });

  test('a token shorter than the margin serves half its life', async () => {
    const { lwa, clock } = setup();
    granting('short', { expires_in: 60 });
    await lwa.accessToken();
    await clock.advance(29_999);
    await expect(lwa.accessToken()).resolves.toBe('short');
    granting('next');
    await clock.advance(1);

    await expect(lwa.accessToken()).resolves.toBe('next');
  });

  test('a missing life span is the documented hour', async () => {
    const { lwa, clock } = setup();
    granting('hour', { expires_in: undefined });
    await lwa.accessToken();
    await clock.advance(3_479_999);

    await expect(lwa.accessToken()).resolves.toBe('hour');
  });

  test('dropping forgets the token named, and no other', async () => {
    const { lwa } = setup();
    granting('first');
    await lwa.accessToken();
    lwa.drop('another');
    await expect(lwa.accessToken()).resolves.toBe('first');
    granting('second');
    lwa.drop('first');

    await expect(lwa.accessToken()).resolves.toBe('second');
  });
});

describe('the error code decides, not the status', () => {
  test.each([
    { error: 'invalid_grant', status: 400 },
    { error: 'invalid_client', status: 401 },
    { error: 'unauthorized_client', status: 400 },
    { error: 'invalid_request', status: 400 },
    { error: 'invalid_scope', status: 400 },
    { error: 'access_denied', status: 403 },
    { error: 'invalid_grant', status: 503 },
    { error: 'invalid_grant', status: 429 },
    { error: 'invalid_client', status: 200 },
  ])('$error with $status stops the side', async ({ error, status }) => {
    answering(status, { error, error_description: `quoting ${SECRETS.refreshToken}` });

    const fault = await failure(setup().lwa.accessToken());

    expect(fault).toMatchObject({
      code: 'upstream_auth_refused',
      stage: 'before',
      retry: 'later',
      remoteCode: error,
    });
  });

  test.each([
    { what: 'server_error', status: 500, body: { error: 'server_error' }, code: 'upstream_unavailable' },
    {
      what: 'temporarily_unavailable',
      status: 503,
      body: { error: 'temporarily_unavailable' },
      code: 'upstream_unavailable',
    },
    {
      what: 'server_error with an odd status',
      status: 400,
      body: { error: 'server_error' },
      code: 'upstream_unavailable',
    },
    { what: 'a bare 429', status: 429, body: 'slow down', code: 'upstream_throttled' },
    { what: 'a bare 502', status: 502, body: '<html>', code: 'upstream_unavailable' },
    { what: 'HTML with 200', status: 200, body: '<html>', code: 'upstream_malformed' },
    { what: 'a 200 without a token', status: 200, body: {}, code: 'upstream_malformed' },
    {
      what: 'a code nobody documented',
      status: 400,
      body: { error: 'strange_code' },
      code: 'upstream_malformed',
    },
  ])('$what can be tried again', async ({ status, body, code }) => {
    answering(status, body);

    const fault = await failure(setup().lwa.accessToken());

    expect(fault).toMatchObject({ code, stage: 'before', retry: 'later', httpStatus: status });
  });

  test('no secret and none of the other side’s words get into an error', async () => {
    const words = `${SECRETS.refreshToken} ${SECRETS.clientSecret}`;
    answering(400, { error: words, error_description: words });

    const fault = await failure(setup().lwa.accessToken());

    expect(JSON.stringify([fault.message, Object.values(fault)])).not.toContain('EXAMPLE');
  });
});

test.each([
  {
    what: 'a reset',
    code: 'upstream_unreachable',
    prepare: () =>
      mock
        .scope(LWA)
        .post('/auth/o2/token')
        .replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
  },
  {
    what: 'no answer in time',
    code: 'upstream_timeout',
    prepare: () => mock.scope(LWA).post('/auth/o2/token').delay(2000).reply(200, {}),
  },
])('after $what of the login the call it was for surely had no effect', async ({ code, prepare }) => {
  prepare();

  const fault = await failure(setup(25).lwa.accessToken());

  expect(fault).toMatchObject({ code, stage: 'before', retry: 'later', operation: 'requestAccessToken' });
});

test('a fault that is not the other side’s passes through as it is', async () => {
  const http = { send: () => Promise.reject(new TypeError('bug')), close: () => {} };
  const lwa = createLwa({ http, clock: createHeldClock(), url: LWA, account: 'a', ...SECRETS, refreshToken });

  await expect(lwa.accessToken()).rejects.toThrow(TypeError);
});
