import type { Clock } from './clock.ts';

/** `leave` is called when the call ended, however it did. */
export type Entry = { mayGo: true; leave(): void } | { mayGo: false; retryAfterMs: number };

/** Lets calls through while closed, none while open, and one at a time once the pause is over. */
export type Breaker = {
  enter(): Entry;
  /** A call found nobody there. */
  countFailure(): void;
  /** Opens at once, for long: only a person can mend what was found. */
  stop(): void;
  /** A call was answered. */
  close(): void;
  /** Ends the pause. */
  allowTrial(): void;
  /** When the next trial may go; null while closed. */
  nextTrialMs(): number | null;
  /** How long `enter` says no from now on. */
  waitMs(): number;
};

const OPENS_AFTER_FAILURES = 5;
/** Failures further apart than this do not add up. */
const WINDOW_MS = 60_000;
const FIRST_PAUSE_MS = 2_000;
/** So that a side that is back is noticed within a minute. */
const MAX_PAUSE_MS = 60_000;
const STOPPED_PAUSE_MS = 15 * 60_000;
/** Who comes while a trial is out looks again after this. */
const TRIAL_OUT_MS = 2_000;

export const createBreaker = (clock: Clock): Breaker => {
  let failures = 0;
  let failedAtMs = 0;
  let isTrialOut = false;
  /** Null: closed. */
  let open: { pauseMs: number; nextTrialMs: number } | null = null;

  const openFor = (pauseMs: number): void => {
    open = { pauseMs, nextTrialMs: clock.nowMs() + pauseMs };
  };
  const waitMs = (): number => {
    if (!open) return 0;
    const pauseMs = Math.max(0, open.nextTrialMs - clock.nowMs());
    return isTrialOut ? Math.max(pauseMs, TRIAL_OUT_MS) : pauseMs;
  };

  return {
    waitMs,
    nextTrialMs: () => open?.nextTrialMs ?? null,
    enter() {
      if (!open) return { mayGo: true, leave: () => undefined };
      const retryAfterMs = waitMs();
      if (retryAfterMs > 0) return { mayGo: false, retryAfterMs };
      isTrialOut = true;
      // Unless it is answered, the same pause again; a failure makes it longer.
      openFor(open.pauseMs);
      return {
        mayGo: true,
        leave: () => {
          isTrialOut = false;
        },
      };
    },
    countFailure() {
      const nowMs = clock.nowMs();
      failures = nowMs - failedAtMs > WINDOW_MS ? 1 : failures + 1;
      failedAtMs = nowMs;
      if (!open && failures >= OPENS_AFTER_FAILURES) openFor(FIRST_PAUSE_MS);
      else if (open && isTrialOut) openFor(Math.min(MAX_PAUSE_MS, open.pauseMs * 2));
    },
    stop: () => openFor(STOPPED_PAUSE_MS),
    close() {
      failures = 0;
      open = null;
    },
    allowTrial() {
      if (open) open.nextTrialMs = clock.nowMs();
    },
  };
};
