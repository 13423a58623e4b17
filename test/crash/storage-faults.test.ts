import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rowsLeftBehind } from './database.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import type { ServiceProcess } from './service-process.ts';
import { compileShim, whyNoShim } from './shims.ts';

const ENOSPC = 28;
const EROFS = 30;
const EIO = 5;
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const reason = whyNoShim();

/** A fault of a few seconds may cost so much log, however many webhooks come meanwhile. */
const LOG_BYTES = 20_000;

const listening = async (service: ServiceProcess): Promise<ServiceProcess> => {
  if (!(await service.listening())) throw new Error(service.output());
  return service;
};

describe.skipIf(reason !== null)(`a disk that fails${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let shims: string;
  let library: string;
  let world: FaultWorld;

  beforeAll(() => {
    shims = mkdtempSync(join(tmpdir(), 'mcf-shims-'));
    library = compileShim('faulty', shims);
  });
  afterAll(() => rmSync(shims, { recursive: true, force: true }));
  beforeEach(async () => {
    world = await startFaultWorld(library);
  });
  afterEach(() => world.close());

  it.each([
    ['is full', `write mcf.db-wal ${ENOSPC}`, 'the disk is full'],
    ['became read-only', `write mcf.db-wal ${EROFS}`, 'the disk answers with errors'],
    ['cannot sync', `sync mcf.db-wal ${EIO}`, 'the disk answers with errors'],
  ])(
    'that %s: 503, said in health and log, and it goes on by itself when it is over',
    async (_name, rule, problem) => {
      const service = await listening(world.start());
      expect(await world.webhook()).toBe(200);
      const quietBytes = service.outputBytes();
      world.breakDisk(rule);

      for (let count = 0; count < 60; count += 1) expect(await world.webhook()).toBe(503);
      await sleep(1_500);

      expect(await world.health()).toEqual({ httpStatus: 503, store: 'unavailable', storeProblem: problem });
      expect(service.output()).toContain(`The database ${world.database} cannot be used now: ${problem}`);
      expect(service.outputBytes() - quietBytes).toBeLessThan(LOG_BYTES);
      expect(service.isRunning()).toBe(true);

      world.breakDisk();
      expect(await world.webhook()).toBe(200);
      expect(await world.health()).toMatchObject({ httpStatus: 200, storeProblem: null });
      await vi.waitFor(() => expect(world.amazon.creates).toHaveLength(2), { timeout: 10_000 });
    },
  );

  it('that is full at the end: SIGTERM still ends with 0, and the next start has everything', async () => {
    const service = await listening(world.start());
    for (let count = 0; count < 5; count += 1) expect(await world.webhook()).toBe(200);
    world.breakDisk(`write mcf.db ${ENOSPC}`, `write mcf.db-wal ${ENOSPC}`);

    service.signal('SIGTERM');

    expect((await service.exited).code).toBe(0);
    world.breakDisk();
    const stored = rowsLeftBehind(world.database, 'select id from notifications', 'notifications');
    expect(stored).toHaveLength(5);
    await listening(world.start());
  });

  it('that has no room for a checkpoint: webhooks go on, and the log grows no more when there is room', async () => {
    const service = await listening(world.start({ env: { WEBHOOK_BUDGET_MS: '0' } }));
    world.breakDisk(`write mcf.db ${ENOSPC}`);
    const walBytes = (): number => statSync(`${world.database}-wal`).size;

    // A checkpoint is due from 2,000 pages on.
    while (walBytes() < 10_000_000) expect(await world.webhook()).toBe(200);
    world.breakDisk();
    expect(await world.webhook()).toBe(200);

    const full = walBytes();
    for (let count = 0; count < 30; count += 1) expect(await world.webhook()).toBe(200);
    expect(walBytes()).toBeLessThanOrEqual(full);
    expect(service.isRunning()).toBe(true);
  }, 60_000);

  it('that fails at the first start: a message that names the file, code 1, and the next start is as new', async () => {
    world.breakDisk(`sync mcf.db-wal ${EIO}`);
    const failed = world.start();

    expect((await failed.exited).code).toBe(1);
    expect(failed.output()).toContain(`The database ${world.database} cannot be used now: the disk answers`);

    world.breakDisk();
    await listening(world.start());
    expect(await world.webhook()).toBe(200);
  });
});

describe('a database in trouble', () => {
  let world: FaultWorld;

  beforeEach(async () => {
    world = await startFaultWorld();
  });
  afterEach(() => world.close());

  /** Leaves a database with an order in it and nothing in its write-ahead log. */
  const used = async (): Promise<void> => {
    const service = await listening(world.start());
    expect(await world.webhook()).toBe(200);
    service.signal('SIGTERM');
    await service.exited;
  };

  const overwrite = (path: string, at: number, bytes: number): void => {
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
    closeSync(file);
  };

  it('that another program has locked: 503 until it lets go', async () => {
    await listening(world.start());
    expect(await world.webhook()).toBe(200);
    const other = new DatabaseSync(world.database);
    other.exec('begin immediate');

    const sinceMs = performance.now();
    expect(await world.webhook()).toBe(503);
    const firstMs = performance.now() - sinceMs;
    for (let count = 0; count < 5; count += 1) expect(await world.webhook()).toBe(503);
    const laterMs = performance.now() - sinceMs - firstMs;
    // Each wait for the lock holds up everything else, so only the first may take its time.
    expect(laterMs).toBeLessThan(firstMs);
    expect(await world.health()).toMatchObject({
      httpStatus: 503,
      storeProblem: 'another program holds its lock',
    });

    other.exec('rollback');
    other.close();
    expect(await world.webhook()).toBe(200);
    expect(await world.health()).toMatchObject({ httpStatus: 200, storeProblem: null });
  });

  it.each([
    ['a broken header', (path: string) => overwrite(path, 0, 64)],
    ['garbage from end to end', (path: string) => overwrite(path, 0, statSync(path).size)],
    ['garbage behind its first page', (path: string) => overwrite(path, 4_096, statSync(path).size - 4_096)],
    ['half of it cut off', (path: string) => truncateSync(path, 8_192)],
  ])(
    'with %s at the start: the file and the remedy are named, code 1, nothing is overwritten',
    async (_name, damage) => {
      await used();
      damage(world.database);
      const before = readFileSync(world.database);

      const service = world.start();

      expect((await service.exited).code).toBe(1);
      expect(service.output()).toContain(
        `The database ${world.database} cannot be used now: its file is damaged`,
      );
      expect(service.output()).toContain('restore a backup');
      expect(readFileSync(world.database).equals(before)).toBe(true);
    },
  );

  it('that is damaged while it runs: 503 and the reason, for as long as it takes', async () => {
    const service = await listening(world.start());
    expect(await world.webhook()).toBe(200);
    const other = new DatabaseSync(world.database);
    other.exec('pragma wal_checkpoint(truncate)');
    other.close();
    overwrite(world.database, 4_096, statSync(world.database).size - 4_096);
    // What it has read stays in its cache until somebody else has written.
    const writer = new DatabaseSync(world.database);
    writer.exec('pragma user_version = 0');
    writer.close();

    expect(await world.webhook()).toBe(503);
    expect(await world.health()).toMatchObject({ httpStatus: 503, storeProblem: 'its file is damaged' });
    expect(service.isRunning()).toBe(true);
  });

  it('whose write-ahead log was cut short: it starts on what is whole', async () => {
    const service = await listening(world.start());
    for (let count = 0; count < 5; count += 1) expect(await world.webhook()).toBe(200);
    service.signal('SIGKILL');
    await service.exited;
    const wal = `${world.database}-wal`;
    truncateSync(wal, Math.floor(statSync(wal).size * 0.9));

    await listening(world.start());
    expect(await world.webhook()).toBe(200);
  });

  it.each([
    ['missing', (path: string) => rmSync(path), /is missing and ENCRYPTION_KEY is not set/],
    ['garbled', (path: string) => writeFileSync(path, 'half-a-key'), /is not a key/],
    ['empty', (path: string) => writeFileSync(path, ''), /is not a key/],
  ])(
    'whose key file is %s: the file is named, code 1, no other key is made',
    async (_name, damage, message) => {
      await used();
      const key = `${world.database}.key`;
      damage(key);

      const service = world.start();

      expect((await service.exited).code).toBe(1);
      expect(service.output()).toMatch(message);
      expect(service.output()).toContain(key);
      expect(service.output()).not.toContain('half-a-key');
    },
  );

  it('whose migration was cut off by a crash: the next start does it', async () => {
    const script = `
      const { DatabaseSync } = require('node:sqlite');
      const database = new DatabaseSync(process.argv[1]);
      database.exec('pragma journal_mode = wal; begin immediate; create table migrations (id integer); create table orders (n integer);');
      process.kill(process.pid, 'SIGKILL');`;
    spawnSync(process.execPath, ['-e', script, world.database]);

    await listening(world.start());
    expect(await world.webhook()).toBe(200);
  });

  /** Root may do everything, so it runs the service as nobody. */
  const startUnprivileged = (): ServiceProcess => world.start(isRoot ? { uid: NOBODY } : {});

  it('in a folder that may not be written: the file and the remedy are named, code 1', async () => {
    chmodSync(world.folder, 0o755);
    chmodSync(world.data, 0o555);

    const service = startUnprivileged();

    expect((await service.exited).code).toBe(1);
    expect(service.output()).toContain(world.data);
    expect(service.output()).toMatch(/writable for the user/);
  });

  it('in a folder that is missing and may not be made: the folder and the remedy are named, code 1', async () => {
    chmodSync(world.folder, 0o555);
    rmSync(world.data, { recursive: true });

    const service = startUnprivileged();

    expect((await service.exited).code).toBe(1);
    expect(service.output()).toContain(`The folder ${world.data} of the database cannot be made`);
    chmodSync(world.folder, 0o755);
  });

  it('that may be read but not written: the file and the remedy are named, code 1', async () => {
    await used();
    chmodSync(world.folder, 0o755);
    chmodSync(world.data, 0o777);
    chmodSync(world.database, 0o444);
    chmodSync(`${world.database}.key`, 0o444);
    rmSync(`${world.database}.lock`, { force: true });

    const service = startUnprivileged();

    expect((await service.exited).code).toBe(1);
    expect(service.output()).toContain(
      `The database ${world.database} cannot be used now: it may not be written`,
    );
  });
});

const mounts = (): boolean => {
  if (!isRoot) return false;
  const place = mkdtempSync(join(tmpdir(), 'mcf-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
  if (mounted) spawnSync('umount', [place]);
  rmSync(place, { recursive: true });
  return mounted;
};
const canMount = mounts();

describe.skipIf(!canMount)(`a real disk of 4 MiB${canMount ? '' : ' (skipped: mounting needs root)'}`, () => {
  it('that is full: 503, nothing acknowledged is lost, and it goes on when there is room', async () => {
    const world = await startFaultWorld();
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', world.data]);
    try {
      const service = await listening(world.start({ env: { NODE_DISABLE_COMPILE_CACHE: '1' } }));
      const filler = join(world.data, 'filler');
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']);
      let acknowledged = 0;
      let refused = 0;
      while (refused < 20) {
        const status = await world.webhook();
        expect([200, 503]).toContain(status);
        if (status === 200) acknowledged += 1;
        else refused += 1;
      }
      expect(await world.health()).toMatchObject({ httpStatus: 503, storeProblem: 'the disk is full' });

      rmSync(filler);
      expect(await world.webhook()).toBe(200);
      service.signal('SIGKILL');
      await service.exited;
      const database = new DatabaseSync(world.database);
      expect(database.prepare('select count(*) as n from notifications').get()).toEqual({
        n: acknowledged + 1,
      });
      database.close();
    } finally {
      await world.close().catch(() => undefined);
      spawnSync('umount', [world.data]);
      rmSync(world.folder, { recursive: true, force: true });
    }
  });
});
