import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A disk on which every sync takes `addedMs` longer than it does here. */
export type Disk = { addedMs: number; env: Record<string, string> };

const SOURCE = join(import.meta.dirname, '..', 'slowfsync.c');

/** Compiles the shim that slows syncs down; null where there is no C compiler. */
export const buildSlowSync = (folder: string): string | null => {
  const library = join(folder, 'slowfsync.so');
  const compiled = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl'], {
    stdio: 'ignore',
  });
  return compiled.status === 0 ? library : null;
};

/** The disks to measure with: this machine's as it is, and slower ones when there is a shim. */
export const disks = (shim: string | null, addedMs: readonly number[]): Disk[] =>
  addedMs
    .filter((ms) => ms === 0 || shim !== null)
    .map((ms) => ({
      addedMs: ms,
      env: ms === 0 || shim === null ? {} : { LD_PRELOAD: shim, FSYNC_US: String(ms * 1000) },
    }));
