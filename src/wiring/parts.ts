import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config/variables.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { type CallOutcome, createHttpClient, type HttpClient, type Transport } from '../lib/http-client.ts';
import { createQuota, type Quota } from '../lib/quota.ts';
import type { Side } from '../lib/side.ts';
import { type CallLog, createCallLog } from '../orders/call-log.ts';
import { openStore } from '../store/open.ts';
import type { Connect } from '../store/sqlite/driver.ts';
import type { Store } from '../store/store.ts';
import { httpFor } from './shadow.ts';
import { type Telemetry, wireTelemetry } from './telemetry.ts';

/** What everything else is made of. */
export type Parts = {
  config: Config;
  clock: Clock;
  logger: FastifyBaseLogger;
  quota: Quota;
  http: HttpClient;
  store: Store;
  telemetry: Telemetry;
  callLog: CallLog;
  /** In [0, 1). */
  random: () => number;
  sides: Map<string, Side>;
};

/** What a simulation puts in the place of the machine. */
export type Runtime = {
  /** Default: the network. */
  transport?: Transport;
  /** In [0, 1). */
  random: () => number;
  /** Default: the file or memory that `DATABASE_URL` names. */
  connect?: Connect;
};

export const MACHINE: Runtime = { random: Math.random };

const logCall = (logger: FastifyBaseLogger, call: CallOutcome): void => {
  const level = call.status === null || call.status >= 400 ? 'warn' : 'debug';
  logger[level](call, 'upstream call');
};

/** Opens the store and makes what everything talks through. Throws `StoreUnavailable`. */
export const openParts = async (
  config: Config,
  clock: Clock,
  logger: FastifyBaseLogger,
  { transport, connect, random }: Runtime,
): Promise<Parts> => {
  const quota = createQuota(clock);
  const callLog = createCallLog(clock);
  let telemetry: Telemetry | null = null;
  const onCall = (call: CallOutcome): void => {
    logCall(logger, call);
    telemetry?.called(call);
    callLog.called(call);
  };
  const http = httpFor(config, createHttpClient({ quota, onCall, transport }));
  const store = await openStore({
    databaseUrl: config.DATABASE_URL,
    encryptionKey: config.ENCRYPTION_KEY ?? null,
    clock,
    connect,
  });
  if (store.restored) {
    const { atMs, backupTakenAtMs } = store.restored;
    const times = { backupTakenAt: isoTime(backupTakenAtMs), restoredAt: isoTime(atMs) };
    logger.info(times, 'this database is a restored backup: Amazon is asked before older orders are created');
  }
  telemetry = await wireTelemetry({ config, clock, logger, quota, store });
  return { config, clock, logger, quota, http, store, telemetry, callLog, random, sides: new Map() };
};
