import { z } from 'zod';
import { type Clock, secondsToMs } from '../../lib/clock.ts';
import { UpstreamError, type UpstreamErrorCode } from '../../lib/errors.ts';
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts';
import { parseJson } from '../../lib/json.ts';
import { UPSTREAM } from './errors.ts';
import { LIMITS } from './limits.ts';

export type LwaOptions = {
  http: HttpClient;
  clock: Clock;
  /** Base address without a trailing slash. */
  url: string;
  /** Whose quota this is. */
  account: string;
  clientId: string;
  clientSecret: string;
  /** Asked before every login. Rejects with an `UpstreamError` of stage `before` where there is none. */
  refreshToken: () => Promise<string>;
};

/** Access tokens of one seller, in memory only. */
export type Lwa = {
  /**
   * The cached token, or a new one; callers who come together share one request. Throws `UpstreamError`, always at
   * stage `before`: whatever call the token was for has not been sent.
   */
  accessToken(): Promise<string>;
  /** Forgets this token, unless another has taken its place meanwhile. */
  drop(token: string): void;
};

const OPERATION = 'requestAccessToken';
const EARLY_SECONDS = 120;
/** Amazon documents 3600 s for every token. */
const DEFAULT_LIFE_SECONDS = 3600;

/** Codes known to Amazon's own client library. They decide; the HTTP status with them is not reliable. */
const LWA_ERRORS: ReadonlyMap<string, { permanent: boolean; meaning: string }> = new Map([
  [
    'invalid_grant',
    { permanent: true, meaning: 'the refresh token is wrong, revoked, expired or of another app' },
  ],
  [
    'invalid_client',
    { permanent: true, meaning: 'client id or secret is wrong, or the secret was rotated away' },
  ],
  ['unauthorized_client', { permanent: true, meaning: 'the app may not use this grant' }],
  ['invalid_request', { permanent: true, meaning: 'a field is missing or malformed' }],
  ['invalid_scope', { permanent: true, meaning: 'the scope is wrong' }],
  ['access_denied', { permanent: true, meaning: 'access was refused' }],
  ['server_error', { permanent: false, meaning: 'the login server failed' }],
  ['temporarily_unavailable', { permanent: false, meaning: 'the login server is busy' }],
]);

const Granted = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().catch(DEFAULT_LIFE_SECONDS),
});
const Refused = z.object({ error: z.string() });

type Token = { value: string; validUntilMs: number };

export const readJson = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

const faultOf = (status: number, permanent: boolean, known: boolean): UpstreamErrorCode => {
  if (permanent) return 'upstream_auth_refused';
  if (status === 429) return 'upstream_throttled';
  return known || status >= 500 ? 'upstream_unavailable' : 'upstream_malformed';
};

export const refusal = (response: HttpResponse, body: unknown): UpstreamError => {
  const remoteCode = Refused.safeParse(body).data?.error;
  const known = LWA_ERRORS.get(remoteCode ?? '');
  const meaning = known?.meaning ?? `answered with HTTP ${response.status} and nothing usable`;
  return new UpstreamError({
    upstream: UPSTREAM,
    operation: OPERATION,
    code: faultOf(response.status, known?.permanent === true, known !== undefined),
    stage: 'before',
    retry: 'later',
    message: `Login with Amazon: ${meaning}`,
    httpStatus: response.status,
    // Only a code of the table is repeated: other text may quote what was sent.
    remoteCode: known ? remoteCode : undefined,
    requestId: response.headers['x-amzn-requestid'],
  });
};

/** A broken exchange leaves the effect the token was wanted for undone, whatever stage the login itself reached. */
export const asBefore = (error: unknown): unknown =>
  error instanceof UpstreamError
    ? new UpstreamError({
        upstream: UPSTREAM,
        operation: OPERATION,
        code: error.code,
        stage: 'before',
        retry: 'later',
        message: error.message,
        cause: error,
      })
    : error;

const sendRequest = async (options: LwaOptions): Promise<HttpResponse> => {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: await options.refreshToken(),
    client_id: options.clientId,
    client_secret: options.clientSecret,
  });
  try {
    return await options.http.send({
      upstream: UPSTREAM,
      account: options.account,
      operation: OPERATION,
      limit: LIMITS[OPERATION],
      method: 'POST',
      url: `${options.url}/auth/o2/token`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      },
      body: form.toString(),
    });
  } catch (error) {
    throw asBefore(error);
  }
};

const requestToken = async (options: LwaOptions): Promise<Token> => {
  const response = await sendRequest(options);
  const body = readJson(response.text);
  const granted = response.status === 200 ? Granted.safeParse(body).data : undefined;
  if (!granted || LWA_ERRORS.has(Refused.safeParse(body).data?.error ?? '')) throw refusal(response, body);
  const lifeSeconds = granted.expires_in;
  // A token shorter than the margin is still used for half its life, not asked for anew at every call.
  const usableSeconds = lifeSeconds - Math.min(EARLY_SECONDS, lifeSeconds / 2);
  return { value: granted.access_token, validUntilMs: options.clock.nowMs() + secondsToMs(usableSeconds) };
};

/** Login with Amazon by the refresh token grant (docs "Connect to the SP-API"). */
export const createLwa = (options: LwaOptions): Lwa => {
  let cached: Token | null = null;
  let inFlight: Promise<string> | null = null;

  const renew = async (): Promise<string> => {
    try {
      cached = await requestToken(options);
      return cached.value;
    } finally {
      inFlight = null;
    }
  };

  return {
    async accessToken() {
      if (cached && options.clock.nowMs() < cached.validUntilMs) return cached.value;
      inFlight ??= renew();
      return inFlight;
    },
    drop(token) {
      if (cached?.value === token) cached = null;
    },
  };
};
