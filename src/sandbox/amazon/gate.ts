import type { Reply, SandboxRequest } from '../http.ts';
import type { Lwa } from './lwa.ts';
import { type AwsKey, parseAmzDate, signatureFault } from './sigv4.ts';
import { type Operation, violate, type World } from './state.ts';
import { bodyOf, denied, errorReply, headerOf, htmlBadRequest, queryText } from './wire.ts';

export type Rate = { ratePerSecond: number; burst: number };
export type Rates = Partial<Record<Operation, Rate>>;

export type Gate = {
  /** The answer to a request that does not get through; undefined when it does. */
  refuse(request: SandboxRequest, operation: Operation): Reply | undefined;
  /** What `x-amzn-RateLimit-Limit` says for an operation. */
  rateHeader(operation: Operation): string | undefined;
};

const DEFAULT_RATE: Rate = { ratePerSecond: 2, burst: 30 };
const INVENTORY_RATE: Rate = { ratePerSecond: 2, burst: 2 };
const MAX_USER_AGENT = 500;
const LEGAL_PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const LEGAL_QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

const decodes = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

const encodingFault = (request: SandboxRequest): string | undefined => {
  const path = request.target.split('?')[0] ?? '';
  const query = queryText(request);
  if (!LEGAL_PATH.test(path) || !decodes(path)) return 'path is not percent-encoded';
  if (/%25[0-9A-Fa-f]{2}/.test(path)) return 'path is encoded twice';
  if (!LEGAL_QUERY.test(query) || !decodes(query)) return 'query is not percent-encoded';
  return undefined;
};

const bodyFault = (request: SandboxRequest): string | undefined => {
  const length = headerOf(request, 'content-length');
  if (request.method === 'GET') {
    const sends = length !== undefined || headerOf(request, 'transfer-encoding') !== undefined;
    return sends ? 'body or Content-Length on GET' : undefined;
  }
  if (request.body === '') return undefined;
  const type = headerOf(request, 'content-type') ?? '';
  if (!/^application\/json(?:;\s*charset=utf-8)?$/i.test(type)) return 'content-type of a body';
  return bodyOf(request) === undefined ? 'body is not JSON' : undefined;
};

const headerFault = (request: SandboxRequest): string | undefined => {
  const date = headerOf(request, 'x-amz-date');
  if (date !== undefined && parseAmzDate(date) === undefined) return 'shape of x-amz-date';
  return (headerOf(request, 'user-agent') ?? '').length > MAX_USER_AGENT ? 'user-agent too long' : undefined;
};

const formFault = (world: World, request: SandboxRequest, operation: Operation): Reply | undefined => {
  if (!(headerOf(request, 'user-agent') ?? '').includes('Language=')) {
    violate(world, operation, 'user-agent without Language');
  }
  const fault = encodingFault(request) ?? bodyFault(request) ?? headerFault(request);
  if (fault === undefined) return undefined;
  violate(world, operation, fault);
  return htmlBadRequest();
};

const tokenFault = (lwa: Lwa, request: SandboxRequest): Reply | undefined => {
  const token = headerOf(request, 'x-amz-access-token');
  if (!token) return denied('Access token is missing in the request header.');
  const worth = lwa.check(token);
  if (worth === 'good') return undefined;
  return worth === 'expired'
    ? denied('The access token you provided has expired.')
    : denied('The access token you provided is revoked, malformed or invalid.');
};

const signingFault = (
  world: World,
  aws: AwsKey | null,
  request: SandboxRequest,
  operation: Operation,
): Reply | undefined => {
  const fault = aws ? signatureFault(request, aws, world.clock.nowMs()) : undefined;
  if (fault === undefined) return undefined;
  violate(world, operation, 'signature', fault);
  return errorReply(
    403,
    'InvalidSignature',
    'The request signature we calculated does not match the signature you provided.',
    fault,
  );
};

const throttled = (): Reply => {
  const reply = errorReply(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.');
  if (reply.kind !== 'answer') return reply;
  return { ...reply, headers: { ...reply.headers, 'x-amzn-ErrorType': 'TooManyRequestsException' } };
};

/** Everything a request must pass before an operation looks at it: form, token, signature, quota. */
export const createGate = (world: World, lwa: Lwa, settings: { aws: AwsKey | null; rates: Rates }): Gate => {
  const buckets = new Map<Operation, { tokens: number; filledAtMs: number }>();

  const rateOf = (operation: Operation): Rate =>
    settings.rates[operation] ?? (operation === 'inventory' ? INVENTORY_RATE : DEFAULT_RATE);

  const takeToken = (operation: Operation): boolean => {
    const { ratePerSecond, burst } = rateOf(operation);
    const nowMs = world.clock.nowMs();
    const bucket = buckets.get(operation) ?? { tokens: burst, filledAtMs: nowMs };
    const refill = (Math.max(0, nowMs - bucket.filledAtMs) / 1000) * ratePerSecond;
    const tokens = Math.min(burst, bucket.tokens + refill);
    const taken = tokens >= 1;
    buckets.set(operation, { tokens: taken ? tokens - 1 : tokens, filledAtMs: nowMs });
    return taken;
  };

  return {
    refuse: (request, operation) =>
      formFault(world, request, operation) ??
      tokenFault(lwa, request) ??
      signingFault(world, settings.aws, request, operation) ??
      (takeToken(operation) ? undefined : throttled()),
    rateHeader: (operation) =>
      operation === 'unknown' ? undefined : rateOf(operation).ratePerSecond.toFixed(1),
  };
};
