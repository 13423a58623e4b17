import type { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { UpstreamError } from '../../lib/errors.ts';
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts';
import type { Side, SideArea } from '../../lib/side.ts';
import type { TikTokAuth } from './auth.ts';
import { answerError, authRefusedError, type CallEffect, shapeError, UPSTREAM } from './errors.ts';
import { areaOf, limitOf, type TikTokOperation } from './limits.ts';
import { type Envelope, readEnvelope } from './schema.ts';
import { signRequest } from './signing.ts';

/** For whom a call is made. */
export type CallTarget = {
  /** Whose quota it takes: a shop id, or the authorisation for calls without a shop. */
  account: string;
  /** Key of the token pair that acts for it. */
  authorization: string;
  /** Null for calls that must not name a shop. */
  cipher: string | null;
  /** Null for a call that belongs to no shop. */
  side: ((area: SideArea) => Side) | null;
};

export type CallSpec<Data> = {
  operation: TikTokOperation;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  /** Absent: a zero-length body, of which nothing is signed. */
  body?: unknown;
  effect: CallEffect;
  data: z.ZodType<Data>;
};

export type Call = <Data>(target: CallTarget, spec: CallSpec<Data>) => Promise<Data>;

export type CallOptions = {
  http: HttpClient;
  clock: Clock;
  /** The tokens of an authorisation. */
  authFor: (authorization: string) => TikTokAuth;
  appKey: string;
  appSecret: string;
  apiUrl: string;
};

const readAnswer = <Data>(spec: CallSpec<Data>, response: HttpResponse): Data => {
  const envelope: Envelope | null = readEnvelope(response.text);
  const isHttpSuccess = response.status >= 200 && response.status < 300;
  if (!isHttpSuccess || envelope?.code !== '0')
    throw answerError(spec.operation, spec.effect, response, envelope);
  const parsed = spec.data.safeParse(envelope.data);
  if (!parsed.success) throw shapeError(spec.operation, spec.effect, envelope.requestId);
  return parsed.data;
};

/** In the body alone. A look for the text is enough for a log, and an answer is parsed but once. */
const requestIdOf = ({ text }: HttpResponse): string | undefined =>
  /"request_id"\s*:\s*"([\w-]{1,64})"/.exec(text)?.[1];

const isExpired = (error: unknown): boolean =>
  error instanceof UpstreamError && error.code === 'upstream_token_expired';

/**
 * The one way to TikTok's Open API: signs when it sends, counts against the quota of (account, operation), reads
 * the answer. After an expired access token, which had no effect, the token is refreshed and the call is made once
 * more with a new signature; nothing else is repeated. Throws `UpstreamError`.
 */
export const createCall = (options: CallOptions): Call => {
  /** The timestamp is accepted for five minutes (partner docs 2025-12, section 2), so it is taken when it is sent. */
  const signedUrl = <Data>(target: CallTarget, spec: CallSpec<Data>, body: string | undefined): string => {
    const query: Record<string, string> = {
      ...spec.query,
      app_key: options.appKey,
      timestamp: String(Math.floor(options.clock.nowMs() / 1000)),
      ...(target.cipher === null ? {} : { shop_cipher: target.cipher }),
    };
    const sign = signRequest({ path: spec.path, query, body }, options.appSecret);
    const parameters = Object.entries({ ...query, sign })
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    return `${options.apiUrl}${spec.path}?${parameters}`;
  };

  const attempt = async <Data>(target: CallTarget, spec: CallSpec<Data>, token: string): Promise<Data> => {
    const body = spec.body === undefined ? undefined : JSON.stringify(spec.body);
    const response = await options.http.send({
      upstream: UPSTREAM,
      account: target.account,
      operation: spec.operation,
      limit: limitOf(spec.operation),
      method: spec.method,
      url: options.apiUrl,
      sign: () => ({ url: signedUrl(target, spec, body) }),
      headers: { 'x-tts-access-token': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
      requestIdOf,
    });
    return readAnswer(spec, response);
  };

  const callOnce = async <Data>(target: CallTarget, spec: CallSpec<Data>): Promise<Data> => {
    const auth = options.authFor(target.authorization);
    const token = await auth.accessToken();
    try {
      return await attempt(target, spec, token);
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
    const freshToken = await auth.refreshAfter(token);
    try {
      return await attempt(target, spec, freshToken);
    } catch (error) {
      if (!isExpired(error)) throw error;
      throw authRefusedError(spec.operation, 'a token that was just refreshed is rejected');
    }
  };

  return (target, spec) =>
    target.side === null
      ? callOnce(target, spec)
      : target.side(areaOf(spec.operation)).guard(spec.operation, () => callOnce(target, spec));
};
