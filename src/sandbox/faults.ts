import { setTimeout as delay } from 'node:timers/promises';

import { jsonReply, type Reply } from './http.ts';

/**
 * What can go wrong with one call. `before` means the simulator's state is untouched, `after` means the effect
 * happened and only the answer is lost. `slowMs` is real time: it is there to trip a client's real timeouts.
 */
export type Fault =
  | 'timeout-before'
  | 'timeout-after'
  | 'reset-before'
  | 'reset-after'
  | 'malformed'
  | { status: number; body: unknown; headers?: Record<string, string> }
  | { slowMs: number };

export type Faults = {
  /** Arms `fault` for the next `times` calls of `operation`; several are used up in the order they were armed. */
  next(operation: string, fault: Fault, times?: number): void;
  /** Takes the fault that is due for this call, if there is one. */
  take(operation: string): Fault | undefined;
  /** Disarms everything, or one operation. */
  clear(operation?: string): void;
  /** How many faults are still armed. */
  pending(operation?: string): number;
};

/** A place to arm faults by operation name. */
export const createFaults = (): Faults => {
  const armed = new Map<string, Fault[]>();
  return {
    next(operation, fault, times = 1) {
      const list = armed.get(operation) ?? [];
      for (let count = 0; count < times; count += 1) list.push(fault);
      armed.set(operation, list);
    },
    take: (operation) => armed.get(operation)?.shift(),
    clear(operation) {
      if (operation === undefined) armed.clear();
      else armed.delete(operation);
    },
    pending(operation) {
      const lists = operation === undefined ? [...armed.values()] : [armed.get(operation) ?? []];
      return lists.reduce((sum, list) => sum + list.length, 0);
    },
  };
};

/** Runs a call under a fault: before-faults never run it, after-faults run it and spoil the answer. */
export const underFault = async (fault: Fault | undefined, run: () => Promise<Reply>): Promise<Reply> => {
  if (fault === undefined) return run();
  if (fault === 'timeout-before') return { kind: 'hang' };
  if (fault === 'reset-before') return { kind: 'reset' };
  if (typeof fault === 'object') {
    if ('status' in fault) return jsonReply(fault.status, fault.body, fault.headers);
    await delay(fault.slowMs);
    return run();
  }
  const reply = await run();
  if (fault === 'timeout-after') return { kind: 'hang' };
  if (fault === 'reset-after') return { kind: 'reset' };
  return jsonReply(200, `${reply.kind === 'answer' ? reply.body.slice(0, -2) : '{'}"broken`);
};
