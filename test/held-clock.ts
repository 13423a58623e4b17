import type { Clock } from '../src/lib/clock.ts';

/** A clock that stands still until it is moved. */
export type HeldClock = Clock & {
  /** Moves the time by `ms`, ending every sleep on the way at its own due time, in order. */
  advance(ms: number): Promise<void>;
  /** How many sleeps have not ended. */
  sleepers(): number;
};

type Sleeper = { dueMs: number; wake: () => void };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `turns` of the event loop pass before time moves on: a commit of the store takes one. */
export const createHeldClock = (startMs = 1_767_225_600_000, turns = 1): HeldClock => {
  let nowMs = startMs;
  const sleeping = new Set<Sleeper>();

  const settle = async (): Promise<void> => {
    for (let count = 0; count < turns; count += 1) await turn();
  };

  const earliestDue = (untilMs: number): Sleeper | undefined =>
    [...sleeping].filter((sleeper) => sleeper.dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];

  return {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper: Sleeper = {
          dueMs: nowMs + Math.max(0, ms),
          wake: () => {
            sleeping.delete(sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        sleeping.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake);
      }),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let next = earliestDue(untilMs); next; next = earliestDue(untilMs)) {
        nowMs = Math.max(nowMs, next.dueMs);
        next.wake();
        await settle();
      }
      nowMs = untilMs;
    },
    sleepers: () => sleeping.size,
  };
};
