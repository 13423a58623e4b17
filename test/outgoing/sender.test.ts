import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/lib/http-client.ts';
import { createQuota } from '../../src/lib/quota.ts';
import { createEndpoints, type Endpoints } from '../../src/outgoing/endpoints.ts';
import { OUTGOING_EVENTS } from '../../src/outgoing/records.ts';
import { createSender, type Sender } from '../../src/outgoing/sender.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { createHeldClock, type HeldClock } from '../held-clock.ts';
import { keyOf } from '../store/fixtures.ts';
import { openReceiver, type Received, type Receiver } from './receiver.ts';

const DAY_MS = 86_400_000;
const OWNER = 'runner';

let clock: HeldClock;
let store: Store;
let http: HttpClient;
let sender: Sender;
let endpoints: Endpoints;
let receivers: Receiver[];
let disabled: string[];
let faults: unknown[];

const start = (allowPrivate = true): void => {
  const deps = { store, http, clock, random: () => 0, allowPrivate, userAgent: 'mcf-connector/test' };
  sender = createSender({
    ...deps,
    onFault: (error) => faults.push(error),
    onDisabled: ({ endpointId }, { why }) => disabled.push(`${endpointId} ${why}`),
  });
  endpoints = createEndpoints({ ...deps, wake: () => sender.wake() });
};

beforeEach(async () => {
  // The verifier compares with the machine's clock.
  clock = createHeldClock(Date.now(), 4);
  store = await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock });
  http = createHttpClient({ quota: createQuota(clock) });
  receivers = [];
  disabled = [];
  faults = [];
  start();
});
afterEach(async () => {
  const stopped = sender.stop();
  await clock.advance(1);
  await stopped;
  await Promise.all(receivers.map((receiver) => receiver.close()));
  http.close();
  await store.close();
  expect(faults).toEqual([]);
});

const receiver = async (answer?: (count: number) => number): Promise<Receiver> => {
  const opened = await openReceiver(answer);
  receivers.push(opened);
  return opened;
};
const add = (url: string) =>
  endpoints.add({ url, description: null, events: [...OUTGOING_EVENTS], shopIds: null });

const review = async (orderId: string): Promise<void> => {
  const key = keyOf(orderId);
  const atMs = clock.nowMs();
  await store.orders.hint([{ key, updatedAtMs: null }], atMs);
  await store.orders.lease(key, OWNER, atMs);
  const event = { atMs, event: 'stage_review', detail: 'mcf_no_stock' };
  await store.orders.release(
    key,
    OWNER,
    Number.MAX_SAFE_INTEGER,
    { patch: { stage: 'review', reason: 'mcf_no_stock' }, events: [event] },
    atMs,
  );
};

const deliveries = async () => (await store.outgoing.deliveries({ limit: 100 })).deliveries;

/** Lets time pass in small steps until something holds; real sockets answer meanwhile. */
const until = async (holds: () => Promise<boolean> | boolean, stepMs = 1_000): Promise<void> => {
  for (let step = 0; step < 5_000; step += 1) {
    if (await holds()) return;
    await clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('It never came to hold.');
};
const settled = (status: string) => async () =>
  (await deliveries()).length > 0 && (await deliveries()).every((delivery) => delivery.status === status);

const verify = (secret: string, { headers, body }: Received): unknown =>
  new Webhook(secret).verify(body, headers);

describe('sending', () => {
  it('is accepted by an independent verifier, which refuses what was changed on the way', async () => {
    const { url, received } = await receiver();
    const { secret } = await add(url);
    await review('1');
    sender.start();
    await until(settled('delivered'), 10);

    const [message] = received;
    if (!message) throw new Error('nothing came');
    expect(verify(secret, message)).toMatchObject({
      type: 'order.review',
      data: { orderId: '1', reason: 'mcf_no_stock' },
    });
    expect(() => verify(secret, { ...message, body: message.body.replace('"1"', '"2"') })).toThrow(
      'signature',
    );
    expect(() =>
      verify(secret, { ...message, headers: { ...message.headers, 'webhook-id': 'msg_x' } }),
    ).toThrow('signature');
    expect(() => verify(`whsec_${Buffer.alloc(32).toString('base64')}`, message)).toThrow('signature');
  });

  it('signs with both secrets for a day after a rotation, then with the new one alone', async () => {
    const { url, received } = await receiver();
    const { endpoint, secret } = await add(url);
    const { secret: newer } = await endpoints.rotate(endpoint.endpointId);
    await endpoints.test(endpoint.endpointId);
    const [both] = received;
    if (!both) throw new Error('nothing came');

    expect(() => verify(secret, both)).not.toThrow();
    expect(() => verify(newer, both)).not.toThrow();

    await clock.advance(DAY_MS);
    await endpoints.test(endpoint.endpointId);
    expect(received.map(({ headers }) => headers['webhook-signature']?.split(' ').length)).toEqual([2, 1]);
  });

  it('repeats what was not taken under the same id until it is, and counts', async () => {
    const { url, received } = await receiver((count) => (count < 3 ? 500 : 200));
    await add(url);
    await review('1');
    sender.start();
    await until(settled('delivered'));

    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(await deliveries()).toMatchObject([{ attempts: 3, lastStatus: 200, lastError: null }]);
    expect(await endpoints.list()).toMatchObject([{ failingSinceMs: null, lastError: null }]);
  });

  it('keeps the order of events for an endpoint that takes them', async () => {
    const { url, received } = await receiver();
    await add(url);
    for (const orderId of ['1', '2', '3', '4']) await review(orderId);
    sender.start();
    await until(settled('delivered'), 10);

    expect(received.map(({ body }) => JSON.parse(body).data.orderId)).toEqual(['1', '2', '3', '4']);
  });

  it('one dead endpoint does not hold up another', async () => {
    const dead = await receiver(() => 500);
    const good = await receiver();
    await add(dead.url);
    await add(good.url);
    await review('1');
    sender.start();
    await until(() => good.received.length === 1);
    await review('2');
    await until(() => good.received.length === 2);

    expect(dead.received.length).toBeGreaterThan(0);
  });

  it('follows no redirect', async () => {
    const { url, received } = await receiver(() => 302);
    await add(url);
    await review('1');
    sender.start();
    await until(async () => (await deliveries())[0]?.attempts === 1);

    expect(received).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ status: 'waiting', lastStatus: 302 }]);
  });

  it('sends again under the same id what was sent before a crash and not written down', async () => {
    const { url, received } = await receiver();
    await add(url);
    await review('1');
    const settle = store.outgoing.settle.bind(store.outgoing);
    store.outgoing.settle = () => Promise.reject(new Error('the process died here'));
    sender.start();
    await until(() => faults.length > 0, 10);
    store.outgoing.settle = settle;
    faults = [];
    await until(settled('delivered'));

    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([
      received[0]?.headers['webhook-id'],
      received[0]?.headers['webhook-id'],
    ]);
  });
});

describe('an endpoint that takes nothing', () => {
  it('is disabled after three days, told of, and gets what waited once it is enabled again', async () => {
    let isWell = false;
    const { url, received } = await receiver(() => (isWell ? 200 : 500));
    const { endpoint } = await add(url);
    await review('1');
    await store.outgoing.changeEndpoint(endpoint.endpointId, { failingSinceMs: clock.nowMs() - 3 * DAY_MS });
    sender.start();
    await until(() => disabled.length > 0);

    expect(disabled).toEqual([`${endpoint.endpointId} failing`]);
    const tried = received.length;
    await clock.advance(DAY_MS);
    expect(received).toHaveLength(tried);
    await review('never written for it');

    isWell = true;
    await endpoints.change(endpoint.endpointId, { enabled: true });
    await until(settled('delivered'));
    expect(tried).toBe(1);
    expect(await deliveries()).toHaveLength(1);
    expect(await endpoints.find(endpoint.endpointId)).toMatchObject({
      disabledAtMs: null,
      failingSinceMs: null,
    });
  });

  it('is disabled at once when it says that it is gone', async () => {
    const { url } = await receiver(() => 410);
    const { endpoint } = await add(url);
    await review('1');
    sender.start();
    await until(() => disabled.length > 0);

    expect(await endpoints.find(endpoint.endpointId)).toMatchObject({ disabledWhy: 'gone' });
  });

  it('inside of a private network is never connected to, unless a setting allows it', async () => {
    const { url, received } = await receiver();
    const named = url.replace('127.0.0.1', 'localhost');
    await add(url);
    await add(named);
    start(false);
    await review('1');
    sender.start();
    await until(async () => (await deliveries()).every(({ attempts }) => attempts > 0));

    expect(received).toEqual([]);
    for (const { lastError } of await deliveries()) expect(lastError).toContain('ADDRESS_NOT_PUBLIC');
    await expect(add('https://127.0.0.1/x')).rejects.toThrow('OUTGOING_ALLOW_PRIVATE');
    await expect(add('http://hooks.example.com/x')).rejects.toThrow('https');
  });
});

describe('by hand', () => {
  it('a delivery is replayed under its id, also one that was taken', async () => {
    const { url, received } = await receiver();
    await add(url);
    await review('1');
    sender.start();
    await until(settled('delivered'), 10);
    const [delivery] = await deliveries();
    const replayed = await endpoints.replay(delivery?.messageId ?? '');
    await until(() => received.length === 2, 10);

    expect(replayed).toMatchObject({ status: 'waiting', attempts: 0 });
    expect(received[1]?.headers['webhook-id']).toBe(received[0]?.headers['webhook-id']);
    await expect(endpoints.replay('msg_unknown')).rejects.toThrow('no such delivery');
  });

  it('a test is sent once, and says what came of it', async () => {
    const { url } = await receiver((count) => (count === 1 ? 500 : 200));
    const { endpoint } = await add(url);

    expect(await endpoints.test(endpoint.endpointId)).toMatchObject({
      status: 'failed',
      lastStatus: 500,
      attempts: 1,
    });
    expect(await endpoints.test(endpoint.endpointId)).toMatchObject({ status: 'delivered', lastStatus: 200 });
  });

  it.each([
    ['ftp://hooks.example.com', 'http'],
    ['no url', 'http'],
    [`https://${['user', 'secret'].join(':')}@hooks.example.com`, 'user'],
    ['https://hooks.example.com/#x', '#'],
  ])('%s is no endpoint', async (url, why) => {
    await expect(add(url)).rejects.toThrow(why);
  });

  it('an endpoint of a shop that there is not is refused', async () => {
    const wrong = { url: 'https://hooks.example.com', description: null, events: [], shopIds: ['no-shop'] };

    await expect(endpoints.add(wrong)).rejects.toThrow('no-shop');
    await expect(endpoints.change('unknown', { enabled: false })).rejects.toThrow('no such endpoint');
  });
});
