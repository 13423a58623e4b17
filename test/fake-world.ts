import type { CallLog } from '../src/orders/call-log.ts';
import { type ConvergeReport, createConverger } from '../src/orders/converge.ts';
import { createCreateGate } from '../src/orders/create-gate.ts';
import type { OrderKey, OrderRecord } from '../src/orders/model.ts';
import type { Policy } from '../src/orders/policy.ts';
import type { OrderWatch } from '../src/orders/watch.ts';
import { createRecorder } from '../src/shadow/recorder.ts';
import { openStore } from '../src/store/open.ts';
import { createFakeChannel, createFakeProvider } from './fake-sides.ts';
import { KEY, NOW, policyOf, SHOP } from './fakes.ts';
import { createHeldClock } from './held-clock.ts';

/** A converger over a real store in memory, two fake sides and a clock that stands still. */
export const openWorld = async (
  options: {
    policy?: Partial<Policy>;
    leaseMs?: number;
    restoredAtMs?: number;
    isShadow?: boolean;
    watch?: OrderWatch;
    callLog?: CallLog;
  } = {},
) => {
  const clock = createHeldClock(NOW);
  const { leaseMs, restoredAtMs } = options;
  let { policy = {} } = options;
  const store = await openStore({
    databaseUrl: ':memory:',
    encryptionKey: null,
    clock,
    ...(leaseMs === undefined ? {} : { leaseMs }),
  });
  const channel = createFakeChannel(clock);
  const provider = createFakeProvider(clock);
  const faults: unknown[] = [];
  let runs = 0;
  const newOwner = (): string => {
    runs += 1;
    return `run-${runs}`;
  };
  const restored = restoredAtMs === undefined ? null : { atMs: restoredAtMs, backupTakenAtMs: restoredAtMs };
  const converger = createConverger({
    store: { ...store, restored },
    sidesFor: () => ({
      channel,
      shop: SHOP,
      provider,
      amazonAccount: 'amazon',
      reportsStopped: () => Promise.resolve(false),
    }),
    policy: () => policyOf(policy),
    clock,
    shadow: options.isShadow
      ? createRecorder({ store, clock, fetchCarriers: (...asked) => channel.fetchCarriers(...asked) })
      : null,
    random: () => 0,
    backoff: { baseMs: 5_000, maxMs: 900_000 },
    newOwner,
    ...(options.watch ? { watch: options.watch } : {}),
    ...(options.callLog ? { callLog: options.callLog } : {}),
    onFault: (error) => faults.push(error),
  });

  const gate = createCreateGate({ capacity: () => provider.createCapacity(), onQueued: () => undefined });

  const record = async (key: OrderKey = KEY): Promise<OrderRecord> => {
    const known = await store.orders.get(key);
    if (!known) throw new Error(`no order ${key.orderId}`);
    return known;
  };
  return {
    clock,
    store,
    channel,
    provider,
    converger,
    gate,
    faults,
    newOwner,
    record,
    events: async (): Promise<string[]> => (await store.orders.events(KEY)).map(({ event }) => event),
    /** The settings from here on. */
    setPolicy(next: Partial<Policy>): void {
      policy = next;
    },
    /** Names the order, as a webhook does. */
    hint: (updatedAtMs: number | null = null, key: OrderKey = KEY) =>
      store.orders.hint([{ key, updatedAtMs }], clock.nowMs()),
    converge: (): Promise<ConvergeReport> => converger.converge(KEY),
    /** Moves the time to the order's next attempt and runs it. */
    async convergeWhenDue(): Promise<ConvergeReport> {
      const { nextAttemptAtMs } = await record();
      if (nextAttemptAtMs === null) throw new Error('the order has no next attempt');
      await clock.advance(Math.max(0, nextAttemptAtMs - clock.nowMs()));
      return converger.converge(KEY);
    },
  };
};

export type FakeWorld = Awaited<ReturnType<typeof openWorld>>;
