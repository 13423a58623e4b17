import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catcher, Mutation } from './mutations.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** What a catcher needs of the tree; the packages are shared. */
const COPIED = [
  'src',
  'test',
  'docs',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  '.env.example',
  'README.md',
];

/** A broken guard may loop for ever: whoever does not end in this time has not passed. */
const LONGEST_MS = 10 * 60_000;

export type Copy = {
  break(mutation: Mutation): void;
  /** Runs the catcher in the copy. */
  passes(catcher: Catcher): Promise<boolean>;
};

/** The text with the mutation made. Throws when what is to be replaced is not there exactly once. */
export const mutated = (text: string, { name, file, find, replace }: Mutation): string => {
  const parts = text.split(find);
  if (parts.length !== 2)
    throw new Error(`mutation ${name} no longer fits: its text stands ${parts.length - 1} times in ${file}`);
  return parts.join(replace);
};

const commandOf = (catcher: Catcher): string[] =>
  'seeds' in catcher
    ? [
        'test/simulation/cli.ts',
        '--seeds',
        String(catcher.seeds),
        '--jobs',
        '1',
        '--bail',
        '--shrink-seconds',
        '0',
      ]
    : ['node_modules/vitest/vitest.mjs', 'run', catcher.test, '--bail', '1'];

const run = async (folder: string, args: readonly string[]): Promise<boolean> => {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', timeout: LONGEST_MS });
  const [code] = await once(child, 'exit');
  return code === 0;
};

/** Gives `work` a copy of the tree of its own. */
export const withCopy = async <T>(work: (copy: Copy) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'mcf-mutation-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return await work({
      break(mutation) {
        const path = join(folder, mutation.file);
        writeFileSync(path, mutated(readFileSync(path, 'utf8'), mutation));
      },
      passes: (catcher) => run(folder, commandOf(catcher)),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
