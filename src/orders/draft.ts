import type { OrderChange, OrderPatch, Store } from '../store/store.ts';
import type { OrderCall, OrderEvent, OrderRecord, PackageRecord } from './model.ts';

/** The lease went to another runner; whatever it finds, this one stops without a further effect. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * The order's row while a runner holds its lease. Changes gather here and are committed together: before every
 * outside effect by `flush`, and at the end with the lease's release. Losing them in a crash costs one more look,
 * never an effect, because every effect's intent is flushed before it.
 */
export type Draft = {
  readonly record: OrderRecord;
  set(patch: OrderPatch): void;
  putPackage(parcel: PackageRecord): void;
  promise(units: { amazonSku: string; units: number }[]): void;
  note(event: string, detail?: string): void;
  /** What is not committed yet; taken out of the draft. */
  take(): OrderChange;
  /** Commits and prolongs the lease. Throws `LeaseLost`. */
  flush(): Promise<void>;
};

export const createDraft = (options: {
  record: OrderRecord;
  store: Pick<Store, 'orders'>;
  owner: string;
  nowMs: () => number;
  /** Fills up while the order runs; each commit takes what is in it. */
  calls?: OrderCall[];
}): Draft => {
  let record = options.record;
  let patch: OrderPatch = {};
  let events: OrderEvent[] = [];
  let packages = new Map<string, PackageRecord>();
  let promised: OrderChange['promised'];

  const take = (): OrderChange => {
    const change: OrderChange = { patch, events, packages: [...packages.values()] };
    if (promised) change.promised = promised;
    const calls = options.calls?.splice(0) ?? [];
    if (calls.length > 0) change.calls = calls;
    patch = {};
    events = [];
    packages = new Map();
    promised = undefined;
    return change;
  };

  return {
    get record() {
      return record;
    },
    set(next) {
      record = { ...record, ...next };
      patch = { ...patch, ...next };
    },
    putPackage(parcel) {
      const isSame = (other: PackageRecord): boolean =>
        other.fulfillmentId === parcel.fulfillmentId && other.packageKey === parcel.packageKey;
      record = { ...record, packages: [...record.packages.filter((other) => !isSame(other)), parcel] };
      packages.set(`${parcel.fulfillmentId}\n${parcel.packageKey}`, parcel);
    },
    promise(units) {
      promised = units;
    },
    note(event, detail = '') {
      events.push({ atMs: options.nowMs(), event, detail });
    },
    take,
    async flush() {
      const held = await options.store.orders.commit(record.key, options.owner, take(), options.nowMs());
      if (!held) throw new LeaseLost();
    },
  };
};
