import type { Clock } from './clock.ts';

/** They leave some 3 MiB behind, less than half of the memory for new objects (`--max-semi-space-size`). */
const REQUESTS_TOGETHER = 200;

export type Scavenger = {
  /** To be called once for every request of a burst, as it is answered. */
  answered(): void;
};

/**
 * Clears the memory for new objects when what a burst made is no longer in use. What that costs is what is in use still:
 * V8 does it when that memory is full, in the midst of the requests, pays five times as much, and moves what it finds to
 * the memory that it clears seldom. A timer without delay runs behind the answers of a turn of the event loop and before new
 * requests are read (libuv 1.45 and later). `collect` is null where Node does not expose it (`--expose-gc`).
 */
export const createScavenger = (clock: Clock, collect: (() => void) | null): Scavenger => {
  let requests = 0;
  const clear = async (run: () => void): Promise<void> => {
    await clock.sleep(0);
    requests = 0;
    run();
  };
  return {
    answered() {
      requests += 1;
      if (requests === REQUESTS_TOGETHER && collect) void clear(collect);
    },
  };
};
