import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endLives, order, orderAtAmazon, startLives } from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';
import { addShop, type Visitor, visit, visitAs } from './visitor.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const STREET = '4711 Unforgettable Road';
const NAME = 'Nathaniel Unmistakable';

describe('the page of one order', () => {
  let world: World;
  let admin: Visitor;
  let orderId: string;
  beforeAll(async () => {
    world = await startLives();
    ({ orderId } = await orderAtAmazon(world, { MUG: 1 }, { address: { name: NAME, addressLine1: STREET } }));
    admin = await visit(world);
  });
  afterAll(() => endLives(world));

  const looks = async (): Promise<unknown[]> => {
    const { body } = await world.api('GET', `/api/audit?action=address.look&target=${orderId}`);
    return (body as { entries: unknown[] }).entries;
  };
  const log = async (): Promise<string> => JSON.stringify((await world.api('GET', '/api/audit')).body);

  it('shows which calls were made for it, with the request ids of both sides', async () => {
    const { text } = await admin.get(`/console/orders/${orderId}`);

    const { calls } = (await world.api('GET', `/api/orders/${orderId}`)).body as {
      calls: { upstream: string; operation: string; status: number; requestId: string }[];
    };
    const create = calls.find(({ operation }) => operation === 'createFulfillmentOrder');
    const read = calls.find(({ upstream }) => upstream === 'tiktok-shop');
    expect(create).toMatchObject({ upstream: 'amazon-mcf', status: 200, requestId: expect.any(String) });
    expect(read).toMatchObject({ status: 200, requestId: expect.stringMatching(/^SANDBOX/) });
    for (const call of [create, read]) expect(text).toContain(`>${call?.requestId}<`);
  });

  it('holds no part of the buyer’s address, nor does any log or any answer but the one that was asked for it', async () => {
    const page = await admin.get(`/console/orders/${orderId}`);
    const asked = await admin.get(`/console/orders/${orderId}/address`, { 'hx-request': 'true' });

    expect(asked.text).toContain(STREET);
    expect(asked.text).toContain(NAME);
    expect(asked.text).not.toContain('<html');
    expect(asked.headers.get('cache-control')).toBe('no-store');
    for (const text of [
      page.text,
      world.logs.join('\n'),
      await log(),
      (await admin.get('/console/audit')).text,
    ]) {
      expect(text).not.toContain(STREET);
      expect(text).not.toContain(NAME);
    }
  });

  it('reads the address at TikTok Shop each time, and notes each look before', async () => {
    const before = (await looks()).length;
    const readsBefore = world.tiktok.calls.filter(({ operation }) => operation === 'orders.detail').length;
    await admin.get(`/console/orders/${orderId}/address`);
    await admin.get(`/console/orders/${orderId}/address`);

    expect((await looks()).length).toBe(before + 2);
    expect(await looks()).toContainEqual(
      expect.objectContaining({ who: 'admin', action: 'address.look', target: orderId }),
    );
    expect(
      world.tiktok.calls.filter(({ operation }) => operation === 'orders.detail').length,
    ).toBeGreaterThanOrEqual(readsBefore + 2);
  });

  it('without a script, the address is a page of its own that leaves by itself', async () => {
    const { text, headers } = await admin.get(`/console/orders/${orderId}/address`);

    expect(text).toContain('<html');
    expect(text).toContain(STREET);
    expect(headers.get('refresh')).toBe(`300;url=/console/orders/${orderId}`);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('a viewer is offered no address and no action, and is refused both', async () => {
    const viewer = await visitAs(world, 'vera', 'viewer');
    const before = await looks();
    const { text } = await viewer.get(`/console/orders/${orderId}`);

    const main = text.slice(text.indexOf('<main'));
    expect(main).not.toContain('method="post"');
    expect(main).not.toContain('/address');
    expect((await viewer.get(`/console/orders/${orderId}/address`)).status).toBe(403);
    for (const action of ['retry', 'cancel', 'resolve', 'dry-run'])
      expect((await viewer.post(`/console/orders/${orderId}/${action}`)).status).toBe(403);
    expect(await looks()).toEqual(before);
  });

  it('does not exist for a person of another shop, in no list and by no number', async () => {
    addShop(world, 'another-shop');
    const other = await visitAs(world, 'otto', 'operator', ['another-shop']);
    const before = await looks();
    for (const path of [orderId, `${orderId}/address`])
      expect((await other.get(`/console/orders/${path}`)).status).toBe(404);
    for (const action of ['retry', 'cancel', 'resolve', 'dry-run'])
      expect((await other.post(`/console/orders/${orderId}/${action}`, { note: 'x' })).status).toBe(404);
    for (const query of ['', `?shopId=${world.tiktok.shop.id}`, '?stage=fulfilling', '?risk=at_risk'])
      for (const page of ['orders', 'orders.csv'])
        expect((await other.get(`/console/${page}${query}`)).text).not.toContain(orderId);
    expect((await other.get(`/console/orders?q=TTS-${orderId}`)).status).toBe(200);
    expect(await looks()).toEqual(before);
  });

  it('a dry run reads both sides, calls for no effect and changes nothing', async () => {
    const waiting = order(world, { HAT: 1 }, { ready: false }).orderId;
    await vi.waitFor(async () => expect(await world.order(waiting)).toMatchObject({ stage: 'waiting' }), {
      timeout: 20_000,
    });
    await world.tiktok.webhooks.idle();
    const before = (await world.api('GET', `/api/orders/${waiting}`)).body;
    const effects = world.amazon.calls.filter(({ operation }) => operation === 'create').length;
    const page = await admin.post(`/console/orders/${waiting}/dry-run`, {}, { 'hx-request': 'true' });

    expect(page.status).toBe(200);
    expect(page.text).toContain('nothing was changed');
    const { status, body } = await world.api('POST', `/api/orders/${waiting}/dry-run`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ decision: 'wait', stage: 'waiting', reason: expect.any(String) });
    expect((await world.api('GET', `/api/orders/${waiting}`)).body).toEqual(before);
    expect(world.amazon.calls.filter(({ operation }) => operation === 'create').length).toBe(effects);
  });

  it('closing by hand keeps the note as text and can be undone', async () => {
    const note = `<script>alert("1")</script> 'quoted'`;
    const closed = await admin.post(`/console/orders/${orderId}/resolve`, { note });
    expect(closed.status).toBe(303);

    const { text } = await admin.get(`/console/orders/${orderId}`);
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)');
    expect(text).toContain('Undo the closing');
    await admin.post(`/console/orders/${orderId}/retry`);
    expect((await admin.get(`/console/orders/${orderId}`)).text).not.toContain('Undo the closing');
  });

  it('an empty note is refused in words, and nothing is closed', async () => {
    const answer = await admin.post(`/console/orders/${orderId}/resolve`, { note: ' ' });

    expect(answer.status).toBe(400);
    expect(answer.text).toContain('say why');
    expect((await admin.get(`/console/orders/${orderId}`)).text).not.toContain('Undo the closing');
  });

  it('an address that cannot be read is told with what to do, and the page stays', async () => {
    world.tiktok.faults.next('orders.detail', { status: 503, body: 'x' });
    const { status, text } = await admin.get(`/console/orders/${orderId}/address`, { 'hx-request': 'true' });

    expect(status).toBe(200);
    expect(text).toContain('could not be read');
    expect(text).not.toContain(STREET);
  });
});
