import { createHmac, hash } from 'node:crypto';

export type SignableRequest = {
  /** Path of the API alone: no host, no trailing slash. */
  path: string;
  /** Decoded values; `sign` and `access_token` are left out by the rule. */
  query: Readonly<Record<string, string>>;
  /** The exact string that is sent; absent for a request without a body. */
  body?: string | undefined;
  contentType?: string;
};

const UNSIGNED_PARAMETERS = new Set(['sign', 'access_token']);

const isMultipart = (contentType: string): boolean =>
  contentType.split(';', 1).join('').trim().toLowerCase() === 'multipart/form-data';

/**
 * The `sign` query parameter of an Open API call: lowercase hex HMAC-SHA256 over the secret, path, sorted
 * parameters, raw body and secret again (partner docs "Sign your API request", 2025-12).
 */
export const signRequest = (request: SignableRequest, appSecret: string): string => {
  const parameters = Object.entries(request.query)
    .filter(([name]) => !UNSIGNED_PARAMETERS.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => name + value)
    .join('');
  const body = isMultipart(request.contentType ?? 'application/json') ? '' : (request.body ?? '');
  return createHmac('sha256', appSecret)
    .update(appSecret + request.path + parameters + body + appSecret)
    .digest('hex');
};

/** SHA-256 works on blocks of so many bytes (FIPS 180-4). */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

const padded = (key: Buffer, byte: number): Buffer => {
  const block = Buffer.alloc(BLOCK_BYTES, byte);
  for (const [at, value] of key.entries()) block[at] = value ^ byte;
  return block;
};

/** Larger bodies are rare enough to be copied into memory of their own. */
const SCRATCH_BYTES = 16 * 1024;

/**
 * Makes the `Authorization` header of webhooks: lowercase hex HMAC-SHA256, keyed with the app secret, over the app key
 * followed by the raw body bytes (agreed by several public clients; the partner docs name only the header).
 *
 * RFC 2104 by two plain hashes. `createHmac` makes an object outside of the heap for every webhook, which only a full
 * collection gives back: 40 MiB more for every 100,000 webhooks.
 */
export const webhookSigner = (appKey: string, appSecret: string): ((rawBody: Uint8Array) => string) => {
  const secret = Buffer.from(appSecret);
  const key = secret.length > BLOCK_BYTES ? hash('sha256', secret, 'buffer') : secret;
  const inner = Buffer.concat([padded(key, 0x36), Buffer.from(appKey)]);
  const scratch = Buffer.concat([inner, Buffer.alloc(SCRATCH_BYTES)]);
  const outer = Buffer.concat([padded(key, 0x5c), Buffer.alloc(DIGEST_BYTES)]);
  const joined = (rawBody: Uint8Array): Buffer => {
    if (rawBody.length > SCRATCH_BYTES) return Buffer.concat([inner, rawBody]);
    scratch.set(rawBody, inner.length);
    return scratch.subarray(0, inner.length + rawBody.length);
  };
  return (rawBody) => {
    // A digest in a buffer of its own costs three times as much as one in a string.
    outer.write(hash('sha256', joined(rawBody), 'binary'), BLOCK_BYTES, 'binary');
    return hash('sha256', outer, 'hex');
  };
};
