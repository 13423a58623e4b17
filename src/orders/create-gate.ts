/** Work that may create an order at an account of the provider as long as `mayCreate` says so. */
type Work<T> = (mayCreate: (account: string) => boolean) => Promise<T>;

/**
 * Who may create at once and who queues. Creates are the one scarce quota, of each account its own, so that whoever
 * finds one to be made asks here: it goes out if it need not wait and nobody waits before it for the same account, else
 * its order queues by deadline.
 */
export type CreateGate = {
  /** Runs work whose creates go out at once or not at all. */
  pass: <T>(work: Work<T>) => Promise<T>;
  /** Orders queue for an account's quota, or may. */
  hasQueue(account: string): boolean;
  /** What the one who serves an account's queue found. */
  setQueue(account: string, isWaiting: boolean): void;
};

export type CreateGateDeps = {
  /** Creates that could go out now at an account without waiting. */
  capacity: (account: string) => number;
  /** Work ended that left an order in a queue. */
  onQueued: () => void;
};

/** Until somebody looked, orders may wait: a stop may have left them in the queue. */
const openLine = () => ({ isWaiting: true, given: 0 });

export const createCreateGate = ({ capacity, onQueued }: CreateGateDeps): CreateGate => {
  const lines = new Map<string, ReturnType<typeof openLine>>();
  const lineOf = (account: string): ReturnType<typeof openLine> => {
    const line = lines.get(account) ?? openLine();
    lines.set(account, line);
    return line;
  };
  return {
    hasQueue: (account) => lineOf(account).isWaiting,
    setQueue(account, isWaiting) {
      lineOf(account).isWaiting = isWaiting;
    },
    async pass(work) {
      const held = new Set<string>();
      let wasTurnedAway = false;
      const mayCreate = (account: string): boolean => {
        const line = lineOf(account);
        const isHeld = held.has(account);
        if (line.isWaiting || capacity(account) - line.given < (isHeld ? 0 : 1)) {
          wasTurnedAway = true;
          line.isWaiting = true;
          return false;
        }
        if (!isHeld) line.given += 1;
        held.add(account);
        return true;
      };
      try {
        return await work(mayCreate);
      } finally {
        for (const account of held) lineOf(account).given -= 1;
        if (wasTurnedAway) onQueued();
      }
    },
  };
};
