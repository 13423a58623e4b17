import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Row } from '../lib/context.ts';
import { newFolder, type ServerKind, startServer } from '../lib/servers.ts';
import { startSilentUpstreams } from '../lib/upstreams.ts';

const IDLE_MS = 5_000;
const TARGET_MIB = 130;

const residentMib = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;

/** Starts twice, the second time with a compile cache as every later start has, and waits until it idles. */
const idleMib = async (context: Context, kind: ServerKind, env: Record<string, string>): Promise<number> => {
  const folder = newFolder(context.folder, kind);
  const start = { kind, folder, disk: { addedMs: 0, env: {} }, env };
  await (await startServer(start)).stop();
  const server = await startServer(start);
  try {
    await sleep(IDLE_MS);
    return residentMib(server.pid);
  } finally {
    await server.stop();
  }
};

/** Resident memory after five idle seconds. */
export const measureMemory = async (context: Context): Promise<Row[]> => {
  const upstreams = await startSilentUpstreams();
  try {
    const floor = await idleMib(context, 'floor', {});
    const service = await idleMib(context, 'service', { ...upstreams.env, RECONCILE_INTERVAL_SECONDS: '0' });
    context.progress(`memory: ${service.toFixed(0)} MiB`);
    return [
      {
        name: `resident memory after ${IDLE_MS / 1_000} s idle`,
        floor: `${floor.toFixed(0)} MiB`,
        service: `${service.toFixed(0)} MiB`,
        ratio: (service / floor).toFixed(2),
        target: { text: `<= ${TARGET_MIB} MiB`, met: service <= TARGET_MIB },
        figures: { floor, service },
      },
    ];
  } finally {
    await upstreams.close();
  }
};
