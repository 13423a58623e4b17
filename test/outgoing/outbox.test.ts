import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, OrderEventMessage } from '../../src/outgoing/events.ts';
import { type EndpointRow, OUTGOING_EVENTS } from '../../src/outgoing/records.ts';
import { openStore } from '../../src/store/open.ts';
import type { OrderChange, Store } from '../../src/store/store.ts';
import { createHeldClock } from '../held-clock.ts';
import { keyOf, packageOf } from '../store/fixtures.ts';

const NOW = 1_767_225_600_000;
const OWNER = 'runner';

const endpointOf = (endpointId: string, over: Partial<EndpointRow> = {}): EndpointRow => ({
  endpointId,
  url: 'https://hooks.example.com/x',
  description: null,
  events: [...OUTGOING_EVENTS],
  shopIds: null,
  secrets: [{ secret: 'whsec_c2VjcmV0', untilMs: null }],
  createdAtMs: NOW,
  disabledAtMs: null,
  disabledWhy: null,
  failingSinceMs: null,
  lastError: null,
  ...over,
});

let store: Store;

beforeEach(async () => {
  store = await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock: createHeldClock(NOW) });
});
afterEach(() => store.close());

const key = keyOf('576');

const commit = async (change: OrderChange, orderKey = key): Promise<void> => {
  await store.orders.hint([{ key: orderKey, updatedAtMs: null }], NOW);
  await store.orders.lease(orderKey, OWNER, NOW);
  await store.orders.release(orderKey, OWNER, Number.MAX_SAFE_INTEGER, change, NOW);
};
const stage = (name: string, reason: string, atMs = NOW): OrderChange => ({
  patch: { stage: name, reason } as OrderChange['patch'],
  events: [{ atMs, event: `stage_${name}`, detail: reason }],
});
const written = async (endpointId = 'e1') =>
  (await store.outgoing.due(endpointId, NOW + 1e9, 100)).map((row) =>
    OrderEventMessage.parse(JSON.parse(bodyOf(row))),
  );
const types = async (endpointId = 'e1'): Promise<string[]> =>
  (await written(endpointId)).map(({ type }) => type);

describe('deliveries of order events', () => {
  it('are written with the change they tell of, and say what it was', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    await commit({
      ...stage('fulfilling', 'at_amazon', NOW + 5),
      patch: { stage: 'fulfilling', reason: 'at_amazon', acceptedAtMs: NOW, fulfillmentId: 'TTS-576' },
    });
    await commit(stage('review', 'mcf_no_stock', NOW + 10));

    expect(await written()).toEqual([
      {
        type: 'order.routed',
        timestamp: '2026-01-01T00:00:00.000Z',
        data: {
          channel: 'tiktok-shop',
          shopId: 'shop-1',
          orderId: '576',
          stage: 'fulfilling',
          reason: 'at_amazon',
          message: 'Amazon has the fulfillment order.',
          fulfillmentId: 'TTS-576',
          packages: [],
        },
      },
      expect.objectContaining({
        type: 'order.review',
        timestamp: '2026-01-01T00:00:00.010Z',
        data: expect.objectContaining({ stage: 'review', reason: 'mcf_no_stock' }),
      }),
    ]);
  });

  it('are not written when the change is not: the lease was lost', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    await store.orders.hint([{ key, updatedAtMs: null }], NOW);
    await store.orders.lease(key, 'somebody else', NOW);
    await store.orders.commit(key, OWNER, stage('review', 'mcf_no_stock'), NOW);

    expect(await types()).toEqual([]);
  });

  it('tell of every parcel once, and again of a number that was corrected', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    const reported = { reportedAtMs: NOW, reportedNumber: '1Z', reportedCarrier: 'UPS' };
    await commit({
      patch: {},
      packages: [packageOf('p1'), packageOf('p2', { ...reported, reportedNumber: '2Z' })],
    });
    await commit({ patch: {}, packages: [packageOf('p1', reported)] });
    await commit({ patch: {}, packages: [packageOf('p1', { ...reported, warning: 'unsure' })] });
    await commit({
      patch: {},
      packages: [packageOf('p1', { ...reported, reportedNumber: '3Z', correctedAtMs: NOW + 7 })],
    });

    const parcels = (await written()).map(({ type, data }) => [type, ...data.packages]);
    const parcelOf = (trackingNumber: string) => [
      'order.shipped',
      { carrier: 'UPS', trackingNumber, lineIds: ['l1'] },
    ];
    expect(parcels).toEqual([parcelOf('2Z'), parcelOf('1Z'), parcelOf('3Z')]);
  });

  it('tell of a review again when its reason is another, and of its end with where the order went', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    await commit(stage('review', 'mcf_no_stock'));
    await commit(stage('review', 'address_masked'));
    await commit(stage('cancelled', 'cancelled'));

    const told = (await written()).map(({ type, data }) => [type, data.stage, data.reason]);
    expect(told.slice(0, 2)).toEqual([
      ['order.review', 'review', 'mcf_no_stock'],
      ['order.review', 'review', 'address_masked'],
    ]);
    expect(told.slice(2).toSorted()).toEqual([
      ['order.cancelled', 'cancelled', 'cancelled'],
      ['order.review_resolved', 'cancelled', 'cancelled'],
    ]);
  });

  it('tell of an end once, however its reason changes', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    await commit(stage('completed', 'resolved'));
    await commit(stage('completed', 'completed'));

    expect(await types()).toEqual(['order.completed']);
  });

  it('go to each endpoint in use for the events and shops it wants', async () => {
    const endpoints = {
      all: endpointOf('all'),
      reviews: endpointOf('reviews', { events: ['order.review'] }),
      ofShop2: endpointOf('ofShop2', { shopIds: ['shop-2'] }),
      off: endpointOf('off', { disabledAtMs: NOW, disabledWhy: 'person' }),
    };
    for (const endpoint of Object.values(endpoints)) await store.outgoing.addEndpoint(endpoint);
    await commit(stage('review', 'mcf_no_stock'));
    await commit(stage('cancelled', 'cancelled'), keyOf('577', 'shop-2'));

    const told = await Promise.all(Object.keys(endpoints).map(async (id) => [id, await types(id)]));
    expect(Object.fromEntries(told)).toEqual({
      all: ['order.review', 'order.cancelled'],
      reviews: ['order.review'],
      ofShop2: ['order.cancelled'],
      off: [],
    });
  });

  it('have ids that nobody can count orders by', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    await store.outgoing.addEndpoint(endpointOf('e2'));
    await commit(stage('review', 'mcf_no_stock'));

    const ids = (await store.outgoing.deliveries({ limit: 10 })).deliveries.map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
  });
});

describe('what is kept of deliveries', () => {
  it('is paged newest first, and filtered', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    for (const orderId of ['1', '2', '3']) await commit(stage('review', 'mcf_no_stock'), keyOf(orderId));
    const first = await store.outgoing.deliveries({ limit: 2 });
    const second = await store.outgoing.deliveries({ limit: 2, cursor: first.nextCursor ?? '' });
    const one = await store.outgoing.deliveries({
      limit: 2,
      orderId: '2',
      status: 'waiting',
      endpointId: 'e1',
    });

    expect(first.deliveries.map(({ orderId }) => orderId)).toEqual(['3', '2']);
    expect(second).toMatchObject({ deliveries: [{ orderId: '1' }], nextCursor: null });
    expect(one.deliveries).toMatchObject([{ orderId: '2' }]);
    await expect(store.outgoing.deliveries({ limit: 2, cursor: '%' })).rejects.toThrow('cursor');
  });

  it('goes with its age, and with its endpoint', async () => {
    await store.outgoing.addEndpoint(endpointOf('e1'));
    await commit(stage('review', 'mcf_no_stock', NOW));
    await commit(stage('cancelled', 'cancelled', NOW + 10));

    expect(await store.outgoing.prune(NOW + 1, 10)).toBe(1);
    expect((await store.outgoing.deliveries({ limit: 10 })).deliveries).toHaveLength(2);
    expect(await store.outgoing.removeEndpoint('e1')).toBe(true);
    expect((await store.outgoing.deliveries({ limit: 10 })).deliveries).toEqual([]);
    expect(await store.outgoing.removeEndpoint('e1')).toBe(false);
  });
});
