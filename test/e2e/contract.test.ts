import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorld, type World } from './world.ts';

const OLD_SECRET = 'an-older-secret-still-valid';

describe('the outside contract', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld({ env: { TIKTOK_APP_SECRET: `app-secret-of-the-tests,${OLD_SECRET}` } });
    world.amazon.addSku('MUG', 50);
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 30 }] });
    world.tiktok.webhooks.off();
  });

  afterEach(() => world.close());

  const sign = (body: string, secret = 'app-secret-of-the-tests') =>
    createHmac('sha256', secret).update(`appkey1${body}`).digest('hex');
  const post = async (body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${world.service.url}/webhooks/tiktok`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, text: await response.text() };
  };
  const stored = () => {
    const db = new DatabaseSync(join(world.folder, 'mcf.db'), { readOnly: true });
    const rows = db.prepare('select type, shop_id, body from notifications order by id').all();
    db.close();
    return rows;
  };
  const envelope = (more: Record<string, unknown> = {}) =>
    JSON.stringify({
      type: 1,
      tts_notification_id: '1',
      shop_id: world.tiktok.shop.id,
      timestamp: 1764003600,
      data: { order_id: '576900000000000101', order_status: 'AWAITING_SHIPMENT', update_time: 1764003600 },
      ...more,
    });
  const upstreamCalls = () => world.tiktok.calls.length + world.amazon.calls.length;

  describe('POST /webhooks/tiktok', () => {
    it.each([
      ['no signature', () => ({})],
      ['a wrong signature', () => ({ authorization: 'f'.repeat(64) })],
      ['a signature by another secret', () => ({ authorization: sign(envelope(), 'not-a-secret-of-ours') })],
      ['a signature of other bytes', () => ({ authorization: sign(`${envelope()} `) })],
      ['an upper-case signature', () => ({ authorization: sign(envelope()).toUpperCase() })],
      ['a short signature', () => ({ authorization: sign(envelope()).slice(0, 63) })],
    ])('%s is refused with 401, an empty body, no row and no call', async (_name, headers) => {
      expect(await post(envelope(), headers())).toEqual({ status: 401, text: '' });
      expect(stored()).toEqual([]);
      expect(upstreamCalls()).toBe(0);
    });

    it.each([
      ['not JSON', 'hello'],
      ['cut off', '{"type":1,'],
      ['an array', '[]'],
      ['nothing', ''],
      ['without a type', '{"shop_id":"1","data":{}}'],
    ])('a signed body that is %s is refused with 400, no row and no call', async (_name, body) => {
      const { status, text } = await post(body, { authorization: sign(body) });

      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ code: 'webhook_unreadable', status: 400 });
      expect(stored()).toEqual([]);
      expect(upstreamCalls()).toBe(0);
    });

    it('a body over the size limit is refused with 413 before its signature is looked at', async () => {
      const body = envelope({ data: { padding: 'x'.repeat(300_000) } });

      expect((await post(body, { authorization: sign(body) })).status).toBe(413);
      expect(stored()).toEqual([]);
    });

    it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s is refused with 405', async (method) => {
      const response = await fetch(`${world.service.url}/webhooks/tiktok`, { method });

      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
    });

    it.each([
      'application/json',
      'text/plain',
      'application/json; charset=utf-8',
      'application/x-www-form-urlencoded',
    ])('the bytes count, whatever content type is named (%s)', async (type) => {
      const body = envelope();

      expect(await post(body, { authorization: sign(body), 'content-type': type })).toEqual({
        status: 200,
        text: '',
      });
    });

    it('any secret of the list verifies, so that a rotation loses nothing', async () => {
      const body = envelope();

      expect(await post(body, { authorization: sign(body, OLD_SECRET) })).toEqual({ status: 200, text: '' });
    });

    it('an unknown topic is stored and acknowledged, without effect', async () => {
      const body = envelope({ type: 999, data: { anything: 1 } });

      expect(await post(body, { authorization: sign(body) })).toEqual({ status: 200, text: '' });
      expect(stored()).toMatchObject([{ type: 999, shop_id: world.tiktok.shop.id }]);
      expect(upstreamCalls()).toBe(0);
    });

    it('another shop’s webhook with a good signature is stored and has no effect', async () => {
      const body = envelope({ shop_id: '1' });

      expect(await post(body, { authorization: sign(body) })).toEqual({ status: 200, text: '' });
      expect(stored()).toMatchObject([{ shop_id: '1' }]);
      expect(upstreamCalls()).toBe(0);
      expect((await world.api('GET', '/api/orders')).body).toEqual({ orders: [], nextCursor: null });
    });

    it('a 64-bit number in a body keeps every digit', async () => {
      const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
      const body = envelope().replace('"576900000000000101"', orderId);

      await post(body, { authorization: sign(body) });

      await vi.waitFor(() =>
        expect(world.amazon.creates.map((create) => create.fulfillmentId)).toEqual([`TTS-${orderId}`]),
      );
    });

    it('is acknowledged within its budget while an upstream hangs, and the work goes on behind', async () => {
      const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
      world.tiktok.faults.next('orders.detail', { slowMs: 4_000 });
      const body = envelope({ data: { order_id: orderId } });

      const answer = await post(body, { authorization: sign(body) });

      expect(answer).toEqual({ status: 200, text: '' });
      expect(world.amazon.countCalls('create')).toBe(0);
      await vi.waitFor(() => expect(world.amazon.creates).toHaveLength(1), { timeout: 10_000 });
    });

    it('answers 503 while the store cannot take it, so that TikTok sends it again', async () => {
      await world.service.service.store.close();
      const body = envelope();

      expect((await post(body, { authorization: sign(body) })).status).toBe(503);
      expect((await fetch(`${world.service.url}/health`)).status).toBe(503);
    });

    it('wrong signatures are limited per address, and a right one still passes', async () => {
      const statuses = new Set<number>();
      for (let count = 0; count < 80; count += 1)
        statuses.add((await post('x', { authorization: 'no' })).status);
      const body = envelope();

      expect([...statuses]).toEqual([401, 429]);
      expect(await post(body, { authorization: sign(body) })).toEqual({ status: 200, text: '' });
    });
  });

  describe('operators’ routes', () => {
    it.each([
      ['POST', '/reconcile'],
      ['GET', '/reconcile'],
      ['GET', '/api/orders'],
      ['GET', '/api/orders/1'],
      ['POST', '/api/orders/1/retry'],
      ['POST', '/api/orders/1/cancel'],
      ['POST', '/api/orders/1/resolve'],
      ['GET', '/api/sku-map'],
      ['PUT', '/api/sku-map'],
      ['GET', '/api/inventory'],
    ])('%s %s wants the admin token', async (method, path) => {
      for (const authorization of [undefined, 'Bearer wrong-token-of-length', 'Basic abc', 'Bearer ']) {
        const response = await fetch(`${world.service.url}${path}`, {
          method,
          headers: authorization === undefined ? {} : { authorization },
        });
        expect(response.status).toBe(401);
        expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      }
      expect(upstreamCalls()).toBe(0);
    });

    it('an unknown order is 404, a bad query 400, an unknown route 404, each with a code', async () => {
      expect(await world.api('GET', '/api/orders/1')).toMatchObject({
        status: 404,
        body: { code: 'order_unknown' },
      });
      expect(await world.api('GET', '/api/orders?stage=lost')).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
      expect(await world.api('GET', '/api/nothing')).toMatchObject({
        status: 404,
        body: { code: 'route_unknown' },
      });
      expect(await world.api('POST', '/reconcile?only=everything')).toMatchObject({ status: 400 });
    });

    it.each([
      ['a JSON header without a body', { 'content-type': 'application/json' }, undefined],
      ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b'],
    ])('POST /reconcile with %s runs a pass', async (_name, headers, body) => {
      const response = await fetch(`${world.service.url}/reconcile`, {
        method: 'POST',
        headers: { authorization: 'Bearer admin-token-for-tests', ...headers },
        ...(body === undefined ? {} : { body }),
      });

      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ errors: [] });
    });

    it('a pass that runs is joined by a second call', async () => {
      const [first, second] = await Promise.all([world.reconcile(), world.reconcile()]);

      expect(second).toEqual(first);
    });

    it('health names version, uptime, store, stages and the last pass', async () => {
      await world.reconcile();

      const { status, body } = await world.api('GET', '/health');

      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: 'ok',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        uptimeSeconds: expect.any(Number),
        store: 'ok',
        orders: { waiting: 0, review: 0, completed: 0 },
        lastReconcile: { startedAt: expect.any(String), errors: [] },
      });
      for (const probe of ['/health/live', '/health/ready']) {
        expect((await fetch(`${world.service.url}${probe}`)).status).toBe(200);
      }
    });
  });

  describe('the SKU map', () => {
    const putCsv = async (text: string) => {
      const response = await fetch(`${world.service.url}/api/sku-map`, {
        method: 'PUT',
        headers: { authorization: 'Bearer admin-token-for-tests', 'content-type': 'text/csv' },
        body: text,
      });
      return { status: response.status, body: await response.json() };
    };

    it('takes CSV, a bundle as several rows, and answers what is in force', async () => {
      const answer = await putCsv(
        'shop_id,channel_sku,amazon_sku,quantity\n,SET,MUG,2\n,SET,HAT,1\n7494049642642441621,TEE,TEE-BLK,1\n',
      );

      const entries = [
        {
          shopId: null,
          channelSku: 'SET',
          components: [
            { amazonSku: 'MUG', quantity: 2 },
            { amazonSku: 'HAT', quantity: 1 },
          ],
        },
        {
          shopId: '7494049642642441621',
          channelSku: 'TEE',
          components: [{ amazonSku: 'TEE-BLK', quantity: 1 }],
        },
      ];
      expect(answer).toEqual({ status: 200, body: { entries } });
      await world.restart();
      expect((await world.api('GET', '/api/sku-map')).body).toEqual({ entries });
    });

    it('a bad row names itself and leaves the whole map as it was', async () => {
      await putCsv('shop_id,channel_sku,amazon_sku,quantity\n,SET,MUG,2\n');

      const answer = await putCsv('shop_id,channel_sku,amazon_sku,quantity\n,A,B,1\n,C,,1\n,D,E,zero\n');

      expect(answer).toMatchObject({ status: 400, body: { code: 'sku_map_invalid' } });
      const { errors } = answer.body as { errors: string[] };
      expect(errors.map((error) => error.split(':')[0])).toEqual(['row 3', 'row 4']);
      expect((await world.api('GET', '/api/sku-map')).body).toMatchObject({
        entries: [{ channelSku: 'SET' }],
      });
    });

    it('an order waiting for its SKU goes on by itself once the map has it', async () => {
      world.tiktok.addProduct({ skus: [{ sellerSku: 'ODD', stock: 3 }] });
      const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'ODD' }], ready: true });
      await world.reconcile('orders');
      expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'sku_unknown' });

      await putCsv('shop_id,channel_sku,amazon_sku,quantity\n,ODD,MUG,1\n');

      await vi.waitFor(async () => expect(await world.order(orderId)).toMatchObject({ stage: 'fulfilling' }));
      expect(world.amazon.creates).toMatchObject([{ fulfillmentId: `TTS-${orderId}` }]);
    });
  });
});
