import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { A, actionsOf, B, type ConsoleWorld, fill, NOW, openConsole, type Visitor } from './http.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NASTY = '<script>alert(1)</script>';
const QUOTED = '"><img src=x onerror=alert(1)>';

describe('the pages of places', () => {
  let world: ConsoleWorld;
  let admin: Visitor;
  let limited: Visitor;
  beforeAll(async () => {
    world = await openConsole();
    await fill(world.store, A);
    await fill(world.store, B);
    admin = await world.admin();
    limited = await world.person('anna of A', 'operator', [A.shopId]);
  });
  afterAll(() => world.close());

  const text = async (who: Visitor, url: string): Promise<string> => (await who.get(url)).body;

  describe('for somebody limited to one shop', () => {
    const PAGES = [
      '/console',
      '/console/review',
      '/console/orders',
      '/console/inventory',
      '/console/inventory?q=SKU',
      '/console/sku-map',
      '/console/shops',
      `/console/shops/${A.shopId}`,
      '/console/account',
    ];

    it('tell nothing of another one', async () => {
      for (const url of PAGES) {
        const { statusCode, body } = await limited.get(url);
        expect([url, statusCode]).toEqual([url, 200]);
        for (const secret of [B.shopId, B.orderId, B.sku])
          expect([url, body.includes(secret)]).toEqual([url, false]);
      }
      const whole = await text(admin, '/console/shops');
      expect(whole).toContain(B.shopId);
    });

    it.each([
      ['GET', `/console/shops/${B.shopId}`],
      ['GET', `/console/orders/${B.orderId}`],
      ['POST', `/console/shops/${B.shopId}/pause`],
      ['POST', `/console/orders/${B.orderId}/retry`],
    ])('answer %s %s as if it did not exist', async (method, url) => {
      const nowhere = url.replace(B.shopId, '7009').replace(B.orderId, '5779');
      const ask = (path: string) =>
        method === 'GET' ? limited.get(path) : limited.post(path, { paused: 'true' });
      const [hidden, unknown] = [await ask(url), await ask(nowhere)];

      expect([hidden.statusCode, hidden.body]).toEqual([404, unknown.body]);
    });

    it('show no figure of an account that others sell from, its state, its quota nor the last pass', async () => {
      const [stock, today, shops] = [
        await text(limited, '/console/inventory'),
        await text(limited, '/console'),
        await text(limited, '/console/shops'),
      ];

      expect(stock).toContain(A.sku);
      expect(stock).not.toMatch(/<td[^>]*data-title="(Fulfillable|Promised|Buffer|Available)"[^>]*>\d/);
      expect(await text(admin, '/console/inventory')).toMatch(/<td[^>]*data-title="Fulfillable"[^>]*>41</);
      for (const heading of ['Both sides', 'quota of new orders', 'Stock that runs out', 'Last pass']) {
        expect(today).not.toContain(heading);
        expect(await text(admin, '/console')).toContain(heading);
      }
      expect(shops).not.toContain('Amazon accounts');
    });

    it('count only the orders and hours of their shop', async () => {
      const figures = (body: string): number => Number(/orders\?stage=fulfilling">(\d+)</.exec(body)?.[1]);

      expect(figures(await text(admin, '/console'))).toBe(2 * figures(await text(limited, '/console')));
    });

    it('pause an SKU for their shop alone', async () => {
      const answer = await limited.post('/console/inventory/pause', { amazonSku: A.sku, paused: 'true' });
      expect(answer.statusCode).toBe(303);
      expect(await text(limited, '/console/inventory?show=paused')).toContain(`${A.sku} is paused`);
      expect(await world.store.pausedSkus.all()).toMatchObject([{ shopId: A.shopId, amazonSku: A.sku }]);

      await limited.post('/console/inventory/pause', { amazonSku: A.sku, paused: 'false' });
      expect(await world.store.pausedSkus.all()).toEqual([]);
      expect(
        (await limited.post('/console/inventory/pause', { amazonSku: A.sku, paused: 'false' })).statusCode,
      ).toBe(404);
      const { entries } = await world.store.audit.list({ limit: 10, action: 'sku.pause' });
      expect(entries).toMatchObject([{ who: 'anna of A', target: A.sku, shopId: A.shopId }]);
    });
  });

  it('the settings name every secret that is set, and show none', async () => {
    const body = await text(admin, '/console/settings');

    for (const secret of [
      'admin-token-for-tests',
      'app-secret-of-the-tests',
      'an-access-token',
      'a-refresh-token',
      'lwa-client-secret',
      'Atzr|refresh',
      'a-token-for-metrics-alone',
    ])
      expect(body).not.toContain(secret);
    expect(body).toContain('TIKTOK_APP_SECRET');
    expect(body).toMatch(/METRICS_TOKEN<\/span>\s*<\/td>\s*<td[^>]*><span class="badge good">set</);
    expect(body).toContain('http://amazon.invalid');
  });

  it('text from people and from both sides stays text', async () => {
    await admin.post(`/console/shops/${A.shopId}`, { name: NASTY, amazonAccount: 'amazon' });
    await world.store.inventory.saveListings([
      {
        channel: 'tiktok-shop',
        shopId: A.shopId,
        productId: 'p-nasty',
        skuId: 's-nasty',
        sellerSku: QUOTED,
        components: [{ amazonSku: A.sku, quantity: 1 }],
        pushedQuantity: null,
        pushedAtMs: null,
      },
    ]);
    await world.store.inventory.saveStock([
      {
        amazonAccount: 'amazon',
        amazonSku: NASTY,
        fulfillable: 1,
        promised: 0,
        buffer: 0,
        available: 1,
        readAtMs: NOW,
      },
    ]);
    for (const [url, shown] of [
      ['/console/shops', '&lt;script&gt;'],
      [`/console/shops/${A.shopId}`, '&lt;script&gt;'],
      ['/console/inventory?show=unset', '&lt;img src=x'],
      ['/console/inventory', '&lt;script&gt;'],
      [`/console/inventory?q=${encodeURIComponent(QUOTED)}`, '&lt;img src=x'],
      [`/console/audit?who=${encodeURIComponent(QUOTED)}`, '&lt;img src=x'],
      [`/console/deliveries/outgoing?orderId=${encodeURIComponent(QUOTED)}`, '&lt;img src=x'],
    ] as const) {
      const body = await text(admin, url);
      expect([url, body.includes(shown)]).toEqual([url, true]);
      expect([url, body.includes('<script>alert'), body.includes('<img src=x')]).toEqual([url, false, false]);
    }
  });

  it('a shop is changed by its form, which leaves what it does not ask about', async () => {
    await world.store.shops.change(B.shopId, { settings: { holdKinds: ['sample'], bufferUnits: 9 } });
    const answer = await admin.post(`/console/shops/${B.shopId}`, {
      name: 'Mugs & more',
      amazonAccount: 'amazon',
      bufferUnits: '',
      bufferPercent: '10',
      speed: 'Expedited',
      unbranded: 'true',
    });

    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/console/shops/${B.shopId}`]);
    expect(await world.store.shops.find(B.shopId)).toMatchObject({
      name: 'Mugs & more',
      settings: { holdKinds: ['sample'], bufferPercent: 10, speed: 'Expedited', unbranded: true },
    });
    expect((await world.store.shops.find(B.shopId))?.settings).not.toHaveProperty('bufferUnits');
    expect(await text(admin, `/console/shops/${B.shopId}`)).toContain('Mugs &amp; more was changed.');
    expect(await text(admin, `/console/shops/${B.shopId}`)).not.toContain('was changed.');
  });

  it('the stock of an account is shared out by its form, and a rule that makes no sense changes nothing', async () => {
    const url = '/console/amazon-accounts/amazon/sharing';
    const rule = async () => (await world.store.accounts.all())[0]?.sharing;
    expect(actionsOf(await text(admin, '/console/shops'))).toContain(url);
    const [a, b] = [A.shopId, B.shopId];

    await admin.post(url, {
      kind: 'shares',
      [`percent.${a}`]: '70',
      [`percent.${b}`]: '30',
      [`cap.${a}`]: '5',
    });
    expect(await rule()).toEqual({ kind: 'shares', percentByShop: { [a]: 70, [b]: 30 } });
    for (const fields of [{ [`percent.${a}`]: 'most' }, { [`percent.${a}`]: '70', [`percent.${b}`]: '60' }]) {
      const answer = await admin.post(url, { kind: 'shares', ...fields });
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toContain('percent');
    }
    expect(await rule()).toEqual({ kind: 'shares', percentByShop: { [a]: 70, [b]: 30 } });

    await admin.post(url, { kind: 'priority', [`place.${a}`]: '2', [`place.${b}`]: '1', [`cap.${b}`]: '10' });
    expect(await rule()).toEqual({
      kind: 'priority',
      shops: [
        { shopId: b, atMostUnits: 10 },
        { shopId: a, atMostUnits: null },
      ],
    });
    await admin.post(url, { kind: 'all' });
    expect(await rule()).toEqual({ kind: 'all' });
    expect((await limited.post(url, { kind: 'all' })).statusCode).toBe(403);
  });

  it('a paused shop says so on its page and on the first one, until it goes on', async () => {
    await admin.post(`/console/shops/${B.shopId}/pause`, { paused: 'true' });
    expect(await text(admin, `/console/shops/${B.shopId}`)).toContain(
      'Paused: nothing new is sent to Amazon',
    );
    expect(await text(admin, '/console')).toContain('is paused: nothing new is sent to Amazon for it.');
    expect(await text(limited, '/console')).not.toContain('is paused');

    await admin.post(`/console/shops/${B.shopId}/pause`, { paused: 'false' });
    expect(await text(admin, '/console')).not.toContain('is paused');
  });

  it('somebody is added, changed and removed, and their sessions end with their rights', async () => {
    const added = await admin.post('/console/people', {
      name: 'berta',
      role: 'operator',
      shopIds: `${A.shopId}, ${B.shopId}`,
      password: '',
    });
    expect(added.headers.location).toBe('/console/people');
    const list = await text(admin, '/console/people');
    const user = (await world.people.users.list()).find(({ name }) => name === 'berta');
    expect(list).toContain(`${A.shopId}, ${B.shopId}`);
    expect(user).toMatchObject({ role: 'operator', shopIds: [A.shopId, B.shopId] });
    const page = `/console/people/${user?.userId}`;
    expect(actionsOf(await text(admin, page))).toEqual(
      expect.arrayContaining([page, `${page}/end-sessions`, `${page}/remove`]),
    );

    await admin.post(page, { role: 'viewer', shopIds: '', password: '', isDisabled: 'true' });
    expect(await world.people.users.get(user?.userId ?? '')).toMatchObject({
      role: 'viewer',
      shopIds: null,
      disabledAtMs: expect.any(Number),
    });
    await admin.post(`${page}/remove`);
    expect((await admin.get(page)).statusCode).toBe(404);
  });

  it('a weak password is refused with the reason, and nobody is added', async () => {
    const answer = await admin.post('/console/people', {
      name: 'weak',
      role: 'viewer',
      shopIds: '',
      password: 'short',
    });

    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('12');
    expect((await world.people.users.list()).some(({ name }) => name === 'weak')).toBe(false);
  });

  it('an API token is shown once, where it was made, and works until it is revoked', async () => {
    const own = await world.person('tina', 'viewer');
    const made = await own.post('/console/account/tokens', { name: 'nightly script' });
    const [token = ''] = /mcf_[\w-]{20,}/.exec(made.body) ?? [];
    const ask = () =>
      world.app.inject({
        url: '/api/session',
        remoteAddress: world.nextAddress(),
        headers: { authorization: `Bearer ${token}` },
      });

    expect(made.statusCode).toBe(200);
    expect((await ask()).json()).toMatchObject({ name: 'tina' });
    const after = await text(own, '/console/account');
    expect(after).toContain('nightly script');
    expect(after).not.toContain(token);
    const [revoke = ''] = actionsOf(after).filter((action) => action.endsWith('/revoke'));
    await own.post(revoke);
    expect((await ask()).statusCode).toBe(401);
  });

  it('the secret of an endpoint is shown once, and the address of one inside the network is refused', async () => {
    const form = { url: 'https://hooks.example.com/mcf', description: 'ours', events: 'order.shipped' };
    const made = await admin.post('/console/deliveries/endpoints', form);
    const [secret = ''] = /whsec_[\w+/=]+/.exec(made.body) ?? [];
    const refused = await admin.post('/console/deliveries/endpoints', {
      ...form,
      url: 'http://127.0.0.1/mcf',
    });
    const page = await text(admin, '/console/deliveries/outgoing');

    expect([made.statusCode, secret !== '']).toEqual([200, true]);
    expect(refused.statusCode).toBe(400);
    expect(page).toContain('https://hooks.example.com/mcf');
    expect(page).not.toContain(secret);
  });

  it('every change is in the audit log, under the name of who made it', async () => {
    await admin.post(`/console/shops/${A.shopId}/pause`, { paused: 'true' });
    await admin.post(`/console/shops/${A.shopId}/pause`, { paused: 'false' });
    const body = await text(admin, `/console/audit?action=shop.pause&target=${A.shopId}`);

    expect(body.match(/<tr class="row">/g)?.length).toBeGreaterThanOrEqual(2);
    expect(body).toContain('shop.pause');
    expect(body).not.toContain('sku.pause');
    expect(await text(admin, '/console/audit?who=nobody-of-this-name')).toContain('Nothing was noted');
  });

  it('the check-up looks only when it is asked to, and says of each fault what to do', async () => {
    const before = await text(admin, '/console/shops/doctor');
    const after = await admin.post('/console/shops/doctor');

    expect(before).toContain('Nothing was looked at yet');
    expect(after.statusCode).toBe(200);
    expect(after.body).toContain('Something is broken.');
    const first = /<tbody>[\s\S]*?<\/tr>/.exec(after.body)?.[0] ?? '';
    expect(first).toContain('broken');
    expect(first).toMatch(/data-title="What to do"[^>]*>[^<–]{10,}/);
    expect(after.body).not.toContain('a-refresh-token');
    expect((await limited.get('/console/shops/doctor')).statusCode).toBe(403);
  });
});

describe('pages with nothing to show', () => {
  it('say what to do next', async () => {
    const world = await openConsole();
    const admin = await world.admin();
    try {
      for (const [url, ...said] of [
        [
          '/console',
          'Nothing is at risk',
          'Nothing runs out soon',
          'Nothing was sent or shipped in the last day',
          'No pass has ended yet',
        ],
        ['/console/inventory', 'No stock was read yet'],
        ['/console/inventory?q=none', 'No SKU fits'],
        ['/console/deliveries', 'No webhook has come in yet'],
        ['/console/deliveries/outgoing', 'No endpoint', 'Nothing was sent'],
      ] as const) {
        const { statusCode, body } = await admin.get(url);
        expect([url, statusCode]).toEqual([url, 200]);
        for (const words of said) expect([url, body.includes(words)]).toEqual([url, true]);
        expect(body).toMatch(/class="empty"><p class="empty-title">[^<]+<\/p><p>[^<]*\S/);
      }
    } finally {
      await world.close();
    }
  });
});
