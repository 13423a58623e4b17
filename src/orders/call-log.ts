import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../lib/clock.ts';
import type { CallOutcome } from '../lib/http-client.ts';
import type { OrderCall } from './model.ts';

/** Tells which calls to the other sides were made for which order, however many orders run at a time. */
export type CallLog = {
  /** A call ended. Outside of what is gathered it is left out. */
  called(call: CallOutcome): void;
  /** While `run` goes on, and in all that it begins, calls are added to `calls`, as made for so many `orders`. */
  gather<T>(calls: OrderCall[], orders: number, run: () => Promise<T>): Promise<T>;
};

type Gathering = { calls: OrderCall[]; orders: number };

export const createCallLog = (clock: Clock): CallLog => {
  const current = new AsyncLocalStorage<Gathering>();
  return {
    called({ upstream, operation, status, durationMs, requestId = null }) {
      const gathering = current.getStore();
      if (!gathering) return;
      const { calls, orders } = gathering;
      calls.push({ atMs: clock.nowMs(), upstream, operation, status, durationMs, requestId, orders });
    },
    gather: (calls, orders, run) => current.run({ calls, orders }, run),
  };
};

/** Where nobody tells of calls. */
export const NO_CALL_LOG: CallLog = { called: () => undefined, gather: (_calls, _orders, run) => run() };
