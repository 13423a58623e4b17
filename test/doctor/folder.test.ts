import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeProbe } from '../../src/doctor/store-files.ts';

describe('the folder of the database', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcf-doctor-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const look = (ping = () => Promise.resolve()) => storeProbe(join(folder, 'mcf.db'), ping).run();

  it('that can be written passes, and nothing stays behind in it', async () => {
    expect((await look()).map(({ state }) => state)).toEqual(['passed', 'passed']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is not there yet passes where it can be made', async () => {
    const lines = await storeProbe(join(folder, 'a', 'b', 'mcf.db'), () => Promise.resolve()).run();

    expect(lines[0]).toMatchObject({ check: 'store', state: 'passed' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that cannot be written fails with what to do', async () => {
    // Not even root writes here.
    const lines = await storeProbe('/proc/mcf.db', () => Promise.resolve()).run();

    expect(lines[0]).toMatchObject({
      check: 'store',
      state: 'failed',
      message: expect.stringContaining('/proc'),
    });
    expect(lines[0]?.fix).not.toBe('');
  });

  it('a database that takes nothing fails, whatever its folder does', async () => {
    const [store] = await look(() => Promise.reject(new Error('the disk is full')));

    expect(store).toMatchObject({ check: 'store', state: 'failed', message: 'the disk is full' });
  });

  it('a key that others may read is a warning', async () => {
    const key = join(folder, 'mcf.db.key');
    writeFileSync(key, 'x');
    chmodSync(key, 0o644);

    expect(await look()).toContainEqual(
      expect.objectContaining({ state: 'warned', fix: `chmod 600 ${key}` }),
    );
  });
});
