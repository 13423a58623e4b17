import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { FINGERPRINT, fitsFingerprint, parseKey } from './master-key.ts';
import type { Connection } from './sqlite/driver.ts';
import type { Query, SqlValue } from './sqlite/query.ts';

/** What is connected, and with which tokens: small tables. */
const TABLES = ['shops', 'amazon_accounts', 'tokens', 'sku_map', 'cursors'] as const;

const Name = z.object({ name: z.string() });
const Value = z.object({ value: z.string() });

const keyText = (path: string, given: string | null): string | null => {
  if (given !== null) return given;
  try {
    return readFileSync(`${path}.key`, 'utf8').trim();
  } catch {
    return null;
  }
};

/** Integers come as numbers: no table holds one that needs more. */
const sqlValue = (value: unknown): SqlValue =>
  typeof value === 'number' || typeof value === 'string' || value instanceof Uint8Array ? value : null;

const columnsOf = (database: DatabaseSync, table: string): string[] =>
  database
    .prepare(`select name from pragma_table_info('${table}')`)
    .all()
    .map((row) => Name.parse(row).name);

/**
 * Reads the set-up of a database that another process may have open: nothing is locked or written. `key` opens its
 * tokens. Throws an error that a person can act on.
 */
export const readSettings = (path: string, givenKey: string | null) => {
  const source = new DatabaseSync(path, { readOnly: true });
  const mark = source.prepare(`select value from cursors where name = '${FINGERPRINT}'`).get();
  const key = keyText(path, givenKey);
  if (
    mark !== undefined &&
    (key === null || !fitsFingerprint(parseKey(key, 'ENCRYPTION_KEY'), Value.parse(mark).value))
  ) {
    source.close();
    throw new Error(
      key === null
        ? `The key file ${path}.key cannot be read.`
        : 'The encryption key is not the one this database was made with.',
    );
  }
  return {
    key,
    /** Puts it into another database of the same schema, and closes this one. */
    copyTo(target: Connection): void {
      try {
        for (const table of TABLES) {
          const columns = columnsOf(source, table);
          const rows = source.prepare(`select ${columns.join()} from ${table}`).all();
          const slots = columns.map(() => '?').join();
          const insert = `insert or replace into ${table} (${columns.join()}) values (${slots})`;
          const statement: Query<{ row: (typeof rows)[number] }, never> = {
            sql: insert,
            bind: ({ row }) => columns.map((column) => sqlValue(row[column])),
            rows: () => [],
          };
          for (const row of rows) target.run(statement, { row });
        }
      } finally {
        source.close();
      }
    },
  };
};
