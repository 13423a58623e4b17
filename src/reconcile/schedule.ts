import type { Clock } from '../lib/clock.ts';
import type { Reconciler } from './reconcile.ts';

/** Runs a pass soon after the start and then in every interval, until stopped. */
export type Schedule = { stop(): Promise<void> };

/** Webhooks and probes are answered first: a pass loads and calls much at once. */
const FIRST_PASS_MS = 1_000;

/** `intervalMs` 0: passes run only when somebody asks. */
export const startSchedule = (reconciler: Reconciler, clock: Clock, intervalMs: number): Schedule => {
  const stopping = new AbortController();
  const runForever = async (): Promise<void> => {
    await clock.sleep(FIRST_PASS_MS, stopping.signal);
    while (!stopping.signal.aborted) {
      await reconciler.run('all');
      await clock.sleep(intervalMs, stopping.signal);
    }
  };
  const loop = intervalMs > 0 ? runForever() : Promise.resolve();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
};
