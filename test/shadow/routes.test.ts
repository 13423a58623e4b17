import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireAccess } from '../../src/http/access.ts';
import { pausedSkuRoutes } from '../../src/http/paused-skus.ts';
import { addProblems } from '../../src/http/problems.ts';
import { useZod } from '../../src/http/route-docs.ts';
import { shadowRoutes } from '../../src/http/shadow.ts';
import { openPauses } from '../../src/orders/pauses.ts';
import type { Deed } from '../../src/people/audit.ts';
import type { Principal } from '../../src/people/principal.ts';
import { openStore } from '../../src/store/open.ts';
import type { ShadowOrder, Store } from '../../src/store/store.ts';
import { HOUR, NOW } from '../fakes.ts';
import { createHeldClock } from '../held-clock.ts';

const ADMIN: Principal = { name: 'admin', userId: null, role: 'admin', shopIds: null };
const ofShopA = (role: Principal['role'] = 'operator'): Principal => ({
  name: 'ann',
  userId: 'u1',
  role,
  shopIds: ['A'],
});

let app: FastifyInstance;
let store: Store;
let principal: Principal;
let deeds: Deed[];

beforeEach(async () => {
  const clock = createHeldClock(NOW);
  store = await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock });
  principal = ADMIN;
  deeds = [];
  app = fastify();
  useZod(app);
  addProblems(app, clock);
  app.addHook('onRequest', async (request) => {
    request.principal = principal;
    requireAccess(request);
  });
  const pauses = await openPauses({ store, clock, wake: () => undefined });
  const audit = {
    record: async (deed: Deed): Promise<void> => {
      deeds.push(deed);
    },
  };
  pausedSkuRoutes(app, { pauses, audit });
  shadowRoutes(app, { store, clock, mode: { mode: 'shadow', liveFromMs: null } });
});
afterEach(async () => {
  await app.close();
  await store.close();
});

const call = async (method: 'GET' | 'PUT' | 'DELETE', url: string, payload?: object) => {
  const response = await app.inject({ method, url, ...(payload ? { payload } : {}) });
  return { status: response.statusCode, body: response.json() as Record<string, unknown> };
};

describe('/api/paused-skus', () => {
  it('pauses, lists and ends a pause, and says who did it before it is done', async () => {
    const paused = { shopId: 'A', amazonSku: 'MUG' };
    expect(await call('PUT', '/api/paused-skus', paused)).toEqual({
      status: 200,
      body: { pausedSkus: [paused] },
    });
    expect(await call('GET', '/api/paused-skus')).toMatchObject({ body: { pausedSkus: [paused] } });
    expect(await call('DELETE', '/api/paused-skus?amazonSku=MUG&shopId=A')).toEqual({
      status: 200,
      body: { pausedSkus: [] },
    });
    expect(deeds).toMatchObject([
      { action: 'sku.pause', target: 'MUG', shopId: 'A', principal: { name: 'admin' } },
      { action: 'sku.unpause', target: 'MUG', shopId: 'A' },
    ]);
  });

  it('pauses everywhere when no shop is named', async () => {
    const { body } = await call('PUT', '/api/paused-skus', { amazonSku: 'MUG' });
    expect(body).toEqual({ pausedSkus: [{ shopId: null, amazonSku: 'MUG' }] });
  });

  it('answers the end of a pause that is none with 404', async () => {
    expect(await call('DELETE', '/api/paused-skus?amazonSku=MUG')).toMatchObject({
      status: 404,
      body: { code: 'sku_not_paused' },
    });
  });

  it.each([{}, { amazonSku: '' }, { amazonSku: 'x'.repeat(51) }, { amazonSku: 'A', shopId: 7 }])(
    'refuses %j and pauses nothing',
    async (payload) => {
      expect((await call('PUT', '/api/paused-skus', payload)).status).toBe(400);
      expect(await store.pausedSkus.all()).toEqual([]);
    },
  );

  it('keeps somebody limited to a shop from every other pause', async () => {
    await call('PUT', '/api/paused-skus', { amazonSku: 'ALL' });
    await call('PUT', '/api/paused-skus', { shopId: 'B', amazonSku: 'THEIRS' });
    await call('PUT', '/api/paused-skus', { shopId: 'A', amazonSku: 'OWN' });
    principal = ofShopA();

    expect((await call('GET', '/api/paused-skus')).body).toEqual({
      pausedSkus: [{ shopId: 'A', amazonSku: 'OWN' }],
    });
    expect(await call('PUT', '/api/paused-skus', { shopId: 'B', amazonSku: 'X' })).toMatchObject({
      status: 404,
      body: { code: 'shop_unknown' },
    });
    expect(await call('PUT', '/api/paused-skus', { amazonSku: 'X' })).toMatchObject({ status: 403 });
    expect(await call('DELETE', '/api/paused-skus?amazonSku=THEIRS&shopId=B')).toMatchObject({ status: 404 });
    expect(await call('DELETE', '/api/paused-skus?amazonSku=ALL')).toMatchObject({ status: 403 });
    expect(await store.pausedSkus.all()).toHaveLength(3);
  });

  it('needs an operator to change anything', async () => {
    principal = ofShopA('viewer');
    expect(await call('PUT', '/api/paused-skus', { shopId: 'A', amazonSku: 'X' })).toMatchObject({
      status: 403,
      body: { code: 'role_missing' },
    });
    expect((await call('GET', '/api/paused-skus')).status).toBe(200);
  });
});

const seen = (shopId: string, orderId: string, overrides: Partial<ShadowOrder> = {}): ShadowOrder => ({
  key: { channel: 'tiktok-shop', shopId, orderId },
  status: 'IN_TRANSIT',
  firstSeenAtMs: NOW - 4 * HOUR,
  seenAtMs: NOW,
  shipByMs: NOW,
  shippedByMs: NOW - HOUR,
  cancelledByMs: null,
  parcels: [{ trackingNumber: 'N1', carrierId: 'c', carrier: 'UPS', lines: 1 }],
  ...overrides,
});

describe('/api/shadow', () => {
  beforeEach(async () => {
    for (const shopId of ['A', 'B']) {
      const order = seen(shopId, `1${shopId}`);
      await store.shadow.see(order);
      await store.shadow.record({
        key: order.key,
        kind: 'create',
        subject: '',
        atMs: NOW - 2 * HOUR,
        what: { items: [{ amazonSku: 'MUG', quantity: 2 }], speed: 'Standard' },
      });
    }
    await store.shadow.see(seen('A', '2A', { firstSeenAtMs: NOW - 3 * HOUR }));
    const listing = { channel: 'tiktok-shop', skuId: 's', sellerSku: 'MUG', ours: 3, shown: 5, atMs: NOW };
    await store.shadow.saveStock([
      { ...listing, shopId: 'A' },
      { ...listing, shopId: 'B' },
    ]);
  });

  it('puts what we would have done beside what happened', async () => {
    const { status, body } = await call('GET', '/api/shadow?shopId=B');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      mode: 'shadow',
      liveFrom: null,
      summary: { orders: 1, wouldHaveSent: 1, outcomes: { shipped: 1 }, listings: { differing: 1 } },
      orders: [
        {
          orderId: '1B',
          wouldHave: [{ kind: 'create', items: [{ amazonSku: 'MUG', quantity: 2 }], speed: 'Standard' }],
          happened: { outcome: 'shipped', parcels: [{ trackingNumber: 'N1', carrier: 'UPS' }] },
          sentToShippedSeconds: 3600,
          differences: [],
        },
      ],
      stock: [{ sellerSku: 'MUG', ours: 3, shown: 5 }],
    });
  });

  it('shows only orders that differ when asked to, in pages, and counts them all', async () => {
    const differing = await call('GET', '/api/shadow?difference=shipped_before_we_would');
    expect(differing.body).toMatchObject({
      summary: { orders: 3, differing: 1 },
      orders: [{ orderId: '2A' }],
    });

    const first = await call('GET', '/api/shadow?limit=2');
    expect(first.body).toMatchObject({ nextCursor: expect.any(String) });
    const last = await call('GET', `/api/shadow?limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect(last.body).toMatchObject({ nextCursor: null });
    expect(last.body['orders']).toHaveLength(1);
  });

  it('tells somebody limited to a shop nothing of another, not even a count', async () => {
    principal = ofShopA('viewer');
    const { body } = await call('GET', '/api/shadow');

    expect(body).toMatchObject({ summary: { orders: 2, wouldHaveSent: 1, listings: { differing: 1 } } });
    expect(JSON.stringify(body)).not.toContain('1B');
    expect((await call('GET', '/api/shadow?shopId=B')).body).toMatchObject({
      summary: { orders: 0 },
      orders: [],
      stock: [],
    });
  });

  it.each(['limit=0', 'limit=201', 'cursor=unheard', 'difference=unheard'])('refuses ?%s', async (query) => {
    expect((await call('GET', `/api/shadow?${query}`)).status).toBe(400);
  });
});
