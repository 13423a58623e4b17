import type { Clock } from '../lib/clock.ts';

/** Runs a round every minute, the first a minute after the start, until stopped. */
export type Rounds = { start(): void; stop(): Promise<void> };

const EVERY_MS = 60_000;

/** `round` never throws. Stopping waits for the one under way. */
export const createRounds = (round: () => Promise<void>, clock: Clock): Rounds => {
  const stopping = new AbortController();
  let loop = Promise.resolve();

  const runForever = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await round();
    }
  };

  return {
    start() {
      loop = runForever();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
};
