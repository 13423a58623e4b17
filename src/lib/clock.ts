/** The only source of time. Tests hold it, the demo speeds it up. */
export type Clock = {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Resolves after `ms` of this clock's time; at once, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** A clock that runs `factor` times as fast as the machine's, starting at the machine's now. */
export const scaledClock = (factor: number): Clock => {
  const startMs = Date.now();
  return {
    nowMs: () => Math.floor(startMs + (Date.now() - startMs) * factor),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        // node:timers/promises would make an error, with its stack, of each wait that is called off.
        const end = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, Math.max(0, ms / factor));
        signal?.addEventListener('abort', end);
      }),
  };
};

export const systemClock: Clock = scaledClock(1);

export const secondsToMs = (seconds: number): number => seconds * 1000;

export const daysToMs = (days: number): number => secondsToMs(days * 86_400);

export const isoTime = (ms: number): string => new Date(ms).toISOString();
