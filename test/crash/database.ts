import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const rowsOf = (path: string, sql: string): Record<string, unknown>[] => {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
};

/** Rows of a database in use. */
export const liveRows = rowsOf;

/**
 * Rows of a database whose process is dead, read from a copy: opening it would repair it, and that is for the service
 * to do. No rows when the database, or its table, was never made.
 */
export const rowsLeftBehind = (path: string, sql: string, table: string): Record<string, unknown>[] => {
  if (!existsSync(path)) return [];
  const folder = mkdtempSync(join(tmpdir(), 'mcf-left-'));
  try {
    const copy = join(folder, 'left.db');
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    const database = new DatabaseSync(copy);
    try {
      const isMade = database.prepare('select 1 from sqlite_master where name = ?').get(table);
      return isMade === undefined ? [] : database.prepare(sql).all();
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
