import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { spawnChild } from './children.ts';
import { ACKNOWLEDGED, type Mode, type Plan, SENDING, Summary, UNSENT } from './plan.ts';
import { indexOfKey } from './requests.ts';
import { APP_KEY, APP_SECRET, type Server, type ServerKind, SHOP_ID } from './servers.ts';

export type Load = {
  mode: Mode;
  count: number;
  warmupMs?: number;
  durationMs?: number;
  connections?: number;
  orderIds?: readonly string[];
  shopId?: string;
  /** Called when the first request is about to be sent. */
  onSending?(server: Server): void;
  /** Runs after the load, while the server is still up. */
  beforeEnd?(server: Server): Promise<void> | void;
};

const LOAD = join(import.meta.dirname, '..', 'load.ts');
const LONGEST_RUN_MS = 180_000;
const KEYS: Partial<Record<ServerKind, string>> = {
  floor: 'select key from notifications',
  service: 'select dedupe_key as key from notifications',
};
const Kept = z.array(z.string());

/** What a peer says it keeps; null for a server whose file is read once it is dead. */
const keptByPeer = async ({ kind, port }: Server): Promise<readonly string[] | null> => {
  if (kind in KEYS) return null;
  const answer = await fetch(`http://127.0.0.1:${port}/kept`);
  if (!answer.ok) throw new Error(`${kind} does not tell what it keeps: ${await answer.text()}`);
  return Kept.parse(await answer.json());
};

const keysInFile = ({ kind, databaseFile }: Server): string[] => {
  const database = new DatabaseSync(databaseFile);
  try {
    return database
      .prepare(KEYS[kind] ?? '')
      .all()
      .map((row) => String(row['key']));
  } finally {
    database.close();
  }
};

/** Why the ledger does not balance; empty when it does. */
export const ledgerFaults = (summary: Summary, states: Uint8Array, stored: readonly number[]): string[] => {
  const faults: string[] = [];
  const { sent, acknowledged, refused, cutOff } = summary;
  if (sent !== acknowledged + refused + cutOff)
    faults.push(`sent ${sent}, but ${acknowledged} acknowledged, ${refused} refused and ${cutOff} cut off`);
  const kept = new Set(stored);
  if (kept.size !== stored.length) faults.push(`${stored.length - kept.size} rows are stored twice`);
  const lost = states.reduce((sum, state, at) => sum + (state === ACKNOWLEDGED && !kept.has(at) ? 1 : 0), 0);
  if (lost > 0) faults.push(`${lost} acknowledged requests are not stored`);
  const unsent = stored.filter((index) => (states[index] ?? UNSENT) === UNSENT).length;
  if (unsent > 0) faults.push(`${unsent} stored rows were never sent`);
  return faults;
};

const planOf = (server: Server, folder: string, load: Load): Plan => ({
  dialect: server.kind === 'octokit' ? 'github' : 'tiktok',
  port: server.port,
  appKey: APP_KEY,
  appSecret: APP_SECRET,
  shopId: load.shopId ?? SHOP_ID,
  count: load.count,
  orderIds: [...(load.orderIds ?? [])],
  connections: load.connections ?? 64,
  mode: load.mode,
  warmupMs: load.warmupMs ?? 0,
  durationMs: load.durationMs ?? 0,
  statesFile: join(folder, 'states'),
});

/** Runs the load generator. */
const generate = async (planFile: string, onSending: () => void): Promise<Summary> => {
  const child = spawnChild(process.execPath, [LOAD, planFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
  });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('the load generator has no output');
  stdout.once('data', onSending);
  const exited = once(child, 'close');
  const [answer, errors] = await Promise.all([text(stdout), text(stderr)]);
  await exited;
  if (child.exitCode !== 0) throw new Error(`the load generator failed: ${errors.slice(-2_000)}`);
  return Summary.parse(JSON.parse(answer.replace(SENDING, '')));
};

/**
 * Loads a server, ends it with SIGKILL and audits the run: what was acknowledged must be kept. Throws when the
 * ledger does not balance, for then the figures mean nothing.
 */
export const runLoad = async (server: Server, folder: string, load: Load): Promise<Summary> => {
  const plan = planOf(server, folder, load);
  const planFile = join(folder, 'plan.json');
  writeFileSync(planFile, JSON.stringify(plan));
  const summary = await generate(planFile, () => load.onSending?.(server));
  await load.beforeEnd?.(server);
  const kept = await keptByPeer(server);
  await server.kill();
  const stored = (kept ?? keysInFile(server)).map(indexOfKey);
  const faults = ledgerFaults(summary, readFileSync(plan.statesFile), stored);
  if (faults.length > 0)
    throw new Error(`void, the ledger of the ${server.kind} does not balance: ${faults.join('; ')}`);
  return summary;
};
