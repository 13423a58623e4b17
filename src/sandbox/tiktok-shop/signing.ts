import { createHmac, timingSafeEqual } from 'node:crypto';

const UNSIGNED = new Set(['sign', 'access_token']);

const hmac = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text, 'utf8').digest('hex');

/** The `sign` an Open API request must carry. `body` is the exact text sent, empty when there is none. */
export const requestSignature = (
  secret: string,
  request: { path: string; query: Iterable<[string, string]>; body: string; contentType: string },
): string => {
  const pairs = [...request.query]
    .filter(([name]) => !UNSIGNED.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}${value}`);
  const multipart = request.contentType.toLowerCase().startsWith('multipart/form-data');
  return hmac(secret, `${secret}${request.path}${pairs.join('')}${multipart ? '' : request.body}${secret}`);
};

/** The `Authorization` header TikTok puts on a webhook with exactly this body. */
export const webhookSignature = (appKey: string, secret: string, rawBody: string): string =>
  hmac(secret, appKey + rawBody);

/** Whether two digests are the same text; a wrong length is simply different. */
export const sameDigest = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};
