import type { Clock } from './clock.ts';

/** Published rate of one operation for one account. */
export type Limit = { ratePerSecond: number; burst: number };

type Bucket = {
  published: Limit;
  ratePerSecond: number;
  tokens: number;
  filledAtMs: number;
  waiting: number;
  tail: Promise<void>;
  /** Refused since a call was last served: one call at a time goes out, to see. */
  isRefused: boolean;
  /** When such a call went out that has not come back; null when there is none. */
  probedAtMs: number | null;
  /** Ends the wait for the probe's answer. */
  wake: AbortController;
  /** Pause after the next refused probe. */
  pauseMs: number;
  /** A rate above the published one is not believed until then: it was refused. */
  distrustUntilMs: number;
};

/**
 * Token buckets, one per (account, operation). Callers are served in the order they came; a burst drains at the
 * quota's own speed. After a 429 one call at a time goes out until one is served, so that a wrong idea of the quota
 * costs single refusals and never a storm of them.
 */
export type Quota = {
  /** Waits for one token. Resolves early, without one, when `signal` aborts. */
  take(key: string, limit: Limit, signal?: AbortSignal): Promise<void>;
  /** How long a caller that came now would wait for its token, behind those that wait already. */
  waitMs(key: string, limit: Limit): number;
  /** Whole tokens that there are by `withinMs` from now; the full burst for a key never used. */
  available(key: string, limit: Limit, withinMs?: number): number;
  /** The other side reported its rate (requests a second). */
  learnRate(key: string, ratePerSecond: number): void;
  /** The other side said 429: nothing goes out before one refill, or before `retryAfterMs`. */
  exhausted(key: string, retryAfterMs?: number): void;
  /** A call ended otherwise: it was served, or nobody knows. */
  ended(key: string, wasServed: boolean): void;
  /** Whole tokens that there are now, for each key used so far. */
  left(): { key: string; tokens: number }[];
};

/**
 * Bounds of a reported rate, as shares of the published one. Some accounts are given more; a figure far away from what
 * is published is that of another usage plan, and believing it would stop the work or bring refusals.
 */
const LEAST_SHARE = 0.05;
const MOST_SHARE = 10;
const DISTRUST_MS = 3_600_000;
const MAX_PAUSE_MS = 30_000;
/** A probe whose end nobody told counts as lost: longer than any call takes. */
const PROBE_LOST_MS = 30_000;

const refillMs = ({ ratePerSecond }: Bucket): number => 1000 / ratePerSecond;

const openBucket = (limit: Limit, nowMs: number): Bucket => ({
  published: { ...limit },
  ratePerSecond: limit.ratePerSecond,
  tokens: limit.burst,
  filledAtMs: nowMs,
  waiting: 0,
  tail: Promise.resolve(),
  isRefused: false,
  probedAtMs: null,
  wake: new AbortController(),
  pauseMs: 0,
  distrustUntilMs: 0,
});

const refill = (bucket: Bucket, nowMs: number): void => {
  if (nowMs <= bucket.filledAtMs) return;
  const gained = ((nowMs - bucket.filledAtMs) / 1000) * bucket.ratePerSecond;
  // While refused, nothing is saved up: the other side's bucket is empty whatever ours says.
  const most = bucket.isRefused ? 1 : bucket.published.burst;
  bucket.tokens = Math.min(most, bucket.tokens + gained);
  bucket.filledAtMs = nowMs;
};

/** How long until a token is there and may go out; 0 for now. */
const pauseBeforeMs = (bucket: Bucket, nowMs: number): number => {
  const probeMs = bucket.probedAtMs === null ? 0 : Math.max(0, bucket.probedAtMs + PROBE_LOST_MS - nowMs);
  if (bucket.tokens >= 1) return probeMs;
  const untilFillMs = Math.max(0, bucket.filledAtMs - nowMs);
  return Math.max(probeMs, 1, Math.ceil(untilFillMs + (1 - bucket.tokens) * refillMs(bucket)));
};

const wakeWaiter = (bucket: Bucket): void => {
  bucket.wake.abort();
  bucket.wake = new AbortController();
};

const learnRate = (bucket: Bucket, ratePerSecond: number, nowMs: number): void => {
  if (!(ratePerSecond > 0)) return;
  refill(bucket, nowMs);
  const published = bucket.published.ratePerSecond;
  const most = nowMs < bucket.distrustUntilMs ? published : published * MOST_SHARE;
  bucket.ratePerSecond = Math.min(most, Math.max(published * LEAST_SHARE, ratePerSecond));
};

/** Refusals of calls that were out together are one; only a refused probe makes the pause longer. */
const refuse = (bucket: Bucket, retryAfterMs: number, nowMs: number): void => {
  refill(bucket, nowMs);
  const wasProbe = bucket.probedAtMs !== null;
  if (!bucket.isRefused) bucket.pauseMs = 0;
  else if (wasProbe) bucket.pauseMs = Math.min(MAX_PAUSE_MS, Math.max(1000, bucket.pauseMs * 2));
  bucket.isRefused = true;
  bucket.probedAtMs = null;
  const published = bucket.published.ratePerSecond;
  if (bucket.ratePerSecond > published) {
    bucket.ratePerSecond = published;
    bucket.distrustUntilMs = nowMs + DISTRUST_MS;
  }
  bucket.tokens = Math.min(bucket.tokens, 0);
  bucket.filledAtMs = Math.max(bucket.filledAtMs, nowMs + Math.max(retryAfterMs, bucket.pauseMs));
  wakeWaiter(bucket);
};

const end = (bucket: Bucket, wasServed: boolean, nowMs: number): void => {
  if (!bucket.isRefused || bucket.probedAtMs === null) return;
  refill(bucket, nowMs);
  bucket.probedAtMs = null;
  if (wasServed) bucket.isRefused = false;
  wakeWaiter(bucket);
};

const waitForToken = async (bucket: Bucket, clock: Clock, signal?: AbortSignal): Promise<void> => {
  for (;;) {
    refill(bucket, clock.nowMs());
    const pauseMs = pauseBeforeMs(bucket, clock.nowMs());
    if (pauseMs <= 0) {
      bucket.tokens -= 1;
      if (bucket.isRefused) bucket.probedAtMs = clock.nowMs();
      return;
    }
    if (signal?.aborted) return;
    const { wake } = bucket;
    await clock.sleep(pauseMs, signal ? AbortSignal.any([signal, wake.signal]) : wake.signal);
  }
};

export const createQuota = (clock: Clock): Quota => {
  const buckets = new Map<string, Bucket>();

  const bucketFor = (key: string, limit: Limit): Bucket => {
    const bucket = buckets.get(key) ?? openBucket(limit, clock.nowMs());
    buckets.set(key, bucket);
    refill(bucket, clock.nowMs());
    return bucket;
  };
  const known = (key: string, change: (bucket: Bucket) => void): void => {
    const bucket = buckets.get(key);
    if (bucket) change(bucket);
  };

  return {
    take(key, limit, signal) {
      const bucket = bucketFor(key, limit);
      bucket.waiting += 1;
      const turn = bucket.tail
        .then(() => waitForToken(bucket, clock, signal))
        .finally(() => {
          bucket.waiting -= 1;
        });
      bucket.tail = turn;
      return turn;
    },
    waitMs(key, limit) {
      const bucket = bucketFor(key, limit);
      const untilFillMs = Math.max(0, bucket.filledAtMs - clock.nowMs());
      const missing = Math.max(0, bucket.waiting + 1 - bucket.tokens);
      return missing === 0 ? 0 : untilFillMs + missing * refillMs(bucket);
    },
    available(key, limit, withinMs = 0) {
      const bucket = bucketFor(key, limit);
      if (bucket.probedAtMs !== null) return 0;
      const gainMs = Math.max(0, clock.nowMs() + withinMs - bucket.filledAtMs);
      const tokens = Math.floor(bucket.tokens + gainMs / refillMs(bucket) + 1e-9);
      return bucket.isRefused ? Math.min(1, tokens) : tokens;
    },
    learnRate: (key, ratePerSecond) =>
      known(key, (bucket) => learnRate(bucket, ratePerSecond, clock.nowMs())),
    exhausted: (key, retryAfterMs = 0) => known(key, (bucket) => refuse(bucket, retryAfterMs, clock.nowMs())),
    ended: (key, wasServed) => known(key, (bucket) => end(bucket, wasServed, clock.nowMs())),
    left: () =>
      [...buckets].map(([key, bucket]) => {
        refill(bucket, clock.nowMs());
        return { key, tokens: Math.max(0, Math.floor(bucket.tokens)) };
      }),
  };
};
