import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scaledClock, systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store, TokenPair } from '../../src/store/store.ts';
import { hintOf, keyOf, notificationOf, temporaryDirectory } from './fixtures.ts';

const BACKUP = resolve(import.meta.dirname, '../../src/backup.ts');
const KEY = Buffer.alloc(32, 7).toString('base64');
const TOKENS: TokenPair = {
  accessToken: 'access',
  accessExpiresAtMs: 1,
  refreshToken: 'refresh',
  refreshExpiresAtMs: 2,
  origin: 'fingerprint',
};

describe('npm run backup', () => {
  let directory: string;
  let remove: () => void;
  let opened: Store[];
  let children: ChildProcess[];

  beforeEach(() => {
    [directory, remove] = temporaryDirectory();
    mkdirSync(join(directory, 'data'));
    mkdirSync(join(directory, 'backups'));
    opened = [];
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const store of opened) await store.close();
    remove();
  });

  const open = async (name = 'data/mcf.db', encryptionKey: string | null = null): Promise<Store> => {
    const databaseUrl = `file:${join(directory, name)}`;
    const store = await openStore({ databaseUrl, encryptionKey, clock: scaledClock(100) });
    opened.push(store);
    return store;
  };

  const backUp = async (
    file = 'backups/one.db',
    env: Record<string, string> = { DATABASE_URL: 'file:data/mcf.db' },
    shell = '',
  ): Promise<{ code: unknown; out: string; err: string }> => {
    const command = `${shell} exec "$0" "$@"`;
    const child = spawn('/bin/sh', ['-c', command, process.execPath, BACKUP, file], { cwd: directory, env });
    children.push(child);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    const [code] = await once(child, 'close');
    return { code, out, err };
  };

  const backups = (): string[] => readdirSync(join(directory, 'backups')).toSorted();

  it('copies one moment of a database that is written to all the while', async () => {
    const store = await open();
    const written: string[] = [];
    const writingEnds = new AbortController();
    const writing = (async () => {
      for (let index = 0; !writingEnds.signal.aborted; index += 1) {
        await store.notifications.accept(notificationOf(`n${index}`), [hintOf(`o${index}`)], index);
        written.push(`o${index}`);
        await systemClock.sleep(1);
      }
    })();
    await expect.poll(() => written.length).toBeGreaterThan(50);
    const before = written.length;

    const result = await backUp();
    writingEnds.abort();
    await writing;

    expect(result).toMatchObject({ code: 0, err: '' });
    const copy = await open('backups/one.db');
    const kept = await copy.notifications.count();
    const { waiting } = await copy.orders.stageCounts(null);
    expect(kept).toBe(waiting);
    expect(kept).toBeGreaterThanOrEqual(before);
    expect(kept).toBeLessThan(written.length);
    expect(await copy.orders.get(keyOf(`o${kept - 1}`))).not.toBeNull();
    expect(result.out).toContain(`${kept} orders`);
  });

  it('makes two files that only their owner can read, and nothing else', async () => {
    await open();

    const { out } = await backUp();

    expect(backups()).toEqual(['one.db', 'one.db.key']);
    for (const name of backups()) expect(statSync(join(directory, 'backups', name)).mode & 0o777).toBe(0o600);
    expect(out).toContain('one.db.key');
  });

  it('holds what was stored, with tokens that its own key opens', async () => {
    const store = await open();
    await store.tokens.save('shop', TOKENS);
    const entries = [{ shopId: null, channelSku: 'A', components: [{ amazonSku: 'X', quantity: 2 }] }];
    await store.skuMap.replace(entries, 1_000);
    await backUp();
    await store.tokens.save('shop', { ...TOKENS, accessToken: 'later' });

    const copy = await open('backups/one.db');

    expect(await copy.tokens.load('shop')).toEqual(TOKENS);
    expect(await copy.skuMap.all()).toEqual(entries);
  });

  it('a database sealed with ENCRYPTION_KEY is copied without a key, and that is said', async () => {
    await (await open('data/mcf.db', KEY)).tokens.save('shop', TOKENS);

    const { out } = await backUp();

    expect(backups()).toEqual(['one.db']);
    expect(out).toContain('ENCRYPTION_KEY');
    expect(await (await open('backups/one.db', KEY)).tokens.load('shop')).toEqual(TOKENS);
  });

  it('a key file that is not of this database is not taken for its key', async () => {
    await open('data/mcf.db', KEY);
    writeFileSync(join(directory, 'data/mcf.db.key'), `${Buffer.alloc(32, 8).toString('base64')}\n`);

    await backUp();

    expect(backups()).toEqual(['one.db']);
  });

  it('is known as a backup by the service that first starts on it, and as a restored one ever after', async () => {
    const store = await open();
    expect(store.restored).toBeNull();
    await backUp();
    const restored = await open('backups/one.db');
    const first = restored.restored;
    await restored.close();

    expect(first?.atMs).toBeGreaterThanOrEqual(first?.backupTakenAtMs ?? Infinity);
    expect((await open('backups/one.db')).restored).toEqual(first);
    expect((await openAgain(store)).restored).toBeNull();
  });

  const openAgain = async (store: Store): Promise<Store> => {
    await store.close();
    return open();
  };

  it('works while no service runs, and reads .env as the service does', async () => {
    await (await open()).close();
    writeFileSync(join(directory, '.env'), 'DATABASE_URL=file:./data/mcf.db\n');

    expect(await backUp('backups/one.db', {})).toMatchObject({ code: 0 });
  });

  it.each([
    ['the file is there already', 'backups/there.db', /there\.db exists/],
    ['its key file is there already', 'backups/keyed.db', /keyed\.db\.key exists/],
    ['the folder is not there', 'nowhere/one.db', /no folder .*nowhere/],
  ])('is refused when %s', async (_, file, message) => {
    await open();
    writeFileSync(join(directory, 'backups/there.db'), 'mine');
    writeFileSync(join(directory, 'backups/keyed.db.key'), 'mine');

    const result = await backUp(file);

    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(message);
    expect(backups()).toEqual(['keyed.db.key', 'there.db']);
  });

  it.each([
    ['there is no database', { DATABASE_URL: 'file:data/none.db' }, /no database at/],
    [
      'the address is not one',
      { DATABASE_URL: ['mysql://user', 'hidden@host'].join(':') },
      /DATABASE_URL: must be file/,
    ],
    ['it is another database', { DATABASE_URL: 'file:data/other.db' }, /not a database of mcf-connector/],
    ['it is no database at all', { DATABASE_URL: 'file:data/text.db' }, /not a database/],
  ])('says so and leaves nothing when %s', async (_, env, message) => {
    const other = new DatabaseSync(join(directory, 'data/other.db'));
    other.exec('create table a (b)');
    other.close();
    writeFileSync(join(directory, 'data/text.db'), 'a text that is no database at all'.repeat(40));

    const result = await backUp('backups/one.db', env);

    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(message);
    expect(result.err).not.toContain('hidden');
    expect(backups()).toEqual([]);
    expect(existsSync(join(directory, 'data/none.db'))).toBe(false);
  });

  it('says so and leaves nothing when the disk has no room for it', async () => {
    const store = await open();
    const body = 'x'.repeat(200_000);
    for (const id of ['1', '2', '3', '4', '5'])
      await store.notifications.accept({ ...notificationOf(id), body }, [], 1);

    const result = await backUp('backups/one.db', { DATABASE_URL: 'file:data/mcf.db' }, 'ulimit -f 800;');

    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(/No backup was made\. .*(full|disk I\/O)/);
    expect(backups()).toEqual([]);
  });

  it('says so and leaves nothing when somebody has locked the whole database', async () => {
    await (await open()).close();
    const holder = new DatabaseSync(join(directory, 'data/mcf.db'));
    holder.exec('pragma locking_mode = exclusive; begin exclusive; create table held (a)');

    const result = await backUp();
    holder.close();

    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain('locked');
    expect(backups()).toEqual([]);
  });

  it('is called with one file, or says how it is called', async () => {
    expect(await backUp('--help')).toMatchObject({ code: 2, err: expect.stringContaining('Usage') });
  });

  it('of a database whose key is lost keeps everything but the tokens, once they are deleted', async () => {
    const store = await open();
    await store.orders.hint([hintOf('1')], 1);
    await store.tokens.save('shop', TOKENS);
    await store.close();
    rmSync(join(directory, 'data/mcf.db.key'));
    await expect(open()).rejects.toThrow(/Restore the key/);

    const database = new DatabaseSync(join(directory, 'data/mcf.db'));
    database.exec("delete from tokens; delete from cursors where name = 'key_fingerprint'");
    database.close();

    const again = await open();
    expect(await again.tokens.load('shop')).toBeNull();
    expect(await again.orders.get(keyOf('1'))).not.toBeNull();
  });

  it('is restored by putting it in the place of a database that was not closed', async () => {
    const store = await open();
    await store.orders.hint([hintOf('before')], 1);
    await backUp();
    await store.orders.hint([hintOf('after')], 2);
    // As after a crash: the write-ahead log of the lost database lies beside it.
    cpSync(join(directory, 'data'), join(directory, 'crashed'), { recursive: true });
    const file = (name: string): string => join(directory, 'crashed', name);
    expect(existsSync(file('mcf.db-wal'))).toBe(true);

    for (const end of ['', '-wal', '-shm', '.key']) rmSync(file(`mcf.db${end}`), { force: true });
    cpSync(join(directory, 'backups/one.db'), file('mcf.db'));
    cpSync(join(directory, 'backups/one.db.key'), file('mcf.db.key'));
    const restored = await open('crashed/mcf.db');

    expect(await restored.orders.get(keyOf('before'))).not.toBeNull();
    expect(await restored.orders.get(keyOf('after'))).toBeNull();
    await restored.orders.hint([hintOf('after')], 3);
  });
});
