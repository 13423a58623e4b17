import { generatePlan } from './generate.ts';
import { runPlan } from './run.ts';
import type { Counters } from './simulation.ts';

/** What is broken in these seeds, as lines that say how to see it again, and how often special things happened. */
export const runSeeds = async (
  first: number,
  count: number,
): Promise<{ broken: string[]; totals: Counters }> => {
  const totals: Counters = {};
  const broken: string[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const { violation, counters } = await runPlan(generatePlan(seed));
    for (const [name, value] of Object.entries(counters)) totals[name] = (totals[name] ?? 0) + value;
    if (violation)
      broken.push(`npm run simulate -- --seed ${seed} --trace # ${violation.rule}: ${violation.detail}`);
  }
  return { broken, totals };
};
