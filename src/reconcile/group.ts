import type { ChannelOrder, SalesChannel, Shop } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { Limiter } from '../lib/limiter.ts';
import { type CallLog, NO_CALL_LOG } from '../orders/call-log.ts';
import type { ConvergeReport, Converger } from '../orders/converge.ts';
import type { OrderCall, OrderKey, OrderRecord } from '../orders/model.ts';
import type { DueShop, Lane, Store } from '../store/store.ts';

/** The channel reads so many orders in one call. */
export const BATCH = 50;
/** A read older than this is made again: an order may be cancelled while its group waits for quota. */
const FRESH_MS = 3_000;

export type Finished = { key: OrderKey; report: ConvergeReport };

export type GroupDeps = {
  store: Pick<Store, 'orders'>;
  converger: Pick<Converger, 'run' | 'fail'>;
  channelOf(shop: Pick<Shop, 'channel'>): SalesChannel;
  clock: Clock;
  /** Tells which calls were made for a group; absent: nobody does. */
  callLog?: CallLog;
  /** A name for one group, never used before. */
  newOwner(): string;
  onFinished(finished: Finished): void;
};

/** What is begun together: orders of one shop out of one lane. */
export type GroupPlan = {
  lane: Lane;
  shop: DueShop;
  most: number;
  /** How many of its orders run at a time, and among which others. */
  inTurn: Limiter;
  /** Runs an order with its leave to create. */
  withLeave<T>(work: (mayCreate: (amazonAccount: string) => boolean) => Promise<T>): Promise<T>;
  /** Told once the group's orders are read, or could not be: how many there are. */
  onRead?(count: number): void;
  onOrderEnd?(): void;
};

type Read = { calls: OrderCall[]; answer: Answer };
type Answer = { found: Map<string, ChannelOrder>; atMs: number } | { failure: unknown } | 'each_alone';

/** One order that the channel gives out of shape spoils the answer for all that were read with it. */
const isSpoiled = (failure: unknown, orders: number): boolean =>
  orders > 1 && failure instanceof UpstreamError && failure.code === 'upstream_malformed';

const readAll = async (
  deps: GroupDeps,
  { channel, shopId }: DueShop,
  records: readonly OrderRecord[],
  calls: OrderCall[],
): Promise<Answer> => {
  const { callLog = NO_CALL_LOG } = deps;
  try {
    const ids = records.map((record) => record.key.orderId);
    const found = await callLog.gather(calls, ids.length, () =>
      deps.channelOf({ channel }).fetchOrders({ channel, shopId, region: null }, ids),
    );
    return { found, atMs: deps.clock.nowMs() };
  } catch (failure) {
    return isSpoiled(failure, records.length) ? 'each_alone' : { failure };
  }
};

const runOne = (
  deps: GroupDeps,
  plan: GroupPlan,
  record: OrderRecord,
  owner: string,
  { answer: read, calls }: Read,
): Promise<ConvergeReport> => {
  if (read !== 'each_alone' && 'failure' in read)
    return deps.converger.fail(record, owner, read.failure, calls);
  const isFresh = read !== 'each_alone' && deps.clock.nowMs() - read.atMs < FRESH_MS;
  const prefetched = isFresh ? (read.found.get(record.key.orderId) ?? null) : undefined;
  return plan.withLeave((mayCreate) => deps.converger.run(record, owner, { prefetched, mayCreate, calls }));
};

/**
 * Leases due orders of a shop, reads them in one call, and runs them. Rejects with the first failure that is ours,
 * after all of them ended.
 */
export const runGroup = async (deps: GroupDeps, plan: GroupPlan): Promise<void> => {
  const { lane, shop, most } = plan;
  const owner = deps.newOwner();
  const records = await deps.store.orders.claimDue(owner, deps.clock.nowMs(), most, lane, shop.shopId);
  const calls: OrderCall[] = [];
  const answer: Answer = records.length === 0 ? { failure: null } : await readAll(deps, shop, records, calls);
  const read: Read = { calls, answer };
  plan.onRead?.(records.length);
  const runs = records.map((record) =>
    plan.inTurn(async () => {
      try {
        deps.onFinished({ key: record.key, report: await runOne(deps, plan, record, owner, read) });
      } finally {
        plan.onOrderEnd?.();
      }
    }),
  );
  const ends = await Promise.allSettled(runs);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
};
