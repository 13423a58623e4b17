import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { createPeople } from '../../src/people/index.ts';
import type { Role } from '../../src/people/principal.ts';
import { openStore } from '../../src/store/open.ts';
import type { ShopRow, Store } from '../../src/store/store.ts';
import { wire } from '../../src/wiring/index.ts';
import { FULL_PATCH, packageOf } from '../store/fixtures.ts';
import type { Subject } from './samples.ts';

export const ADMIN_TOKEN = 'admin-token-for-tests';
export const NOW = Date.parse('2026-11-20T12:00:00Z');

/** Shops whose names cannot be found in anything else. */
export const A = { shopId: '7001aaa', orderId: '5770001aaa', sku: 'SKU-AAA' } satisfies Subject;
export const B = { shopId: '7002bbb', orderId: '5770002bbb', sku: 'SKU-BBB' } satisfies Subject;
export const NOBODY = { shopId: '7003ccc', orderId: '5770003ccc', sku: 'SKU-CCC' } satisfies Subject;

/** Time passes only for who waits, so that two answers differ by what they say alone. */
const createClock = (): Clock => {
  let nowMs = NOW;
  return {
    nowMs: () => nowMs,
    async sleep(ms, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal?.aborted) nowMs += ms;
    },
  };
};

const shopRow = (shopId: string): ShopRow => ({
  channel: 'tiktok-shop',
  shopId,
  name: `Shop ${shopId}`,
  region: 'US',
  cipher: `cipher-${shopId}`,
  authorization: 'tiktok-shop',
  amazonAccount: 'amazon',
  settings: {},
  connectedAtMs: NOW - 1,
  pausedAtMs: null,
  stoppedAtMs: null,
  authorizationExpiresAtMs: null,
});

const environment = (folder: string): Record<string, string> => ({
  PORT: '0',
  HOST: '127.0.0.1',
  DATABASE_URL: `file:${join(folder, 'mcf.db')}`,
  ADMIN_TOKEN,
  METRICS_TOKEN: 'a-token-for-metrics-alone',
  TIKTOK_APP_KEY: 'appkey1',
  TIKTOK_APP_SECRET: 'app-secret-of-the-tests',
  TIKTOK_ACCESS_TOKEN: 'an-access-token',
  TIKTOK_REFRESH_TOKEN: 'a-refresh-token',
  TIKTOK_API_URL: 'http://tiktok.invalid',
  TIKTOK_AUTH_URL: 'http://tiktok.invalid',
  AMAZON_LWA_CLIENT_ID: 'lwa-client',
  AMAZON_LWA_CLIENT_SECRET: 'lwa-client-secret',
  AMAZON_LWA_REFRESH_TOKEN: 'Atzr|refresh',
  AMAZON_SP_API_URL: 'http://amazon.invalid',
  AMAZON_LWA_URL: 'http://amazon.invalid',
  RECONCILE_INTERVAL_SECONDS: '0',
  SKU_MAP_DEFAULT: 'none',
});

/** Orders in several stages, a parcel, stock and a listing of one shop. */
export const fill = async (store: Store, { shopId, orderId, sku }: Subject): Promise<void> => {
  const stages = ['fulfilling', 'review', 'review', 'shipped', 'waiting', 'completed'] as const;
  for (const [index, stage] of stages.entries()) {
    const key = { channel: 'tiktok-shop', shopId, orderId: index === 0 ? orderId : `${orderId}${index}` };
    await store.orders.hint([{ key, updatedAtMs: NOW }], NOW);
    await store.orders.amend(
      key,
      {
        patch: {
          ...FULL_PATCH,
          stage,
          reason: stage === 'review' ? 'address_missing' : 'at_amazon',
          detail: sku,
          fulfillmentId: `TTS-${key.orderId}`,
          intent: null,
          shipByMs: NOW + index * 3_600_000,
          snapshot: {
            status: 'to_ship',
            rawStatus: 'AWAITING_SHIPMENT',
            total: { currency: 'USD', value: '12.50' },
            deliveryOptionName: null,
            lines: [
              {
                lineId: 'l1',
                skuId: 's1',
                sku,
                units: 1,
                status: 'open',
                components: [{ amazonSku: sku, quantity: 1 }],
              },
            ],
          },
        },
        events: [{ atMs: NOW, event: 'seen', detail: sku }],
        packages: [
          packageOf('p1', { fulfillmentId: `TTS-${key.orderId}`, reportedNumber: `1Z${key.orderId}` }),
        ],
        promised: [{ amazonSku: sku, units: 1 }],
      },
      NOW,
    );
  }
  await store.inventory.saveStock([
    {
      amazonAccount: 'amazon',
      amazonSku: sku,
      fulfillable: 41,
      promised: 5,
      buffer: 3,
      available: 33,
      readAtMs: NOW,
    },
    {
      amazonAccount: 'amazon',
      amazonSku: 'SHARED',
      fulfillable: 9,
      promised: shopId === B.shopId ? 7 : 1,
      buffer: 0,
      available: 2,
      readAtMs: NOW,
    },
  ]);
  await store.inventory.saveListings(
    [sku, 'SHARED'].map((amazonSku) => ({
      channel: 'tiktok-shop',
      shopId,
      productId: `product-${amazonSku}-${shopId}`,
      skuId: `listing-${amazonSku}-${shopId}`,
      sellerSku: sku,
      components: [{ amazonSku, quantity: 1 }],
      pushedQuantity: 30,
      pushedAtMs: NOW,
    })),
  );
};

export const PERSONS = {
  viewer: { role: 'viewer', shopIds: null },
  operator: { role: 'operator', shopIds: null },
  chief: { role: 'admin', shopIds: null },
  'viewer of A': { role: 'viewer', shopIds: [A.shopId] },
  'operator of A': { role: 'operator', shopIds: [A.shopId] },
  disabled: { role: 'admin', shopIds: null },
} as const satisfies Record<string, { role: Role; shopIds: readonly string[] | null }>;
export type Person = keyof typeof PERSONS;

/** The wired service with two shops on one Amazon account, out of reach of both sides, and people of every kind. */
export const openApiWorld = async () => {
  const clock = createClock();
  const folder = mkdtempSync(join(tmpdir(), 'mcf-api-'));
  const config = loadConfig(environment(folder));
  const before = await openStore({
    databaseUrl: config.DATABASE_URL,
    encryptionKey: null,
    clock,
  });
  for (const { shopId } of [A, B]) await before.shops.upsert(shopRow(shopId));
  await before.close();
  const service = await wire(config, clock, pino({ level: 'silent' }), {
    random: () => 0.5,
    transport: {
      send: () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })),
      close: () => undefined,
    },
  });
  const { app, store } = service;
  await app.ready();
  const people = createPeople({ store, adminToken: ADMIN_TOKEN, clock });
  const by = { name: 'admin', userId: null };
  const tokens = new Map<Person, string>();
  const addPerson = async (person: Person): Promise<void> => {
    const { role, shopIds } = PERSONS[person];
    const user = await people.users.add(by, { name: person, role, shopIds: shopIds && [...shopIds] }, null);
    tokens.set(person, (await people.tokens.add(by, user, { name: 'test', expiresAtMs: null })).token);
    if (person === 'disabled') await people.users.change(by, user.userId, { isDisabled: true });
  };
  const persons: Person[] = ['viewer', 'operator', 'chief', 'viewer of A', 'operator of A', 'disabled'];
  for (const person of persons) await addPerson(person);
  let count = 0;
  return {
    app,
    store,
    persons,
    tokenOf: (person: Person): string => tokens.get(person) ?? '',
    /** Every request from an address of its own: how many one may send is tested elsewhere. */
    nextAddress: (): string => {
      count += 1;
      return `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`;
    },
    async close() {
      await app.close();
      await service.worker.stop();
      await store.close();
      service.http.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type ApiWorld = Awaited<ReturnType<typeof openApiWorld>>;
