/** Work that may create an order at the provider as long as `mayCreate` says so. */
type Work<T> = (mayCreate: () => boolean) => Promise<T>;

/**
 * Who may create at once and who queues. Creates are the one scarce quota, so that whoever finds one to be made asks
 * here: it goes out if it need not wait and nobody waits before it, else its order queues by deadline.
 */
export type CreateGate = {
  /** Runs work whose creates go out at once or not at all. */
  pass: <T>(work: Work<T>) => Promise<T>;
  /** Orders queue for quota, or may. */
  hasQueue(): boolean;
  /** What the one who serves the queue found. */
  setQueue(isWaiting: boolean): void;
};

export type CreateGateDeps = {
  /** Creates that could go out now without waiting. */
  capacity: () => number;
  /** Work ended that left an order in the queue. */
  onQueued: () => void;
};

export const createCreateGate = ({ capacity, onQueued }: CreateGateDeps): CreateGate => {
  // Until somebody looked: a stop may have left orders in the queue.
  let isWaiting = true;
  let given = 0;
  return {
    hasQueue: () => isWaiting,
    setQueue(next) {
      isWaiting = next;
    },
    async pass(work) {
      let holds = false;
      let wasTurnedAway = false;
      const mayCreate = (): boolean => {
        if (isWaiting || capacity() - given < (holds ? 0 : 1)) {
          wasTurnedAway = true;
          isWaiting = true;
          return false;
        }
        if (!holds) given += 1;
        holds = true;
        return true;
      };
      try {
        return await work(mayCreate);
      } finally {
        if (holds) given -= 1;
        if (wasTurnedAway) onQueued();
      }
    },
  };
};
