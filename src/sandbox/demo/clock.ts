import { type Clock, systemClock } from '../../lib/clock.ts';

/** A clock whose speed can be changed while others sleep by it. */
export type SpeedClock = Clock & {
  /** From now on `factor` times as fast as the machine's. Who sleeps by it wakes at the same time of this clock. */
  run(factor: number): void;
};

/** A clock that shows `startMs` now and runs `factor` times as fast as the machine's. */
export const speedClock = (startMs: number, factor: number, machine: Clock = systemClock): SpeedClock => {
  let since = { machineMs: machine.nowMs(), shownMs: startMs, factor };
  let changed = new AbortController();
  const nowMs = (): number => Math.floor(since.shownMs + (machine.nowMs() - since.machineMs) * since.factor);

  return {
    nowMs,
    run(next) {
      since = { machineMs: machine.nowMs(), shownMs: nowMs(), factor: next };
      const before = changed;
      changed = new AbortController();
      before.abort();
    },
    async sleep(ms, signal) {
      const untilMs = nowMs() + Math.max(0, ms);
      const isOver = (): boolean => signal?.aborted === true || nowMs() >= untilMs;
      do {
        const early = signal ? AbortSignal.any([signal, changed.signal]) : changed.signal;
        await machine.sleep(Math.max(0, untilMs - nowMs()) / since.factor, early);
      } while (!isOver());
    },
  };
};
