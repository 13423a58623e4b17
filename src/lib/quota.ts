import type { Clock } from './clock.ts';

/** Published rate of one operation for one account. */
export type Limit = { ratePerSecond: number; burst: number };

type Bucket = { limit: Limit; tokens: number; filledAtMs: number; waiting: number; tail: Promise<void> };

/**
 * Token buckets, one per (account, operation). Callers are served in the order they came; a burst drains at the
 * quota's own speed. A 429 empties the bucket, the other side's own figure corrects the rate.
 */
export type Quota = {
  /** Waits for one token. Resolves early, without one, when `signal` aborts. */
  take(key: string, limit: Limit, signal?: AbortSignal): Promise<void>;
  /** How long a caller that came now would wait for its token, behind those that wait already. */
  waitMs(key: string, limit: Limit): number;
  /** Whole tokens left now; the full burst for a key never used. */
  available(key: string, limit: Limit): number;
  /** The other side reported its rate (requests a second). */
  learnRate(key: string, ratePerSecond: number): void;
  /** The other side said 429: nothing goes out before one refill, or before `retryAfterMs`. */
  exhausted(key: string, retryAfterMs?: number): void;
};

export const createQuota = (clock: Clock): Quota => {
  const buckets = new Map<string, Bucket>();

  const bucketFor = (key: string, limit: Limit): Bucket => {
    let bucket = buckets.get(key);
    if (!bucket) {
      bucket = {
        limit: { ...limit },
        tokens: limit.burst,
        filledAtMs: clock.nowMs(),
        waiting: 0,
        tail: Promise.resolve(),
      };
      buckets.set(key, bucket);
    }
    return bucket;
  };

  const refill = (bucket: Bucket): void => {
    const nowMs = clock.nowMs();
    if (nowMs <= bucket.filledAtMs) return;
    const gained = ((nowMs - bucket.filledAtMs) / 1000) * bucket.limit.ratePerSecond;
    bucket.tokens = Math.min(bucket.limit.burst, bucket.tokens + gained);
    bucket.filledAtMs = nowMs;
  };

  const waitForToken = async (bucket: Bucket, signal?: AbortSignal): Promise<void> => {
    for (;;) {
      refill(bucket);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return;
      }
      if (signal?.aborted) return;
      const untilFillMs = Math.max(0, bucket.filledAtMs - clock.nowMs());
      const missingMs = ((1 - bucket.tokens) / bucket.limit.ratePerSecond) * 1000;
      await clock.sleep(Math.max(1, Math.ceil(untilFillMs + missingMs)), signal);
    }
  };

  return {
    take(key, limit, signal) {
      const bucket = bucketFor(key, limit);
      bucket.waiting += 1;
      const turn = bucket.tail
        .then(() => waitForToken(bucket, signal))
        .finally(() => {
          bucket.waiting -= 1;
        });
      bucket.tail = turn;
      return turn;
    },
    waitMs(key, limit) {
      const bucket = bucketFor(key, limit);
      refill(bucket);
      const untilFillMs = Math.max(0, bucket.filledAtMs - clock.nowMs());
      const missing = Math.max(0, bucket.waiting + 1 - bucket.tokens);
      return missing === 0 ? 0 : untilFillMs + (missing / bucket.limit.ratePerSecond) * 1000;
    },
    available(key, limit) {
      const bucket = bucketFor(key, limit);
      refill(bucket);
      return Math.floor(bucket.tokens);
    },
    learnRate(key, ratePerSecond) {
      const bucket = buckets.get(key);
      if (bucket && ratePerSecond > 0) bucket.limit.ratePerSecond = ratePerSecond;
    },
    exhausted(key, retryAfterMs = 0) {
      const bucket = buckets.get(key);
      if (!bucket) return;
      refill(bucket);
      bucket.tokens = Math.min(bucket.tokens, 0);
      bucket.filledAtMs = Math.max(bucket.filledAtMs, clock.nowMs() + retryAfterMs);
    },
  };
};
