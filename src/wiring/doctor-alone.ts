import { existsSync } from 'node:fs';
import type { FastifyBaseLogger } from 'fastify';
import pino from 'pino';
import type { Config } from '../config/variables.ts';
import { failed, type Line } from '../doctor/line.ts';
import { runProbes } from '../doctor/probes.ts';
import { storeProbe } from '../doctor/store-files.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { readSettings } from '../store/copy-settings.ts';
import { databasePath } from '../store/database-url.ts';
import { type Connection, openConnection } from '../store/sqlite/driver.ts';
import { doctorHttp, wireDoctor } from './doctor.ts';
import { wireEngine } from './engine.ts';
import { MACHINE, openParts, type Runtime } from './parts.ts';

const MEMORY = ':memory:';
const STORE_WITHIN_MS = 10_000;

type Settings = ReturnType<typeof readSettings>;

/** The set-up in the database; null where there is none yet. What is wrong with it is one line. */
const settingsOf = (
  path: string | null,
  key: string | null,
): { settings: Settings | null; lines: Line[] } => {
  if (path === null || !existsSync(path)) return { settings: null, lines: [] };
  try {
    return { settings: readSettings(path, key), lines: [] };
  } catch (error) {
    const message = `The database cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    const fix = 'Restore that ENCRYPTION_KEY, the key file beside the database, or a backup of both.';
    return { settings: null, lines: [failed('store', message, fix)] };
  }
};

const openCopy = async (
  config: Config,
  clock: Clock,
  { settings, runtime }: { settings: Settings | null; runtime: Runtime },
) => {
  let copy: Connection | undefined;
  const connect = (): Connection => {
    copy = openConnection(MEMORY);
    return copy;
  };
  const inMemory = {
    ...config,
    DATABASE_URL: MEMORY,
    ENCRYPTION_KEY: settings?.key ?? config.ENCRYPTION_KEY,
  };
  const logger: FastifyBaseLogger = pino({ level: 'silent' });
  const parts = await openParts(inMemory, clock, logger, { ...runtime, connect });
  if (copy) settings?.copyTo(copy);
  // Whatever the wiring below might send, nothing goes out that changes anything.
  return { ...parts, config, http: doctorHttp(parts.http) };
};

/**
 * Runs the doctor without a service, on a copy of the set-up in memory: the database is neither locked nor written.
 * Throws nothing: what cannot be looked at is a line.
 */
export const examineAlone = async (
  config: Config,
  clock: Clock,
  runtime: Runtime = MACHINE,
): Promise<Line[]> => {
  const path = databasePath(config.DATABASE_URL);
  const { settings, lines } = settingsOf(path, config.ENCRYPTION_KEY ?? null);
  const store = { ...storeProbe(path, () => Promise.resolve()) };
  try {
    const parts = await openCopy(config, clock, { settings, runtime });
    try {
      const engine = await wireEngine(parts);
      const found = await wireDoctor(parts, engine, { renewsTokens: false }).run();
      return [...lines, ...found];
    } finally {
      parts.http.close();
      await parts.store.close();
    }
  } catch (error) {
    const message = error instanceof AppError ? [error.message, ...error.details].join(' ') : String(error);
    const fault = failed(
      'configuration',
      `The service could not start: ${message}`,
      'Mend what the message names.',
    );
    return [fault, ...lines, ...(await runProbes([store], clock, STORE_WITHIN_MS))];
  }
};
