import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { databasePath } from './database-url.ts';
import { FINGERPRINT, fitsFingerprint, parseKey } from './master-key.ts';
import { markAsBackup } from './restored.ts';
import { openConnection } from './sqlite/driver.ts';

export type BackupReport = {
  path: string;
  bytes: number;
  orders: number;
  migration: number;
  /** The copy of the key file, where the database has one; else its tokens need the service's `ENCRYPTION_KEY`. */
  keyPath: string | null;
  durationMs: number;
};

/** Why there is no backup, in words that a person can act on. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** The service's writes never wait for a reader, so this is for whoever else has locked the whole file. */
const BUSY_MS = 2_000;

const only = <T>(schema: z.ZodType<T>, database: DatabaseSync, sql: string): T =>
  schema.parse(Object.values(database.prepare(sql).get() ?? {})[0]);

const migrationOf = (database: DatabaseSync): number => {
  try {
    return only(z.number(), database, 'select max(id) from migrations');
  } catch (error) {
    if (error instanceof Error && /no such table|expected number/i.test(error.message))
      throw new BackupError('It is not a database of mcf-connector.');
    throw error;
  }
};

/**
 * One statement in one read transaction: the copy is the database of one moment however much is written meanwhile, and
 * no writer waits for it.
 */
const copyInto = (source: string, draft: string): number => {
  const database = new DatabaseSync(source, { readOnly: true });
  try {
    database.exec(`pragma busy_timeout = ${BUSY_MS}`);
    const migration = migrationOf(database);
    database.prepare('vacuum into ?').run(draft);
    return migration;
  } finally {
    database.close();
  }
};

const mark = (draft: string, takenAtMs: number): void => {
  const connection = openConnection(draft);
  try {
    markAsBackup(connection, takenAtMs);
    // A copy is one file, and stays one when it is looked into.
    connection.exec('pragma journal_mode = delete');
  } finally {
    connection.close();
  }
};

type Checked = { orders: number; fingerprint: string | null };

const check = (draft: string, migration: number): Checked => {
  const database = new DatabaseSync(draft, { readOnly: true });
  try {
    const found = only(z.string(), database, 'pragma quick_check(1)');
    if (found !== 'ok') throw new BackupError(`The copy is damaged: ${found}`);
    if (migrationOf(database) !== migration) throw new BackupError('The copy has another schema.');
    const fingerprint = `select max(value) from cursors where name = '${FINGERPRINT}'`;
    return {
      orders: only(z.number(), database, 'select count(*) from orders'),
      fingerprint: only(z.string().nullable(), database, fingerprint),
    };
  } finally {
    database.close();
  }
};

/** The text of the key file beside the database; null where the tokens are sealed with another key. */
const keyTextBeside = (source: string, fingerprint: string | null): string | null => {
  const path = `${source}.key`;
  if (fingerprint === null || !existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  return fitsFingerprint(parseKey(text, path), fingerprint) ? text : null;
};

const syncFile = (path: string): void => {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Readable by its owner only from the first byte on; complete, or not there. */
const writeKey = (path: string, text: string): void => {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
};

const sourceOf = (databaseUrl: string): string => {
  const source = databasePath(databaseUrl);
  if (source === null) throw new BackupError('DATABASE_URL: a database in memory cannot be backed up.');
  if (!existsSync(source)) throw new BackupError(`There is no database at ${source} (DATABASE_URL).`);
  return source;
};

const refuseTargets = (target: string, ...others: string[]): void => {
  if (!existsSync(dirname(target))) throw new BackupError(`There is no folder ${dirname(target)}.`);
  for (const path of [target, ...others]) {
    if (existsSync(path)) throw new BackupError(`${path} exists, and a backup overwrites nothing.`);
  }
};

const make = (source: string, target: string, clock: Clock): BackupReport => {
  const startedMs = clock.nowMs();
  const draft = `${target}.partial`;
  const keyPath = `${target}.key`;
  refuseTargets(target, keyPath, draft);
  // Readable by its owner only before there is anything in it.
  closeSync(openSync(draft, 'wx', 0o600));
  let keyIsWritten = false;
  try {
    const migration = copyInto(source, draft);
    mark(draft, startedMs);
    const { orders, fingerprint } = check(draft, migration);
    const keyText = keyTextBeside(source, fingerprint);
    if (keyText !== null) {
      writeKey(keyPath, keyText);
      keyIsWritten = true;
    }
    chmodSync(draft, 0o600);
    syncFile(draft);
    renameSync(draft, target);
    syncFile(dirname(target));
    const bytes = statSync(target).size;
    const durationMs = clock.nowMs() - startedMs;
    return { path: target, bytes, orders, migration, keyPath: keyText && keyPath, durationMs };
  } catch (error) {
    if (keyIsWritten) rmSync(keyPath, { force: true });
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${draft}${end}`, { force: true });
    throw error;
  }
};

/**
 * Copies a database that may be in use to a file that is not there yet, checked and synced, with its key file as
 * `<file>.key`. The copy is marked: the service that starts on it knows that it is a backup. Throws an error that a
 * person can act on, and then leaves nothing behind.
 */
export const backUp = (databaseUrl: string, file: string, clock: Clock): BackupReport =>
  make(sourceOf(databaseUrl), resolve(file), clock);

/** What was made, and what to do with it, for people. */
export const describeBackup = ({
  path,
  bytes,
  orders,
  migration,
  keyPath,
  durationMs,
}: BackupReport): string =>
  [
    `${path}: ${(bytes / 1024 / 1024).toFixed(1)} MiB, ${orders} orders, schema ${migration}, checked, in ${durationMs} ms.`,
    keyPath === null
      ? 'Its tokens are sealed with the ENCRYPTION_KEY of the service: keep that value too, in another place.'
      : `${keyPath}: the key of its tokens. Whoever has both files has the tokens: guard them, or keep them apart.`,
  ].join('\n');
