import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/clock.ts';
import { asStoreError } from './errors.ts';

/** How long a start waits for its predecessor to stop. */
const WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 100;
const SQLITE_BUSY = 5;

/**
 * Makes sure that one process uses a database file: holds an exclusive lock on `<path>.lock` until the answered
 * function is called or the process ends, however it ends. Waits a while for another holder, then throws.
 */
export const takeDatabaseLock = async (path: string, clock: Clock): Promise<() => void> => {
  const lockPath = `${path}.lock`;
  const giveUpMs = clock.nowMs() + WAIT_MS;
  for (;;) {
    const release = tryLock(lockPath);
    if (release) return release;
    if (clock.nowMs() >= giveUpMs)
      throw new Error(`Another mcf-connector is using this database: ${lockPath} is locked. Stop it first.`);
    await clock.sleep(LOOK_AGAIN_MS);
  }
};

const openLock = (lockPath: string): DatabaseSync => {
  try {
    return new DatabaseSync(lockPath);
  } catch (error) {
    throw asStoreError(error, lockPath);
  }
};

const tryLock = (lockPath: string): (() => void) | null => {
  const database = openLock(lockPath);
  try {
    database.exec('pragma busy_timeout = 0; begin exclusive');
    return () => database.close();
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null;
    throw asStoreError(error, lockPath);
  }
};
