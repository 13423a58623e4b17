import type { Connection } from './driver.ts';

/** Gives up what is open. A rollback that fails is tried again before the next transaction. */
export const rollback = (connection: Connection): void => {
  if (!connection.inTransaction()) return;
  try {
    connection.command('rollback');
  } catch {
    // The disk that broke the transaction may break its end too; nothing was committed either way.
  }
};

/** Takes the write lock first: a transaction that reads before it writes could otherwise find its read outdated. */
export const begin = (connection: Connection): void => {
  rollback(connection);
  connection.command('begin immediate');
};

/** Runs `work` in a transaction of its own: all of it is kept, or nothing. */
export const inTransaction = <T>(connection: Connection, work: () => T): T => {
  begin(connection);
  try {
    const result = work();
    connection.command('commit');
    return result;
  } catch (error) {
    rollback(connection);
    throw error;
  }
};
