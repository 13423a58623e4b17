import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START = resolve(import.meta.dirname, '../../src/start.js');
const KEPT_OUTPUT = 200_000;
const STARTED_WITHIN_MS = 30_000;

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** The real service, as `npm start` runs it. */
export type ServiceProcess = {
  pid: number;
  /** True when it listens, false when it ended before. */
  listening(): Promise<boolean>;
  signal(signal: NodeJS.Signals): void;
  exited: Promise<Exit>;
  isRunning(): boolean;
  /** The last of what it wrote to stdout and stderr. */
  output(): string;
  /** How much it has written in all. */
  outputBytes(): number;
};

export type ProcessOptions = {
  env: Record<string, string>;
  cwd: string;
  /** Of the user it runs as; default: ours. */
  uid?: number;
};

/** Starts the service as a process of its own. */
export const startProcess = ({ env, cwd, uid }: ProcessOptions): ServiceProcess => {
  const child: ChildProcess = spawn(process.execPath, [START], {
    // Not the repository: a .env that lies there is somebody's own.
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let output = '';
  let bytes = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
    });
  }
  const ended = new AbortController();
  const exited = once(child, 'close').then((): Exit => {
    ended.abort();
    return { code: child.exitCode, signal: child.signalCode };
  });
  const isRunning = (): boolean => !ended.signal.aborted;
  return {
    pid: child.pid ?? 0,
    async listening() {
      const giveUpMs = performance.now() + STARTED_WITHIN_MS;
      while (isRunning() && performance.now() < giveUpMs) {
        if (output.includes('"msg":"listening"')) return true;
        await sleep(5);
      }
      if (isRunning()) throw new Error(`the service does not start: ${output}`);
      return false;
    },
    signal: (signal) => void child.kill(signal),
    exited,
    isRunning,
    output: () => output,
    outputBytes: () => bytes,
  };
};

/** A port nobody uses now, for services that follow each other. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
};

export const ADMIN_TOKEN = 'admin-token-for-tests';

/** What the service needs to run between two simulators, quick enough for a test. */
export const serviceEnv = (options: {
  port: number;
  dataFolder: string;
  tiktok: {
    url: string;
    appKey: string;
    appSecret: string;
    shopId: string;
    accessToken: string;
    refreshToken: string;
  };
  amazon: { url: string; clientId: string; clientSecret: string; refreshToken: string };
}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  PORT: String(options.port),
  HOST: '127.0.0.1',
  DATABASE_URL: `file:${join(options.dataFolder, 'mcf.db')}`,
  ADMIN_TOKEN,
  TIKTOK_APP_KEY: options.tiktok.appKey,
  TIKTOK_APP_SECRET: options.tiktok.appSecret,
  TIKTOK_SHOP_ID: options.tiktok.shopId,
  TIKTOK_ACCESS_TOKEN: options.tiktok.accessToken,
  TIKTOK_REFRESH_TOKEN: options.tiktok.refreshToken,
  TIKTOK_API_URL: options.tiktok.url,
  TIKTOK_AUTH_URL: options.tiktok.url,
  AMAZON_LWA_CLIENT_ID: options.amazon.clientId,
  AMAZON_LWA_CLIENT_SECRET: options.amazon.clientSecret,
  AMAZON_LWA_REFRESH_TOKEN: options.amazon.refreshToken,
  AMAZON_SP_API_URL: options.amazon.url,
  AMAZON_LWA_URL: options.amazon.url,
  REMORSE_HOLD_SECONDS: '1',
  RETRY_BASE_SECONDS: '0.1',
  RETRY_MAX_SECONDS: '2',
  RECONCILE_INTERVAL_SECONDS: '2',
});
