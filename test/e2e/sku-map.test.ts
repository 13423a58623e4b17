import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SkuReport } from '../../src/inventory/sku-match.ts';
import { startWorld, type World } from './world.ts';

const HEADER = 'shop_id,channel_sku,amazon_sku,quantity';

describe('SKU map help, over HTTP against both simulators', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld({ tiktok: { settings: { searchShowsBundles: true } } });
  });

  afterEach(async () => {
    const { amazon, tiktok } = world;
    await world.close();
    expect(amazon.violations).toEqual([]);
    expect(tiktok.violations).toEqual([]);
  });

  const call = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) => {
    const response = await fetch(`${world.service.url}${path}`, {
      method,
      headers: { authorization: 'Bearer admin-token-for-tests', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    };
  };
  const mapCsv = () => call('GET', '/api/sku-map', { accept: 'text/csv' });
  const putCsv = (text: string) => call('PUT', '/api/sku-map', { 'content-type': 'text/csv' }, text);
  const report = async (query = '') => {
    const { status, body } = await world.api('GET', `/api/sku-map/report${query}`);
    expect(status).toBe(200);
    return body as SkuReport;
  };
  const statuses = async (query = '') =>
    (await report(query)).rows.map(({ sellerSku, status }) => `${sellerSku} ${status}`).sort();

  /** One listing for each status, and a twin for the duplicate. */
  const openShop = async () => {
    const { amazon, tiktok } = world;
    for (const sku of ['BOX', 'MUG', 'TEE-BLK-M', 'HAT-1', 'HAT.1', 'TWIN']) amazon.addSku(sku, 5);
    tiktok.addProduct({
      skus: ['GIFT', 'MUG', 'tee blk m', 'hat1', '', 'GONE', 'TWIN', 'TWIN'].map((sellerSku) => ({
        sellerSku,
      })),
    });
    tiktok.addProduct({ skus: [{ sellerSku: 'SET', bundle: [{ sellerSku: 'MUG', count: 2 }] }] });
    await putCsv(`${HEADER}\n,GIFT,BOX,1\n,GIFT,MUG,2\n`);
  };

  it('every listing has its status, the summary counts them, and a filter leaves the counts whole', async () => {
    await openShop();

    expect(await statuses()).toEqual([
      ' unmapped',
      'GIFT mapped',
      'GONE unknown_at_amazon',
      'MUG identity',
      'SET virtual_bundle',
      'TWIN duplicate',
      'TWIN duplicate',
      'hat1 ambiguous',
      'tee blk m suggested',
    ]);
    expect(await report('?status=ambiguous')).toEqual({
      rows: [
        {
          shopId: world.tiktok.shop.id,
          productId: expect.stringMatching(/^\d+$/),
          skuId: expect.stringMatching(/^\d+$/),
          sellerSku: 'hat1',
          status: 'ambiguous',
          components: [{ amazonSku: 'hat1', quantity: 1 }],
          suggestions: ['HAT-1', 'HAT.1'],
        },
      ],
      summary: {
        mapped: 1,
        identity: 1,
        suggested: 1,
        ambiguous: 1,
        unmapped: 1,
        unknown_at_amazon: 1,
        duplicate: 2,
        virtual_bundle: 1,
      },
    });
  });

  it('the map goes out as the CSV that puts it back unchanged', async () => {
    const entries = [
      { shopId: null, channelSku: '=1+2, "large"', components: [{ amazonSku: '@A\nB', quantity: 1 }] },
      {
        shopId: world.tiktok.shop.id,
        channelSku: '00042',
        components: [
          { amazonSku: '-X', quantity: 2 },
          { amazonSku: '+Y', quantity: 3 },
        ],
      },
    ];
    await world.api('PUT', '/api/sku-map', { entries });

    const out = await mapCsv();
    expect(out).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' });
    expect(await putCsv(out.text)).toMatchObject({ status: 200, text: JSON.stringify({ entries }) });
    expect(await mapCsv()).toEqual(out);
  });

  it.each([
    ['*/*', 'application/json'],
    ['application/json, text/csv', 'application/json'],
    ['text/csv;q=0, */*', 'application/json'],
    ['application/json;q=0.5, Text/CSV', 'text/csv'],
  ])('Accept: %s is answered with %s', async (accept, type) => {
    expect((await call('GET', '/api/sku-map', { accept })).type).toContain(type);
  });

  it('suggestions have no effect until their CSV is put, which loses nothing of the map', async () => {
    await openShop();
    const before = (await mapCsv()).text;

    const suggested = await call('GET', '/api/sku-map/report?format=csv');

    expect(suggested).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' });
    expect(suggested.text).toBe(`${before}${world.tiktok.shop.id},tee blk m,TEE-BLK-M,1\r\n`);
    expect((await mapCsv()).text).toBe(before);
    expect((await putCsv(suggested.text)).status).toBe(200);
    expect(await statuses('?status=mapped')).toEqual(['GIFT mapped', 'tee blk m mapped']);
  });

  it.each([
    ['Amazon', () => world.amazon.faults.next('inventory', { status: 500, body: { secret: 'inside' } })],
    ['TikTok', () => world.tiktok.faults.next('products.search', 'reset-before')],
  ])('%s failing is a 502 without a word about the inside', async (_name, fail) => {
    await openShop();
    fail();

    const answer = await call('GET', '/api/sku-map/report');

    expect(answer).toMatchObject({ status: 502, type: expect.stringMatching(/^application\/problem\+json/) });
    expect(JSON.parse(answer.text)).toEqual({
      type: '/problems/upstream_unavailable',
      title: 'TikTok Shop or Amazon unavailable',
      status: 502,
      code: 'upstream_unavailable',
      detail: 'TikTok Shop or Amazon did not answer as it should; try again later.',
    });
    expect((await report()).rows).toHaveLength(9);
  });

  it.each(['?status=lost', '?format=xml', '?format=csv&status=suggested'])(
    'a query it does not know is a 400 and costs no call: %s',
    async (query) => {
      const answer = await call('GET', `/api/sku-map/report${query}`);

      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'invalid_request' });
      expect(world.tiktok.countCalls('products.search')).toBe(0);
    },
  );

  it('is for operators only', async () => {
    expect((await call('GET', '/api/sku-map/report', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect(world.tiktok.countCalls('products.search')).toBe(0);
  });
});
