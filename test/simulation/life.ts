import pino from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { secondsToMs } from '../../src/lib/clock.ts';
import type { Transport } from '../../src/lib/http-client.ts';
import { startSchedule } from '../../src/reconcile/schedule.ts';
import type { Connection } from '../../src/store/sqlite/driver.ts';
import { type Service, wire } from '../../src/wiring/index.ts';
import { Crashed } from './durable.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One life of the service, from its start to its stop or its crash. */
export type Life = {
  isOver(): boolean;
  /** Rejects when the life ends. */
  ended: Promise<never>;
  /** A request over HTTP, in process. Rejects when the service dies over it. */
  request(call: {
    method: 'GET' | 'POST' | 'PUT';
    url: string;
    headers?: Record<string, string>;
    body?: string;
  }): Promise<{ status: number; body: string }>;
  service(): Service;
  /** The worker sleeps through what it would do nothing at: looks again when it has to wake. */
  rearm(): void;
  /** As SIGTERM: what is in hand is finished. */
  stop(): Promise<void>;
  /** As `kill -9`: nothing of it has any effect from here on. */
  kill(): void;
};

/** The worker's pause when nothing is due; a poll that finds nothing changes nothing. */
const IDLE_POLL_MS = 5_000;
/** As `src/service.ts` has it. */
const FINISH_WITHIN_MS = 8_000;

export type LifeOptions = {
  time: VirtualTime;
  env: Record<string, string>;
  skewMs: () => number;
  /** When the store has something due next, by the service's clock; null: never. */
  nextDueMs: () => number | null;
  connect(life: { isOver(): boolean }): Connection;
  transport(life: { isOver(): boolean }): Transport;
  random: Random;
  log(line: string): void;
  logLevel: string;
};

type Idler = { sinceMs: number; wake: () => void; cancel: () => void };

/** The service's clock: off by the skew, dead with the service, and without the polls that find nothing. */
const createLifeClock = (options: LifeOptions, isOver: () => boolean) => {
  const { time, skewMs, nextDueMs } = options;
  const idlers = new Set<Idler>();
  const pauses = new Set<() => void>();

  const arm = (idler: Idler): void => {
    idler.cancel();
    idler.cancel = () => undefined;
    const dueMs = nextDueMs();
    if (dueMs === null) return;
    const { sinceMs, wake } = idler;
    const soonest = Math.max(dueMs - skewMs(), time.nowMs(), sinceMs + IDLE_POLL_MS);
    const polls = Math.ceil((soonest - sinceMs) / IDLE_POLL_MS);
    idler.cancel = time.after(sinceMs + polls * IDLE_POLL_MS - time.nowMs(), wake);
  };
  const rearm = (): void => {
    if (isOver()) return;
    for (const idler of idlers) arm(idler);
  };

  /** Resolves when `begin`'s `end` is called or the signal aborts; never, once the life is over. */
  const pause = (signal: AbortSignal | undefined, begin: (end: () => void) => () => void): Promise<void> =>
    new Promise((resolve) => {
      time.stir();
      if (signal?.aborted) {
        resolve();
        return;
      }
      const forget = (): void => {
        cancel();
        signal?.removeEventListener('abort', end);
        pauses.delete(forget);
      };
      const end = (): void => {
        forget();
        time.stir();
        if (!isOver()) resolve();
      };
      const cancel = begin(end);
      signal?.addEventListener('abort', end);
      pauses.add(forget);
    });

  const idle = (signal: AbortSignal): Promise<void> =>
    pause(signal, (end) => {
      const idler: Idler = { sinceMs: time.nowMs(), wake: end, cancel: () => undefined };
      idlers.add(idler);
      arm(idler);
      return () => {
        idler.cancel();
        idlers.delete(idler);
      };
    });

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    pause(signal, (end) => time.after(ms, end));

  const clock: Clock = {
    nowMs: () => time.nowMs() + skewMs(),
    sleep: (ms, signal) => (ms === IDLE_POLL_MS && signal && !isOver() ? idle(signal) : sleep(ms, signal)),
  };
  /** A signal that somebody listens to is never collected, nor is the life behind the listener. */
  const forgetAll = (): void => {
    for (const forget of pauses) forget();
  };
  return { clock, rearm, forgetAll };
};

/** Starts the real service, without a port. */
export const startLife = async (options: LifeOptions): Promise<Life> => {
  const { time } = options;
  let over = false;
  const isOver = (): boolean => over;
  let end: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = reject;
  });
  ended.catch(() => undefined);
  const { clock, rearm, forgetAll } = createLifeClock(options, isOver);
  const config = { ...loadConfig(options.env), DATABASE_URL: ':memory:' };
  const logger = pino({ level: options.logLevel }, { write: (line: string) => options.log(line) });
  const service = await wire(config, clock, logger, {
    transport: options.transport({ isOver }),
    random: () => options.random.next(),
    connect: () => options.connect({ isOver }),
  });
  await service.app.ready();
  service.worker.start();
  const passEveryMs = secondsToMs(config.RECONCILE_INTERVAL_SECONDS);
  const schedule = startSchedule(service.reconciler, clock, passEveryMs);
  const kill = (): void => {
    if (over) return;
    over = true;
    forgetAll();
    end(new Crashed());
  };
  return {
    isOver,
    ended,
    service: () => service,
    rearm,
    async request({ method, url, headers = {}, body }) {
      time.stir();
      const answer = service.app
        .inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) })
        .then(({ statusCode, body: text }) => {
          time.stir();
          return { status: statusCode, body: text };
        });
      answer.catch(() => undefined);
      return Promise.race([answer, ended]);
    },
    async stop() {
      const { app, dispatcher, returns, worker, store, http } = service;
      const finished = Promise.allSettled([
        app.close(),
        dispatcher.settled(),
        returns.settled(),
        worker.stop(),
        schedule.stop(),
      ]);
      const timeUp = new AbortController();
      await Promise.race([finished, time.sleep(FINISH_WITHIN_MS, timeUp.signal)]);
      timeUp.abort();
      http.close();
      if (!over) await store.close();
      kill();
    },
    kill,
  };
};
