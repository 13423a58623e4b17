import type { ChannelOrder, SalesChannel } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import type { ConvergeReport, Converger } from '../orders/converge.ts';
import { keyText, type OrderKey, type OrderRecord } from '../orders/model.ts';
import type { Lane, Store } from '../store/store.ts';

export type WorkerDeps = {
  store: Pick<Store, 'orders'>;
  converger: Converger;
  channelOf(key: OrderKey): SalesChannel;
  clock: Clock;
  /** A name for one batch, never used before. */
  newOwner(): string;
  /** The store or the code failed; the worker goes on. */
  onFault(error: unknown): void;
};

export type Finished = { key: OrderKey; report: ConvergeReport };

/**
 * Runs what is due, in two lanes, so that a flash sale waiting for Amazon's create quota never keeps a tracking
 * number or a cancellation of an order that is already there from going through.
 */
export type Worker = {
  start(): void;
  /** Something became due. */
  wake(): void;
  /** Runs everything that is due now, together with the background work. Answers what finished meanwhile. */
  drain(): Promise<Finished[]>;
  /** Orders wait that are older than one that would come now. */
  isBehind(): boolean;
  /** No new order is begun; those in hand are finished. */
  stop(): Promise<void>;
};

const LANES: readonly Lane[] = ['new', 'placed'];
/** The channel reads so many orders in one call. */
const BATCH = 50;
const CONCURRENCY = 8;
const IDLE_MS = 5_000;
/** A read older than this is made again: an order may be cancelled while its batch waits for create quota. */
const FRESH_MS = 3_000;

const inParallel = async <T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> => {
  const queue = [...items];
  const runners = Array.from({ length: Math.min(CONCURRENCY, queue.length) }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  });
  await Promise.all(runners);
};

const shopText = ({ channel, shopId }: OrderKey): string => `${channel}/${shopId}`;

/** Leases due orders of a lane, reads them 50 in a call, and runs them. Answers how many there were. */
const runBatch = async (
  deps: WorkerDeps,
  lane: Lane,
  onFinished: (finished: Finished) => void,
): Promise<number> => {
  const owner = deps.newOwner();
  const due = await deps.store.orders.claimDue(owner, deps.clock.nowMs(), BATCH, lane);
  for (const records of Map.groupBy(due, ({ key }) => shopText(key)).values()) {
    const orders = await prefetch(deps, records);
    const readAtMs = deps.clock.nowMs();
    const prefetched = (id: string, found: Map<string, ChannelOrder>): ChannelOrder | null | undefined =>
      deps.clock.nowMs() - readAtMs < FRESH_MS ? (found.get(id) ?? null) : undefined;
    await inParallel(records, async (record) => {
      const report =
        'failure' in orders
          ? await deps.converger.fail(record, owner, orders.failure)
          : await deps.converger.run(record, owner, prefetched(record.key.orderId, orders.found));
      onFinished({ key: record.key, report });
    });
  }
  return due.length;
};

const prefetch = async (
  deps: WorkerDeps,
  records: readonly OrderRecord[],
): Promise<{ found: Map<string, ChannelOrder> } | { failure: unknown }> => {
  const [first] = records;
  if (!first) return { found: new Map() };
  const { channel, shopId } = first.key;
  const ids = records.map((record) => record.key.orderId);
  try {
    return { found: await deps.channelOf(first.key).fetchOrders({ channel, shopId, region: null }, ids) };
  } catch (failure) {
    return { failure };
  }
};

export const createWorker = (deps: WorkerDeps): Worker => {
  const listeners = new Set<(finished: Finished) => void>();
  const onFinished = (finished: Finished): void => {
    for (const listener of listeners) listener(finished);
  };
  const stopping = new AbortController();
  let behind = true;
  let wakeUp = new AbortController();
  const lanes = new Map<Lane, Promise<void>>();
  let loop: Promise<void> = Promise.resolve();

  const emptyLane = async (lane: Lane): Promise<void> => {
    while (!stopping.signal.aborted && (await runBatch(deps, lane, onFinished)) > 0);
  };

  /** Callers of a lane take turns, so that each sees everything run that was due when it came. */
  const drainLane = (lane: Lane): Promise<void> => {
    const turn = (lanes.get(lane) ?? Promise.resolve()).then(() => emptyLane(lane));
    // The caller sees the failure; the next turn starts all the same.
    lanes.set(
      lane,
      turn.catch(() => undefined),
    );
    return turn;
  };

  const sleepUntilDue = async (signal: AbortSignal): Promise<void> => {
    const nextMs = await deps.store.orders.nextDueMs();
    const pauseMs = nextMs === null ? IDLE_MS : nextMs - deps.clock.nowMs();
    await deps.clock.sleep(Math.min(IDLE_MS, Math.max(5, pauseMs)), signal);
  };

  const runForever = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { signal } = wakeUp;
      try {
        await Promise.all(LANES.map(drainLane));
        if (!signal.aborted) {
          behind = false;
          await sleepUntilDue(signal);
        }
      } catch (error) {
        deps.onFault(error);
        await deps.clock.sleep(1000);
      }
      if (signal.aborted) wakeUp = new AbortController();
    }
  };

  const wake = (): void => {
    behind = true;
    // Each abort makes an error with a stack, and every webhook of a burst comes by here.
    if (!wakeUp.signal.aborted) wakeUp.abort();
  };

  return {
    wake,
    start() {
      loop = runForever();
    },
    isBehind: () => behind,
    async drain() {
      const finished = new Map<string, Finished>();
      const listener = (next: Finished): void => {
        finished.set(keyText(next.key), next);
      };
      listeners.add(listener);
      try {
        await Promise.all(LANES.map(drainLane));
      } finally {
        listeners.delete(listener);
      }
      return [...finished.values()];
    },
    async stop() {
      stopping.abort();
      wakeUp.abort();
      await loop;
      await Promise.all(lanes.values());
    },
  };
};
