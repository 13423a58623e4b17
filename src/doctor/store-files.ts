import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failed, type Line, passed, warned } from './line.ts';
import type { Probe } from './probes.ts';

const MIB = 1024 * 1024;
const FAIL_BYTES = 50 * MIB;
const WARN_BYTES = 500 * MIB;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

const WRITE_FIXES: Readonly<Record<string, string>> = {
  EROFS: 'The folder lies on a read-only disk: mount it writable (a container needs a volume there).',
  ENOSPC: 'The disk is full: free some space.',
  EDQUOT: 'The disk quota is spent: free some space.',
};
const RIGHTS =
  'Let the user that the service runs as write there, such as `chown -R 1000:1000 <folder>` for the container’s user.';

/** The folder, or what is there of its path: the service makes the rest at its start. */
const nearestFolder = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));

/** Writes, syncs and removes a file of its own beside the database. */
const tryWrite = async (folder: string): Promise<Line> => {
  const path = join(folder, `.doctor-${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile('doctor');
      await file.sync();
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
    return passed('store', `The data folder ${folder} can be written and synced.`);
  } catch (error) {
    const code = codeOf(error);
    return failed(
      'store',
      `The data folder ${folder} cannot be written (${code}).`,
      WRITE_FIXES[code] ?? RIGHTS,
    );
  }
};

const measureSpace = async (folder: string): Promise<Line> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    const message = `${Math.round(freeBytes / MIB)} MiB are free where the database lies.`;
    const fix = 'Free some space or enlarge the disk: a full one lets no webhook be accepted.';
    if (freeBytes < FAIL_BYTES) return failed('disk_space', message, fix);
    return freeBytes < WARN_BYTES ? warned('disk_space', message, fix) : passed('disk_space', message);
  } catch (error) {
    return warned(
      'disk_space',
      `The free space cannot be read (${codeOf(error)}).`,
      'Look at it with `df -h`.',
    );
  }
};

/** Others may not read the file that opens every token. */
const lookAtKey = async (databaseFile: string): Promise<Line[]> => {
  const path = `${databaseFile}.key`;
  try {
    const { mode } = await stat(path);
    return (mode & 0o077) === 0
      ? []
      : [warned('store', `Other users may read ${path}, the key of the tokens.`, `chmod 600 ${path}`)];
  } catch {
    return [];
  }
};

/** The database's folder: can it be written, has it room. `ping` writes to the open database. */
export const storeProbe = (databaseFile: string | null, ping: () => Promise<void>): Probe => ({
  checks: ['store', 'disk_space'],
  async run() {
    if (databaseFile === null)
      return [
        warned(
          'store',
          'The database lies in memory and is gone with the process.',
          'Set DATABASE_URL to a file.',
        ),
      ];
    const folder = nearestFolder(dirname(databaseFile));
    const [write, space, key] = await Promise.all([
      tryWrite(folder),
      measureSpace(folder),
      lookAtKey(databaseFile),
    ]);
    if (write.state === 'failed') return [write, space, ...key];
    try {
      await ping();
      return [write, space, ...key];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return [
        failed('store', message, 'See the log of the service for the file and the remedy.'),
        space,
        ...key,
      ];
    }
  },
});
