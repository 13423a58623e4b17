import aws4 from 'aws4';
import { describe, expect, it } from 'vitest';
import { signatureFault } from '../../src/sandbox/amazon/sigv4.ts';
import {
  type Answer,
  addressWith,
  CREDENTIALS,
  createBody,
  exchange,
  HOUR,
  MINUTE,
  ORDER_ID,
  OUTBOUND,
  oneUnit,
  startRig,
  USER_AGENT,
} from './amazon-client.ts';

const DENIED = 'Access to requested resource is denied.';
const messageOf = (answer: Answer): string => answer.json.errors[0].message;
const manyLines = (count: number, quantity: number): unknown[] =>
  Array.from({ length: count }, (_, index) => ({
    sellerSku: 'MUG-BLUE-12OZ',
    sellerFulfillmentOrderItemId: `line-${index}`,
    quantity,
  }));

describe('LWA', () => {
  const good = {
    grant_type: 'refresh_token',
    refresh_token: CREDENTIALS.refreshToken,
    client_id: CREDENTIALS.clientId,
    client_secret: CREDENTIALS.clientSecret,
  };
  const { grant_type: _grant, ...noGrant } = good;

  it('gives an access token for an hour', async () => {
    const { token } = await startRig();

    const answer = await token();

    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      access_token: expect.stringMatching(/^Atza\|/),
      token_type: 'bearer',
      expires_in: 3600,
      refresh_token: CREDENTIALS.refreshToken,
    });
    expect(answer.headers['x-amzn-requestid']).toBeTruthy();
  });

  it.each([
    ['a wrong refresh token', { ...good, refresh_token: 'Atzr|OTHER' }, 400, 'invalid_grant'],
    ['a wrong secret', { ...good, client_secret: 'x' }, 401, 'invalid_client'],
    ['a missing field', noGrant, 400, 'invalid_request'],
    ['an unknown grant', { ...good, grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [
      'a code that nobody gave out',
      { ...good, grant_type: 'authorization_code', code: 'x' },
      400,
      'invalid_grant',
    ],
    ['a wrong scope', { ...good, grant_type: 'client_credentials', scope: 'x' }, 400, 'invalid_scope'],
  ])('refuses %s', async (_name, fields, status, error) => {
    const { token } = await startRig();

    const answer = await token(fields);

    expect([answer.status, answer.json.error]).toEqual([status, error]);
    expect(answer.json.error_description).toEqual(expect.any(String));
  });

  it('takes JSON too, and refuses a form that is not encoded', async () => {
    const { amazon } = await startRig();
    const send = (type: string, body: string): Promise<Answer> =>
      exchange(amazon.url, {
        method: 'POST',
        path: '/auth/o2/token',
        headers: { 'content-type': type },
        body,
      });

    expect((await send('application/json', JSON.stringify(good))).status).toBe(200);
    expect(amazon.violations).toEqual([]);

    const raw = `grant_type=refresh_token&refresh_token=${CREDENTIALS.refreshToken}&client_id=a&client_secret=b`;
    const answer = await send('application/x-www-form-urlencoded', raw);
    expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
    expect(amazon.violations).toHaveLength(1);
  });

  it('dies with the authorization and lives again', async () => {
    const { amazon, token, get } = await startRig();
    await get('x');

    amazon.revoke();

    expect((await token()).json.error).toBe('invalid_grant');
    const refused = await get('x');
    expect([refused.status, refused.json.errors[0].details]).toEqual([
      403,
      'The access token you provided is revoked, malformed or invalid.',
    ]);
    amazon.restore();
    expect((await token()).status).toBe(200);
  });
});

describe('the gate', () => {
  it('asks for an access token', async () => {
    const { call } = await startRig();

    const answer = await call('GET', `${OUTBOUND}/x`, undefined, { 'x-amz-access-token': undefined });

    expect(answer.status).toBe(403);
    expect(answer.json.errors).toEqual([
      {
        code: 'Unauthorized',
        message: DENIED,
        details: 'Access token is missing in the request header.',
      },
    ]);
    expect(answer.headers['x-amzn-ratelimit-limit']).toBeUndefined();
    expect(answer.headers['x-amzn-requestid']).toBeTruthy();
  });

  it('lets a token expire, by time and by hand', async () => {
    const { amazon, clock, token, call } = await startRig();
    const tokenHeader = async (): Promise<Record<string, string>> => ({
      'x-amz-access-token': (await token()).json.access_token as string,
    });
    const old = await tokenHeader();
    expect((await call('GET', `${OUTBOUND}/x`, undefined, old)).status).toBe(400);

    await clock.advance(HOUR);

    const late = await call('GET', `${OUTBOUND}/x`, undefined, old);
    expect([late.status, late.json.errors[0].details]).toEqual([
      403,
      'The access token you provided has expired.',
    ]);
    const fresh = await tokenHeader();
    expect((await call('GET', `${OUTBOUND}/x`, undefined, fresh)).status).toBe(400);
    amazon.expireTokens();
    expect((await call('GET', `${OUTBOUND}/x`, undefined, fresh)).status).toBe(403);
  });

  it.each([
    ['Content-Length on GET', 'GET', `${OUTBOUND}/x`, undefined, { 'content-length': '0' }],
    ['a body on GET', 'GET', `${OUTBOUND}/x`, '{}', { 'content-length': '2' }],
    ['a body that is no JSON type', 'POST', OUTBOUND, '{}', { 'content-type': 'text/plain' }],
    ['a body that is no JSON', 'POST', OUTBOUND, '{', {}],
    ['a broken escape in the path', 'GET', `${OUTBOUND}/a%zz`, undefined, {}],
    ['an id encoded twice', 'GET', `${OUTBOUND}/a%2520b`, undefined, {}],
    ['a bare plus in the query', 'GET', `${OUTBOUND}?nextToken=a+b`, undefined, {}],
    ['a date of another shape', 'GET', `${OUTBOUND}/x`, undefined, { 'x-amz-date': '2026-01-15T12:00:00Z' }],
    [
      'an endless user agent',
      'GET',
      `${OUTBOUND}/x`,
      undefined,
      { 'user-agent': `Language=${'x'.repeat(500)}` },
    ],
  ])('refuses %s with an HTML page', async (_name, method, path, body, headers) => {
    const { amazon, call } = await startRig();

    const answer = await call(method, path, body, headers);

    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.text).toContain('<title>400 Bad Request</title>');
    expect(amazon.violations).toHaveLength(1);
  });

  it('notes a user agent without its language, and answers', async () => {
    const { amazon, call } = await startRig();

    const answer = await call('GET', `${OUTBOUND}/x`, undefined, { 'user-agent': 'axios/1' });

    expect(messageOf(answer)).toBe("Requested order 'x' not found");
    expect(amazon.violations.map(({ rule }) => rule)).toEqual(['user-agent without Language']);
  });

  it('answers 404 to what it does not have', async () => {
    const { call } = await startRig();

    const answer = await call('GET', '/fba/outbound/2020-07-01/tracking?packageNumber=1');

    expect([answer.status, answer.json.errors[0].code]).toEqual([404, 'NotFound']);
  });

  it('counts a bucket per operation, on its own clock', async () => {
    const { amazon, clock, get, call } = await startRig({ rates: { get: { ratePerSecond: 2, burst: 3 } } });
    const first = [await get('x'), await get('x'), await get('x')];
    expect(first.map((answer) => answer.headers['x-amzn-ratelimit-limit'])).toEqual(['2.0', '2.0', '2.0']);

    const refused = await get('x');

    expect(refused.status).toBe(429);
    expect(refused.json.errors).toEqual([
      { code: 'QuotaExceeded', message: 'You exceeded your quota for the requested resource.', details: '' },
    ]);
    expect(refused.headers['x-amzn-errortype']).toBe('TooManyRequestsException');
    expect(refused.headers['x-amzn-ratelimit-limit']).toBeUndefined();
    expect((await call('GET', `${OUTBOUND}?queryStartDate=2020-01-01T19:46:45Z`)).status).toBe(200);
    await clock.advance(500);
    expect([(await get('x')).status, (await get('x')).status]).toEqual([400, 429]);
    expect(amazon.countCalls('get')).toBe(6);
    expect(amazon.calls.filter((each) => each.status === 429)).toHaveLength(2);
    expect(amazon.violations).toEqual([]);
  });
});

describe('SigV4', () => {
  const keys = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const day = '20260115';
  const at = Date.parse('2026-01-15T12:00:00Z');
  const body = '{"marketplaceId":"ATVPDKIKX0DER","sellerFulfillmentOrderId":"TT-576461413038785752"}';
  const plain = 'host;x-amz-access-token;x-amz-date';
  const withBody = 'content-length;content-type;host;x-amz-access-token;x-amz-date;x-amz-security-token';
  const bodyHeaders = {
    'content-type': 'application/json',
    'content-length': '84',
    'x-amz-security-token': 'FwoGZXIvYXdzEXAMPLESESSIONTOKEN==',
  };
  const inventory =
    '/fba/inventory/v1/summaries?details=true&granularityType=Marketplace&granularityId=ATVPDKIKX0DER&sellerSkus=SKU%20A%2F1%2CSKU-B&marketplaceIds=ATVPDKIKX0DER';
  const feature =
    '/fba/outbound/2020-07-01/features/inventory/BLANK_BOX/SKU%20A%2F1?marketplaceId=ATVPDKIKX0DER';
  const order = `${OUTBOUND}/TT-576461413038785752`;

  it.each([
    ['A', 'GET', order, 'us-east-1', 'd49d7b8e0dbe425b955403b44a2188f1ea1b263cd37eca4c282cf95be11fdfd7'],
    ['B', 'POST', OUTBOUND, 'eu-west-1', '91036f254daec22ab4ac82482e870cfa9439a471bdc26957caa93976dd6e41a7'],
    ['C', 'GET', inventory, 'us-east-1', '202d3859bf717e26719beb8966279dec4c887726852127b183e8f7e842016746'],
    ['D', 'GET', feature, 'us-east-1', '90d5d7a7bea8d6f454aec8fa1389db655b40f34f5464d0849c88aa3c48066e5b'],
    [
      'E',
      'PUT',
      `${order}/cancel`,
      'us-east-1',
      '5714390996f73cf6fcb96882dcbd1097f45e56e58598e76bf5696d0a751bf7cc',
    ],
  ])('accepts published vector %s and no other signature', (name, method, target, region, signature) => {
    const headersWith = (value: string): Record<string, string> => ({
      host: `sellingpartnerapi-${region === 'eu-west-1' ? 'eu' : 'na'}.amazon.com`,
      'x-amz-date': `${day}T120000Z`,
      'x-amz-access-token': 'Atza|TESTACCESSTOKEN',
      'user-agent': USER_AGENT,
      ...(name === 'B' ? bodyHeaders : {}),
      authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${day}/${region}/execute-api/aws4_request, SignedHeaders=${name === 'B' ? withBody : plain}, Signature=${value}`,
    });
    const judge = (value: string): string | undefined =>
      signatureFault(
        { method, target, headers: headersWith(value), body: name === 'B' ? body : '' },
        { ...keys, region },
        at,
      );

    expect(judge(signature)).toBeUndefined();
    expect(judge(signature.replace(/^./, (c) => (c === '0' ? '1' : '0')))).toBe('signature does not match');
  });

  it('takes what aws4 signs over the wire, and nothing unsigned, skewed or changed', async () => {
    const aws = { ...keys, region: 'us-east-1' };
    const { amazon, call, token } = await startRig({ aws });
    const accessToken = (await token()).json.access_token as string;
    const path = `${OUTBOUND}/a%20b`;
    const sign = (time: string): Record<string, string> => {
      const signed = aws4.sign(
        {
          service: 'execute-api',
          region: aws.region,
          host: new URL(amazon.url).host,
          method: 'GET',
          path,
          headers: { 'X-Amz-Date': time, 'x-amz-access-token': accessToken },
        },
        keys,
      );
      return { ...(signed.headers as Record<string, string>), 'user-agent': USER_AGENT };
    };
    const send = (headers: Record<string, string>): Promise<Answer> =>
      exchange(amazon.url, { path, headers });

    expect(messageOf(await send(sign('20260115T120000Z')))).toBe("Requested order 'a b' not found");
    expect(amazon.violations).toEqual([]);

    const refused = [
      await call('GET', path),
      await send(sign('20260115T120600Z')),
      await send({ ...sign('20260115T120000Z'), 'x-amz-date': '20260115T120001Z' }),
    ];
    expect(refused.map((answer) => [answer.status, answer.json.errors[0].code])).toEqual(
      Array.from({ length: 3 }, () => [403, 'InvalidSignature']),
    );
    expect(amazon.violations.map(({ detail }) => detail)).toEqual([
      'no AWS4-HMAC-SHA256 authorization',
      'clock skew over five minutes',
      'signature does not match',
    ]);
  });
});

describe('create', () => {
  it('takes the published example', async () => {
    const { amazon, create } = await startRig();

    const answer = await create(createBody());

    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(amazon.creates).toEqual([{ fulfillmentId: ORDER_ID, body: createBody(), at: expect.any(Number) }]);
    expect(amazon.violations).toEqual([]);
  });

  it('takes the former static case with cash-on-delivery settings', async () => {
    const { amazon, create } = await startRig({ sellerSkus: ['CR-47K6-H6QN'] });
    const usd = (value: string): object => ({ currencyCode: 'USD', value });

    const answer = await create(
      createBody({
        sellerFulfillmentOrderId: 'FBATestOrder-11',
        displayableOrderDate: '2020-01-09T19:46:45.809Z',
        codSettings: {
          isCodRequired: false,
          codCharge: usd('10.00'),
          codChargeTax: usd('2.00'),
          shippingCharge: usd('5.00'),
          shippingChargeTax: usd('3.00'),
        },
        notificationEmails: ['test1%40amazon.com', 'test2%40amazon.com'],
        items: oneUnit('CR-47K6-H6QN'),
      }),
    );

    expect(answer.json).toEqual({});
    expect(amazon.violations).toEqual([]);
  });

  const gone = (key: string): Record<string, unknown> => ({ [key]: undefined });
  const line = (changes: object): Record<string, unknown> => ({
    items: [{ ...(oneUnit()[0] as object), ...changes }],
  });
  const bad = (value: string, parameter: string): string =>
    `Value ${value} for parameter ${parameter} is invalid. Reason: InvalidValue.`;
  const lacks = (parameter: string): string => `The request must contain the parameter ${parameter}.`;
  const missing = (...parts: string[]): string =>
    `The following required parameters are missing: [${parts.join(', ')}]`;
  const long = 'x'.repeat(51);

  it.each<[string, Record<string, unknown>, string]>([
    ['no country', addressWith({ countryCode: undefined }), bad('', 'CountryCode')],
    ['a country by name', addressWith({ countryCode: 'USA' }), bad('USA', 'CountryCode')],
    [
      'an address in an array',
      { destinationAddress: [createBody()['destinationAddress']] },
      missing('PostalCode', 'City'),
    ],
    [
      'no postal code and no city',
      addressWith({ postalCode: '', city: undefined }),
      missing('PostalCode', 'City'),
    ],
    ['no name', addressWith({ name: '' }), missing('Name')],
    ['a city in Japan', addressWith({ countryCode: 'JP' }), bad('', 'City')],
    ['no address', gone('destinationAddress'), lacks('DestinationAddress')],
    ['no marketplace', gone('marketplaceId'), bad('', 'SellerId')],
    ['no id', gone('sellerFulfillmentOrderId'), lacks('SellerFulfillmentOrderId')],
    [
      'an id of 41 characters',
      { sellerFulfillmentOrderId: 'x'.repeat(41) },
      bad('x'.repeat(41), 'SellerFulfillmentOrderId'),
    ],
    ['an empty comment', { displayableOrderComment: '' }, lacks('DisplayableOrderComment')],
    ['two spaces in the shown id', { displayableOrderId: 'a  b' }, bad('a  b', 'DisplayableOrderId')],
    ['a shown id outside ISO 8859-1', { displayableOrderId: '注文' }, bad('注文', 'DisplayableOrderId')],
    ['a number for the shown id', { displayableOrderId: 5764 }, 'Invalid Input'],
    [
      'a date without a zone',
      { displayableOrderDate: '2026-08-18 15:04:05' },
      'timestamp must follow ISO8601',
    ],
    ['an unknown speed', { shippingSpeedCategory: 'Fast' }, bad('Fast', 'ShippingSpeedCategory')],
    [
      'a speed the US has not',
      { shippingSpeedCategory: 'Priority' },
      bad('Priority', 'ShippingSpeedCategory'),
    ],
    ['an unknown policy', { fulfillmentPolicy: 'fillorkill' }, bad('fillorkill', 'FulfillmentPolicy')],
    ['no items', { items: [] }, lacks('Items')],
    ['101 lines', { items: manyLines(101, 1) }, bad('', 'Items')],
    ['252 units', { items: manyLines(2, 126) }, bad('', 'Items')],
    [
      'a quantity of 0',
      line({ quantity: 0 }),
      'Value 0 for parameter Quantity is invalid. Reason: AllQuantityZero.',
    ],
    ['half a unit', line({ quantity: 1.5 }), bad('1.5', 'Quantity')],
    ['a quantity as text', line({ quantity: '1' }), bad('1', 'Quantity')],
    ['a long SKU', line({ sellerSku: long }), bad(long, 'SellerSku')],
    [
      'money as a number',
      line({ perUnitDeclaredValue: { currencyCode: 'USD', value: 14.99 } }),
      'missing value for decimal type',
    ],
    [
      'wrapped money',
      line({ perUnitDeclaredValue: { currencyCode: 'USD', value: { value: '1' } } }),
      'missing value for decimal type',
    ],
    [
      'a repeated line id',
      { items: [...oneUnit(), ...oneUnit('TEE-BLK-M')] },
      bad('577086512123755123', 'SellerFulfillmentOrderItemId'),
    ],
    [
      'a feature policy that is none',
      { featureConstraints: [{ featureName: 'BLANK_BOX', featureFulfillmentPolicy: 'Yes' }] },
      bad('Yes', 'FeatureFulfillmentPolicy'),
    ],
  ])('refuses %s', async (_name, changes, message) => {
    const { amazon, create } = await startRig();

    const answer = await create(createBody(changes));

    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ errors: [{ code: 'InvalidInput', message, details: '' }] });
    expect(amazon.creates).toEqual([]);
    expect(amazon.violations.map(({ rule }) => rule)).toEqual(['schema']);
  });

  it('refuses an unknown SKU by its line, which is no fault of the client', async () => {
    const { amazon, create } = await startRig();
    amazon.removeSku('TEE-BLK-M');

    const refused = await create(createBody());
    amazon.addSku('TEE-BLK-M', 1);
    const taken = await create(createBody());

    expect(messageOf(refused)).toBe('the SellerSKU for Item Id: 577086512123755124 is invalid.');
    expect(taken.status).toBe(200);
    expect(amazon.violations).toEqual([]);
  });

  it('refuses a repeat before it looks at the rest, and remembers it', async () => {
    const { amazon, create } = await startRig();
    await create(createBody());

    const answer = await create(createBody(addressWith({ city: undefined })));

    expect(messageOf(answer)).toBe(
      `A create request already exists for MerchantFulfillmentOrderId : ${ORDER_ID}`,
    );
    expect(amazon.creates).toHaveLength(1);
    expect(amazon.duplicateCreates.map(({ fulfillmentId }) => fulfillmentId)).toEqual([ORDER_ID]);
    expect(amazon.violations.map(({ rule }) => rule)).toEqual(['second create of the same id']);
  });

  it('notes a second order beside a live one, and not beside a cancelled one', async () => {
    const { amazon, clock, create, cancel } = await startRig();
    await create(createBody());
    await cancel(ORDER_ID);

    await create(createBody({ sellerFulfillmentOrderId: `${ORDER_ID}-2` }));
    expect(amazon.violations.map(({ rule }) => rule)).toEqual(['an earlier order is still live']);

    await cancel(`${ORDER_ID}-2`);
    await clock.advance(MINUTE);
    await create(createBody({ sellerFulfillmentOrderId: `${ORDER_ID}-3` }));
    expect(amazon.violations).toHaveLength(1);
  });

  it('notes what Amazon lets pass and a careful client never sends', async () => {
    const { amazon, create } = await startRig();

    const answer = await create(
      createBody({ ...addressWith({ name: 'J*** E***', addressLine1: 'x'.repeat(61) }), colour: 'red' }),
    );

    expect(answer.status).toBe(200);
    expect(amazon.violations.map(({ rule }) => rule)).toEqual([
      'unknown field colour',
      'masked name',
      'addressLine1 too long',
    ]);
  });
});
