import { createHash, createHmac } from 'node:crypto';

export type AwsKey = { accessKeyId: string; secretAccessKey: string; region: string };

export type SignedRequest = {
  method: string;
  /** Path and query exactly as sent. */
  target: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
};

const SERVICE = 'execute-api';
const MAX_SKEW_MS = 5 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value.join('=')))] as const;
    })
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const headerText = (request: SignedRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return (Array.isArray(value) ? value.join(',') : value)?.trim().replace(/ +/g, ' ');
};

/** Milliseconds of an `x-amz-date`, or undefined when it is not of the form `YYYYMMDDTHHMMSSZ`. */
export const parseAmzDate = (text: string): number | undefined => {
  const parts = AMZ_DATE.exec(text)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

/** The canonical request of Signature Version 4: each segment of the sent path is encoded once more. */
export const canonicalRequest = (request: SignedRequest, signedHeaders: readonly string[]): string => {
  const mark = request.target.indexOf('?');
  const path = mark < 0 ? request.target : request.target.slice(0, mark);
  const query = mark < 0 ? '' : request.target.slice(mark + 1);
  return [
    request.method,
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${headerText(request, name) ?? ''}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
};

const signatureOf = (
  request: SignedRequest,
  key: AwsKey,
  amzDate: string,
  signed: readonly string[],
): string => {
  const day = amzDate.slice(0, 8);
  const scope = `${day}/${key.region}/${SERVICE}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', amzDate, scope, sha256(canonicalRequest(request, signed))].join('\n');
  const dayKey = hmac(`AWS4${key.secretAccessKey}`, day);
  const signingKey = hmac(hmac(hmac(dayKey, key.region), SERVICE), 'aws4_request');
  return hmac(signingKey, toSign).toString('hex');
};

const mustBeSigned = (request: SignedRequest): string[] => [
  'host',
  ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-')),
];

/** What is wrong with a request's signature; undefined when it holds. */
export const signatureFault = (request: SignedRequest, key: AwsKey, nowMs: number): string | undefined => {
  const parts = AUTHORIZATION.exec(headerText(request, 'authorization') ?? '');
  if (!parts) return 'no AWS4-HMAC-SHA256 authorization';
  const [, accessKeyId, day, region, service, list = '', signature] = parts;
  const amzDate = headerText(request, 'x-amz-date') ?? '';
  const sentMs = parseAmzDate(amzDate);
  if (sentMs === undefined) return 'no x-amz-date';
  if (Math.abs(nowMs - sentMs) > MAX_SKEW_MS) return 'clock skew over five minutes';
  if (accessKeyId !== key.accessKeyId) return 'unknown access key';
  if (day !== amzDate.slice(0, 8) || region !== key.region || service !== SERVICE) return 'wrong scope';
  const signed = list.split(';');
  if (signed.join(';') !== signed.toSorted().join(';')) return 'signed headers are not sorted';
  const unsigned = mustBeSigned(request).find((name) => !signed.includes(name));
  if (unsigned !== undefined) return `${unsigned} is not signed`;
  return signatureOf(request, key, amzDate, signed) === signature ? undefined : 'signature does not match';
};
