import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { spawnChild } from '../../bench/lib/children.ts';
import { ACKNOWLEDGED, type Plan, SENDING, Summary } from '../../bench/lib/plan.ts';

const LOAD = join(import.meta.dirname, '..', '..', 'bench', 'load.ts');

let server: Server;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'load-'));
  server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-length', 0).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const generate = async (plan: Pick<Plan, 'count' | 'mode' | 'warmupMs' | 'durationMs' | 'statesFile'>) => {
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const planFile = join(folder, 'plan.json');
  const rest = { dialect: 'tiktok', appKey: 'key', appSecret: 'secret', shopId: '1', orderIds: [] };
  writeFileSync(planFile, JSON.stringify({ ...rest, ...plan, port, connections: 2 }));
  const child = spawnChild(process.execPath, [LOAD, planFile], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('the load generator has no output');
  const answer = await text(child.stdout);
  return Summary.parse(JSON.parse(answer.replace(SENDING, '')));
};

it('sends every request that is due before the end, down to the last microsecond', async () => {
  const statesFile = join(folder, 'states');

  const summary = await generate({
    // The last one is due a microsecond before the end.
    mode: { kind: 'rate', perSecond: 1_000_000, warmupPerSecond: 1_000 },
    warmupMs: 50,
    durationMs: 2,
    count: 2_050,
    statesFile,
  });

  expect(summary).toMatchObject({ sent: 2_050, acknowledged: 2_050, refused: 0, cutOff: 0 });
  expect(readFileSync(statesFile).every((state) => state === ACKNOWLEDGED)).toBe(true);
});
