/** Settings of the back-off, in milliseconds. */
export type Backoff = { baseMs: number; maxMs: number };

/**
 * Full-jitter exponential back-off: a uniformly random share of `base · 2^attempt`, capped.
 * `random` is in [0, 1). At least a tenth of the span is kept so that a retry is never immediate.
 */
export const backoffDelayMs = (backoff: Backoff, attempt: number, random: number): number => {
  const spanMs = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
  return Math.ceil(spanMs * (0.1 + 0.9 * random));
};
