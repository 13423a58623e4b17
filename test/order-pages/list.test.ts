import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endLives, order, orderAtAmazon, startLives } from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';
import { ADMIN, addShop, keptViews, type Visitor, visit, visitAs } from './visitor.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const DAY_MS = 24 * 3_600_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

describe('the list of orders', () => {
  let world: World;
  let admin: Visitor;
  let placed: string;
  let masked: string;
  beforeAll(async () => {
    world = await startLives();
    placed = (await orderAtAmazon(world)).orderId;
    masked = order(world, { MUG: 1 }, { address: { name: 'J*** E******' } }).orderId;
    await vi.waitFor(async () => expect(await world.order(masked)).toMatchObject({ stage: 'review' }), {
      timeout: 20_000,
    });
    admin = await visit(world);
  });
  afterAll(() => endLives(world));

  /** The orders that the list shows, by what it is narrowed to. */
  const listed = async (query: string, who = admin): Promise<string[]> => {
    const { status, text } = await who.get(`/console/orders?${query}`);
    expect(status).toBe(200);
    return [placed, masked].filter((orderId) => text.includes(`href="/console/orders/${orderId}"`));
  };
  const viewsOf = async (who: Visitor): Promise<string> => {
    const { text } = await who.get('/console/orders');
    const from = text.indexOf('aria-label="Views"');
    return text.slice(from, text.indexOf('</nav>', from));
  };

  it('is narrowed by stage, reason, shop and days', async () => {
    const [yesterday, tomorrow] = [-1, 1].map((days) => dayOf(Date.now() + days * DAY_MS));
    expect(await listed('')).toEqual([placed, masked]);
    expect(await listed('stage=review')).toEqual([masked]);
    expect(await listed('reason=address_masked')).toEqual([masked]);
    expect(await listed(`shopId=${world.tiktok.shop.id}`)).toEqual([placed, masked]);
    expect(await listed('shopId=another')).toEqual([]);
    expect(await listed(`from=${yesterday}&to=${tomorrow}`)).toEqual([placed, masked]);
    expect(await listed(`to=${dayOf(Date.now() - 2 * DAY_MS)}`)).toEqual([]);
    expect(await listed(`from=${dayOf(Date.now() + 2 * DAY_MS)}`)).toEqual([]);
    expect(await listed('risk=breached')).toEqual([]);
  });

  it('what it does not understand narrows nothing and is not repeated', async () => {
    const bad = '<script>x</script>';
    const { text, status } = await admin.get(
      `/console/orders?${new URLSearchParams({ stage: bad, reason: bad, risk: bad, from: bad, to: bad }).toString()}`,
    );

    expect(status).toBe(200);
    expect(text).toContain(placed);
    expect(text).not.toContain('<script>x');
  });

  it('a search for one order’s number leads to it; one that finds nothing says what numbers are looked for', async () => {
    for (const q of [placed, `TTS-${placed}`]) {
      const answer = await admin.get(`/console/orders?q=${q}`);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `/console/orders/${placed}`]);
    }
    const quoted = '"><b>none</b>';
    const { text } = await admin.get(`/console/orders?${new URLSearchParams({ q: quoted }).toString()}`);
    expect(text).toContain('No order fits');
    expect(text).not.toContain(quoted);
  });

  it('a cursor that nobody gave out is refused in words', async () => {
    expect((await admin.get('/console/orders?cursor=made-up')).status).toBe(400);
  });

  it('as CSV has the same orders as the list with the same filter', async () => {
    const { headers, text } = await admin.get('/console/orders.csv?stage=review');

    expect(headers.get('content-type')).toContain('text/csv');
    expect(headers.get('content-disposition')).toContain('orders.csv');
    const [head, ...rows] = text.trimEnd().split('\r\n');
    expect(head).toMatch(/^order_id,shop_id,stage,reason,/);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain(masked);
  });

  it('a view is kept for who saved it, under a name that stays text, and goes again', async () => {
    const name = '<i>late & "unmapped"</i>';
    const kept = await admin.post('/console/views', {
      name,
      query: 'reason=address_masked&stage=review&evil=1',
    });
    expect(kept.status).toBe(303);
    const shown = await viewsOf(admin);
    expect(shown).toContain('&lt;i&gt;late &amp; &quot;unmapped&quot;&lt;/i&gt;');
    expect(shown).toContain('stage=review&amp;reason=address_masked');
    expect(shown).not.toContain('evil');

    const other = await visitAs(world, 'olga', 'operator');
    expect(await viewsOf(other)).not.toContain('unmapped');
    await other.post('/console/views/remove', { name });
    expect(await viewsOf(admin)).toContain('unmapped');

    await admin.post('/console/views/remove', { name });
    expect(await viewsOf(admin)).not.toContain('unmapped');
  });

  it('a view saved again under its name is replaced, and there are at most twenty', async () => {
    const owner = await visitAs(world, 'victor', 'operator');
    for (let number = 1; number <= 21; number += 1)
      await owner.post('/console/views', { name: `view ${number}.`, query: 'stage=review' });
    await owner.post('/console/views', { name: 'view 20.', query: 'stage=waiting' });

    const shown = await viewsOf(owner);
    expect(shown).toContain('view 20.');
    expect(shown).not.toContain('view 21.');
    expect(shown.match(/view 20\./g)).toHaveLength((shown.match(/view 19\./g) ?? []).length);
    const { text } = await owner.get('/console/orders?stage=waiting&q=none');
    expect(text).toContain('No order fits');
  });

  it('views of a user go with the user', async () => {
    const gone = await visitAs(world, 'gone', 'operator');
    await gone.post('/console/views', { name: 'mine alone', query: 'stage=review' });
    expect(keptViews(world)).toContain('mine alone');
    const { body } = await world.api('GET', '/api/users');
    const user = (body as { users: { id: string; name: string }[] }).users.find(
      ({ name }) => name === 'gone',
    );
    await fetch(`${world.service.url}/api/users/${user?.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${ADMIN.password}` },
    });

    expect(keptViews(world)).not.toContain('mine alone');
  });

  it('a viewer is offered no view to save, and a form from elsewhere saves none', async () => {
    const viewer = await visitAs(world, 'vera', 'viewer');
    const { text } = await viewer.get('/console/orders?stage=review&risk=at_risk');
    expect(text.slice(text.indexOf('<main'))).not.toContain('method="post"');
    expect((await viewer.post('/console/views', { name: 'x', query: 'stage=review' })).status).toBe(403);
    expect(
      (await admin.post('/console/views', { name: 'x', query: 'stage=review', _csrf: 'wrong' })).status,
    ).toBe(403);
    expect(await viewsOf(admin)).not.toContain('>x<');
  });

  it('shows a person of another shop nothing, whatever they ask for', async () => {
    addShop(world, 'another-shop');
    const other = await visitAs(world, 'otto', 'operator', ['another-shop']);
    for (const query of ['', `shopId=${world.tiktok.shop.id}`, 'stage=review', 'risk=at_risk', `q=${placed}`])
      expect(await listed(query, other)).toEqual([]);
    expect((await other.get('/console/orders')).text).not.toContain(`value="${world.tiktok.shop.id}"`);
    expect((await other.get(`/console/orders.csv?shopId=${world.tiktok.shop.id}`)).text).not.toContain(
      placed,
    );
  });
});
