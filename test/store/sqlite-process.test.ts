import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scaledClock, systemClock } from '../../src/lib/clock.ts';
import { MIGRATIONS, migrate } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/open.ts';
import { openConnection } from '../../src/store/sqlite/driver.ts';
import type { Store, TokenPair } from '../../src/store/store.ts';
import { hintOf, keyOf, temporaryDirectory } from './fixtures.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

describe('a SQLite store and its files', () => {
  let directory: string;
  let remove: () => void;
  let path: string;
  let opened: Store[];
  let children: ChildProcess[];

  beforeEach(() => {
    [directory, remove] = temporaryDirectory();
    path = join(directory, 'store.db');
    opened = [];
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const store of opened) await store.close();
    remove();
  });

  /** Time passes a hundred times as fast, so that waiting for the lock is short. */
  const open = async (encryptionKey: string | null = null, clock = scaledClock(100)): Promise<Store> => {
    const store = await openStore({ databaseUrl: `file:${path}`, encryptionKey, clock });
    opened.push(store);
    return store;
  };

  const startChild = (script: string, ...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };

  const allBytes = (): string =>
    readdirSync(directory)
      .map((name) => readFileSync(join(directory, name), 'latin1'))
      .join('\n');

  describe('the lock', () => {
    it('refuses a second opener, naming the file, until the first has closed', async () => {
      const first = await open();

      await expect(open()).rejects.toThrow(`${path}.lock`);
      await first.close();
      await expect(open()).resolves.toBeDefined();
    });

    it('is handed over to an opener that waits for it', async () => {
      const first = await open();
      const second = open(null, systemClock);
      await first.close();

      await expect(second).resolves.toBeDefined();
    });

    it('is freed by kill -9, and what the dead process had committed and leased is there and due', async () => {
      const child = startChild('hold-store.ts', path);
      if (!child.stdout) throw new Error('no output');
      await once(child.stdout, 'data');
      await expect(open()).rejects.toThrow(/another mcf-connector/i);

      child.kill('SIGKILL');
      await once(child, 'exit');

      const store = await open();
      const due = await store.orders.claimDue('successor', 1_001, 10, 'new', 'shop-1');
      expect(due.map((record) => record.key)).toEqual([keyOf('held')]);
    });

    it('is given back when the opening fails', async () => {
      writeFileSync(
        path,
        'this is not a database, and it is long enough to be read as a header of one'.repeat(9),
      );
      await expect(open()).rejects.toThrow(/not a database/);
      rmSync(path);

      await expect(open()).resolves.toBeDefined();
    });
  });

  describe('the encryption key', () => {
    const pair: TokenPair = {
      accessToken: 'ACCESS-TOKEN-TEXT',
      accessExpiresAtMs: 1,
      refreshToken: 'REFRESH-TOKEN-TEXT',
      refreshExpiresAtMs: 2,
      origin: 'fingerprint',
    };

    it('keeps tokens out of every byte on the disk', async () => {
      const store = await open(KEY);
      await store.tokens.save('shop', pair);
      const whileOpen = allBytes();
      await store.close();

      expect(whileOpen + allBytes()).not.toMatch(/ACCESS-TOKEN|REFRESH-TOKEN/);
      expect(await (await open(KEY)).tokens.load('shop')).toEqual(pair);
    });

    it('is made beside the database when none is given, readable by its owner only, and found again', async () => {
      const store = await open();
      await store.tokens.save('shop', pair);
      await store.close();

      expect(statSync(`${path}.key`).mode & 0o777).toBe(0o600);
      expect(await (await open()).tokens.load('shop')).toEqual(pair);
    });

    it('is not made beside the database when one is given', async () => {
      await open(KEY);

      expect(existsSync(`${path}.key`)).toBe(false);
    });

    it('of another database is refused at the start', async () => {
      await (await open(KEY)).close();

      await expect(open(OTHER_KEY)).rejects.toThrow(/not the one this database was made with/);
    });

    it('that is missing is asked for, and no other is made', async () => {
      await (await open()).close();
      rmSync(`${path}.key`);

      await expect(open()).rejects.toThrow(/Restore the key/);
      expect(existsSync(`${path}.key`)).toBe(false);
    });

    it.each(['too-short', Buffer.alloc(31).toString('base64'), `${KEY}AAAA`])(
      'that is malformed is refused without telling it',
      async (malformed) => {
        const message = await open(malformed).then(
          () => '',
          (error: Error) => error.message,
        );

        expect(message).toContain('ENCRYPTION_KEY');
        expect(message).not.toContain(malformed);
      },
    );

    it('file that is malformed is named without telling its contents', async () => {
      writeFileSync(`${path}.key`, 'half-a-key');
      chmodSync(`${path}.key`, 0o600);

      await expect(open()).rejects.toThrow(`${path}.key is not a key`);
      await expect(open()).rejects.not.toThrow('half-a-key');
    });

    it('opens a token for the account it was sealed for only', async () => {
      const store = await open(KEY);
      await store.tokens.save('shop-1', pair);
      await store.close();
      const database = new DatabaseSync(path);
      database.exec("insert into tokens select 'shop-2', sealed from tokens");
      database.exec("insert into tokens values ('shop-3', x'0102')");
      database.close();

      const again = await open(KEY);

      await expect(again.tokens.load('shop-2')).rejects.toThrow(/cannot be opened/);
      await expect(again.tokens.load('shop-3')).rejects.toThrow(/form/);
    });
  });

  describe('the database address', () => {
    it.each([
      ['postgres://host/hidden', /SQLite only/],
      ['mysql://host/hidden', /file:/],
      ['file::memory:', /file:/],
    ])('%s is refused without telling it', async (databaseUrl, expected) => {
      const opening = openStore({ databaseUrl, encryptionKey: null, clock: systemClock });

      await expect(opening).rejects.toThrow(expected);
      await expect(opening).rejects.not.toThrow('hidden');
    });

    it('may be written as a URL of a file', async () => {
      const store = await openStore({
        databaseUrl: `file://${path}`,
        encryptionKey: null,
        clock: systemClock,
      });
      opened.push(store);

      expect(existsSync(path)).toBe(true);
    });
  });

  describe('migrations', () => {
    it('are applied once, however often they run', () => {
      const connection = openConnection(path);

      expect(migrate(connection, 0)).toBe(MIGRATIONS.length);
      expect(migrate(connection, 0)).toBe(0);
      connection.close();
    });

    it('are applied once by processes that start together', async () => {
      const exits = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const child = startChild('migrate-database.ts', path);
          let applied = '';
          child.stdout?.on('data', (chunk: Buffer) => {
            applied += chunk.toString();
          });
          const [code] = await once(child, 'close');
          return { code, applied: Number(applied) };
        }),
      );

      expect(exits.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(exits.reduce((sum, { applied }) => sum + applied, 0)).toBe(MIGRATIONS.length);
    });

    it('keep nothing of one that fails, and all of those before it', () => {
      const connection = openConnection(path);
      const broken = { id: 99, name: 'broken', sql: 'create table half (n integer); select * from nowhere;' };

      expect(() => migrate(connection, 0, [...MIGRATIONS, broken])).toThrow(/nowhere/);

      expect(migrate(connection, 0)).toBe(0);
      expect(() => connection.exec('select * from half')).toThrow(/no such table/);
      connection.close();
    });

    it('of a newer version stop the start', async () => {
      const connection = openConnection(path);
      migrate(connection, 0, [
        ...MIGRATIONS,
        { id: 99, name: 'later', sql: 'create table later (n integer)' },
      ]);
      connection.close();

      await expect(open()).rejects.toThrow(/newer version/);
    });
  });

  it('says which column it cannot read', async () => {
    const store = await open();
    await store.orders.hint([hintOf('1'), hintOf('2'), hintOf('3')], 0);
    await store.close();
    const database = new DatabaseSync(path);
    database.exec(`update orders set intent = '{"kind":"new"}' where order_id = '1'`);
    database.exec(`update orders set stage = 'later' where order_id = '2'`);
    database.exec(`update orders set reason = 'later', fulfillment_state = 'later' where order_id = '3'`);
    database.close();

    const again = await open();

    await expect(again.orders.get(keyOf('1'))).rejects.toThrow('orders.intent');
    await expect(again.orders.get(keyOf('2'))).rejects.toThrow(/stage/);
    expect(await again.orders.get(keyOf('3'))).toMatchObject({ reason: null, fulfillmentState: 'unknown' });
  });
});
