import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { ACKNOWLEDGED, type Mode, type Plan, Summary, UNSENT } from './plan.ts';
import { indexOfKey } from './requests.ts';
import { APP_KEY, APP_SECRET, type Server, SHOP_ID } from './servers.ts';

export type Load = {
  mode: Mode;
  count: number;
  warmupMs?: number;
  durationMs?: number;
  connections?: number;
  orderIds?: readonly string[];
  shopId?: string;
};

const LOAD = join(import.meta.dirname, '..', 'load.ts');
const LONGEST_RUN_MS = 120_000;
const KEYS: Record<Server['kind'], string> = {
  floor: 'select key from notifications',
  service: 'select dedupe_key as key from notifications',
};

const storedIndices = (server: Server): number[] => {
  const database = new DatabaseSync(server.databaseFile);
  try {
    return database
      .prepare(KEYS[server.kind])
      .all()
      .map((row) => indexOfKey(String(row['key'])));
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

/**
 * Loads a server, ends it with SIGKILL and audits the run: what was acknowledged must be in its file. Throws when the
 * ledger does not balance, for then the figures mean nothing.
 */
export const runLoad = async (server: Server, folder: string, load: Load): Promise<Summary> => {
  const plan: Plan = {
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
  };
  const planFile = join(folder, 'plan.json');
  writeFileSync(planFile, JSON.stringify(plan));
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD, planFile], {
    timeout: LONGEST_RUN_MS,
  });
  const summary = Summary.parse(JSON.parse(stdout));
  await server.kill();
  const faults = ledgerFaults(summary, readFileSync(plan.statesFile), storedIndices(server));
  if (faults.length > 0)
    throw new Error(`void, the ledger of the ${server.kind} does not balance: ${faults.join('; ')}`);
  return summary;
};
