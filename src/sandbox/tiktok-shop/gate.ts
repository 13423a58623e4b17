import { z } from 'zod';

import { parseJson } from '../../lib/json.ts';
import type { SandboxRequest } from '../http.ts';
import { badParameter, type Refusal, refuse, violation } from './outcome.ts';
import type { Route } from './route.ts';
import { requestSignature, sameDigest } from './signing.ts';
import { nowSeconds, type World } from './state.ts';
import type { Tokens } from './tokens.ts';

const OLDEST_SECONDS = 300;
const NEWEST_SECONDS = 30;
const RATE_WINDOW_MS = 1000;

export type GateOptions = { world: World; tokens: Tokens; appKey: string; appSecret: string };

/** Checks a request the way the API does before any endpoint sees it. */
export type Gate = (request: SandboxRequest, route: Route) => Refusal | null;

const checkTimestamp = (world: World, query: URLSearchParams): Refusal | null => {
  const text = query.get('timestamp') ?? '';
  if (!/^\d{10}$/.test(text)) return badParameter('Invalid timestamp: ten digits are expected.');
  const age = nowSeconds(world) - Number(text);
  if (age > OLDEST_SECONDS)
    return badParameter(
      'Invalid timestamp. The value of the `timestamp` query parameter must not be earlier than 5 minutes before the current time.',
    );
  return age < -NEWEST_SECONDS ? badParameter('Invalid timestamp. It is in the future.') : null;
};

const checkSignature = (options: GateOptions, request: SandboxRequest): Refusal | null => {
  const names = [...request.query.keys()];
  if (new Set(names).size !== names.length) return badParameter('A query parameter is repeated.');
  if (request.query.get('app_key') !== options.appKey) return badParameter('The `app_key` is invalid.');
  const late = checkTimestamp(options.world, request.query);
  if (late !== null) return late;
  const expected = requestSignature(options.appSecret, {
    path: request.path,
    query: request.query,
    body: request.body,
    contentType: request.headers['content-type'] ?? '',
  });
  return sameDigest(request.query.get('sign') ?? '', expected)
    ? null
    : violation(106001, 'Invalid credentials. The `sign` query parameter is invalid.');
};

const checkToken = (tokens: Tokens, request: SandboxRequest): Refusal | null => {
  const token = request.headers['x-tts-access-token'];
  if (typeof token !== 'string' || token === '') return badParameter('The access token is missing.');
  const state = tokens.checkAccess(token);
  if (state === 'unknown') return badParameter('The access token is invalid.');
  if (state === 'revoked') return refuse(36009004, 'The access token is invalid.');
  const message = 'Expired credentials. The `access_token` or `x-tts-access-token` header has expired.';
  return state === 'expired' ? refuse(105002, message) : null;
};

const checkCipher = (world: World, request: SandboxRequest, route: Route): Refusal | null => {
  const cipher = request.query.get('shop_cipher');
  if (route.cipher === 'forbidden')
    return cipher === null ? null : badParameter('Unexpected `shop_cipher` query parameter.');
  if (cipher === null || cipher === '')
    return violation(
      106013,
      'Missing identifier. The `shop_cipher` query parameter is required to identify the target shop.',
    );
  return cipher === world.shop.cipher ? null : violation(101000, 'The shop_cipher does not match the token.');
};

const checkContent = (request: SandboxRequest, route: Route): Refusal | null => {
  if (request.body === '') return null;
  if (route.method === 'GET') return badParameter('A GET request has no body.');
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  return type === 'application/json'
    ? null
    : violation(36009023, 'The content type must be application/json.');
};

const rateLimiter = (world: World): ((operation: string) => Refusal | null) => {
  const recent = new Map<string, number[]>();
  return (operation) => {
    const now = world.clock.nowMs();
    const calls = (recent.get(operation) ?? []).filter((at) => now - at < RATE_WINDOW_MS);
    recent.set(operation, calls);
    if (calls.length >= world.settings.rateLimitPerSecond)
      return refuse(
        36009002,
        "Too many requests. You've made too many requests in a short period of time.",
        429,
      );
    calls.push(now);
    return null;
  };
};

/** The strict door of the API host. */
export const createGate = (options: GateOptions): Gate => {
  const checkRate = rateLimiter(options.world);
  return (request, route) =>
    checkSignature(options, request) ??
    checkToken(options.tokens, request) ??
    checkCipher(options.world, request, route) ??
    checkContent(request, route) ??
    checkRate(route.operation);
};

const objectSchema = z.record(z.string(), z.unknown());

/** The JSON object of a body; nothing at all counts as an empty object. */
export const readBody = (text: string): { body: unknown } | Refusal => {
  if (text === '') return { body: {} };
  try {
    const parsed = objectSchema.safeParse(parseJson(text));
    return parsed.success ? { body: parsed.data } : badParameter('The body must be a JSON object.');
  } catch {
    return badParameter('The body is not JSON.');
  }
};
