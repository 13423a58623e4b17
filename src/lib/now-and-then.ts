import type { Clock } from './clock.ts';

/** Of a stream of like events tells the first, then one in each period, with how many it kept back meanwhile. */
export const nowAndThen = (clock: Clock, periodMs: number): ((tell: (keptBack: number) => void) => void) => {
  let toldMs = Number.NEGATIVE_INFINITY;
  let keptBack = 0;
  return (tell) => {
    const nowMs = clock.nowMs();
    if (nowMs - toldMs < periodMs) {
      keptBack += 1;
      return;
    }
    tell(keptBack);
    toldMs = nowMs;
    keptBack = 0;
  };
};
