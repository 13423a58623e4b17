/**
 * `npm run mutate [-- --only name,name] [--jobs n]`: breaks the code in every named way of mutations.ts, one at a time
 * in a copy of the tree, and runs what should notice. Ends with 1 when a mutation survives, or when what should notice
 * fails on the code as it is.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Catcher, catcherText, MUTATIONS, type Mutation } from './mutations.ts';
import { withCopy } from './workshop.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: { only: { type: 'string' }, jobs: { type: 'string', default: String(availableParallelism()) } },
});

const wanted = values.only?.split(',');
const chosen = MUTATIONS.filter(({ name }) => wanted === undefined || wanted.includes(name));
if (chosen.length < (wanted?.length ?? 1)) {
  throw new Error(`unknown mutation; there are ${MUTATIONS.map(({ name }) => name).join(', ')}`);
}

/** The first catcher that notices, or null. */
const noticedBy = (mutation: Mutation): Promise<Catcher | null> =>
  withCopy(async (copy) => {
    copy.break(mutation);
    for (const catcher of mutation.caughtBy) if (!(await copy.passes(catcher))) return catcher;
    return null;
  });

const inParallel = async <T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> => {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
};

/** A catcher that fails by itself would call every mutation caught. */
const falseAlarms = async (): Promise<string[]> => {
  const all = new Map(chosen.flatMap(({ caughtBy }) => caughtBy.map((one) => [catcherText(one), one])));
  const failed: string[] = [];
  await inParallel([...all], async ([text, catcher]) => {
    const passed = await withCopy((copy) => copy.passes(catcher));
    print(`${passed ? 'passes unbroken ' : 'FAILS UNBROKEN  '} ${text}`);
    if (!passed) failed.push(text);
  });
  return failed;
};

const failed = await falseAlarms();
if (failed.length > 0) {
  print('\nThe code as it is does not pass; nothing can be said about mutations.');
  process.exit(1);
}

const survivors: string[] = [];
await inParallel(chosen, async (mutation) => {
  const catcher = await noticedBy(mutation);
  if (!catcher) survivors.push(mutation.name);
  print(
    `${catcher ? 'caught  ' : 'SURVIVED'} ${mutation.name.padEnd(32)} ${catcher ? `by ${catcherText(catcher)}` : mutation.breaks}`,
  );
});
print(`\n${chosen.length} mutation(s), ${survivors.length} survived.`);
if (survivors.length > 0) process.exitCode = 1;
