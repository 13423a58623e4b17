import type { Connection } from './driver.ts';
import { asStoreError, storeClosed } from './errors.ts';
import { begin, rollback } from './transaction.ts';

export type GroupCommit = {
  /**
   * Runs a synchronous task in the next group; resolves with its result after the commit. It runs again when another
   * of its group throws, so it changes nothing but the database.
   */
  write: <T>(task: () => T) => Promise<T>;
  /** Commits what waits and takes no more. */
  close: () => void;
};

/** `run` answers how to settle the task's promise once the group is committed. */
type Queued = { run(): () => void; reject(error: unknown): void };

/** Bounds how long one group holds the event loop. */
const MAX_GROUP = 1_000;

/** A commit that takes longer waited for a disk. */
const SLOW_COMMIT_MS = 0.5;
/** An idle turn takes some 15 µs. */
const TURNS_AFTER_SLOW = 16;

/**
 * When the next group may be committed. libuv takes one new connection in a turn of the event loop (1.52, measured), so
 * with a commit in every turn a disk of 5 ms would let in 200 connections a second, and a webhook has three seconds.
 * After a slow commit the loop therefore has up to sixteen turns, or as long as that commit took, for everything else.
 */
const createRest = (isOnDisk: boolean) => {
  let turns = 0;
  let untilMs = 0;
  return {
    committed(tookMs: number): void {
      turns = isOnDisk && tookMs >= SLOW_COMMIT_MS ? TURNS_AFTER_SLOW : 0;
      untilMs = performance.now() + tookMs;
    },
    /** One turn of it; false: it is over. */
    goesOn(): boolean {
      turns -= 1;
      return turns > 0 && performance.now() < untilMs;
    },
  };
};
type Rest = ReturnType<typeof createRest>;

/**
 * Writes that arrive in the same turn of the event loop share one transaction and so one sync of the disk. A task that
 * throws takes back its own changes only. When the commit fails, all of the group fail.
 */
export const createGroupCommit = (connection: Connection): GroupCommit => {
  let queue: Queued[] = [];
  let scheduled = false;
  let closed = false;
  const rest = createRest(connection.isOnDisk);

  const flush = (): void => {
    if (rest.goesOn()) {
      setImmediate(flush);
      return;
    }
    const group = queue.slice(0, MAX_GROUP);
    queue = queue.slice(MAX_GROUP);
    scheduled = queue.length > 0;
    if (scheduled) setImmediate(flush);
    runGroup(connection, group, rest);
  };

  return {
    write: (task) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(storeClosed());
          return;
        }
        const run = () => {
          const result = task();
          return () => resolve(result);
        };
        queue.push({ run, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      }),
    close() {
      closed = true;
      while (queue.length > 0) runGroup(connection, queue.splice(0, MAX_GROUP), rest);
    },
  };
};

const runGroup = (connection: Connection, group: readonly Queued[], rest: Rest): void => {
  if (group.length === 0) return;
  let settle: (() => void)[];
  try {
    settle = runTogether(connection, group) ?? runApart(connection, group);
    const beganMs = performance.now();
    connection.command('commit');
    rest.committed(performance.now() - beganMs);
  } catch (error) {
    rollback(connection);
    const failure = asStoreError(error);
    for (const queued of group) queued.reject(failure);
    return;
  }
  for (const settleOne of settle) settleOne();
};

/** Without savepoints, which every write would pay for. Null, and nothing changed, when a task threw. */
const runTogether = (connection: Connection, group: readonly Queued[]): (() => void)[] | null => {
  begin(connection);
  try {
    return group.map((queued) => queued.run());
  } catch {
    // The same task throws again when each runs apart, and is told then.
    rollback(connection);
    return null;
  }
};

/** Each task in a savepoint of its own. */
const runApart = (connection: Connection, group: readonly Queued[]): (() => void)[] => {
  begin(connection);
  return group.map((queued) => runOne(connection, queued));
};

/** Throws only when the whole transaction is lost. */
const runOne = (connection: Connection, queued: Queued): (() => void) => {
  connection.command('savepoint task');
  try {
    const settle = queued.run();
    connection.command('release task');
    return settle;
  } catch (error) {
    // A full or broken disk can end the transaction itself, and the tasks before this one with it.
    if (!connection.inTransaction()) throw error;
    connection.command('rollback to task');
    connection.command('release task');
    return () => queued.reject(asStoreError(error));
  }
};
