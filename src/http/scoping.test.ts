import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { SkuReportRow, SkuStatus } from '../inventory/sku-match.ts';
import { countStatuses } from '../inventory/sku-match.ts';
import { openSkuMap, type SkuMapService } from '../orders/sku-map-service.ts';
import type { Principal } from '../people/principal.ts';
import type { ListingRow, ShopRow, SkuMapEntry, StockRow } from '../store/store.ts';
import { inventoryRoutes } from './inventory.ts';
import { addProblems } from './problems.ts';
import { useZod } from './route-docs.ts';
import { skuMapRoutes } from './sku-map.ts';

const NOW = 1_800_000_000_000;
const OF_A: Principal = { name: 'ann', userId: '1', role: 'operator', shopIds: ['shop-a'] };
const OF_BOTH: Principal = { ...OF_A, shopIds: ['shop-a', 'shop-b'] };
const OF_ALL: Principal = { ...OF_A, shopIds: null };

const entry = (shopId: string | null, channelSku: string): SkuMapEntry => ({
  shopId,
  channelSku,
  components: [{ amazonSku: `AMZ-${channelSku}`, quantity: 1 }],
});
const row = (shopId: string, sellerSku: string, status: SkuStatus): SkuReportRow => ({
  shopId,
  productId: `product-${sellerSku}`,
  skuId: `sku-${sellerSku}`,
  sellerSku,
  status,
  components: null,
  suggestions: [`AMZ-${sellerSku}`],
});

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

const serve = async (principal: Principal, addRoutes: (scope: FastifyInstance) => void) => {
  const made = Fastify();
  app = made;
  useZod(made);
  addProblems(made);
  made.addHook('onRequest', (request, _reply, done) => {
    request.principal = principal;
    done();
  });
  addRoutes(made);
  await made.ready();
  return made;
};

describe('the SKU map of somebody limited to shop A', () => {
  const IN_FORCE = [entry(null, 'ALL'), entry('shop-a', 'A-1'), entry('shop-b', 'B-1')];
  const ROWS = [
    row('shop-a', 'A-2', 'suggested'),
    row('shop-b', 'B-2', 'suggested'),
    row('shop-b', 'B-3', 'unmapped'),
  ];
  let stored: readonly SkuMapEntry[];

  const open = async (principal: Principal): Promise<FastifyInstance> => {
    stored = IN_FORCE;
    const skuMap: SkuMapService = await openSkuMap({
      store: {
        skuMap: {
          all: () => Promise.resolve([...stored]),
          replace: (entries) => {
            stored = entries;
            return Promise.resolve();
          },
        },
      },
      clock: { nowMs: () => NOW, sleep: () => Promise.resolve() },
      fallback: 'none',
      file: undefined,
    });
    return serve(principal, (scope) =>
      skuMapRoutes(scope, {
        skuMap,
        skuReport: () => Promise.resolve({ rows: ROWS, summary: countStatuses(ROWS) }),
        wake: () => undefined,
      }),
    );
  };
  const put = (made: FastifyInstance, entries: readonly SkuMapEntry[]) =>
    made.inject({ method: 'PUT', url: '/api/sku-map', payload: { entries } });

  it('shows their entries and those for all shops', async () => {
    const answer = await (await open(OF_A)).inject({ url: '/api/sku-map' });

    expect(answer.json()).toEqual({ entries: [entry(null, 'ALL'), entry('shop-a', 'A-1')] });
  });

  it('is replaced alone: the entries of other shops and for all shops stay', async () => {
    const answer = await put(await open(OF_A), [entry('shop-a', 'A-9')]);

    expect(answer.json()).toEqual({ entries: [entry(null, 'ALL'), entry('shop-a', 'A-9')] });
    expect(stored).toEqual([entry(null, 'ALL'), entry('shop-b', 'B-1'), entry('shop-a', 'A-9')]);
  });

  it.each([entry(null, 'ALL'), entry('shop-b', 'B-1'), entry('shop-none', 'X')])(
    'takes no entry that is not of their shops: %j',
    async (other) => {
      const answer = await put(await open(OF_A), [entry('shop-a', 'A-9'), other]);

      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({
        code: 'sku_map_not_yours',
        errors: [expect.stringContaining(other.channelSku)],
      });
      expect(stored).toEqual(IN_FORCE);
    },
  );

  it('says the same of a shop that they do not see and of one that does not exist', async () => {
    const made = await open(OF_A);
    const [ofB, ofNone] = [
      await put(made, [entry('shop-b', 'X')]),
      await put(made, [entry('shop-none', 'X')]),
    ];

    expect([ofB.statusCode, ofB.body]).toEqual([ofNone.statusCode, ofNone.body]);
  });

  it('two who replace theirs at once both succeed', async () => {
    const made = await open(OF_BOTH);
    await Promise.all([
      put(made, [entry('shop-a', 'A-7')]),
      put(made, [entry('shop-a', 'A-8'), entry('shop-b', 'B-8')]),
    ]);

    expect(stored).toEqual([entry(null, 'ALL'), entry('shop-a', 'A-8'), entry('shop-b', 'B-8')]);
  });

  it('is reported, and counted, for their listings alone', async () => {
    const made = await open(OF_A);
    const report = (await made.inject({ url: '/api/sku-map/report' })).json();
    const csv = (await made.inject({ url: '/api/sku-map/report?format=csv' })).body;

    expect(report.rows).toEqual([ROWS[0]]);
    expect(report.summary).toEqual(countStatuses(ROWS.slice(0, 1)));
    expect(csv.trim().split('\r\n')).toEqual([
      'shop_id,channel_sku,amazon_sku,quantity',
      'shop-a,A-1,AMZ-A-1,1',
      'shop-a,A-2,AMZ-A-2,1',
    ]);
  });

  it('is whole for somebody who sees all shops', async () => {
    const made = await open(OF_ALL);

    expect((await made.inject({ url: '/api/sku-map' })).json()).toEqual({ entries: IN_FORCE });
    expect((await made.inject({ url: '/api/sku-map/report' })).json().rows).toEqual(ROWS);
    expect((await put(made, [])).json()).toEqual({ entries: [] });
    expect(stored).toEqual([]);
  });
});

describe('the inventory', () => {
  const stock = (amazonAccount: string, amazonSku: string): StockRow => ({
    amazonAccount,
    amazonSku,
    fulfillable: 41,
    promised: 5,
    buffer: 3,
    available: 33,
    readAtMs: NOW,
  });
  const listing = (shopId: string, amazonSku: string): ListingRow => ({
    channel: 'tiktok-shop',
    shopId,
    productId: 'p',
    skuId: `${shopId}-${amazonSku}`,
    sellerSku: amazonSku,
    components: [{ amazonSku, quantity: 1 }],
    pushedQuantity: 30,
    pushedAtMs: NOW,
  });
  const shop = (shopId: string, amazonAccount: string | null): ShopRow => ({
    channel: 'tiktok-shop',
    shopId,
    name: null,
    region: null,
    cipher: null,
    authorization: 'tiktok-shop',
    amazonAccount,
    settings: {},
    connectedAtMs: null,
    pausedAtMs: null,
    stoppedAtMs: null,
    authorizationExpiresAtMs: null,
  });
  const STOCK = [
    stock('amazon', 'A'),
    stock('amazon', 'BOTH'),
    stock('amazon', 'B'),
    stock('second', 'BOTH'),
  ];
  const LISTINGS = [
    listing('shop-a', 'A'),
    listing('shop-a', 'BOTH'),
    listing('shop-b', 'B'),
    listing('shop-b', 'BOTH'),
  ];

  const read = async (principal: Principal, shops: ShopRow[]) => {
    const made = await serve(principal, (scope) =>
      inventoryRoutes(scope, {
        inventory: {
          stock: () => Promise.resolve(STOCK),
          listings: () => Promise.resolve(LISTINGS),
        },
        shops: { all: () => Promise.resolve(shops) },
      }),
    );
    const answer = await made.inject({ url: '/api/inventory' });
    return answer.json().skus.map((sku: Record<string, unknown> & { listings: { skuId: string }[] }) => ({
      name: `${String(sku['amazonAccount'])} ${String(sku['amazonSku'])}`,
      available: sku['available'],
      promised: sku['promised'],
      listings: sku.listings.map(({ skuId }) => skuId),
    }));
  };
  const both = (account: string) => [shop('shop-a', 'amazon'), shop('shop-b', account)];

  it('of somebody limited to A holds their listings and SKUs, and no figure of an account that B sells from', async () => {
    expect(await read(OF_A, both('amazon'))).toEqual([
      { name: 'amazon A', available: null, promised: null, listings: ['shop-a-A'] },
      { name: 'amazon BOTH', available: null, promised: null, listings: ['shop-a-BOTH'] },
    ]);
  });

  it('shows the figures of an account that only their shops sell from', async () => {
    expect(await read(OF_A, both('second'))).toEqual([
      { name: 'amazon A', available: 33, promised: 5, listings: ['shop-a-A'] },
      { name: 'amazon BOTH', available: 33, promised: 5, listings: ['shop-a-BOTH'] },
    ]);
    expect(await read(OF_BOTH, both('amazon'))).toMatchObject([
      { available: 33 },
      { available: 33 },
      { available: 33 },
    ]);
  });

  it('counts a shop that is no longer connected as one of the account of the environment', async () => {
    expect(await read(OF_A, [shop('shop-a', 'amazon')])).toMatchObject([
      { available: null },
      { available: null },
    ]);
  });

  it('is whole for somebody who sees all shops, each listing beside the stock it is sold from', async () => {
    expect(await read(OF_ALL, both('second'))).toEqual([
      { name: 'amazon A', available: 33, promised: 5, listings: ['shop-a-A'] },
      { name: 'amazon BOTH', available: 33, promised: 5, listings: ['shop-a-BOTH'] },
      { name: 'amazon B', available: 33, promised: 5, listings: [] },
      { name: 'second BOTH', available: 33, promised: 5, listings: ['shop-b-BOTH'] },
    ]);
  });
});
