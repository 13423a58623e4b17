import { type Connection, openConnection } from '../../src/store/sqlite/driver.ts';

/** Thrown at what a crashed service still tries; nobody is there to see it. */
export class Crashed extends Error {
  constructor() {
    super('this life of the service has ended');
    this.name = 'Crashed';
  }
}

/** Where a commit can be cut off: before it is durable, or after that and before anybody is told. */
export type CommitHook = { before(): void; after(): void };

/** A database in memory that outlives the services that use it, as a file does. */
export type DurableDatabase = {
  /** For looking, from outside of any service. */
  connection: Connection;
  /** A connection for one life of the service. What it leaves uncommitted is gone with it. */
  openFor(life: { isOver: () => boolean; stir: () => void; hook: CommitHook }): Connection;
  close(): void;
};

export const createDurableDatabase = (): DurableDatabase => {
  const real = openConnection(':memory:');
  return {
    connection: real,
    openFor({ isOver, stir, hook }) {
      const alive = (): Connection => {
        if (isOver()) throw new Crashed();
        stir();
        return real;
      };
      return {
        isOnDisk: false,
        all: (query, values) => alive().all(query, values),
        get: (query, values) => alive().get(query, values),
        run: (query, values) => alive().run(query, values),
        exec: (sql) => alive().exec(sql),
        inTransaction: () => !isOver() && real.inTransaction(),
        command(sql) {
          alive();
          if (sql === 'commit') hook.before();
          // Nobody sees what a dead process did not commit, whoever looks before the next life begins.
          if (isOver() && real.inTransaction()) real.exec('rollback');
          alive().command(sql);
          if (sql === 'commit') hook.after();
          if (isOver()) throw new Crashed();
        },
        close: () => undefined,
      };
    },
    close: () => real.close(),
  };
};
