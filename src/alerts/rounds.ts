import type { Clock } from '../lib/clock.ts';
import type { Alerter } from './alerter.ts';

const EVERY_MS = 60_000;

/** Runs a round every minute, the first a minute after the start, until stopped. */
export const startRounds = (alerter: Alerter, clock: Clock): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const runForever = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await alerter.round();
    }
  };
  const loop = runForever();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
};
