import { type SpawnOptions, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endChild, hasEnded, spawnChild } from './children.ts';
import { freePort, newFolder } from './servers.ts';

/** A database server that belongs to the bench. */
export type Backend = { env: Record<string, string>; stop(): Promise<void> };

const PEERS_FOLDER = join(import.meta.dirname, '..', 'peers');
const READY_WITHIN_MS = 30_000;

/** `npm ci --prefix bench/peers` was run. */
export const arePeersInstalled = (): boolean => existsSync(join(PEERS_FOLDER, 'node_modules'));

export const isRedisThere = (): boolean =>
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** A new Postgres with its default settings: fsync and synchronous_commit are on. */
export const startPostgres = async (): Promise<Backend> => {
  const port = await freePort();
  // Not below the folder of the run, which only its owner may enter: Postgres may run as another user.
  const folder = mkdtempSync(join(tmpdir(), 'mcf-bench-postgres-'));
  const options: SpawnOptions = {
    env: { ...process.env, FOLDER: folder, PORT: String(port) },
    stdio: ['pipe', 'pipe', 'inherit'],
  };
  // Killed, it would leave its Postgres behind.
  const child = spawnChild(process.execPath, [join(PEERS_FOLDER, 'postgres.js')], options, 'SIGTERM');
  const stop = async (): Promise<void> => {
    await endChild(child, (one) => one.stdin?.end());
    rmSync(folder, { recursive: true, force: true });
  };
  const ready = child.stdout ? once(child.stdout, 'data') : Promise.reject(new Error('no output'));
  await Promise.race([ready, once(child, 'exit'), sleep(READY_WITHIN_MS, undefined, { ref: false })]);
  if (hasEnded(child)) {
    await stop();
    throw new Error('Postgres did not start');
  }
  const url = new URL(`postgres://127.0.0.1:${port}`);
  url.username = 'bench';
  url.password = 'bench';
  return { env: { CLUSTER_URL: url.href }, stop };
};

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** A new Redis that syncs its log before it answers a write, on the given disk. */
export const startRedis = async (root: string, diskEnv: Record<string, string>): Promise<Backend> => {
  const port = await freePort();
  const folder = newFolder(root, 'redis');
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawnChild('redis-server', [...settings, '--appendonly', 'yes', '--appendfsync', 'always'], {
    env: { PATH: process.env['PATH'], ...diskEnv },
    stdio: 'ignore',
  });
  const stop = (): Promise<void> => endChild(child, (one) => one.kill('SIGKILL'));
  const giveUpMs = performance.now() + READY_WITHIN_MS;
  while (!(await canConnect(port))) {
    if (hasEnded(child) || performance.now() > giveUpMs) {
      await stop();
      throw new Error('redis-server did not start');
    }
    await sleep(10);
  }
  return { env: { REDIS_PORT: String(port) }, stop };
};
