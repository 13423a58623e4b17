/**
 * Runs seeded worlds against the real service in virtual time and looks for anything that must never happen.
 *
 *   npm run simulate -- --seeds 20000           seeds 1 to 20000, over all cores
 *   npm run simulate -- --seeds 500 --seed 7000 seeds 7000 to 7499
 *   npm run simulate -- --seed 4711 --trace     one seed again, with everything that happened in it
 *   npm run simulate -- --plan plan.json        a plan again, as a failure printed it
 *
 * `--jobs N` sets how many processes; `--shrink-seconds N` how long a failing plan is made smaller (0: not at all);
 * `--bail` stops at the first seed that is broken.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { generatePlan } from './generate.ts';
import type { Violation } from './invariants.ts';
import type { Plan } from './plan.ts';
import { type RunResult, runPlan } from './run.ts';
import { breaksRule, shrinkPlan } from './shrink.ts';
import type { Counters } from './simulation.ts';

/** What one process tells of one seed. */
type Finding = { seed: number; violation: Violation | null; thrown: string | null; counters: Counters };

/** More failures than anybody reads. */
const MAX_FAILURES = 10;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

const findingOf = async (seed: number): Promise<Finding> => {
  try {
    const { violation, counters } = await runPlan(generatePlan(seed));
    return { seed, violation, thrown: null, counters };
  } catch (error) {
    return { seed, violation: null, thrown: textOf(error), counters: {} };
  }
};

const beWorker = (): void => {
  process.on('message', (seed: number) => {
    void findingOf(seed).then((finding) => process.send?.(finding));
  });
  process.on('disconnect', () => process.exit(0));
};

/** Runs the seeds, each in whichever process is free. */
const runSeeds = (
  seeds: readonly number[],
  jobs: number,
  onFinding: (finding: Finding) => void,
): Promise<void> =>
  new Promise((resolve) => {
    const waiting = seeds.toReversed();
    let running = 0;
    const next = (worker: ChildProcess): void => {
      const seed = waiting.pop();
      if (seed !== undefined) worker.send(seed);
      else {
        worker.disconnect();
        running -= 1;
        if (running === 0) resolve();
      }
    };
    for (let job = 0; job < Math.min(jobs, seeds.length); job += 1) {
      running += 1;
      const worker = fork(import.meta.filename, ['--worker'], { execArgv: ['--max-semi-space-size=64'] });
      worker.on('message', (finding: Finding) => {
        onFinding(finding);
        next(worker);
      });
      next(worker);
    }
  });

const tellRun = (plan: Plan, { violation, trace, hash }: RunResult, withTrace: boolean): void => {
  if (withTrace) for (const line of trace) say(line);
  say(
    `seed ${plan.seed}: ${violation ? `${violation.rule}: ${violation.detail}` : 'nothing is broken'} (${hash})`,
  );
};

/** The shortest plan that still breaks the rule, and how to see it again. */
const tellFailure = async (
  plan: Plan,
  violation: Violation,
  shrinkMs: number,
  withTrace: boolean,
): Promise<void> => {
  say(`\nseed ${plan.seed} is broken: ${violation.rule}: ${violation.detail}`);
  say(`again: npm run simulate -- --seed ${plan.seed} --trace`);
  const untilMs = performance.now() + shrinkMs;
  const shortest = await shrinkPlan(plan, breaksRule(violation.rule), () => performance.now() >= untilMs);
  const result = await runPlan(shortest, { keepTrace: true });
  say(`shortest plan (${shortest.events.length} of ${plan.events.length} events), for --plan:`);
  say(JSON.stringify(shortest));
  tellRun(shortest, result, withTrace);
};

const tellCounters = (totals: Counters): void => {
  for (const [name, count] of Object.entries(totals).toSorted())
    say(`${String(count).padStart(10)}  ${name}`);
};

type Many = {
  first: number;
  count: number;
  jobs: number;
  shrinkMs: number;
  withTrace: boolean;
  bail: boolean;
};

const runMany = async ({ first, count, jobs, shrinkMs, withTrace, bail }: Many): Promise<boolean> => {
  const totals: Counters = {};
  const failures: Finding[] = [];
  const startedMs = performance.now();
  let done = 0;
  const seeds = Array.from({ length: count }, (_, index) => first + index);
  await runSeeds(seeds, jobs, (finding) => {
    done += 1;
    for (const [name, value] of Object.entries(finding.counters)) totals[name] = (totals[name] ?? 0) + value;
    if (finding.violation || finding.thrown) {
      failures.push(finding);
      const { violation, thrown } = finding;
      if (failures.length <= MAX_FAILURES)
        say(`seed ${finding.seed}: ${violation ? `${violation.rule}: ${violation.detail}` : thrown}`);
      if (bail) process.exit(1);
    }
    if (done % 1000 === 0) say(`${done} of ${count}, ${failures.length} broken`);
  });
  tellCounters(totals);
  const tookMs = performance.now() - startedMs;
  say(
    `${count} seeds in ${Math.round(tookMs / 1000)} s (${Math.round(tookMs / count)} ms each), ${failures.length} broken`,
  );
  const [worst] = failures.filter(({ violation }) => violation !== null);
  if (worst?.violation) await tellFailure(generatePlan(worst.seed), worst.violation, shrinkMs, withTrace);
  return failures.length === 0;
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      plan: { type: 'string' },
      jobs: { type: 'string' },
      'shrink-seconds': { type: 'string' },
      trace: { type: 'boolean', default: false },
      bail: { type: 'boolean', default: false },
      worker: { type: 'boolean', default: false },
    },
  });
  if (values.worker) {
    beWorker();
    return;
  }
  const shrinkMs = Number(values['shrink-seconds'] ?? 60) * 1000;
  const isOne = values.plan !== undefined || (values.seed !== undefined && values.seeds === undefined);
  if (!isOne) {
    const ok = await runMany({
      first: Number(values.seed ?? 1),
      count: Number(values.seeds ?? 1000),
      jobs: Number(values.jobs ?? availableParallelism()),
      shrinkMs,
      withTrace: values.trace,
      bail: values.bail,
    });
    process.exitCode = ok ? 0 : 1;
    return;
  }
  const plan = values.plan
    ? (JSON.parse(readFileSync(values.plan, 'utf8')) as Plan)
    : generatePlan(Number(values.seed));
  const result = await runPlan(plan, { keepTrace: values.trace });
  if (result.violation && values.plan === undefined && shrinkMs > 0)
    await tellFailure(plan, result.violation, shrinkMs, values.trace);
  else tellRun(plan, result, values.trace);
  process.exitCode = result.violation ? 1 : 0;
};

await main();
