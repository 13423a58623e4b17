import type { Clock } from '../../lib/clock.ts';

export type Timers = {
  /** Runs `action` when the clock reaches `dueMs`; the action is told the time it was due. */
  at(dueMs: number, action: (dueMs: number) => void): void;
  /** Runs everything that is due now, in the order of the due times. */
  settle(): void;
  close(): void;
};

type Entry = { dueMs: number; action: (dueMs: number) => void };

const LONGEST_SLEEP_MS = 86_400_000;

/** Actions tied to a clock: they run on `settle` or by themselves when the clock gets there, whichever is first. */
export const createTimers = (clock: Clock): Timers => {
  let entries: Entry[] = [];
  let earliestMs = Number.POSITIVE_INFINITY;
  let closed = false;
  let watching: AbortController | null = null;

  const settle = (): void => {
    while (earliestMs <= clock.nowMs()) {
      entries.sort((a, b) => a.dueMs - b.dueMs);
      const entry = entries.shift();
      earliestMs = entries[0]?.dueMs ?? Number.POSITIVE_INFINITY;
      entry?.action(entry.dueMs);
    }
  };

  const watch = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && earliestMs < Number.POSITIVE_INFINITY) {
      const ms = Math.min(LONGEST_SLEEP_MS, Math.max(0, earliestMs - clock.nowMs()));
      await clock.sleep(ms, signal);
      if (!signal.aborted) settle();
    }
    if (watching?.signal === signal) watching = null;
  };

  const rewatch = (): void => {
    watching?.abort();
    watching = new AbortController();
    void watch(watching.signal);
  };

  return {
    at(dueMs, action) {
      entries.push({ dueMs, action });
      if (closed || dueMs >= earliestMs) return;
      earliestMs = dueMs;
      rewatch();
    },
    settle,
    close() {
      closed = true;
      entries = [];
      earliestMs = Number.POSITIVE_INFINITY;
      watching?.abort();
    },
  };
};
