import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Query } from './query.ts';

/** One open SQLite database. Everything is synchronous; statements are prepared once and kept. */
export type Connection = {
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

/*
 * busy_timeout: nobody else may write here, but a person with a shell can hold the lock for a moment. The wait blocks
 * the event loop, so it stays well below the three seconds a webhook has.
 * synchronous=FULL: in WAL mode a commit is on the disk when it returns.
 * journal_size_limit: after a burst the write-ahead log gives its space back.
 */
const PRAGMAS = `
  pragma busy_timeout = 1000;
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma foreign_keys = on;
  pragma temp_store = memory;
  pragma journal_size_limit = 67108864;
  pragma cache_size = -32768;
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
  return {
    all: (query, values) => query.rows(prepared(query.sql).all(...query.bind(values))),
    get: (query, values) => query.rows(prepared(query.sql).all(...query.bind(values)))[0],
    run: (query, values) => Number(prepared(query.sql).run(...query.bind(values)).changes),
    command: (sql) => void prepared(sql).run(),
    exec: (sql) => database.exec(sql),
    inTransaction: () => database.isTransaction,
    close() {
      try {
        // Closing does this too, but not while a backup still reads the file.
        database.exec('pragma wal_checkpoint(truncate)');
      } finally {
        database.close();
      }
    },
  };
};
