import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from './config/variables.ts';
import { type Clock, secondsToMs } from './lib/clock.ts';
import { startSchedule } from './reconcile/schedule.ts';
import { type Service, wire } from './wiring/index.ts';

export type RunningService = {
  /** Where it listens, as seen from this machine. */
  url: string;
  service: Service;
  /** No new requests; those in hand are finished or, after eight seconds, left to the next start. */
  close(): Promise<void>;
};

/** Below the ten seconds that an orchestrator waits after SIGTERM. What is cut off is resumed at the next start. */
const FINISH_WITHIN_MS = 8_000;
const SEND_TRACES_WITHIN_MS = 1_000;

const within = async (ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeUp]);
  clearTimeout(timer);
};

const portOf = (address: AddressInfo | string | undefined): number | undefined =>
  typeof address === 'object' ? address.port : undefined;

/** Wires the service, listens, and starts the worker and the passes. */
export const startService = async (
  config: Config,
  clock: Clock,
  logger: FastifyBaseLogger,
): Promise<RunningService> => {
  const service = await wire(config, clock, logger);
  const {
    app,
    store,
    worker,
    dispatcher,
    returns,
    lowering,
    reconciler,
    alerts,
    dailyReports,
    sender,
    telemetry,
    http,
  } = service;
  try {
    await app.listen({ port: config.PORT, host: config.HOST });
  } catch (error) {
    await store.close();
    throw error;
  }
  worker.start();
  const schedule = startSchedule(reconciler, clock, secondsToMs(config.RECONCILE_INTERVAL_SECONDS));
  const probes = service.startProbes();
  alerts?.start();
  dailyReports.start();
  sender.start();
  return {
    url: `http://127.0.0.1:${portOf(app.addresses()[0]) ?? config.PORT}`,
    service,
    async close() {
      const finished = Promise.allSettled([
        app.close(),
        dispatcher.settled(),
        returns.settled(),
        lowering.stop(),
        worker.stop(),
        schedule.stop(),
        probes.stop(),
        alerts?.stop(),
        dailyReports.stop(),
        sender.stop(),
      ]);
      await within(FINISH_WITHIN_MS, finished);
      await within(SEND_TRACES_WITHIN_MS, telemetry.close());
      http.close();
      await store.close();
    },
  };
};
