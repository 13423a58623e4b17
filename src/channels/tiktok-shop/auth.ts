import { createHash } from 'node:crypto';
import { type Clock, secondsToMs } from '../../lib/clock.ts';
import { UpstreamError } from '../../lib/errors.ts';
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts';
import type { TokenPair, TokenStore } from '../../store/store.ts';
import { answerError, authRefusedError, shapeError, UPSTREAM } from './errors.ts';
import { limitOf } from './limits.ts';
import { RefreshedTokens, readEnvelope } from './schema.ts';

/** Tokens as the environment gives them; null for one that is not set. */
export type InitialTokens = { accessToken: string | null; refreshToken: string | null };

/** Access tokens of one authorised account. Every error is an `UpstreamError` of stage `before`. */
export type TikTokAuth = {
  /** A token that should be valid now. */
  accessToken(): Promise<string>;
  /** A token other than the one that TikTok has just rejected. */
  refreshAfter(rejectedToken: string): Promise<string>;
};

export type TikTokAuthOptions = {
  http: HttpClient;
  clock: Clock;
  tokens: TokenStore;
  appKey: string;
  appSecret: string;
  authUrl: string;
  /** The key of the pair in the token store. */
  account: string;
  initial: InitialTokens | null;
};

const OPERATION = 'refreshToken';
const EARLY_SHARE_OF_LIFE = 0.8;
/** An early refresh that failed waits this long, for the old token still serves. */
const EARLY_RETRY_AFTER_MS = 5 * 60_000;
/** Faults of the auth host; any other of its answers is a refusal of the credentials. */
const PASSING = new Set([
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_unavailable',
  'upstream_throttled',
  'upstream_malformed',
]);

const fingerprint = (initial: InitialTokens | null): string =>
  createHash('sha256')
    .update(JSON.stringify([initial?.accessToken ?? null, initial?.refreshToken ?? null]))
    .digest('hex');

/** The call that needs the token was not sent, whatever became of the refresh. */
const beforeTheCall = (error: unknown): unknown =>
  error instanceof UpstreamError
    ? new UpstreamError({
        upstream: error.upstream,
        operation: error.operation,
        code: PASSING.has(error.code) ? error.code : 'upstream_auth_refused',
        stage: 'before',
        retry: 'later',
        message: error.message,
        httpStatus: error.httpStatus,
        remoteCode: error.remoteCode,
        requestId: error.requestId,
        retryAfterMs: error.retryAfterMs,
      })
    : error;

const sendRefresh = (options: TikTokAuthOptions, refreshToken: string): Promise<HttpResponse> => {
  const query = new URLSearchParams({
    app_key: options.appKey,
    app_secret: options.appSecret,
    refresh_token: refreshToken,
    grant_type: 'refresh_token',
  });
  return options.http.send({
    upstream: UPSTREAM,
    account: options.account,
    operation: OPERATION,
    limit: limitOf(OPERATION),
    method: 'GET',
    url: `${options.authUrl}/api/v2/token/refresh?${query.toString()}`,
    headers: {},
  });
};

const requestPair = async (options: TikTokAuthOptions, old: TokenPair): Promise<TokenPair> => {
  if (old.refreshToken === null)
    throw authRefusedError(OPERATION, 'no refresh token: the seller has to authorise again');
  const response = await sendRefresh(options, old.refreshToken);
  const envelope = readEnvelope(response.text);
  if (response.status !== 200 || envelope?.code !== '0')
    throw answerError(OPERATION, 'read', response, envelope);
  const parsed = RefreshedTokens.safeParse(envelope.data);
  if (!parsed.success) throw shapeError(OPERATION, 'read', envelope.requestId);
  const nowMs = options.clock.nowMs();
  // A time that has passed cannot be meant; taken at its word it would refresh before every call.
  const futureMs = (seconds: number | null): number | null =>
    seconds !== null && secondsToMs(seconds) > nowMs ? secondsToMs(seconds) : null;
  const { access_token, refresh_token, access_token_expire_in, refresh_token_expire_in } = parsed.data;
  return {
    accessToken: access_token,
    accessExpiresAtMs: futureMs(access_token_expire_in),
    refreshToken: refresh_token === '' ? old.refreshToken : refresh_token,
    refreshExpiresAtMs: refresh_token === '' ? old.refreshExpiresAtMs : futureMs(refresh_token_expire_in),
    origin: old.origin,
  };
};

/** A pair in use, and when it is time to replace it. */
type Held = { pair: TokenPair; refreshAtMs: number };

/** The stored pair, unless the environment's tokens are others than those it came from. */
const loadPair = async (options: TikTokAuthOptions): Promise<TokenPair> => {
  const origin = fingerprint(options.initial);
  const stored = await options.tokens.load(options.account);
  if (stored && (options.initial === null || stored.origin === origin)) return stored;
  return {
    accessToken: options.initial?.accessToken ?? null,
    accessExpiresAtMs: null,
    refreshToken: options.initial?.refreshToken ?? null,
    refreshExpiresAtMs: null,
    origin,
  };
};

/** Replaces a pair, one replacement at a time for all who ask. */
const createRenewal = (options: TikTokAuthOptions): ((old: TokenPair) => Promise<TokenPair>) => {
  let unsaved: TokenPair | null = null;
  let renewing: Promise<TokenPair> | null = null;

  const replacePair = async (old: TokenPair): Promise<TokenPair> => {
    // A pair that could not be stored is kept: the refresh token it came from may no longer work.
    unsaved ??= await requestPair(options, old);
    await options.tokens.save(options.account, unsaved);
    const saved = unsaved;
    unsaved = null;
    return saved;
  };

  const renew = async (old: TokenPair): Promise<TokenPair> => {
    const isNewer = (pair: TokenPair): boolean =>
      pair.accessToken !== null && pair.accessToken !== old.accessToken;
    try {
      // Another replica may have refreshed already, which may have ended our refresh token.
      const stored = await loadPair(options);
      return isNewer(stored) && unsaved === null ? stored : await replacePair(old);
    } catch (error) {
      const stored = await loadPair(options);
      if (isNewer(stored)) return stored;
      throw beforeTheCall(error);
    }
  };

  return (old) => {
    renewing ??= renew(old).finally(() => {
      renewing = null;
    });
    return renewing;
  };
};

/**
 * Keeps the tokens of one account fresh: refreshes at 80 % of the life left when a token was obtained, one refresh
 * at a time, both tokens stored before the new one is used. `*_expire_in` are absolute times (partner docs, 2025-12).
 */
export const createTikTokAuth = (options: TikTokAuthOptions): TikTokAuth => {
  const { clock } = options;
  const replacementOf = createRenewal(options);
  let held: Held | null = null;

  const hold = (pair: TokenPair): Held => {
    const nowMs = clock.nowMs();
    const lifeMs =
      pair.accessExpiresAtMs === null ? Number.POSITIVE_INFINITY : pair.accessExpiresAtMs - nowMs;
    held = { pair, refreshAtMs: nowMs + lifeMs * EARLY_SHARE_OF_LIFE };
    return held;
  };

  const renew = async (old: TokenPair): Promise<string> =>
    hold(await replacementOf(old)).pair.accessToken ?? '';

  const renewEarly = async (current: Held, accessToken: string): Promise<string> => {
    try {
      return await renew(current.pair);
    } catch (error) {
      if (!(error instanceof UpstreamError) || clock.nowMs() >= (current.pair.accessExpiresAtMs ?? 0))
        throw error;
      current.refreshAtMs = clock.nowMs() + EARLY_RETRY_AFTER_MS;
      return accessToken;
    }
  };

  return {
    async accessToken() {
      const current = held ?? hold(await loadPair(options));
      const { accessToken } = current.pair;
      if (accessToken === null) return renew(current.pair);
      return clock.nowMs() < current.refreshAtMs ? accessToken : renewEarly(current, accessToken);
    },
    async refreshAfter(rejectedToken) {
      const { pair } = held ?? hold(await loadPair(options));
      const { accessToken } = pair;
      return accessToken === null || accessToken === rejectedToken ? renew(pair) : accessToken;
    },
  };
};
