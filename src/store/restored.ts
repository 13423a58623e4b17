import { readCursorValue, writeCursorValue } from './cursors.ts';
import type { Connection } from './sqlite/driver.ts';
import { query } from './sqlite/query.ts';
import { inTransaction } from './sqlite/transaction.ts';
import type { Restored } from './store.ts';

/** Set in every backup, so that the service that starts on it knows what it is. */
const TAKEN_AT = 'backup_taken_at';
const RESTORED_FROM = 'restored/taken_at';
const RESTORED_AT = 'restored/at';

const forgetCursor = query<{ name: string }>()((db, slot) =>
  db.deleteFrom('cursors').where('name', '=', slot('name')),
);

/** Marks a copy of a database as a backup. */
export const markAsBackup = (connection: Connection, takenAtMs: number): void =>
  writeCursorValue(connection, TAKEN_AT, String(takenAtMs));

/** Turns the mark of a backup that is opened for the first time into the time of its restore, and answers the latest. */
export const noticeRestore = (connection: Connection, nowMs: number): Restored | null =>
  inTransaction(connection, () => {
    const takenAt = readCursorValue(connection, TAKEN_AT);
    if (takenAt !== null) {
      writeCursorValue(connection, RESTORED_FROM, takenAt);
      writeCursorValue(connection, RESTORED_AT, String(nowMs));
      connection.run(forgetCursor, { name: TAKEN_AT });
    }
    const restoredAt = readCursorValue(connection, RESTORED_AT);
    if (restoredAt === null) return null;
    return {
      atMs: Number(restoredAt),
      backupTakenAtMs: Number(readCursorValue(connection, RESTORED_FROM) ?? restoredAt),
    };
  });
