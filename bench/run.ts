/**
 * `npm run bench [-- --quick] [--only route,peers,…] [--out results.json] [--write]`: the service against the floor and
 * its peers, in one run, on this machine's disk and on slower ones. `--write` keeps the results in `bench/results.json`
 * and writes `docs/performance.md` from them; `--from FILE --write` writes the page without measuring.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Context, Row } from './lib/context.ts';
import { buildSlowSync, disks } from './lib/disk.ts';
import { describeMachine, Results } from './lib/results.ts';
import { performancePage } from './performance.ts';
import { chartText, table } from './report.ts';
import { measureBurst } from './scenarios/burst.ts';
import { measureConsole } from './scenarios/console.ts';
import { measureConverge } from './scenarios/converge.ts';
import { measureGrowth } from './scenarios/growth.ts';
import { measureLongRun } from './scenarios/long-run.ts';
import { measureMemory } from './scenarios/memory.ts';
import { measurePages } from './scenarios/pages.ts';
import { measurePeers } from './scenarios/peers.ts';
import { measureReconcile } from './scenarios/reconcile.ts';
import { measureRoute } from './scenarios/route.ts';
import { measureStart } from './scenarios/start.ts';
import { measureDraining, measureSustained } from './scenarios/sustained.ts';

const SCENARIOS: Record<string, (context: Context) => Promise<Row[]>> = {
  route: measureRoute,
  peers: measurePeers,
  burst: measureBurst,
  'burst-sustained': measureSustained,
  'rate-while-draining': measureDraining,
  converge: measureConverge,
  start: measureStart,
  memory: measureMemory,
  'long-run': measureLongRun,
  reconcile: measureReconcile,
  growth: measureGrowth,
  pages: measurePages,
  console: measureConsole,
};

const BENCH = import.meta.dirname;
const RESULTS_FILE = join(BENCH, 'results.json');
const PAGE_FILE = join(BENCH, '..', 'docs', 'performance.md');

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (): string => (performance.now() / 1_000).toFixed(0).padStart(5);
const progress = (text: string): void => void process.stderr.write(`${seconds()} s  ${text}\n`);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(SCENARIOS).join() },
    out: { type: 'string' },
    from: { type: 'string' },
    write: { type: 'boolean', default: false },
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
    context.note(`${name} FAILED: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    return [];
  } finally {
    progress(`${name} is done`);
  }
};

const measure = async (folder: string): Promise<Results> => {
  const shim = buildSlowSync(folder);
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    print(text);
  };
  if (!shim) note('No C compiler: slower disks are left out, which is what most deployments have.');
  const added = values.quick ? [0, 5] : [0, 1, 5];
  const context: Context = { folder, disks: disks(shim, added), quick: values.quick, progress, note };
  const machine = describeMachine(folder);
  const rows: Row[] = [];
  for (const name of values.only.split(',')) rows.push(...(await runScenario(name, context)));
  const date = new Date().toISOString().slice(0, 10);
  // As it will be read again: the page is made from what is kept.
  return Results.parse(JSON.parse(JSON.stringify({ date, quick: values.quick, machine, notes, rows })));
};

const measureInFolder = async (): Promise<Results> => {
  const folder = mkdtempSync(join(tmpdir(), 'mcf-bench-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clear);
  try {
    return await measure(folder);
  } finally {
    clear();
  }
};

const show = ({ machine, rows }: Results): void => {
  print(`\nNode ${machine.node}, ${machine.cores} cores; "+n ms": every fsync takes n ms longer.`);
  print('Ratios are service/baseline: median (least-greatest of the pairs). Every ledger balanced.\n');
  print(table(rows));
  for (const chart of rows.flatMap(({ charts }) => charts)) print(`\n${chartText(chart)}`);
  const missed = rows.filter(({ target }) => target?.met === false);
  print(
    `\n${missed.length === 0 ? 'Every target that was measured is met.' : `${missed.length} target(s) not met.`}`,
  );
};

const read = (path: string): Results => Results.parse(JSON.parse(readFileSync(path, 'utf8')));

const results = values.from ? read(values.from) : await measureInFolder();
show(results);
const text = `${JSON.stringify(results, null, 2)}\n`;
if (values.out) writeFileSync(values.out, text);
if (values.write) {
  writeFileSync(RESULTS_FILE, text);
  writeFileSync(PAGE_FILE, performancePage(results));
}
