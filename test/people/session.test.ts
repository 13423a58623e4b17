import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, openPeople, PASSWORD, type PeopleWorld } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let world: PeopleWorld;
beforeEach(async () => {
  world = await openPeople();
});
afterEach(() => world.close());

describe('a session', () => {
  it('tells who one is, and is ended by signing out', async () => {
    const userId = await world.addUser('ann', 'operator', ['s1']);
    const browser = await world.openBrowser('Ann');

    expect((await browser.call('GET', '/api/session')).json()).toEqual({
      name: 'ann',
      userId,
      role: 'operator',
      shopIds: ['s1'],
      csrfToken: browser.headers['x-csrf-token'],
      expiresAt: new Date(world.clock.nowMs() + 7 * DAY_MS).toISOString(),
    });
    const out = await browser.call('DELETE', '/api/session');
    expect(out.statusCode).toBe(204);
    expect(out.cookies[0]).toMatchObject({ name: 'mcf_session', value: '' });
    expect((await browser.call('GET', '/api/session')).statusCode).toBe(401);
  });

  it('is a new one with every sign-in: an id planted before, or held before, is worth nothing after', async () => {
    await world.addUser('ann');
    const planted = 'planted-by-somebody-else';

    const first = await world.signIn('ann', PASSWORD, { cookie: `mcf_session=${planted}` });
    const firstId = first.cookies[0]?.value ?? '';
    const second = await world.signIn('ann', PASSWORD, { cookie: `mcf_session=${firstId}` });
    const secondId = second.cookies[0]?.value ?? '';

    expect(new Set([planted, firstId, secondId]).size).toBe(3);
    const statusOf = async (id: string) =>
      (await world.call('GET', '/viewer', { headers: { cookie: `mcf_session=${id}` } })).statusCode;
    expect(await Promise.all([planted, firstId, secondId].map(statusOf))).toEqual([401, 401, 200]);
    expect(first.json().csrfToken).not.toBe(second.json().csrfToken);
  });

  it('ends after seven days however much it is used', async () => {
    await world.addUser('ann');
    const browser = await world.openBrowser('ann');
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      await world.clock.advance(6 * HOUR_MS);
      expect((await browser.call('GET', '/viewer')).statusCode).toBe(200);
    }
    await world.clock.advance(6 * HOUR_MS);

    expect((await browser.call('GET', '/viewer')).statusCode).toBe(401);
  });

  it('ends after twelve hours without a request', async () => {
    await world.addUser('ann');
    const browser = await world.openBrowser('ann');
    await world.clock.advance(11 * HOUR_MS);
    expect((await browser.call('GET', '/viewer')).statusCode).toBe(200);
    await world.clock.advance(12 * HOUR_MS - 1);
    expect((await browser.call('GET', '/viewer')).statusCode).toBe(200);
    await world.clock.advance(12 * HOUR_MS);

    expect((await browser.call('GET', '/viewer')).statusCode).toBe(401);
  });

  it('is stored as a hash only, also in the log', async () => {
    await world.addUser('ann');
    const answer = await world.signIn('ann');
    const id = answer.cookies[0]?.value ?? '';

    expect(id).toMatch(/^[\w-]{43}$/);
    expect(await world.store.people.findSession(id)).toBeNull();
    expect(answer.body).not.toContain(id);
    expect(JSON.stringify(await world.log())).not.toContain(id);
  });

  it('ends everywhere when asked, and those of others stay', async () => {
    await world.addUser('ann');
    await world.addUser('bob');
    const [one, two, bob] = [
      await world.openBrowser('ann'),
      await world.openBrowser('ann'),
      await world.openBrowser('bob'),
    ];

    await one.call('DELETE', '/api/session?everywhere=true');

    expect((await one.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await two.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await bob.call('GET', '/viewer')).statusCode).toBe(200);
  });

  it('stays when its holder changes the password, and the others end', async () => {
    await world.addUser('ann');
    const [one, two] = [await world.openBrowser('ann'), await world.openBrowser('ann')];

    const answer = await one.call('POST', '/api/session/password', {
      currentPassword: PASSWORD,
      newPassword: 'another long password',
    });

    expect(answer.statusCode).toBe(204);
    expect((await one.call('GET', '/viewer')).statusCode).toBe(200);
    expect((await two.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await world.signIn('ann')).statusCode).toBe(401);
  });

  it('that was stolen does not find out the password', async () => {
    await world.addUser('ann');
    const browser = await world.openBrowser('ann');
    const guess = (currentPassword: string) =>
      browser.call('POST', '/api/session/password', {
        currentPassword,
        newPassword: 'another long password',
      });
    for (let tries = 0; tries < 5; tries += 1)
      expect((await guess(`wrong ${tries}`)).json().code).toBe('password_wrong');

    expect((await guess(PASSWORD)).json().code).toBe('rate_limited');
    await world.clock.advance(5 * 60_000);
    expect((await guess(PASSWORD)).statusCode).toBe(204);
  });

  it('makes, lists and revokes tokens of one’s own, and never those of another', async () => {
    await world.addUser('ann');
    await world.addUser('bob');
    const [ann, bob] = [await world.openBrowser('ann'), await world.openBrowser('bob')];
    const made = await ann.call('POST', '/api/session/tokens', { name: 'cron' });
    const { id, token } = made.json();

    expect(made.statusCode).toBe(201);
    expect((await world.call('GET', '/viewer', { headers: world.bearer(token) })).json().name).toBe('ann');
    expect((await bob.call('GET', '/api/session/tokens')).json()).toEqual({ tokens: [] });
    expect((await bob.call('DELETE', `/api/session/tokens/${id}`)).json().code).toBe('token_unknown');
    expect((await ann.call('GET', '/api/session/tokens')).json().tokens).toMatchObject([
      { id, name: 'cron' },
    ]);
    expect((await ann.call('DELETE', `/api/session/tokens/${id}`)).statusCode).toBe(204);
    expect((await world.call('GET', '/viewer', { headers: world.bearer(token) })).statusCode).toBe(401);
  });
});

describe('the cookie', () => {
  it('over plain HTTP is for this host’s scripts to send and not to read', async () => {
    await world.addUser('ann');

    expect((await world.signIn('ann')).cookies[0]).toMatchObject({
      name: 'mcf_session',
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: 604_800,
    });
    expect((await world.signIn('ann')).headers['set-cookie']).not.toMatch(/Secure|Domain/);
  });

  it.each([
    ['a trusted proxy says https', { trustProxy: true }, { 'x-forwarded-proto': 'https' }],
    ['PUBLIC_URL is https and this host', { publicUrl: 'https://mcf.example' }, { host: 'mcf.example' }],
  ])(
    'is Secure and __Host- when %s, and one without that name is then not read',
    async (_why, options, headers) => {
      const secure = await openPeople(options);
      await secure.addUser('ann');

      const answer = await secure.signIn('ann', PASSWORD, headers);

      const [held] = answer.cookies;
      expect(held).toMatchObject({ name: '__Host-mcf_session', secure: true, httpOnly: true, path: '/' });
      expect(held).not.toHaveProperty('domain');
      const statusWith = async (name: string) =>
        (await secure.call('GET', '/viewer', { headers: { ...headers, cookie: `${name}=${held?.value}` } }))
          .statusCode;
      expect(await statusWith('__Host-mcf_session')).toBe(200);
      expect(await statusWith('mcf_session')).toBe(401);
      await secure.close();
    },
  );

  it('is not Secure because a stranger says https', async () => {
    await world.addUser('ann');

    const answer = await world.signIn('ann', PASSWORD, { 'x-forwarded-proto': 'https' });

    expect(answer.cookies[0]?.name).toBe('mcf_session');
  });
});

describe('a change by a browser', () => {
  const put = (headers: Record<string, string>) => world.call('PUT', '/shops/s1', { headers });

  it('needs the proof that its page could read an answer of ours', async () => {
    await world.addUser('ann', 'operator');
    await world.addUser('bob', 'operator');
    const { headers } = await world.openBrowser('ann');
    const other = await world.openBrowser('bob');
    const { cookie } = headers;

    expect((await put({ cookie })).json()).toMatchObject({ status: 403, code: 'csrf_refused' });
    expect((await put({ cookie, 'x-csrf-token': '' })).statusCode).toBe(403);
    expect((await put({ cookie, 'x-csrf-token': 'guessed' })).statusCode).toBe(403);
    expect((await put({ cookie, 'x-csrf-token': other.headers['x-csrf-token'] })).statusCode).toBe(403);
    expect(world.changed).toEqual([]);
    expect((await put(headers)).statusCode).toBe(200);
    expect(world.changed).toEqual(['s1']);
  });

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:80', host: 'localhost:80' }, 403],
    [{ origin: 'http://mcf.example:3000', host: 'mcf.example:3000' }, 200],
    [{ origin: 'http://mcf.example:3001', host: 'mcf.example:3000' }, 403],
  ])('that says %j is answered %i, even with the proof', async (said, status) => {
    await world.addUser('ann', 'operator');
    const { headers } = await world.openBrowser('ann');

    // Default ports are not written in an origin by any browser: `http://localhost:80` is somebody’s invention.
    expect((await put({ ...headers, ...said })).statusCode).toBe(status);
  });

  it('may come from PUBLIC_URL, whatever host a proxy passes on', async () => {
    const behind = await openPeople({ publicUrl: 'https://mcf.example' });
    await behind.addUser('ann', 'operator');
    const { headers } = await behind.openBrowser('ann');
    const from = async (origin: string) =>
      (await behind.call('PUT', '/shops/s1', { headers: { ...headers, origin, host: 'inner:3000' } }))
        .statusCode;

    expect(await from('https://mcf.example')).toBe(200);
    expect(await from('https://other.example')).toBe(403);
    await behind.close();
  });

  it('needs no proof with a bearer token, which no browser adds by itself', async () => {
    const answer = await world.call('PUT', '/shops/s1', {
      headers: { ...world.bearer(ADMIN_TOKEN), origin: 'https://tool.example' },
    });

    expect(answer.statusCode).toBe(200);
  });

  it('with a wrong bearer token is not let in by its cookie', async () => {
    await world.addUser('ann', 'operator');
    const { headers } = await world.openBrowser('ann');

    expect((await put({ ...headers, authorization: 'Bearer wrong' })).statusCode).toBe(401);
  });

  it('cannot be a read that another site makes with the cookie', async () => {
    await world.addUser('ann');
    const { headers } = await world.openBrowser('ann');
    const answer = await world.call('GET', '/viewer', {
      headers: { ...headers, 'sec-fetch-site': 'cross-site' },
    });

    expect(answer.json().code).toBe('csrf_refused');
  });

  it('signing in from another site is refused, so that nobody works in a stranger’s account', async () => {
    await world.addUser('ann');

    expect((await world.signIn('ann', PASSWORD, { origin: 'https://evil.example' })).json().code).toBe(
      'csrf_refused',
    );
  });
});
