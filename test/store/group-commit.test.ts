import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assembleStore } from '../../src/store/assemble.ts';
import { migrate } from '../../src/store/migrations.ts';
import { type Connection, openConnection } from '../../src/store/sqlite/driver.ts';
import { createGroupCommit } from '../../src/store/sqlite/group-commit.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { createHeldClock } from '../held-clock.ts';
import { hintOf, notificationOf } from './fixtures.ts';

describe('group commit', () => {
  let connection: Connection;
  let commands: string[];

  beforeEach(() => {
    commands = [];
    const plain = openConnection(':memory:');
    connection = {
      ...plain,
      command: (sql) => {
        commands.push(sql);
        plain.command(sql);
      },
    };
    plain.exec('create table t (n integer primary key) strict');
  });

  const insert = (n: number | string) => () => connection.exec(`insert into t values (${n})`);
  const stored = () => {
    const rows: number[] = [];
    const select = {
      sql: 'select n from t',
      bind: () => [],
      rows: (raw: readonly unknown[]) => raw as { n: number }[],
    };
    for (const { n } of connection.all(select, {})) rows.push(n);
    return rows;
  };
  const commits = () => commands.filter((sql) => sql === 'commit').length;

  it('commits 500 simultaneous deliveries at once', async () => {
    migrate(connection, 0);
    const store = assembleStore({
      connection,
      masterKey: new Uint8Array(32),
      clock: createHeldClock(),
      leaseMs: 1,
      restored: null,
      onClose: () => undefined,
    });
    commands = [];

    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        store.notifications.accept(notificationOf(`${index}`), [hintOf(`${index}`)], index),
      ),
    );

    expect(commits()).toBe(1);
    await store.close();
  });

  it('refuses every delivery once it is closed, and leaves none waiting', async () => {
    migrate(connection, 0);
    const store = assembleStore({
      connection,
      masterKey: new Uint8Array(32),
      clock: createHeldClock(),
      leaseMs: 1,
      restored: null,
      onClose: () => undefined,
    });
    await store.close();
    const accept = (id: string) => store.notifications.accept(notificationOf(id), [hintOf(id)], 0);

    const outcomes = await Promise.allSettled([accept('1'), accept('2')]);
    const later = await Promise.allSettled([accept('3')]);

    for (const outcome of [...outcomes, ...later])
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
  });

  it('commits a crowd in bounded groups and loses none', async () => {
    const { write } = createGroupCommit(connection);

    await Promise.all(Array.from({ length: 2_500 }, (_, n) => write(insert(n))));

    expect(stored()).toHaveLength(2_500);
    expect(commits()).toBe(3);
  });

  it('resolves after the commit, never before', async () => {
    const { write } = createGroupCommit(connection);

    const openAtResolve = await write(insert(1)).then(() => connection.inTransaction());

    expect(openAtResolve).toBe(false);
    expect(commits()).toBe(1);
  });

  describe('lets the event loop turn between two commits', () => {
    afterEach(() => vi.restoreAllMocks());

    /** Turns until a write is kept that comes right after another one. */
    const turnsToNext = async (disk: { isOnDisk: boolean; commitMs: number; turnMs: number }) => {
      let nowMs = 0;
      vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
      const { write } = createGroupCommit({
        ...connection,
        isOnDisk: disk.isOnDisk,
        command(sql) {
          connection.command(sql);
          if (sql === 'commit') nowMs += disk.commitMs;
        },
      });
      await write(insert(1));
      let turns = 0;
      let isKept = false;
      const countTurn = (): void => {
        turns += 1;
        nowMs += disk.turnMs;
        if (!isKept) setImmediate(countTurn);
      };
      setImmediate(countTurn);
      await write(insert(2));
      isKept = true;
      return turns;
    };

    it.each([
      ['sixteen times on a slow disk, as each turn lets in one new connection', true, 5, 0.1, 16],
      ['no longer than the slow commit took', true, 5, 2, 3],
      ['once on a fast disk', true, 0.1, 0.01, 1],
      ['once where there is no disk', false, 5, 0.1, 1],
    ])('%s', async (_name, isOnDisk, commitMs, turnMs, turns) => {
      expect(await turnsToNext({ isOnDisk, commitMs, turnMs })).toBe(turns);
    });
  });

  it('takes back a failing task alone', async () => {
    const { write } = createGroupCommit(connection);
    const half = () => {
      insert(10)();
      throw new Error('half way');
    };

    const outcomes = await Promise.allSettled([
      write(insert(1)),
      write(half),
      write(insert(1)),
      write(insert(2)),
    ]);

    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: { message: 'half way' } });
    expect(stored()).toEqual([1, 2]);
  });

  it.each(['begin immediate', 'commit'])(
    'fails the whole group when `%s` fails, and works again afterwards',
    async (broken) => {
      let fail = true;
      const failing: Connection = {
        ...connection,
        command: (sql) => {
          if (fail && sql === broken)
            throw Object.assign(new Error('secret value'), { errcode: 778, errstr: 'disk I/O error' });
          connection.command(sql);
        },
      };
      const { write } = createGroupCommit(failing);

      const outcomes = await Promise.allSettled([write(insert(1)), write(insert(2))]);

      for (const outcome of outcomes) {
        expect(outcome.status).toBe('rejected');
        const { reason } = outcome as PromiseRejectedResult;
        expect(reason).toBeInstanceOf(StoreUnavailable);
        expect((reason as Error).message).not.toContain('secret');
      }
      expect(stored()).toEqual([]);
      fail = false;
      await write(insert(3));
      expect(stored()).toEqual([3]);
    },
  );

  it('survives a rollback that fails too', async () => {
    let fail = true;
    const failing: Connection = {
      ...connection,
      command: (sql) => {
        if (fail && (sql === 'commit' || sql === 'rollback'))
          throw Object.assign(new Error('io'), { errcode: 10, errstr: 'disk I/O error' });
        connection.command(sql);
      },
    };
    const { write } = createGroupCommit(failing);
    await expect(write(insert(1))).rejects.toBeInstanceOf(StoreUnavailable);
    fail = false;

    await write(insert(2));

    expect(stored()).toEqual([2]);
  });

  it('fails the group when a task loses the whole transaction', async () => {
    const { write } = createGroupCommit(connection);
    const lose = () => {
      connection.exec('rollback');
      throw new Error('transaction gone');
    };

    const outcomes = await Promise.allSettled([write(insert(1)), write(lose)]);

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect(stored()).toEqual([]);
  });

  it('commits what waits when it is closed, and takes no more', async () => {
    const groups = createGroupCommit(connection);
    const waiting = groups.write(insert(1));

    groups.close();

    await waiting;
    await expect(groups.write(insert(2))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(stored()).toEqual([1]);
  });
});
