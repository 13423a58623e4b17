import type { Clock } from '../lib/clock.ts';
import { daysToMs } from '../lib/clock.ts';
import { freeFromMs, NO_WATCH, type OrderWatch } from '../orders/watch.ts';

/** How long what was promised took. */
export type PromiseListener = {
  /** From the end of an order's hold to its first create. */
  created(waitedMs: number): void;
  /** From Amazon's shipment of a parcel to its report; 0 for a number reported before. */
  reported(waitedMs: number): void;
};

/** Looks on for what the seller was promised. */
export const watchPromises = (listener: PromiseListener): OrderWatch => ({
  ...NO_WATCH,
  async acting(effect, { observation, record, policy }, tally, nowMs, act) {
    const before = { ...tally };
    const { order, sight } = observation;
    const isFirst = record.fulfillmentCount === 0;
    const result = await act();
    if (effect.kind === 'create' && order && isFirst && tally.created > before.created)
      listener.created(Math.max(0, nowMs() - freeFromMs(order, policy)));
    if (effect.kind === 'ship' && sight.kind === 'found' && tally.reported > before.reported) {
      const { packageKey } = effect.parcel;
      const shippedMs = sight.fulfillment.packages.find(
        (other) => other.packageKey === packageKey,
      )?.shippedAtMs;
      if (typeof shippedMs === 'number') listener.reported(Math.max(0, nowMs() - shippedMs));
    }
    return result;
  },
});

const KEPT_MS = daysToMs(1);
/** More in a day than a page needs to tell the median. */
const MOST = 5_000;

export type KeptPromises = PromiseListener & {
  /** Of the last day, or since the start. */
  last(): { createdMs: readonly number[]; reportedMs: readonly number[] };
};

/** Remembers the last day in memory. */
export const createKeptPromises = (clock: Clock): KeptPromises => {
  type Sample = { atMs: number; waitedMs: number };
  const created: Sample[] = [];
  const reported: Sample[] = [];
  const add = (samples: Sample[], waitedMs: number): void => {
    samples.push({ atMs: clock.nowMs(), waitedMs });
    if (samples.length > MOST) samples.shift();
  };
  const last = (samples: readonly Sample[]): number[] =>
    samples.filter(({ atMs }) => atMs > clock.nowMs() - KEPT_MS).map(({ waitedMs }) => waitedMs);
  return {
    created: (waitedMs) => add(created, waitedMs),
    reported: (waitedMs) => add(reported, waitedMs),
    last: () => ({ createdMs: last(created), reportedMs: last(reported) }),
  };
};
