import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export type Shim = 'unsynced' | 'faulty';

/** Why the shims cannot be used on this machine; null when they can. */
export const whyNoShim = (): string | null => {
  if (process.platform !== 'linux') return 'a preloaded shim needs Linux';
  return spawnSync('cc', ['--version']).status === 0 ? null : 'there is no C compiler (`cc`)';
};

/** Compiles a shim into `folder` and answers the path of the library. */
export const compileShim = (shim: Shim, folder: string): string => {
  const library = join(folder, `${shim}.so`);
  const source = join(import.meta.dirname, `${shim}.c`);
  const { status, stderr } = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  if (status !== 0) throw new Error(`cc cannot compile ${source}: ${String(stderr)}`);
  return library;
};
