import type { Clock } from '../lib/clock.ts';
import type { Side } from '../lib/side.ts';

export type ProbeDeps = {
  sides: () => readonly Side[];
  /** Makes one call through the side of that name. May reject. */
  probe: (name: string) => Promise<unknown>;
  clock: Clock;
};

/** Runs until stopped. */
export type Probes = { stop(): Promise<void> };

/** How often it is looked whether a trial is due; most looks cost no call. */
const LOOK_EVERY_MS = 10_000;
/** A side that failed too seldom for its breaker to open has no time of a trial. */
const UNTRIED_EVERY_MS = 60_000;

/**
 * Tries sides that are not well when their trial is due, so that each is known to be back although no order and no pass
 * needs it. Sides that are well are never called.
 */
export const startProbes = ({ sides, probe, clock }: ProbeDeps): Probes => {
  const stopping = new AbortController();
  const triedAtMs = new Map<string, number>();

  const isDue = (side: Side): boolean => {
    const { name, state, nextTryMs } = side.state();
    if (state === 'ok') return false;
    return clock.nowMs() >= (nextTryMs ?? (triedAtMs.get(name) ?? 0) + UNTRIED_EVERY_MS);
  };
  const tryOnce = async ({ name }: Side): Promise<void> => {
    triedAtMs.set(name, clock.nowMs());
    // The side has learned from it; there is nobody else to tell.
    await probe(name).catch(() => undefined);
  };
  const runForever = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await Promise.all(sides().filter(isDue).map(tryOnce));
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
