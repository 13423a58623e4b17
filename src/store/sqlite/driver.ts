import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { asStoreError } from './errors.ts';
import type { Query } from './query.ts';

/** One open SQLite database. Everything is synchronous; statements are prepared once and kept. */
export type Connection = {
  /** A commit may wait for a disk. */
  isOnDisk: boolean;
  all<P, R>(query: Query<P, R>, values: P): R[];
  get<P, R>(query: Query<P, R>, values: P): R | undefined;
  /** Answers how many rows changed. */
  run<P>(query: Query<P, unknown>, values: P): number;
  /** Runs a statement without values, prepared once. */
  command(sql: string): void;
  /** Runs any number of statements, not kept. */
  exec(sql: string): void;
  inTransaction(): boolean;
  close(): void;
};

/** Opens the database at a path, or one in memory for `:memory:`. */
export type Connect = (path: string) => Connection;

/** Nobody else may write here, but a person with a shell can hold the lock for a moment. */
const PATIENT_MS = 1_000;
/** Once a wait was in vain. */
const IMPATIENT_MS = 20;
const SQLITE_BUSY = 5;

const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY;

/*
 * busy_timeout: the wait blocks the event loop, so it stays well below the three seconds a webhook has.
 * synchronous=FULL: in WAL mode a commit is on the disk when it returns.
 * journal_size_limit: after a burst the write-ahead log gives its space back.
 * wal_autocheckpoint: a checkpoint syncs twice more, and copies a page that changes all the time once. 2,000 pages are
 * 8 MiB, which an ordinary disk (100 MB/s) takes in a tenth of a second.
 */
const PRAGMAS = `
  pragma busy_timeout = ${PATIENT_MS};
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma foreign_keys = on;
  pragma temp_store = memory;
  pragma journal_size_limit = 67108864;
  pragma cache_size = -4096;
  pragma wal_autocheckpoint = 2000;
`;

/** Opens (and creates) the database at a path, or one in memory for `:memory:`. */
export const openConnection = (path: string): Connection => {
  const database = new DatabaseSync(path);
  try {
    database.exec(PRAGMAS);
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  let waitMs = PATIENT_MS;
  const waitForLock = (ms: number): void => {
    waitMs = ms;
    database.exec(`pragma busy_timeout = ${ms}`);
  };
  const naming = <T>(use: () => T): T => {
    try {
      return use();
    } catch (error) {
      throw asStoreError(error, path);
    }
  };
  return {
    isOnDisk: path !== ':memory:',
    all: (query, values) => naming(() => query.rows(prepared(query.sql).all(...query.bind(values)))),
    get: (query, values) => naming(() => query.rows(prepared(query.sql).all(...query.bind(values)))[0]),
    run: (query, values) => naming(() => Number(prepared(query.sql).run(...query.bind(values)).changes)),
    command(sql) {
      try {
        prepared(sql).run();
        if (waitMs !== PATIENT_MS) waitForLock(PATIENT_MS);
      } catch (error) {
        if (isLocked(error)) waitForLock(IMPATIENT_MS);
        throw asStoreError(error, path);
      }
    },
    exec: (sql) => database.exec(sql),
    inTransaction: () => database.isTransaction,
    close() {
      try {
        // Closing does this too, but not while a backup still reads the file.
        database.exec('pragma wal_checkpoint(truncate)');
      } catch {
        // A full or broken disk: the write-ahead log stays, and the next start reads it.
      } finally {
        database.close();
      }
    },
  };
};
