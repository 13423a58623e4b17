import type { ChannelOrder, SalesChannel } from '../../src/channels/channel.ts';
import { limitOf } from '../../src/channels/tiktok-shop/limits.ts';
import { LIMITS } from '../../src/fulfillment/amazon-mcf/limits.ts';
import type { FulfillmentProvider } from '../../src/fulfillment/provider.ts';
import { UpstreamError, type UpstreamErrorCode } from '../../src/lib/errors.ts';
import { createHttpClient, type HttpResponse, quotaKey } from '../../src/lib/http-client.ts';
import { createQuota, type Limit } from '../../src/lib/quota.ts';
import { createSide, type Side } from '../../src/lib/side.ts';
import { createConverger } from '../../src/orders/converge.ts';
import { createCreateGate } from '../../src/orders/create-gate.ts';
import { createDispatcher } from '../../src/orders/dispatch.ts';
import type { OrderKey } from '../../src/orders/model.ts';
import type { LaneAccounts } from '../../src/reconcile/lane.ts';
import { createWorker, type Worker } from '../../src/reconcile/worker.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { createFakeChannel, createFakeProvider } from '../fake-sides.ts';
import { NOW, policyOf } from '../fakes.ts';
import { createHeldClock } from '../held-clock.ts';

/** Random numbers in [0, 1) that come the same again for the same seed. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** How an upstream is at the moment, for one account: `answers`, refuses credentials, or hangs until the time-out. */
export type Weather = 'fair' | 'refused' | 'away' | 'hanging';

type Server = { tokens: number; atMs: number };

/** The other side's own bucket. Answers whether it serves a call that arrives now. */
const serves = (server: Server, { ratePerSecond, burst }: Limit, nowMs: number): boolean => {
  server.tokens = Math.min(burst, server.tokens + ((nowMs - server.atMs) / 1000) * ratePerSecond);
  server.atMs = nowMs;
  if (server.tokens < 1) return false;
  server.tokens -= 1;
  return true;
};

const AMAZON_LIMIT: Limit = { ratePerSecond: 2, burst: 30 };
const TIKTOK_LIMIT: Limit = { ratePerSecond: 50, burst: 50 };
const TIMEOUT_MS = 10_000;

const isAmazon = (account: string): boolean => account.startsWith('amazon');

class Broken extends Error {
  readonly code = 'ECONNABORTED';
}

/**
 * The worker, the converger, the store, the HTTP client, its quota and the breakers as they are, before two upstreams
 * that keep their published limits, on a clock that is moved by hand. `latencyMs` is how long a call takes, there and
 * back, at least and at most.
 */
export const openWeather = async (
  options: {
    latencyMs?: [number, number];
    seed?: number;
    /** Which Amazon account ships for a shop; its name begins with `amazon`. Default: one for all. */
    accountOf?: (shopId: string) => string;
  } = {},
) => {
  const accountOf = options.accountOf ?? ((): string => 'amazon');
  const [least, most] = options.latencyMs ?? [200, 800];
  const random = randomOf(options.seed ?? 1);
  const clock = createHeldClock(NOW, 6);
  const store = await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock });
  const inner = { channel: createFakeChannel(clock), provider: createFakeProvider(clock) };
  const quota = createQuota(clock);
  const servers = new Map<string, Server>();
  const weather = new Map<string, Weather>();
  const effects = new Map<string, () => unknown>();
  const answers = new Map<string, unknown>();
  const calls: { operation: string; account: string; atMs: number; status: number }[] = [];
  const sides = new Map<string, Side>();
  let count = 0;

  const oneWayMs = (): number => Math.round((least + random() * (most - least)) / 2);
  const arrive = async (url: string): Promise<HttpResponse> => {
    const [account = '', operation = '', id = ''] = url.split('|');
    const kind = weather.get(account) ?? 'fair';
    if (kind === 'hanging') {
      await clock.sleep(TIMEOUT_MS);
      calls.push({ operation, account, atMs: clock.nowMs(), status: 0 });
      throw new Broken('no answer in time');
    }
    await clock.sleep(oneWayMs());
    const limit = isAmazon(account) ? AMAZON_LIMIT : TIKTOK_LIMIT;
    const server = servers.get(`${account}/${operation}`) ?? { tokens: limit.burst, atMs: clock.nowMs() };
    servers.set(`${account}/${operation}`, server);
    const fair = serves(server, limit, clock.nowMs()) ? 200 : 429;
    const status = kind === 'away' ? 503 : kind === 'refused' ? 401 : fair;
    calls.push({ operation, account, atMs: clock.nowMs(), status });
    if (status === 200) answers.set(id, await effects.get(id)?.());
    await clock.sleep(oneWayMs());
    return { status, headers: {}, text: '' };
  };
  const http = createHttpClient({
    quota,
    transport: { send: ({ url }) => arrive(url), close: () => undefined },
  });

  const sideOf = (account: string): Side => {
    const side = sides.get(account) ?? createSide(account, clock);
    sides.set(account, side);
    return side;
  };
  const CODES = new Map<number, UpstreamErrorCode>([
    [429, 'upstream_throttled'],
    [401, 'upstream_auth_refused'],
    [503, 'upstream_unavailable'],
  ]);
  /** Sends a call whose effect is made when it arrives. */
  const call = <T>(account: string, operation: string, limit: Limit, effect: () => Promise<T>): Promise<T> =>
    sideOf(account).guard(operation, async () => {
      count += 1;
      const id = String(count);
      const upstream = isAmazon(account) ? 'amazon-mcf' : 'tiktok-shop';
      effects.set(id, effect);
      try {
        const url = `${account}|${operation}|${id}`;
        const request = { upstream, account, operation, limit, method: 'GET', url, headers: {} } as const;
        const { status } = await http.send(request);
        const code = CODES.get(status);
        const message = `HTTP ${status}`;
        const isClear = status !== 503 || operation !== 'createFulfillmentOrder';
        const stage = isClear ? 'before' : 'during';
        if (code) throw new UpstreamError({ upstream, operation, code, stage, retry: 'later', message });
        return answers.get(id) as T;
      } finally {
        effects.delete(id);
        answers.delete(id);
      }
    });

  const capacity = (account: string, operation: string, limit: Limit, withinMs = 0): number => {
    const upstream = isAmazon(account) ? 'amazon-mcf' : 'tiktok-shop';
    const key = quotaKey({ upstream, account, operation });
    return Math.min(sideOf(account).admits(), quota.available(key, limit, withinMs));
  };
  const CREATE = 'createFulfillmentOrder';
  const GET = 'getFulfillmentOrder';
  const DETAIL = 'getOrderDetail';
  const known = new Set<string>();
  const providerOf = (account: string): FulfillmentProvider => ({
    ...inner.provider,
    submit: (request) => call(account, CREATE, LIMITS[CREATE], () => inner.provider.submit(request)),
    fetch: (id) => call(account, GET, LIMITS[GET], () => inner.provider.fetch(id)),
    createCapacity: (withinMs) => capacity(account, CREATE, LIMITS[CREATE], withinMs),
    readCapacity: (withinMs) => capacity(account, GET, LIMITS[GET], withinMs),
  });
  const lanes: LaneAccounts = {
    all: () => [...known],
    ofShop: (shopId) => {
      const account = accountOf(shopId);
      known.add(account);
      return account;
    },
    createCapacity: (account, withinMs) => providerOf(account ?? '').createCapacity(withinMs),
    readCapacity: (account, withinMs) => providerOf(account ?? '').readCapacity(withinMs),
  };
  const channel: SalesChannel = {
    ...inner.channel,
    fetchOrders: (shop, ids) =>
      call(shop.shopId, DETAIL, limitOf(DETAIL), () => inner.channel.fetchOrders(shop, ids)),
    ship: (shop, request) =>
      call(shop.shopId, 'markPackageAsShipped', limitOf('markPackageAsShipped'), () =>
        inner.channel.ship(shop, request),
      ),
    readCapacity: (shop) => capacity(shop.shopId, DETAIL, limitOf(DETAIL)),
  };

  const faults: unknown[] = [];
  const onFault = (error: unknown): number => faults.push(error);
  let runs = 0;
  const newOwner = (): string => {
    runs += 1;
    return `run-${runs}`;
  };
  const converger = createConverger({
    store,
    sidesFor: ({ key: { channel: name, shopId } }) => ({
      channel,
      shop: { channel: name, shopId, region: null },
      provider: providerOf(accountOf(shopId)),
      amazonAccount: accountOf(shopId),
      reportsStopped: () => Promise.resolve(false),
    }),
    policy: () => policyOf(),
    clock,
    random,
    backoff: { baseMs: 5_000, maxMs: 900_000 },
    newOwner,
    onFault,
  });
  /** Orders leased at a time, at most. */
  const held = { now: 0, most: 0 };
  const failures: string[] = [];
  const counted: Store['orders'] = {
    ...store.orders,
    async claimDue(...args) {
      const records = await store.orders.claimDue(...args);
      held.now += records.length;
      held.most = Math.max(held.most, held.now);
      return records;
    },
  };
  const gate = createCreateGate({
    capacity: (account) => lanes.createCapacity(account),
    onQueued: () => worker.wake(),
  });
  const worker: Worker = createWorker({
    store: { orders: counted },
    converger: {
      async run(record, owner, runOptions) {
        const report = await converger.run(record, owner, runOptions);
        held.now -= 1;
        if (report.error) failures.push(report.error.message);
        return report;
      },
      async fail(record, owner, error) {
        const report = await converger.fail(record, owner, error);
        held.now -= 1;
        if (report.error) failures.push(report.error.message);
        return report;
      },
    },
    channelOf: () => channel,
    accounts: lanes,
    gate,
    clock,
    newOwner,
    onFault,
  });
  const dispatcher = createDispatcher({
    converger: {
      converge: (key) => gate.pass((mayCreate) => converger.converge(key, undefined, { mayCreate })),
    },
    capacity: ({ shopId }) =>
      Math.min(
        lanes.createCapacity(accountOf(shopId)),
        channel.readCapacity({ channel: '', shopId, region: null }),
      ),
    isBehind: ({ shopId }) => worker.isBehind(lanes.ofShop(shopId)),
    leaveToWorker: () => worker.wake(),
    clock,
    budgetMs: 1_500,
    onFault,
  });

  /** A webhook about the order: stored, then run inline or left to the worker. */
  const webhook = async (key: OrderKey): Promise<void> => {
    await store.orders.hint([{ key, updatedAtMs: null }], clock.nowMs());
    void dispatcher.dispatch([key]);
  };

  return {
    clock,
    store,
    random,
    worker,
    dispatcher,
    calls,
    failures,
    faults,
    held,
    weather,
    fulfillments: inner.provider.state.fulfillments,
    side: sideOf,
    /** The other side's bucket is empty now, as after another process has used it. */
    empty: (account: string, operation: string): void => {
      servers.set(`${account}/${operation}`, { tokens: 0, atMs: clock.nowMs() });
    },
    webhook,
    put: (order: ChannelOrder): void => inner.channel.put(order),
    changeOrder: inner.channel.change,
    changeFulfillment: inner.provider.change,
    shipped: (): unknown[] => inner.channel.board.callsOf('ship'),
    async stop(): Promise<void> {
      const stopped = worker.stop();
      await clock.advance(60_000);
      await stopped;
      await store.close();
    },
  };
};

export type WeatherWorld = Awaited<ReturnType<typeof openWeather>>;
