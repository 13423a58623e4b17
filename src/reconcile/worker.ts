import { createBell } from '../lib/bell.ts';
import { keyText } from '../orders/model.ts';
import type { Finished } from './group.ts';
import { createLanes, type LanesDeps } from './lanes.ts';

export type { Finished } from './group.ts';

export type WorkerDeps = LanesDeps & {
  /** The store or the code failed; the worker goes on. */
  onFault(error: unknown): void;
};

/**
 * Runs what is due, in lanes side by side: reading what is new never waits for Amazon's quota of creates, what waits
 * for that goes by deadline, and neither keeps a tracking number or a cancellation of a placed order from going
 * through.
 */
export type Worker = {
  start(): void;
  /** Something became due. */
  wake(): void;
  /**
   * Runs everything that is due now, together with the background work. Answers what finished meanwhile; earlier when
   * `signal` aborts, while the work goes on if the worker was started. Rejects when the store fails.
   */
  drain(signal?: AbortSignal): Promise<Finished[]>;
  /** Orders wait that are older than one that would come now for this account. */
  isBehind(account: string | null): boolean;
  /** No new order is begun; those in hand are finished. */
  stop(): Promise<void>;
};

const IDLE_MS = 5_000;
const AFTER_FAULT_MS = 1_000;
/**
 * News that comes so soon after other news waits: in a burst each webhook would have every lane looked at. Every 25 ms
 * that is 1.7 % of what accepting takes, and the lanes look again by themselves when their work ends.
 */
const NEWS_EVERY_MS = 100;

/** What one caller of `drain` learns meanwhile. */
type Drain = { finished: Map<string, Finished>; faults: unknown[] };

const throwFirst = ({ faults }: Drain): void => {
  if (faults.length > 0) throw faults[0];
};

/** What the parts of a worker share. */
const openState = (deps: WorkerDeps) => {
  const { clock } = deps;
  const bell = createBell();
  const drains = new Set<Drain>();
  const stopping = new AbortController();
  const state = { wakes: 0, behind: true, pausedUntilMs: 0, newsFromMs: 0 };

  const onFault = (error: unknown): void => {
    state.pausedUntilMs = clock.nowMs() + AFTER_FAULT_MS;
    deps.onFault(error);
    for (const drain of drains) drain.faults.push(error);
  };
  const lanes = createLanes(deps, {
    onFault,
    onFinished: (finished) => {
      for (const drain of drains) drain.finished.set(keyText(finished.key), finished);
      bell.ring();
    },
    onEnd: () => bell.ring(),
  });
  const look = async (isNews: boolean) => {
    const wakesBefore = state.wakes;
    const looked = await lanes.look(isNews);
    if (state.wakes === wakesBefore && !looked.isNewBusy) state.behind = false;
    return looked;
  };
  /** Until something is heard, or the time has come. */
  const pause = async (heard: Promise<void>, untilMs: number): Promise<void> => {
    const over = new AbortController();
    const pauseMs = Math.max(1, Math.min(IDLE_MS, untilMs - clock.nowMs()));
    await Promise.race([heard, clock.sleep(pauseMs, over.signal)]);
    over.abort();
  };
  return { clock, bell, drains, stopping, state, onFault, lanes, look, pause };
};

type State = ReturnType<typeof openState>;

const runForever = async ({ clock, bell, stopping, state, onFault, look, pause }: State): Promise<void> => {
  let wakesSeen = -1;
  while (!stopping.signal.aborted) {
    const heard = bell.next();
    const faultMs = state.pausedUntilMs - clock.nowMs();
    if (faultMs > 0) {
      await clock.sleep(faultMs, stopping.signal);
      continue;
    }
    try {
      const isNews = state.wakes !== wakesSeen;
      wakesSeen = state.wakes;
      if (isNews && state.wakes > 0) state.newsFromMs = clock.nowMs() + NEWS_EVERY_MS;
      const { nextMs } = await look(isNews);
      const mayHaveNews = state.wakes !== wakesSeen || clock.nowMs() < state.newsFromMs;
      const newsMs = mayHaveNews ? state.newsFromMs : Infinity;
      if (state.pausedUntilMs <= clock.nowMs()) await pause(heard, Math.min(nextMs, newsMs));
    } catch (error) {
      onFault(error);
    }
  }
};

const runUntilIdle = async (
  { bell, stopping, look, pause }: State,
  drain: Drain,
  signal?: AbortSignal,
): Promise<void> => {
  const isOver = (): boolean => stopping.signal.aborted || signal?.aborted === true;
  signal?.addEventListener('abort', () => bell.ring(), { once: true });
  for (let isNews = true; !isOver(); isNews = false) {
    const heard = bell.next();
    const { isBusy, nextMs } = await look(isNews);
    throwFirst(drain);
    if (!isBusy) return;
    await pause(heard, nextMs);
    throwFirst(drain);
  }
};

export const createWorker = (deps: WorkerDeps): Worker => {
  const shared = openState(deps);
  const { bell, drains, stopping, state, lanes } = shared;
  let loop: Promise<void> = Promise.resolve();
  return {
    wake() {
      state.wakes += 1;
      state.behind = true;
      if (deps.clock.nowMs() >= state.newsFromMs) bell.ring();
    },
    start() {
      loop = runForever(shared);
    },
    isBehind: (account) => state.behind || (account !== null && deps.gate.hasQueue(account)),
    async drain(signal) {
      const drain: Drain = { finished: new Map(), faults: [] };
      drains.add(drain);
      try {
        await runUntilIdle(shared, drain, signal);
      } finally {
        drains.delete(drain);
      }
      return [...drain.finished.values()];
    },
    async stop() {
      stopping.abort();
      bell.ring();
      await loop;
      await lanes.settled();
    },
  };
};
