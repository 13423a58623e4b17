import type { Clock } from '../lib/clock.ts';
import type { Converger } from './converge.ts';
import type { OrderKey } from './model.ts';

export type DispatchDeps = {
  /** Creates at once or leaves the order in the queue for quota. */
  converger: { converge(key: OrderKey): ReturnType<Converger['converge']> };
  /** Calls that could go out for this order now without waiting for quota. */
  capacity(key: OrderKey): number;
  /** Orders older than this one wait for their turn. */
  isBehind(key: OrderKey): boolean;
  /** Hands the order to the worker; it is already due in the store. */
  leaveToWorker(): void;
  clock: Clock;
  budgetMs: number;
  onFault(error: unknown, key: OrderKey): void;
};

/** Runs orders behind a webhook, or leaves them to the worker. */
export type Dispatcher = {
  /**
   * Resolves when the orders rest or the budget is spent; what is not finished goes on. Never rejects. Null: all are
   * left to the worker.
   */
  dispatch(keys: readonly OrderKey[]): Promise<void> | null;
  /** Resolves when nothing that was begun inline is running any more. */
  settled(): Promise<void>;
};

/** Orders run inline at a time; a burst beyond them drains through the worker at the quota's speed. */
const MAX_INLINE = 8;

export const createDispatcher = (deps: DispatchDeps): Dispatcher => {
  const running = new Set<Promise<void>>();

  const mayRun = (key: OrderKey): boolean =>
    deps.budgetMs > 0 && running.size < MAX_INLINE && !deps.isBehind(key) && deps.capacity(key) > 0;

  const begin = (key: OrderKey): Promise<void> => {
    const work: Promise<void> = deps.converger
      .converge(key)
      .then(
        () => undefined,
        (error: unknown) => deps.onFault(error, key),
      )
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  };

  const inTime = async (begun: readonly Promise<void>[]): Promise<void> => {
    const timeUp = new AbortController();
    await Promise.race([Promise.all(begun), deps.clock.sleep(deps.budgetMs, timeUp.signal)]);
    timeUp.abort();
  };

  return {
    dispatch(keys) {
      const begun: Promise<void>[] = [];
      for (const key of keys) {
        if (mayRun(key)) begun.push(begin(key));
        else deps.leaveToWorker();
      }
      return begun.length === 0 ? null : inTime(begun);
    },
    async settled() {
      await Promise.all(running);
    },
  };
};
