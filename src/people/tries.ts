import type { Clock } from '../lib/clock.ts';

/** How often something may be tried under a key (an address, a name) in a while. */
export type Tries = {
  /** Counts a try that begins; false when there were too many. */
  take(key: string): boolean;
  /** The try was a good one and does not count. */
  giveBack(key: string): void;
};

/** Keys remembered; the one seen first gives way, so that a flood from many costs no memory. */
const MOST_KEYS = 5_000;

/** Tries are counted as they begin, so that many at once do not pass together. */
export const createTries = (clock: Clock, most: number, windowMs: number): Tries => {
  const windows = new Map<string, { untilMs: number; count: number }>();
  const open = (key: string) => {
    const known = windows.get(key);
    if (known && known.untilMs > clock.nowMs()) return known;
    const fresh = { untilMs: clock.nowMs() + windowMs, count: 0 };
    windows.delete(key);
    windows.set(key, fresh);
    const [first] = windows.keys();
    if (windows.size > MOST_KEYS && first !== undefined) windows.delete(first);
    return fresh;
  };
  return {
    take(key) {
      const window = open(key);
      if (window.count >= most) return false;
      window.count += 1;
      return true;
    },
    giveBack(key) {
      const window = open(key);
      window.count = Math.max(0, window.count - 1);
    },
  };
};
