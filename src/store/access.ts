import type { Connection } from './sqlite/driver.ts';
import { asStoreError, storeClosed } from './sqlite/errors.ts';
import { createGroupCommit } from './sqlite/group-commit.ts';

/** How the aggregates reach the database. Tasks are synchronous and only talk to `connection`. */
export type Access = {
  connection: Connection;
  /** Resolves after the commit; a task that throws changes nothing. Sees the tasks of its group before it. */
  write: <T>(task: () => T) => Promise<T>;
  /** Sees what is committed. */
  read: <T>(task: () => T) => Promise<T>;
  close: () => void;
};

/** Writes go through group commit; reads run at once, which is between two groups. `onClose` follows the closing. */
export const createAccess = (connection: Connection, onClose: () => void): Access => {
  const groups = createGroupCommit(connection);
  let closed = false;
  return {
    connection,
    write: groups.write,
    read: async (task) => {
      if (closed) throw storeClosed();
      try {
        return task();
      } catch (error) {
        throw asStoreError(error);
      }
    },
    close() {
      if (closed) return;
      closed = true;
      try {
        groups.close();
        connection.close();
      } finally {
        onClose();
      }
    },
  };
};
