import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable } from '../../src/store/store.ts';
import {
  A,
  ADMIN_TOKEN,
  actionsOf,
  type ConsoleWorld,
  csrfOf,
  fill,
  openConsole,
  type Visitor,
} from './http.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PAGES = [
  '/console',
  '/console/review',
  '/console/orders',
  `/console/orders/${A.orderId}`,
  '/console/inventory',
  '/console/sku-map',
  '/console/shops',
  `/console/shops/${A.shopId}`,
  '/console/account',
];
const ADMIN_PAGES = [
  '/console/deliveries',
  '/console/deliveries/outgoing',
  '/console/people',
  '/console/settings',
  '/console/audit',
];

describe('the guard of the console', () => {
  let world: ConsoleWorld;
  let admin: Visitor;
  beforeAll(async () => {
    world = await openConsole();
    await fill(world.store, A);
    admin = await world.admin();
  });
  afterAll(() => world.close());

  const ask = (url: string, headers: Record<string, string> = {}) =>
    world.app.inject({ url, headers, remoteAddress: world.nextAddress() });
  const signIn = (form: Record<string, string>, remoteAddress = world.nextAddress(), headers = {}) =>
    world.app.inject({
      method: 'POST',
      url: '/console/sign-in',
      remoteAddress,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(form).toString(),
    });

  it('sends who is not signed in to the sign-in, which leads back to where they wanted to go', async () => {
    const answers = await Promise.all(
      [...PAGES, ...ADMIN_PAGES, '/console/live', '/console/no-such'].map((url) => ask(url)),
    );

    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 303));
    expect(answers.every(({ body }) => body === '')).toBe(true);
    const asked = '/console/orders?stage=review&q=1';
    const { headers } = await ask(asked);
    expect(headers.location).toBe(`/console/sign-in?${new URLSearchParams({ next: asked }).toString()}`);
    const page = await ask(String(headers.location));
    expect(page.body).toContain('name="next" value="/console/orders?stage=review&amp;q=1"');
    const done = await signIn({ name: 'admin', password: ADMIN_TOKEN, next: asked });
    expect([done.statusCode, done.headers.location]).toEqual([303, asked]);
  });

  it('moves the whole page to the sign-in when only a part of it was asked for', async () => {
    const answer = await ask('/console/review', {
      'hx-request': 'true',
      referer: 'https://example.com/console/review?reason=sku_unmapped',
    });

    expect(answer.statusCode).toBe(204);
    expect(answer.headers['hx-redirect']).toBe(
      `/console/sign-in?${new URLSearchParams({ next: '/console/review?reason=sku_unmapped' }).toString()}`,
    );
  });

  it.each([
    'https://evil.example/console',
    '//evil.example/console',
    '/\\evil.example',
    '/console/../connect/tiktok-shop',
    '/console/%2e%2e/connect/tiktok-shop',
    '/consoles',
    '/api/orders',
    'javascript:alert(1)',
    '/console\r\nset-cookie: a=b',
    '',
  ])('never leads from the sign-in to %j', async (next) => {
    const { statusCode, headers } = await signIn({ name: 'admin', password: ADMIN_TOKEN, next });

    expect([statusCode, headers.location]).toEqual([303, '/console']);
  });

  it('takes no bearer token for a sign-in: no browser would send one', async () => {
    expect((await ask('/console', { authorization: `Bearer ${ADMIN_TOKEN}` })).statusCode).toBe(303);
  });

  it('says that a password is wrong, and keeps the name and where one wanted to go', async () => {
    const answer = await signIn({ name: 'admin', password: 'wrong', next: '/console/review' });

    expect(answer.statusCode).toBe(401);
    expect(answer.cookies).toEqual([]);
    expect(answer.body).toContain('role="alert"');
    expect(answer.body).toContain('value="/console/review"');
    expect(answer.body).toContain('value="admin"');
    expect(answer.body).not.toContain('wrong"');
  });

  it('answers half a form with the form', async () => {
    const answer = await signIn({ name: ' ', password: '' });

    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('Fill in a name and a password.');
    expect(answer.body).toContain('action="/console/sign-in"');
  });

  it('counts wrong tries by address, also of the admin, and then takes not even the right token', async () => {
    const address = '198.51.100.7';
    const statuses = new Set<number>();
    for (let tries = 0; tries < 40; tries += 1)
      statuses.add((await signIn({ name: 'admin', password: 'wrong' }, address)).statusCode);
    const right = await signIn({ name: 'admin', password: ADMIN_TOKEN }, address);

    expect([...statuses]).toEqual([401, 429]);
    expect(right.statusCode).toBe(429);
    expect(right.body).toContain('wait');
    expect((await signIn({ name: 'admin', password: ADMIN_TOKEN })).statusCode).toBe(303);
  });

  it('takes no sign-in that another site sends', async () => {
    const form = { name: 'admin', password: ADMIN_TOKEN };
    const answer = await signIn(form, world.nextAddress(), { origin: 'https://evil.example' });

    expect([answer.statusCode, answer.cookies]).toEqual([403, []]);
  });

  it('changes nothing for a form without the token of a page, with another one, or from another site', async () => {
    const before = await world.store.shops.find(A.shopId);
    const url = `/console/shops/${A.shopId}/pause`;
    const other = await world.person('csrf', 'admin');
    const otherToken = csrfOf((await other.get('/console/account')).body);
    const answers = [
      await admin.post(url, { paused: 'true', _csrf: '' }),
      await admin.post(url, { paused: 'true', _csrf: otherToken }),
      await admin.post(url, { paused: 'true' }, { origin: 'https://evil.example' }),
      await admin.post(url, { paused: 'true' }, { 'sec-fetch-site': 'cross-site' }),
      await admin.post('/console/sign-out', { _csrf: '' }),
    ];

    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 403));
    expect(await world.store.shops.find(A.shopId)).toEqual(before);
    expect((await admin.get('/console')).statusCode).toBe(200);
  });

  it('answers every page, with a strict policy, and lets nobody keep it', async () => {
    const urls = [...PAGES, ...ADMIN_PAGES];
    for (const url of urls) {
      const { statusCode, headers, body } = await admin.get(url);
      expect([url, statusCode]).toEqual([url, 200]);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(body).not.toMatch(
        /\sstyle="|\son[a-z]+="|<style|<script>|<script(?![^>]* src="\/console\/assets\/)/,
      );
      expect(body).toMatch(/<h1>[^<]+<\/h1>/);
    }
  });

  it('answers what is not there with a page that says so', async () => {
    const answers = await Promise.all(
      ['/console/no-such', '/console/orders/577000', '/console/shops/700', '/console/people/nobody'].map(
        (url) => admin.get(url),
      ),
    );

    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 404));
    for (const { body, headers } of answers) {
      expect(headers['content-type']).toContain('text/html');
      expect(body).toContain('There is nothing here');
    }
  });

  it('names what is wrong with a form', async () => {
    const answer = await admin.post(`/console/shops/${A.shopId}`, { bufferUnits: 'many' });

    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('bufferUnits');
    expect(answer.body).toContain('send it again');
  });

  it('says only so much of a fault of its own, and tells a store that is away from a bug', async () => {
    const counts = vi.spyOn(world.store.orders, 'stageCounts');
    counts.mockRejectedValueOnce(new Error('at /home/secret/place.ts'));
    const bug = await admin.get('/console/settings');
    counts.mockRejectedValueOnce(new StoreUnavailable('disk full at /home/secret'));
    const away = await admin.get('/console/settings');
    counts.mockRestore();

    expect([bug.statusCode, away.statusCode]).toEqual([500, 503]);
    expect(bug.body + away.body).not.toContain('secret/');
    expect(bug.body).toContain('Something failed here');
    expect(away.body).toContain('Try again in a moment');
  });

  it('ends a session at once: what was open leads to the sign-in', async () => {
    const leaving = await world.person('leaving', 'operator');
    expect((await leaving.get('/console')).statusCode).toBe(200);
    const out = await leaving.post('/console/sign-out');

    expect([out.statusCode, out.headers.location]).toEqual([303, '/console/sign-in']);
    expect((await leaving.get('/console')).statusCode).toBe(303);
    expect((await leaving.post(`/console/shops/${A.shopId}/pause`, { paused: 'true' })).statusCode).toBe(303);
  });

  it('shows a viewer no form but their own, no page of admins, and refuses what an admin’s forms send', async () => {
    const viewer = await world.person('vera', 'viewer');
    const operator = await world.person('otto', 'operator');
    const offered = new Set<string>();
    for (const url of [...PAGES, ...ADMIN_PAGES])
      for (const action of actionsOf((await admin.get(url)).body)) offered.add(action);
    const isOwn = (action: string): boolean => /^\/console\/(account|sign-out)/.test(action);
    const foreign = [...offered].filter((action) => !isOwn(action));

    expect(foreign.length).toBeGreaterThan(12);
    for (const url of PAGES) {
      const { statusCode, body } = await viewer.get(url);
      expect([url, statusCode]).toEqual([url, 200]);
      expect(actionsOf(body).filter((action) => !isOwn(action))).toEqual([]);
    }
    for (const url of ADMIN_PAGES)
      for (const who of [viewer, operator])
        expect([url, (await who.get(url)).statusCode]).toEqual([url, 403]);
    for (const action of foreign)
      expect([action, (await viewer.post(action)).statusCode]).toEqual([action, 403]);
  });

  it('offers an operator what they may do, and nothing that they may not', async () => {
    const operator = await world.person('olga', 'operator');
    const limited = await world.person('lisa', 'operator', [A.shopId]);
    for (const who of [operator, limited]) {
      const offered = new Set<string>();
      for (const url of PAGES) for (const action of actionsOf((await who.get(url)).body)) offered.add(action);
      offered.delete('/console/sign-out');
      offered.delete('/console/account/sign-out-everywhere');
      expect([...offered]).toContain(`/console/shops/${A.shopId}/pause`);
      for (const action of offered) {
        const { statusCode } = await who.post(action);
        expect([action, statusCode]).not.toEqual([action, 403]);
      }
    }
  });

  it('leads a browser from the address of the service to the console, and tells scripts that nothing is there', async () => {
    const browser = await ask('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    const script = await ask('/', { accept: '*/*' });

    expect([browser.statusCode, browser.headers.location]).toEqual([302, '/console']);
    expect([script.statusCode, script.json()]).toMatchObject([404, { code: 'route_unknown' }]);
  });
});
