import type { Plan } from './plan.ts';
import { type RunOptions, runPlan } from './run.ts';

/** Whether a plan still breaks the same rule. */
export type StillFails = (plan: Plan) => Promise<boolean>;

export const breaksRule =
  (rule: string, options: RunOptions = {}): StillFails =>
  async (plan) => {
    try {
      return (await runPlan(plan, options)).violation?.rule === rule;
    } catch {
      return false;
    }
  };

/** Delta debugging over a plan's events: ever smaller pieces are left out while it still fails. */
export const shrinkPlan = async (
  plan: Plan,
  stillFails: StillFails,
  isTimeUp: () => boolean,
): Promise<Plan> => {
  let best = plan;
  let size = Math.ceil(best.events.length / 2);
  while (size >= 1 && !isTimeUp()) {
    let shrunk = false;
    for (let from = 0; from < best.events.length && !isTimeUp(); ) {
      const events = best.events.toSpliced(from, size);
      const candidate = { ...best, events };
      if (await stillFails(candidate)) {
        best = candidate;
        shrunk = true;
      } else from += size;
    }
    if (!shrunk && size === 1) break;
    size = shrunk && size > 1 ? Math.min(size, Math.ceil(best.events.length / 2)) : Math.floor(size / 2);
    if (shrunk && size === 0) size = 1;
  }
  return best;
};
