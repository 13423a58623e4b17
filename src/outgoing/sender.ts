import { type Clock, daysToMs, secondsToMs } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';
import { type DeliverDeps, outcomeOf, sendOnce } from './deliver.ts';
import type { EndpointRow, Outcome } from './records.ts';

/** Sends what the database wrote down. */
export type Sender = {
  start(): void;
  /** Sends no more, and waits for what is under way. */
  stop(): Promise<void>;
  /** Something may have become due, or an endpoint came into use. */
  wake(): void;
};

export type SenderDeps = DeliverDeps & {
  store: Pick<Store, 'outgoing'>;
  clock: Clock;
  onFault(error: unknown): void;
  /** An endpoint was disabled. */
  onDisabled(endpoint: EndpointRow, outcome: Outcome & { kind: 'disable' }): void;
};

/** How long an event may wait for its first attempt, where there is an endpoint. */
const POLL_MS = 1_000;
/** After a failure nothing goes to an endpoint for so long: whatever waits for it would fail the same. */
const REST_MS = 5_000;
const HOUR_MS = secondsToMs(3_600);
const KEPT_MS = daysToMs(30);
const PRUNE_PAGE = 1_000;

/** One endpoint does not wait for another; deliveries for the same one go one after the other, as their events came. */
export const createSender = (deps: SenderDeps): Sender => {
  const { store, clock } = deps;
  const stopping = new AbortController();
  const busy = new Map<string, Promise<void>>();
  const restUntilMs = new Map<string, number>();
  let waking = new AbortController();
  let loop = Promise.resolve();
  let prunedMs = Number.NEGATIVE_INFINITY;

  /** False: nothing is due, or nothing may go there now. */
  const sendNext = async (endpointId: string): Promise<boolean> => {
    const endpoint = await store.outgoing.findEndpoint(endpointId);
    if (!endpoint || endpoint.disabledAtMs !== null || stopping.signal.aborted) return false;
    const [delivery] = await store.outgoing.due(endpointId, clock.nowMs(), 1);
    if (!delivery) return false;
    const result = await sendOnce(deps, endpoint, delivery);
    const outcome = result && outcomeOf(endpoint, delivery, result, deps.random());
    if (outcome) await store.outgoing.settle(delivery, result, outcome);
    if (outcome?.kind === 'disable') deps.onDisabled(endpoint, outcome);
    if (outcome?.kind === 'delivered') return true;
    restUntilMs.set(endpointId, clock.nowMs() + REST_MS);
    return false;
  };

  const sendAll = async (endpointId: string): Promise<void> => {
    try {
      while (await sendNext(endpointId));
    } catch (error) {
      restUntilMs.set(endpointId, clock.nowMs() + REST_MS);
      deps.onFault(error);
    } finally {
      busy.delete(endpointId);
    }
  };

  const prune = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    if (nowMs - prunedMs < HOUR_MS) return;
    prunedMs = nowMs;
    while ((await store.outgoing.prune(nowMs - KEPT_MS, PRUNE_PAGE)) === PRUNE_PAGE);
  };

  /** Answers how long nothing is to be done but what `wake` tells of. */
  const round = async (): Promise<number> => {
    await prune();
    const inUse = (await store.outgoing.endpoints()).filter(({ disabledAtMs }) => disabledAtMs === null);
    for (const { endpointId } of inUse)
      if (!busy.has(endpointId) && (restUntilMs.get(endpointId) ?? 0) <= clock.nowMs())
        busy.set(endpointId, sendAll(endpointId));
    return inUse.length === 0 ? HOUR_MS : POLL_MS;
  };

  const runForever = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      let waitMs = REST_MS;
      try {
        waitMs = await round();
      } catch (error) {
        deps.onFault(error);
      }
      await clock.sleep(waitMs, AbortSignal.any([stopping.signal, waking.signal]));
    }
  };

  return {
    start() {
      loop = runForever();
    },
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all(busy.values());
    },
    wake: () => waking.abort(),
  };
};
