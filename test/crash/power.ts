import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../simulation/random.ts';

/** A folder on a disk whose power can be cut. */
export type FragileFolder = {
  /** For the process that writes there. */
  env: Record<string, string>;
  /**
   * Leaves what had been synced and, of the rest, what chance kept: whole files as they were last synced, single
   * blocks that were written since, names that were never synced. Call it when the process has ended.
   */
  cutPower(random: Random): void;
};

type Entry = { kind: 'file' | 'folder'; key: string; name: string };

/** What a disk writes as a whole. */
const BLOCK_BYTES = 4096;

const keyOf = (path: string): string => {
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return `${ino}-${birthtimeNs}`;
};

const entriesOf = (folder: string): Entry[] =>
  readdirSync(folder, { withFileTypes: true }).map((entry) => ({
    kind: entry.isDirectory() ? 'folder' : 'file',
    key: keyOf(join(folder, entry.name)),
    name: entry.name,
  }));

const namesFile = (shadow: string, key: string): string => join(shadow, `${key}.names`);

const syncedEntries = (shadow: string, key: string): Entry[] => {
  const list = namesFile(shadow, key);
  if (!existsSync(list)) return [];
  return [...readFileSync(list, 'utf8').matchAll(/^([fd]) (\S+) (.+)$/gm)].map(
    ([, type = '', entryKey = '', name = '']) => ({
      kind: type === 'd' ? 'folder' : 'file',
      key: entryKey,
      name,
    }),
  );
};

/** Everything below `folder` counts as synced. */
const takeAsSynced = (folder: string, shadow: string): void => {
  const entries = entriesOf(folder);
  const lines = entries.map(({ kind, key, name }) => `${kind === 'folder' ? 'd' : 'f'} ${key} ${name}\n`);
  writeFileSync(namesFile(shadow, keyOf(folder)), lines.join(''));
  for (const { kind, key, name } of entries) {
    if (kind === 'folder') takeAsSynced(join(folder, name), shadow);
    else copyFileSync(join(folder, name), join(shadow, key));
  }
};

const livePaths = (folder: string, found = new Map<string, string>()): Map<string, string> => {
  for (const { kind, key, name } of entriesOf(folder)) {
    const path = join(folder, name);
    found.set(key, path);
    if (kind === 'folder') livePaths(path, found);
  }
  return found;
};

/** Each block as it was synced or as it was last written. */
const mixBlocks = (synced: Buffer, written: Buffer, random: Random): Buffer => {
  const length = random.chance(0.5) ? synced.length : written.length;
  const mixed = Buffer.alloc(length);
  synced.copy(mixed, 0, 0, length);
  for (let at = 0; at < Math.min(length, written.length); at += BLOCK_BYTES) {
    if (random.chance(0.5)) written.copy(mixed, at, at, Math.min(at + BLOCK_BYTES, written.length, length));
  }
  return mixed;
};

type Cut = { shadow: string; live: ReadonlyMap<string, string>; random: Random; keepsMore: boolean };

const contentsAfter = ({ shadow, live, random, keepsMore }: Cut, key: string): Buffer => {
  const kept = join(shadow, key);
  const synced = existsSync(kept) ? readFileSync(kept) : Buffer.alloc(0);
  const path = live.get(key);
  if (!keepsMore || path === undefined) return synced;
  return mixBlocks(synced, readFileSync(path), random);
};

const rebuild = (cut: Cut, from: string, key: string, to: string): void => {
  mkdirSync(to, { recursive: true });
  const path = cut.live.get(key) ?? from;
  const keepsNames = cut.keepsMore && existsSync(path) && cut.random.chance(0.5);
  for (const entry of keepsNames ? entriesOf(path) : syncedEntries(cut.shadow, key)) {
    const target = join(to, entry.name);
    if (entry.kind === 'folder') rebuild(cut, join(path, entry.name), entry.key, target);
    else writeFileSync(target, contentsAfter(cut, entry.key), { mode: 0o600 });
  }
};

const empty = (folder: string): void => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
};

/** What is in `root` now counts as synced. `shadow` and `spare` are folders of the test's own. */
export const fragileFolder = (
  root: string,
  { library, shadow, spare }: { library: string; shadow: string; spare: string },
): FragileFolder => {
  takeAsSynced(root, shadow);
  return {
    env: { LD_PRELOAD: library, UNSYNCED_ROOT: root, UNSYNCED_SHADOW: shadow },
    cutPower(random) {
      const cut: Cut = { shadow, live: livePaths(root), random, keepsMore: random.chance(0.5) };
      empty(spare);
      rebuild(cut, root, keyOf(root), spare);
      empty(root);
      for (const name of readdirSync(spare)) copyTree(join(spare, name), join(root, name));
      empty(shadow);
      takeAsSynced(root, shadow);
    },
  };
};

const copyTree = (from: string, to: string): void => {
  if (!statSync(from).isDirectory()) {
    copyFileSync(from, to);
    return;
  }
  mkdirSync(to);
  for (const name of readdirSync(from)) copyTree(join(from, name), join(to, name));
};
