import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { OrderChange, Store } from '../store/store.ts';
import type { Converger } from './converge.ts';
import type { CancelRequest, OrderKey, OrderRecord } from './model.ts';

/** What a person does with an order. Each leaves a line in the timeline, then the order is converged at once. */
export type Operator = {
  /** Forgets refusals, and makes a fulfillment that ended badly anew. */
  retry(key: OrderKey): Promise<OrderRecord>;
  /** Stops Amazon first, proven, then cancels at the channel unless `keepOrder`. */
  cancel(key: OrderKey, request: CancelRequest): Promise<OrderRecord>;
  /** Closes the order by hand. */
  resolve(key: OrderKey, note: string): Promise<OrderRecord>;
};

/** Ends of a fulfillment after which a person's retry means a new one. */
const REMAKE = new Set(['mcf_cancelled', 'mcf_unfulfillable', 'mcf_invalid', 'mcf_lost', 'mcf_mismatch']);

export const createOperator = (deps: {
  store: Pick<Store, 'orders'>;
  converger: Pick<Converger, 'converge'>;
  clock: Clock;
}): Operator => {
  const read = async (key: OrderKey): Promise<OrderRecord> => {
    const record = await deps.store.orders.get(key);
    if (!record) throw new AppError('order_unknown', 404, 'No order with this id was ever seen.');
    return record;
  };
  const amendAndRun = async (key: OrderKey, change: OrderChange): Promise<OrderRecord> => {
    await deps.store.orders.amend(key, change, deps.clock.nowMs());
    await deps.converger.converge(key);
    return read(key);
  };
  const note = (event: string, detail: string) => [{ atMs: deps.clock.nowMs(), event, detail }];

  return {
    async retry(key) {
      const { reason, packages } = await read(key);
      return amendAndRun(key, {
        patch: {
          refusal: null,
          failures: 0,
          cancelRequest: null,
          resolvedAtMs: null,
          ...(reason !== null && REMAKE.has(reason) ? { recreate: true } : {}),
        },
        packages: packages
          .filter((parcel) => parcel.refusal !== null)
          .map((parcel) => ({ ...parcel, refusal: null })),
        events: note('operator_retry', reason ?? ''),
      });
    },
    cancel: (key, request) =>
      amendAndRun(key, {
        patch: { cancelRequest: request },
        events: note(
          'operator_cancel',
          request.keepOrder ? 'the order stays open at TikTok' : request.reason,
        ),
      }),
    resolve: (key, text) =>
      amendAndRun(key, {
        patch: { resolvedAtMs: deps.clock.nowMs() },
        events: note('operator_resolve', text),
      }),
  };
};
