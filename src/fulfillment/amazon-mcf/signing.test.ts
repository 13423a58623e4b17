import { describe, expect, test } from 'vitest';
import { REGIONS } from './regions.ts';
import { signSigV4 } from './signing.ts';

const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const NOON = Date.parse('2026-01-15T12:00:00Z');
const TOKEN = { 'x-amz-access-token': 'Atza|TESTACCESSTOKEN', 'user-agent': 'any/1 (Language=TypeScript)' };
const NA = 'https://sellingpartnerapi-na.amazon.com';
const ORDER = '/fba/outbound/2020-07-01/fulfillmentOrders/TT-576461413038785752';

const authorization = (region: string, signedHeaders: string, signature: string): string =>
  `AWS4-HMAC-SHA256 Credential=${KEYS.accessKeyId}/20260115/${region}/execute-api/aws4_request, ` +
  `SignedHeaders=${signedHeaders}, Signature=${signature}`;
const PLAIN = 'host;x-amz-access-token;x-amz-date';

describe('SigV4 signatures equal independently computed ones', () => {
  test.each([
    {
      what: 'A: a read',
      method: 'GET',
      path: ORDER,
      signature: 'd49d7b8e0dbe425b955403b44a2188f1ea1b263cd37eca4c282cf95be11fdfd7',
    },
    {
      what: 'C: a query with encoded spaces, slashes and commas',
      method: 'GET',
      path: '/fba/inventory/v1/summaries?details=true&granularityType=Marketplace&granularityId=ATVPDKIKX0DER&sellerSkus=SKU%20A%2F1%2CSKU-B&marketplaceIds=ATVPDKIKX0DER',
      signature: '202d3859bf717e26719beb8966279dec4c887726852127b183e8f7e842016746',
    },
    {
      what: 'D: a path segment that is encoded again in the canonical form',
      method: 'GET',
      path: '/fba/outbound/2020-07-01/features/inventory/BLANK_BOX/SKU%20A%2F1?marketplaceId=ATVPDKIKX0DER',
      signature: '90d5d7a7bea8d6f454aec8fa1389db655b40f34f5464d0849c88aa3c48066e5b',
    },
    {
      what: 'E: a PUT without a body',
      method: 'PUT',
      path: `${ORDER}/cancel`,
      signature: '5714390996f73cf6fcb96882dcbd1097f45e56e58598e76bf5696d0a751bf7cc',
    },
  ])('$what', ({ method, path, signature }) => {
    const headers = signSigV4({ method, url: `${NA}${path}`, headers: TOKEN }, KEYS, 'us-east-1', NOON);

    expect(headers['authorization']).toBe(authorization('us-east-1', PLAIN, signature));
    expect(headers['x-amz-date']).toBe('20260115T120000Z');
  });

  test('B: a body, another region and temporary credentials', () => {
    const body = '{"marketplaceId":"ATVPDKIKX0DER","sellerFulfillmentOrderId":"TT-576461413038785752"}';
    const headers = signSigV4(
      {
        method: 'POST',
        url: 'https://sellingpartnerapi-eu.amazon.com/fba/outbound/2020-07-01/fulfillmentOrders',
        headers: { ...TOKEN, 'content-type': 'application/json' },
        body,
      },
      { ...KEYS, sessionToken: 'FwoGZXIvYXdzEXAMPLESESSIONTOKEN==' },
      'eu-west-1',
      NOON,
    );

    expect(headers['authorization']).toBe(
      authorization(
        'eu-west-1',
        'content-length;content-type;host;x-amz-access-token;x-amz-date;x-amz-security-token',
        '91036f254daec22ab4ac82482e870cfa9439a471bdc26957caa93976dd6e41a7',
      ),
    );
    expect(headers['x-amz-security-token']).toBe('FwoGZXIvYXdzEXAMPLESESSIONTOKEN==');
    expect(headers['content-length']).toBe('84');
  });
});

test('without credentials a request goes unsigned, with its date', () => {
  expect(signSigV4({ method: 'GET', url: `${NA}${ORDER}`, headers: TOKEN }, null, 'us-east-1', NOON)).toEqual(
    {
      ...TOKEN,
      'x-amz-date': '20260115T120000Z',
    },
  );
});

test('the scope names the region asked for, on a host of no region and with a port', () => {
  const headers = signSigV4(
    { method: 'GET', url: `http://127.0.0.1:4010${ORDER}`, headers: TOKEN },
    KEYS,
    REGIONS.fe.awsRegion,
    NOON,
  );

  expect(headers['authorization']).toContain('/20260115/us-west-2/execute-api/aws4_request');
  expect(headers).not.toHaveProperty('host');
});
