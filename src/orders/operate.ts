import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Store, VisibleShops } from '../store/store.ts';
import type { Amendment, Converger } from './converge.ts';
import type { Correction } from './correction.ts';
import type { CancelRequest, OrderKey, OrderRecord } from './model.ts';
import type { ReasonCode } from './reasons.ts';

/** What a person does with an order. Each leaves a line in the timeline with who did it, and is carried out at once. */
export type Operator = {
  /** Forgets refusals, makes a fulfillment that ended badly anew, and uses a corrected address or another speed for this attempt. */
  retry(key: OrderKey, by: string, correction?: Correction): Promise<OrderRecord>;
  /** Retries every order of these shops (null: all) in review for this reason. Answers how many. */
  retryAll(reason: ReasonCode, by: string, shopIds: VisibleShops): Promise<number>;
  /** Stops Amazon first, proven, then cancels at the channel unless `keepOrder`. */
  cancel(key: OrderKey, by: string, request: Omit<CancelRequest, 'sentAtMs'>): Promise<OrderRecord>;
  /** Closes the order by hand. */
  resolve(key: OrderKey, by: string, note: string): Promise<OrderRecord>;
};

/** Ends of a fulfillment after which a person's retry means a new one. */
const REMAKE = new Set<ReasonCode | null>([
  'mcf_cancelled',
  'mcf_unfulfillable',
  'sold_by_other_shop',
  'mcf_invalid',
  'mcf_lost',
  'mcf_mismatch',
]);
/** A runner that has the order is done within a few seconds, unless an upstream hangs. */
const BUSY_TRIES = 10;
const BUSY_PAUSE_MS = 300;
const PAGE = 100;

/** Names what is corrected, and of an address never its contents. */
const partsOf = ({ speed, ...address }: Correction = {}): string => {
  const parts = Object.entries(address).flatMap(([part, value]) => (value === undefined ? [] : [part]));
  const corrected = parts.length > 0 ? [`address corrected: ${parts.join(', ')}`] : [];
  return [...corrected, ...(speed ? [`speed: ${speed}`] : [])].join('; ');
};

const retryOf = (record: OrderRecord, by: string, correction?: Correction): Amendment => {
  const parts = partsOf(correction);
  return {
    patch: {
      refusal: null,
      failures: 0,
      cancelRequest: null,
      resolvedAtMs: null,
      ...(REMAKE.has(record.reason) ? { recreate: true } : {}),
      ...(record.reason === 'held_by_rule' ? { released: true } : {}),
      ...(record.reason === 'before_live' ? { takenOver: true } : {}),
      ...(record.reason === 'mcf_stuck' && record.fulfillmentId !== null
        ? { stop: { fulfillmentId: record.fulfillmentId, triedAtMs: null, refused: false, remake: true } }
        : {}),
    },
    packages: record.packages
      .filter((parcel) => parcel.refusal !== null)
      .map((parcel) => ({ ...parcel, refusal: null })),
    event: 'operator_retry',
    detail: `by ${by}${record.reason ? `, was ${record.reason}` : ''}${parts ? `; ${parts}` : ''}`,
    correction,
  };
};

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
  const carryOut = async (key: OrderKey, amend: (record: OrderRecord) => Amendment): Promise<OrderRecord> => {
    await read(key);
    for (let tries = 0; tries < BUSY_TRIES; tries += 1) {
      const { outcome } = await deps.converger.converge(key, amend);
      if (outcome !== 'busy' && outcome !== 'lost') return read(key);
      await deps.clock.sleep(BUSY_PAUSE_MS);
    }
    throw new AppError('order_busy', 409, 'The order is being worked on; try again in a moment.');
  };
  const retry: Operator['retry'] = async (key, by, correction) =>
    carryOut(key, (record) => retryOf(record, by, correction));

  return {
    retry,
    async retryAll(reason, by, shopIds) {
      const keys: OrderKey[] = [];
      let cursor: string | null = null;
      do {
        const page = await deps.store.orders.list({
          shopIds,
          stage: 'review',
          reason,
          limit: PAGE,
          ...(cursor === null ? {} : { cursor }),
        });
        keys.push(...page.orders.map((order) => order.key));
        cursor = page.nextCursor;
      } while (cursor !== null);
      for (const key of keys) await retry(key, by);
      return keys.length;
    },
    cancel: (key, by, request) =>
      carryOut(key, () => ({
        patch: { cancelRequest: { ...request, sentAtMs: null } },
        event: 'operator_cancel',
        detail: `by ${by}: ${request.keepOrder ? 'the order stays open at TikTok' : request.reason}`,
      })),
    resolve: (key, by, note) =>
      carryOut(key, () => ({
        patch: { resolvedAtMs: deps.clock.nowMs(), returnReviews: [] },
        event: 'operator_resolve',
        detail: `by ${by}: ${note}`,
      })),
  };
};
