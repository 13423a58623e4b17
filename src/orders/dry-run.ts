import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';
import type { ConvergeDeps } from './converge.ts';
import { DAY_MS, type Decision, review } from './decision.ts';
import { createDraft } from './draft.ts';
import type { OrderRecord } from './model.ts';
import { observe } from './observe.ts';
import { decideNext } from './steps.ts';

export type DryRunDeps = Pick<ConvergeDeps, 'sidesFor' | 'policy'> & {
  store: Pick<Store, 'orders'>;
  clock: Clock;
};

/** What would be decided about an order now. Both sides are read; nothing is changed, there or here. */
export type DryRun = (record: OrderRecord) => Promise<Decision>;

/** The draft is dropped: it alone could be committed, and no effect is reached from here. Throws `UpstreamError`. */
export const createDryRun =
  ({ sidesFor, policy, store, clock }: DryRunDeps): DryRun =>
  async (record) => {
    const nowMs = (): number => clock.nowMs();
    const sides = sidesFor(record);
    // No call is made for a shop that withdrew its authorisation.
    if (sides.isWithdrawn) return review('shop_disconnected', nowMs() + DAY_MS);
    const draft = createDraft({ record, store, owner: 'dry-run', nowMs });
    const seen = await observe(sides, record);
    return decideNext({ draft, nowMs }, seen, policy(record)).decision;
  };
