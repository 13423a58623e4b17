import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../simulation/random.ts';
import { runCampaign } from './campaign.ts';
import { rowsLeftBehind } from './database.ts';
import { fragileFolder } from './power.ts';
import { compileShim, whyNoShim } from './shims.ts';

const WRITER = join(import.meta.dirname, 'unsynced-writer.ts');
const reason = whyNoShim();

describe.skipIf(reason !== null)(`power cuts${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let folder: string;
  let library: string;
  let root: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcf-power-'));
    library = compileShim('unsynced', folder);
    root = join(folder, 'root');
    for (const name of ['root', 'shadow', 'spare']) mkdirSync(join(folder, name));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const fragile = () =>
    fragileFolder(root, { library, shadow: join(folder, 'shadow'), spare: join(folder, 'spare') });

  /** Kills a writer after it has said 300 rows and cuts the power. Answers the rows it had said and those left. */
  const writeAndCut = async (synchronous: string): Promise<{ said: number; left: number }> => {
    const disk = fragile();
    const path = join(root, 'said.db');
    const child = spawn(process.execPath, [WRITER, path, synchronous], {
      env: { ...process.env, ...disk.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.length > 1_100) child.kill('SIGKILL');
    });
    await once(child, 'close');
    disk.cutPower(createRandom('nothing more is kept'));
    const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
    const left = rowsLeftBehind(path, 'select n from said', 'said');
    return { said: Number(lines.at(-1)), left: left.length };
  };

  it('lose what was committed without a sync, so that the tests below can fail', async () => {
    const { said, left } = await writeAndCut('off');

    expect(said).toBeGreaterThan(200);
    expect(left).toBeLessThan(said);
  });

  it('keep what was committed with a sync', async () => {
    const { said, left } = await writeAndCut('full');

    expect(said).toBeGreaterThan(200);
    expect(left).toBeGreaterThanOrEqual(said);
  });

  it('lose a file whose folder was never synced', () => {
    const disk = fragile();
    writeFileSync(join(root, 'new'), 'text');

    const outcomes = Array.from({ length: 20 }, (_, index) => createRandom(String(index))).map((random) => {
      writeFileSync(join(root, 'new'), 'text');
      disk.cutPower(random);
      const found = readdirSync(root);
      rmSync(join(root, 'new'), { force: true });
      return found.length;
    });

    expect(new Set(outcomes)).toEqual(new Set([0, 1]));
  });

  it('lose no acknowledged webhook and double no order, from the first start on', async () => {
    const report = await runCampaign({
      seed: 'power',
      ends: Array.from({ length: 10 }, () => 'power-cut'),
      unsyncedLibrary: library,
    });

    expect(report.faults).toEqual([]);
    expect(report.webhooks.acknowledged).toBeGreaterThan(20);
  }, 180_000);
});
