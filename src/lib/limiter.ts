/** Runs work, so much of it at a time; what comes beyond that waits in the order it came. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

export const createLimiter = (most: number): Limiter => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
};
