import { createHmac } from 'node:crypto';
import { assert, property, string, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from './fixtures/signature-vectors.json' with { type: 'json' };
import { signRequest, webhookSigner } from './signing.ts';

const definedQuery = (query: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

describe('request signatures', () => {
  test.each(vectors.api)('the vector "$name" is met', (vector) => {
    const request = { path: vector.path, query: definedQuery(vector.query), body: vector.raw_body };

    expect(signRequest(request, vector.app_secret)).toBe(vector.expected_sign);
  });

  test('sign and access_token are not part of what is signed', () => {
    const query = { app_key: 'k', timestamp: '1' };

    const plain = signRequest({ path: '/p', query }, 's');

    expect(signRequest({ path: '/p', query: { ...query, sign: 'x', access_token: 'y' } }, 's')).toBe(plain);
  });

  test('a multipart body is not signed, whatever its boundary', () => {
    const request = { path: '/p', query: {} };

    const signed = signRequest(
      { ...request, body: 'part', contentType: 'Multipart/Form-Data; boundary=x' },
      's',
    );

    expect(signed).toBe(signRequest(request, 's'));
    expect(signed).not.toBe(signRequest({ ...request, body: 'part' }, 's'));
  });
});

describe('webhook signatures', () => {
  test.each(vectors.webhook)('the vector "$name" is met over the raw bytes', (vector) => {
    const rawBody = new TextEncoder().encode(vector.raw_body);

    expect(rawBody.byteLength).toBe(vector.raw_body_bytes);
    expect(webhookSigner(vector.app_key, vector.app_secret)(rawBody)).toBe(
      vector.expected_authorization_header,
    );
  });

  test('is the HMAC of the platform, whatever the lengths of key and body', () => {
    const text = () => string({ maxLength: 200, unit: 'binary' });
    const isHmac = property(text(), text(), uint8Array({ maxLength: 500 }), (appKey, secret, rawBody) => {
      const hmac = createHmac('sha256', secret).update(appKey).update(rawBody).digest('hex');
      expect(webhookSigner(appKey, secret)(rawBody)).toBe(hmac);
    });
    assert(isHmac, { numRuns: 300 });
  });
});
