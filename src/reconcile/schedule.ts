import type { Clock } from '../lib/clock.ts';
import type { Reconciler } from './reconcile.ts';

/** Runs a pass at the start and then in every interval, until stopped. */
export type Schedule = { stop(): Promise<void> };

/** `intervalMs` 0: passes run only when somebody asks. */
export const startSchedule = (reconciler: Reconciler, clock: Clock, intervalMs: number): Schedule => {
  const stopping = new AbortController();
  const runForever = async (): Promise<void> => {
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
