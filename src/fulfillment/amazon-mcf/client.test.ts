import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  amazonSetup,
  collect,
  fulfillmentRequest,
  LWA,
  MARKETPLACE,
  NOON_MS,
  ORDERS,
  SP_API,
} from '../../../test/amazon-setup.ts';
import { useHttpMock } from '../../../test/http-mock.ts';
import { UpstreamError } from '../../lib/errors.ts';
import type { FulfillmentProvider } from '../provider.ts';
import { signSigV4 } from './signing.ts';

const mock = useHttpMock({ allowLocal: true });

const grant = (token = 'Atza|1') =>
  mock.scope(LWA).post('/auth/o2/token').reply(200, { access_token: token, expires_in: 3600 });

const failure = async (call: Promise<unknown>): Promise<UpstreamError> => {
  const error = await call.then(
    (value: unknown) => value,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
};

const errorBody = (code: string, message = '', details = '') => ({ errors: [{ code, message, details }] });

describe('what goes over the wire', () => {
  type Seen = { method: string; url: string; headers: IncomingHttpHeaders; body: string };
  let seen: Seen[];
  let baseUrl: string;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.setHeader('content-type', 'application/json');
      if (url.startsWith('/auth')) response.end('{"access_token":"Atza|1","expires_in":3600}');
      else if (url.startsWith('/fba/inventory')) response.end('{"payload":{}}');
      else if (method === 'GET') response.end('{"payload":{"fulfillmentOrders":[],"nextToken":null}}');
      else response.end('{}');
    });
  });

  beforeEach(async () => {
    seen = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const sentBy = async (
    act: (provider: FulfillmentProvider) => Promise<unknown>,
    changes: Parameters<typeof amazonSetup>[0] = {},
  ): Promise<Seen> => {
    const { provider, http } = amazonSetup({ spApiUrl: baseUrl, lwaUrl: baseUrl, ...changes });
    await act(provider);
    http.close();
    return seen.at(-1)!;
  };

  test('create sends one JSON body, the token, the date and who we are', async () => {
    const sent = await sentBy((provider) => provider.submit(fulfillmentRequest()));

    expect(sent).toMatchObject({ method: 'POST', url: ORDERS });
    expect(sent.headers).toMatchObject({
      'x-amz-access-token': 'Atza|1',
      'x-amz-date': '20260115T120000Z',
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(sent.body)),
    });
    expect(sent.headers['user-agent']).toMatch(
      /^mcf-connector\/1\.2\.3 \(Language=TypeScript; Platform=Node\.js\/\d+\)$/,
    );
    expect(sent.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(sent.body)).toMatchObject({ marketplaceId: MARKETPLACE });
  });

  test('a read has neither a body nor a word about one', async () => {
    const sent = await sentBy((provider) => collect(provider.listChanged(NOON_MS)));

    expect(sent).toMatchObject({ method: 'GET', body: '' });
    expect(sent.headers).not.toHaveProperty('content-type');
    expect(sent.headers).not.toHaveProperty('content-length');
    expect(sent.headers).not.toHaveProperty('transfer-encoding');
    expect(sent.url).toBe(`${ORDERS}?queryStartDate=2026-01-15T12%3A00%3A00Z`);
  });

  test('cancel has no body and no content type', async () => {
    const sent = await sentBy((provider) => provider.cancel('TTS-1'));

    expect(sent).toMatchObject({ method: 'PUT', url: `${ORDERS}/TTS-1/cancel`, body: '' });
    expect(sent.headers).not.toHaveProperty('content-type');
    expect(sent.headers['content-length'] ?? '0').toBe('0');
  });

  test('release says nothing but Ship', async () => {
    const sent = await sentBy((provider) => provider.release('TTS-1'));

    expect(sent).toMatchObject({
      method: 'PUT',
      url: `${ORDERS}/TTS-1`,
      body: '{"fulfillmentAction":"Ship"}',
    });
  });

  test('ids and SKUs are percent-encoded exactly once', async () => {
    expect((await sentBy((provider) => provider.cancel("a/b c#'"))).url).toBe(
      `${ORDERS}/a%2Fb%20c%23%27/cancel`,
    );
    expect((await sentBy((provider) => provider.fetchStock(["A/1 +&#'%20", 'B']))).url).toBe(
      `/fba/inventory/v1/summaries?details=true&granularityType=Marketplace&granularityId=${MARKETPLACE}` +
        `&sellerSkus=A%2F1%20%2B%26%23%27%2520%2CB&marketplaceIds=${MARKETPLACE}`,
    );
  });

  test('with AWS credentials the very bytes sent are signed, for the region set', async () => {
    const aws = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'key', sessionToken: 'session' };

    const sent = await sentBy((provider) => provider.submit(fulfillmentRequest()), { aws, region: 'eu' });

    const covered = Object.fromEntries(
      ['content-type', 'content-length', 'x-amz-access-token'].map((name) => [
        name,
        String(sent.headers[name]),
      ]),
    );
    const expected = signSigV4(
      {
        method: 'POST',
        url: `${baseUrl}${ORDERS}`,
        headers: { ...covered, accept: 'application/json' },
        body: sent.body,
      },
      aws,
      'eu-west-1',
      NOON_MS,
    );
    expect(sent.headers['authorization']).toBe(expected['authorization']);
    expect(sent.headers['x-amz-security-token']).toBe('session');
    expect(sent.headers['authorization']).toMatch(/SignedHeaders=[^,]*x-amz-access-token/);
  });
});

describe('a refused token', () => {
  test.each([401, 403])('%i is repeated once with a fresh token, a write too', async (status) => {
    grant('old');
    grant('new');
    const api = mock.scope(SP_API);
    api.post(ORDERS).matchHeader('x-amz-access-token', 'old').reply(status, errorBody('Unauthorized'));
    api.post(ORDERS).matchHeader('x-amz-access-token', 'new').reply(200, {});

    await expect(amazonSetup().provider.submit(fulfillmentRequest())).resolves.toEqual({ kind: 'accepted' });
  });

  test('refused twice it stops the side, and the order surely was not made', async () => {
    grant('old');
    grant('new');
    mock
      .scope(SP_API)
      .post(ORDERS)
      .twice()
      .reply(403, errorBody('Unauthorized', 'Access to requested resource is denied.'));
    const { provider, side } = amazonSetup();

    const fault = await failure(provider.submit(fulfillmentRequest()));
    const next = await failure(provider.fetch('TTS-1'));

    expect(fault).toMatchObject({ code: 'upstream_auth_refused', stage: 'before', httpStatus: 403 });
    expect(side.state()).toMatchObject({ state: 'stopped', code: 'upstream_auth_refused' });
    expect(next).toMatchObject({ code: 'upstream_auth_refused', stage: 'before' });
  });

  test('a refused signature is not repeated', async () => {
    grant();
    mock.scope(SP_API).get(`${ORDERS}/TTS-1`).reply(403, errorBody('InvalidSignature'));

    await expect(failure(amazonSetup().provider.fetch('TTS-1'))).resolves.toMatchObject({
      code: 'upstream_auth_refused',
      remoteCode: 'InvalidSignature',
    });
  });

  test('refused login credentials stop the side before any call', async () => {
    mock.scope(LWA).post('/auth/o2/token').reply(400, { error: 'invalid_grant' });
    const { provider, side } = amazonSetup();

    const fault = await failure(provider.submit(fulfillmentRequest()));

    expect(fault).toMatchObject({ code: 'upstream_auth_refused', stage: 'before' });
    expect(side.state().state).toBe('stopped');
  });
});

describe('an answer that tells nothing about the order', () => {
  const createMeets = async (
    prepare: (post: ReturnType<ReturnType<typeof mock.scope>['post']>) => unknown,
  ) => {
    grant();
    prepare(mock.scope(SP_API).post(ORDERS));
    return failure(amazonSetup({}, 200).provider.submit(fulfillmentRequest()));
  };

  test.each([
    { status: 500, body: errorBody('InternalFailure') },
    { status: 503, body: errorBody('ServiceUnavailable') },
    { status: 502, body: '<html>Bad Gateway</html>' },
    { status: 504, body: '' },
    { status: 200, body: errorBody('InternalFailure') },
  ])('create with $status $body may have had its effect', async ({ status, body }) => {
    await expect(createMeets((post) => post.reply(status, body))).resolves.toMatchObject({
      code: 'upstream_unavailable',
      stage: 'during',
      retry: 'later',
    });
  });

  test('a throttled create surely had none, and keeps what Amazon said about waiting', async () => {
    const fault = await createMeets((post) =>
      post.reply(429, errorBody('QuotaExceeded'), { 'retry-after': '7', 'x-amzn-RequestId': 'r-9' }),
    );

    expect(fault).toMatchObject({
      code: 'upstream_throttled',
      stage: 'before',
      retry: 'later',
      retryAfterMs: 7000,
      requestId: 'r-9',
      remoteCode: 'QuotaExceeded',
    });
  });

  test.each([{ body: '<html>' }, { body: '' }, { body: '[]' }, { body: 'null' }])(
    'create with 200 and the body "$body" surely had its effect',
    async ({ body }) => {
      await expect(createMeets((post) => post.reply(200, body))).resolves.toMatchObject({
        code: 'upstream_malformed',
        stage: 'after',
      });
    },
  );

  test('a redirect is followed by nobody', async () => {
    await expect(
      createMeets((post) => post.reply(302, '', { location: 'https://elsewhere.example/' })),
    ).resolves.toMatchObject({ code: 'upstream_malformed', stage: 'during', httpStatus: 302 });
  });

  test('no answer in time leaves it open', async () => {
    await expect(createMeets((post) => post.delay(5000).reply(200, {}))).resolves.toMatchObject({
      code: 'upstream_timeout',
      stage: 'during',
    });
  });

  test('a reset leaves it open', async () => {
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

    await expect(createMeets((post) => post.replyWithError(reset))).resolves.toMatchObject({
      code: 'upstream_unreachable',
      stage: 'during',
    });
  });

  test('a read has no effect to be open about', async () => {
    grant();
    mock.scope(SP_API).get(`${ORDERS}/TTS-1`).reply(500, errorBody('InternalFailure'));

    await expect(failure(amazonSetup().provider.fetch('TTS-1'))).resolves.toMatchObject({
      code: 'upstream_unavailable',
      stage: 'before',
    });
  });

  test.each([
    { what: 'HTML', body: '<html>' },
    { what: 'no order', body: { payload: { fulfillmentOrderItems: [] } } },
    { what: 'no id', body: { payload: { fulfillmentOrder: { fulfillmentOrderStatus: 'New' } } } },
    { what: 'an empty id', body: { payload: { fulfillmentOrder: { sellerFulfillmentOrderId: '' } } } },
  ])('a read with $what is malformed, and says where without a value', async ({ body }) => {
    grant();
    mock.scope(SP_API).get(`${ORDERS}/TTS-1`).reply(200, body);

    const fault = await failure(amazonSetup().provider.fetch('TTS-1'));

    expect(fault).toMatchObject({ code: 'upstream_malformed', stage: 'before', retry: 'later' });
    expect(fault.message).toMatch(/documented form \((body|payload[\w.]*)\)$/);
  });
});
