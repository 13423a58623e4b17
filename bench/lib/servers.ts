import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { endChild, hasEnded, spawnChild } from './children.ts';
import type { Disk } from './disk.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HEALTHY_WITHIN_MS = 30_000;
const HEALTH_POLL_MS = 2;

export const APP_KEY = 'bench-app-key';
export const APP_SECRET = 'bench-app-secret';
export const ADMIN_TOKEN = 'bench-admin-token';
export const SHOP_ID = '7494049642642441621';

export const PEERS = ['octokit', 'bullmq', 'pg-boss', 'graphile-worker'] as const;
export type Peer = (typeof PEERS)[number];
export type ServerKind = 'floor' | 'service' | Peer;

export type Server = {
  kind: ServerKind;
  port: number;
  pid: number;
  /** Of the floor and the service; a peer keeps elsewhere and tells it at `/kept`. */
  databaseFile: string;
  /** Spawn until `/health` answered 200. */
  startMs: number;
  /** SIGTERM and a clean exit. */
  stop(): Promise<void>;
  /** SIGKILL: what is stored then is what was committed. */
  kill(): Promise<void>;
};

export type Start = {
  kind: ServerKind;
  /** The database and the compile cache lie here. */
  folder: string;
  disk: Disk;
  /** More settings of the service. */
  env?: Record<string, string>;
  /** More flags of Node. */
  flags?: readonly string[];
};

/** A new folder for one server, below the folder of the run. */
export const newFolder = (root: string, name: string): string => {
  mkdirSync(root, { recursive: true });
  return mkdtempSync(join(root, `${name}-`));
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
};

/** What the floor and the peers need. */
const receiverEnv = (port: number, folder: string): Record<string, string> => ({
  PORT: String(port),
  DATABASE: join(folder, 'bench.db'),
  APP_KEY,
  APP_SECRET,
  NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
});

/** What the service needs; the upstreams default to an address where nobody listens. */
const serviceEnv = (port: number, folder: string): Record<string, string> => ({
  PORT: String(port),
  HOST: '127.0.0.1',
  DATABASE_URL: `file:${join(folder, 'bench.db')}`,
  ADMIN_TOKEN,
  TIKTOK_APP_KEY: APP_KEY,
  TIKTOK_APP_SECRET: APP_SECRET,
  TIKTOK_SHOP_ID: SHOP_ID,
  TIKTOK_SHOP_CIPHER: 'bench-cipher',
  TIKTOK_ACCESS_TOKEN: 'bench-access-token',
  TIKTOK_REFRESH_TOKEN: 'bench-refresh-token',
  TIKTOK_API_URL: 'http://127.0.0.1:9',
  TIKTOK_AUTH_URL: 'http://127.0.0.1:9',
  AMAZON_LWA_CLIENT_ID: 'bench-client',
  AMAZON_LWA_CLIENT_SECRET: 'bench-client-secret',
  AMAZON_LWA_REFRESH_TOKEN: 'bench-refresh',
  AMAZON_SP_API_URL: 'http://127.0.0.1:9',
  AMAZON_LWA_URL: 'http://127.0.0.1:9',
});

const isHealthy = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: '/health', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });

const untilHealthy = async (child: ChildProcess, port: number, errors: () => string): Promise<void> => {
  const giveUpMs = performance.now() + HEALTHY_WITHIN_MS;
  while (!(await isHealthy(port))) {
    if (hasEnded(child) || performance.now() > giveUpMs) {
      child.kill('SIGKILL');
      throw new Error(`a server did not start: ${errors()}`);
    }
    await sleep(HEALTH_POLL_MS);
  }
};

const Manifest = z.object({ scripts: z.object({ start: z.string().startsWith('node ') }) });

/** What `npm start` runs, without npm: Node's flags and the script. */
const startArguments = (): string[] => {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const [, ...words] = manifest.scripts.start.trim().split(/ +/);
  return [...words.slice(0, -1), join(ROOT, words.at(-1) ?? '')];
};

const argumentsOf = (kind: ServerKind): string[] => {
  if (kind === 'service') return startArguments();
  return [join(ROOT, 'bench', ...(kind === 'floor' ? ['floor.ts'] : ['peers', `${kind}.js`]))];
};

/** Starts a server as a process of its own and waits until it is healthy. */
export const startServer = async ({ kind, folder, disk, env = {}, flags = [] }: Start): Promise<Server> => {
  const port = await freePort();
  const own = kind === 'service' ? serviceEnv(port, folder) : receiverEnv(port, folder);
  const spawnedMs = performance.now();
  const child = spawnChild(process.execPath, [...flags, ...argumentsOf(kind)], {
    // Not the repository: a .env that lies there is somebody's own.
    cwd: folder,
    env: { PATH: process.env['PATH'], ...own, ...env, ...disk.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2_000);
  });
  await untilHealthy(child, port, () => errors);
  return {
    kind,
    port,
    pid: child.pid ?? 0,
    databaseFile: join(folder, 'bench.db'),
    startMs: performance.now() - spawnedMs,
    stop: () => endChild(child, (one) => one.kill('SIGTERM')),
    kill: () => endChild(child, (one) => one.kill('SIGKILL')),
  };
};
