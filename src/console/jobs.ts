import { randomUUID } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { OrderKey, OrderRecord } from '../orders/model.ts';
import type { Principal } from '../people/principal.ts';

/** An order that a job could not do, and why. */
export type JobFault = { orderId: string; text: string };

/** The same done to many orders, in the memory of this process: it goes on without its page and not over a restart. */
export type Job = {
  id: string;
  title: string;
  principal: Principal;
  startedAtMs: number;
  /** Null: it goes on. */
  endedAtMs: number | null;
  total: number;
  done: number;
  /** Of those done, the ones that are in review no more. */
  left: OrderKey[];
  /** Of those done, how many are in review still. */
  stayed: number;
  faults: JobFault[];
  /** The service stops, so the rest was not done. */
  isCut: boolean;
  /** What it did can be taken back by opening the orders again. */
  canReopen: boolean;
};

export type JobOrder = Pick<Job, 'title' | 'principal' | 'canReopen'> & {
  keys: readonly OrderKey[];
  run: (key: OrderKey) => Promise<OrderRecord>;
};

export type Jobs = {
  /** Begins it and answers at once. Throws `too_many_jobs`. */
  start(order: JobOrder): Job;
  /** A job of this person; null: there is none. */
  find(id: string, principal: Principal): Job | null;
  /** Begins nothing more; resolves when what is in hand is done. */
  stop(): Promise<void>;
};

/** Orders that are worked on side by side; Amazon's and TikTok's quotas set the pace. */
const SIDE_BY_SIDE = 4;
const MAX_RUNNING = 5;
const MAX_KEPT = 30;

const isSame = (one: Principal, other: Principal): boolean =>
  one.name === other.name && one.userId === other.userId;

/** `faultText` says to a person why an order could not be done. */
export const createJobs = (deps: { clock: Clock; faultText(error: unknown): string }): Jobs => {
  const jobs = new Map<string, Job>();
  const running = new Set<Promise<void>>();
  let isStopping = false;

  const runOne = async (job: Job, key: OrderKey, run: JobOrder['run']): Promise<void> => {
    try {
      const { stage } = await run(key);
      if (stage === 'review') job.stayed += 1;
      else job.left.push(key);
    } catch (error) {
      job.faults.push({ orderId: key.orderId, text: deps.faultText(error) });
    }
    job.done += 1;
  };
  const runAll = async (job: Job, { keys, run }: JobOrder): Promise<void> => {
    const waiting = keys.values();
    const worker = async (): Promise<void> => {
      for (const key of waiting) {
        if (isStopping) return;
        await runOne(job, key, run);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    job.isCut = job.done < job.total;
    job.endedAtMs = deps.clock.nowMs();
  };
  const forgetOldest = (): void => {
    const ended = [...jobs.values()].filter(({ endedAtMs }) => endedAtMs !== null);
    for (const { id } of ended.slice(0, Math.max(0, jobs.size - MAX_KEPT))) jobs.delete(id);
  };

  return {
    start(order) {
      if (running.size >= MAX_RUNNING)
        throw new AppError('too_many_jobs', 409, 'Other long work goes on; wait until some of it is done.');
      const { title, principal, canReopen, keys } = order;
      const job: Job = {
        id: randomUUID(),
        title,
        principal,
        startedAtMs: deps.clock.nowMs(),
        endedAtMs: null,
        total: keys.length,
        done: 0,
        left: [],
        stayed: 0,
        faults: [],
        isCut: false,
        canReopen,
      };
      jobs.set(job.id, job);
      forgetOldest();
      const run = runAll(job, order).finally(() => running.delete(run));
      running.add(run);
      return job;
    },
    find(id, principal) {
      const job = jobs.get(id);
      return job && isSame(job.principal, principal) ? job : null;
    },
    async stop() {
      isStopping = true;
      await Promise.all(running);
    },
  };
};
