/**
 * `npm run bench [-- --quick] [--only route,burst,converge,start,memory] [--out results.json]`: the service against
 * the floor, in one run, on this machine's disk and on slower ones. Figures of two runs cannot be compared, ratios can.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Context, Row } from './lib/context.ts';
import { buildSlowSync, disks } from './lib/disk.ts';
import { table } from './report.ts';
import { measureBurst } from './scenarios/burst.ts';
import { measureConverge } from './scenarios/converge.ts';
import { measureMemory } from './scenarios/memory.ts';
import { measureRoute } from './scenarios/route.ts';
import { measureStart } from './scenarios/start.ts';

const SCENARIOS: Record<string, (context: Context) => Promise<Row[]>> = {
  route: measureRoute,
  burst: measureBurst,
  converge: measureConverge,
  start: measureStart,
  memory: measureMemory,
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const progress = (text: string): void => void process.stderr.write(`  ${text}\n`);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(SCENARIOS).join() },
    out: { type: 'string' },
  },
});

/** One that fails or is void is told at once, ends the run with 1, and leaves the others their figures. */
const runScenario = async (name: string, context: Context): Promise<Row[]> => {
  const measure = SCENARIOS[name];
  if (!measure)
    throw new Error(`there is no scenario ${name}; there are ${Object.keys(SCENARIOS).join(', ')}`);
  try {
    return await measure(context);
  } catch (error) {
    print(`${name} FAILED: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    return [];
  }
};

const main = async (folder: string): Promise<void> => {
  const shim = buildSlowSync(folder);
  if (!shim) print('No C compiler: slower disks are left out, which is what most deployments have.');
  const added = values.quick ? [0, 5] : [0, 1, 5];
  const context: Context = { folder, disks: disks(shim, added), quick: values.quick, progress };
  const rows: Row[] = [];
  for (const name of values.only.split(',')) rows.push(...(await runScenario(name, context)));
  print(
    `\nNode ${process.version}, ${availableParallelism()} cores; "+n ms": every fsync takes n ms longer.`,
  );
  print('Ratios are service/floor: median (least-greatest of the pairs). Every ledger balanced.\n');
  print(table(rows));
  const missed = rows.filter(({ target }) => target?.met === false);
  print(
    `\n${missed.length === 0 ? 'Every target that was measured is met.' : `${missed.length} target(s) not met.`}`,
  );
  if (values.out) writeFileSync(values.out, `${JSON.stringify({ node: process.version, rows }, null, 2)}\n`);
};

const folder = mkdtempSync(join(tmpdir(), 'mcf-bench-'));
try {
  await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
