import { daysToMs, secondsToMs } from '../lib/clock.ts';

/** Waits after the first failed attempt, the second, …: those that Standard Webhooks suggests. About three days. */
const WAIT_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** So much is added at most, so that what failed together does not come back together. */
const JITTER = 0.2;
/** An endpoint that took nothing for so long is disabled. */
export const GIVE_UP_MS = daysToMs(3);

/** When to try again after so many failed attempts; null: no more. `random` is in [0, 1). */
export const nextAttemptMs = (
  failed: number,
  nowMs: number,
  { random, retryAfterMs = 0 }: { random: number; retryAfterMs?: number },
): number | null => {
  const seconds = WAIT_SECONDS[failed - 1];
  if (seconds === undefined) return null;
  const waitMs = Math.ceil(secondsToMs(seconds) * (1 + JITTER * random));
  return nowMs + Math.max(waitMs, Math.min(retryAfterMs, daysToMs(1)));
};
