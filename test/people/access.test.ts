import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, openPeople, PASSWORD, type PeopleWorld } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let world: PeopleWorld;
beforeEach(async () => {
  world = await openPeople();
});
afterEach(() => world.close());

const statusWith = async (token: string, url = '/viewer') =>
  (await world.call('GET', url, { headers: world.bearer(token) })).statusCode;

describe('a role', () => {
  const ROUTES = ['/viewer', '/operator', '/admin', '/unsaid', '/whole'];
  it.each([
    ['viewer', null, [200, 403, 403, 403, 200]],
    ['operator', null, [200, 200, 403, 403, 200]],
    ['admin', null, [200, 200, 200, 200, 200]],
    ['viewer', ['s1'], [200, 403, 403, 403, 403]],
    ['operator', ['s1'], [200, 200, 403, 403, 403]],
  ] as const)(
    '%s of %j passes where its need is met, by token and by session alike',
    async (role, shopIds, expected) => {
      const userId = await world.addUser('ann', role, shopIds === null ? null : [...shopIds]);
      const { token } = await world.tokenFor(userId);
      const browser = await world.openBrowser('ann');

      const byToken = await Promise.all(ROUTES.map((url) => statusWith(token, url)));
      const bySession = await Promise.all(
        ROUTES.map(async (url) => (await browser.call('GET', url)).statusCode),
      );

      expect(byToken).toEqual(expected);
      expect(bySession).toEqual(expected);
      expect((await browser.call('GET', '/viewer')).json()).toEqual({ name: 'ann', userId, role, shopIds });
    },
  );

  it('is not asked of ADMIN_TOKEN, which is an admin of the whole service and no user', async () => {
    expect(await Promise.all(ROUTES.map((url) => statusWith(ADMIN_TOKEN, url)))).toEqual([
      200, 200, 200, 200, 200,
    ]);
    expect((await world.asAdmin('GET', '/admin')).json()).toEqual({
      name: 'admin',
      userId: null,
      role: 'admin',
      shopIds: null,
    });
  });

  it('names itself and what is needed in a refusal', async () => {
    const { token } = await world.tokenFor(await world.addUser('ann'));
    const answer = await world.call('GET', '/operator', { headers: world.bearer(token) });

    expect(answer.json()).toMatchObject({ code: 'role_missing', detail: expect.stringContaining('viewer') });
  });
});

describe('an API token', () => {
  it('works until it is revoked', async () => {
    const userId = await world.addUser('ann');
    const { id, token } = await world.tokenFor(userId);
    expect(await statusWith(token)).toBe(200);

    await world.asAdmin('DELETE', `/api/users/${userId}/tokens/${id}`);

    expect(await statusWith(token)).toBe(401);
    expect((await world.asAdmin('DELETE', `/api/users/${userId}/tokens/${id}`)).json()).toMatchObject({
      code: 'token_unknown',
    });
  });

  it('works until it expires, and cannot be made to have expired', async () => {
    const userId = await world.addUser('ann');
    const expiresAt = new Date(world.clock.nowMs() + HOUR_MS).toISOString();
    const { token } = await world.tokenFor(userId, expiresAt);
    await world.clock.advance(HOUR_MS - 1);
    expect(await statusWith(token)).toBe(200);

    await world.clock.advance(1);

    expect(await statusWith(token)).toBe(401);
    const late = await world.asAdmin('POST', `/api/users/${userId}/tokens`, { name: 'x', expiresAt });
    expect(late.json()).toMatchObject({ code: 'token_invalid' });
  });

  it('is shown once: neither the store nor a list holds it, and its beginning tells it from others', async () => {
    const userId = await world.addUser('ann');
    const { token } = await world.tokenFor(userId);
    const [row] = await world.store.people.tokensOf(userId);

    const list = await world.asAdmin('GET', `/api/users/${userId}/tokens`);

    expect(token).toMatch(/^mcf_[\w-]{43}$/);
    expect(JSON.stringify(row)).not.toContain(token.slice(12));
    expect(list.body).not.toContain(token.slice(12));
    expect(list.body).not.toContain(row?.hash);
    expect(token.startsWith(list.json().tokens[0].prefix)).toBe(true);
    expect(JSON.stringify(await world.log())).not.toContain(token.slice(12));
  });

  it('notes when it was used, at most once a minute', async () => {
    const userId = await world.addUser('ann');
    const { token } = await world.tokenFor(userId);
    const usedAt = async () => (await world.store.people.tokensOf(userId))[0]?.usedAtMs;
    const startMs = world.clock.nowMs();

    await statusWith(token);
    await world.clock.advance(59_999);
    await statusWith(token);
    expect(await usedAt()).toBe(startMs);
    await world.clock.advance(1);
    await statusWith(token);
    expect(await usedAt()).toBe(startMs + 60_000);
  });

  it('cannot make another one or change a password, which outlive it', async () => {
    const { token } = await world.tokenFor(await world.addUser('ann', 'operator'));
    const headers = world.bearer(token);

    const minted = await world.call('POST', '/api/session/tokens', { headers, payload: { name: 'more' } });
    const password = await world.call('POST', '/api/session/password', {
      headers,
      payload: { currentPassword: PASSWORD, newPassword: 'another long password' },
    });

    expect([minted.json().code, password.json().code]).toEqual(['session_needed', 'session_needed']);
  });

  it('is refused when a user has too many', async () => {
    const userId = await world.addUser('ann');
    for (let count = 0; count < 20; count += 1) await world.tokenFor(userId);

    const answer = await world.asAdmin('POST', `/api/users/${userId}/tokens`, { name: 'more' });

    expect(answer.json()).toMatchObject({ status: 409, code: 'too_many_tokens' });
  });
});

describe('what an admin changes about a user counts at once', () => {
  it('disabled: session and tokens are refused, and the session stays ended', async () => {
    const userId = await world.addUser('ann');
    const { token } = await world.tokenFor(userId);
    const browser = await world.openBrowser('ann');

    await world.asAdmin('PATCH', `/api/users/${userId}`, { isDisabled: true });
    expect(await statusWith(token)).toBe(401);
    expect((await browser.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await world.signIn('ann')).statusCode).toBe(401);

    await world.asAdmin('PATCH', `/api/users/${userId}`, { isDisabled: false });
    expect(await statusWith(token)).toBe(200);
    expect((await browser.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await world.signIn('ann')).statusCode).toBe(200);
  });

  it('another role and other shops: seen by the next request of a session that is open', async () => {
    const userId = await world.addUser('ann', 'operator');
    const browser = await world.openBrowser('ann');
    expect((await browser.call('GET', '/operator')).statusCode).toBe(200);

    await world.asAdmin('PATCH', `/api/users/${userId}`, { role: 'viewer', shopIds: ['s2'] });

    expect((await browser.call('GET', '/operator')).statusCode).toBe(403);
    expect((await browser.call('GET', '/viewer')).json()).toMatchObject({ role: 'viewer', shopIds: ['s2'] });
  });

  it('a new password ends the sessions', async () => {
    const userId = await world.addUser('ann');
    const browser = await world.openBrowser('ann');

    await world.asAdmin('PATCH', `/api/users/${userId}`, { password: 'another long password' });

    expect((await browser.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await world.signIn('ann')).statusCode).toBe(401);
    expect((await world.signIn('ann', 'another long password')).statusCode).toBe(200);
  });

  it('removed: nothing of theirs works, and the log still names them', async () => {
    const userId = await world.addUser('ann', 'operator');
    const { token } = await world.tokenFor(userId);
    const browser = await world.openBrowser('ann');
    await browser.call('PUT', '/shops/s1');

    expect((await world.asAdmin('DELETE', `/api/users/${userId}`)).statusCode).toBe(204);

    expect(await statusWith(token)).toBe(401);
    expect((await browser.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await world.signIn('ann')).statusCode).toBe(401);
    const { entries } = (await world.asAdmin('GET', '/api/audit?who=ann')).json();
    expect(entries[0]).toMatchObject({ who: 'ann', userId, action: 'PUT /shops/:shopId', target: 's1' });
  });

  it('signed out everywhere', async () => {
    const userId = await world.addUser('ann');
    const [one, two] = [await world.openBrowser('ann'), await world.openBrowser('ann')];

    expect((await world.asAdmin('DELETE', `/api/users/${userId}/sessions`)).json()).toEqual({ ended: 2 });

    expect((await one.call('GET', '/viewer')).statusCode).toBe(401);
    expect((await two.call('GET', '/viewer')).statusCode).toBe(401);
  });

  it('a change that is made while a password is being hashed is not undone by it', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = await openPeople({
      run: async ({ password, encoded }) => {
        if (password === 'a new and long password') await held;
        return encoded === null ? `hash of ${password}` : encoded === `hash of ${password}`;
      },
    });
    const userId = await slow.addUser('ann');
    const browser = await slow.openBrowser('ann');
    const changing = browser.call('POST', '/api/session/password', {
      currentPassword: PASSWORD,
      newPassword: 'a new and long password',
    });
    while (!slow.jobs.some(({ password }) => password === 'a new and long password'))
      await new Promise((resolve) => setImmediate(resolve));
    await slow.asAdmin('PATCH', `/api/users/${userId}`, { isDisabled: true });
    release();
    await changing;

    expect((await slow.asAdmin('GET', `/api/users/${userId}`)).json()).toMatchObject({ isDisabled: true });
    await slow.close();
  });
});

describe('a user that is not right is refused, with the field and the fix', () => {
  it.each([
    [{ name: 'ann', role: 'admin', shopIds: ['s1'] }, 'user_invalid', /role: an admin is one for the whole/],
    [{ name: 'ann', role: 'viewer', shopIds: [] }, 'user_invalid', /shopIds: must name at least one/],
    [{ name: 'ann', role: 'viewer', shopIds: ['s1', 'nope'] }, 'user_invalid', /there is no shop nope/],
    [{ name: 'Admin', role: 'viewer' }, 'user_invalid', /reserved/],
    [{ name: 'ann\u0000x', role: 'viewer' }, 'user_invalid', /^name:/],
    [{ name: 'a', role: 'viewer' }, 'user_invalid', /^name:/],
    [{ name: 'ann', role: 'viewer', password: 'too short' }, 'password_weak', /at least 12/],
    [{ name: 'ann', role: 'viewer', password: 'aaaaaaaaaaaaaaaa' }, 'password_weak', /over and over/],
    [{ name: 'Long.Enough.Name', role: 'viewer', password: 'long.enough.name' }, 'password_weak', /the name/],
    [{ name: 'ann', role: 'viewer', password: 'x1y2z3'.repeat(60) }, 'password_weak', /at most/],
    [{ name: 'BOB', role: 'viewer' }, 'user_name_taken', /another user/],
    [{ name: 'ann', role: 'root' }, 'invalid_request', /./],
    [{ name: 'ann', role: 'viewer', isAdmin: true }, 'invalid_request', /./],
  ])('%j', async (user, code, detail) => {
    await world.addUser('bob');
    const before = await world.log();

    const answer = await world.asAdmin('POST', '/api/users', user);

    expect(answer.json()).toMatchObject({ code, detail: expect.stringMatching(detail) });
    expect((await world.asAdmin('GET', '/api/users')).json().users).toHaveLength(1);
    expect(await world.log()).toEqual(before);
  });

  it('an admin cannot be limited to shops, nor somebody who is limited be made one', async () => {
    const admin = await world.addUser('ann', 'admin');
    const limited = await world.addUser('bob', 'operator', ['s1']);

    expect((await world.asAdmin('PATCH', `/api/users/${admin}`, { shopIds: ['s1'] })).json().code).toBe(
      'user_invalid',
    );
    expect((await world.asAdmin('PATCH', `/api/users/${limited}`, { role: 'admin' })).json().code).toBe(
      'user_invalid',
    );
    const both = await world.asAdmin('PATCH', `/api/users/${limited}`, { role: 'admin', shopIds: null });
    expect(both.json()).toMatchObject({ role: 'admin', shopIds: null });
  });

  it('a shop that is gone since may stay in the list of a user who has it', async () => {
    const userId = await world.addUser('ann', 'viewer', ['s1', 's2']);
    await world.store.shops.remove('s1');

    const answer = await world.asAdmin('PATCH', `/api/users/${userId}`, { name: 'Ann' });

    expect(answer.json()).toMatchObject({ name: 'Ann', shopIds: ['s1', 's2'] });
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['DELETE', '/sessions'],
    ['GET', '/tokens'],
  ] as const)('%s of a user that does not exist: 404', async (method, rest) => {
    expect((await world.asAdmin(method, `/api/users/nobody${rest}`)).json().code).toBe('user_unknown');
  });
});

describe('the last way in', () => {
  it('stays open when the last admin disables, demotes and removes themself', async () => {
    const userId = await world.addUser('ann', 'admin');
    const browser = await world.openBrowser('ann');
    await browser.call('PATCH', `/api/users/${userId}`, { role: 'viewer' });
    expect((await browser.call('GET', '/api/users')).statusCode).toBe(403);

    expect((await world.asAdmin('DELETE', `/api/users/${userId}`)).statusCode).toBe(204);
    expect((await world.asAdmin('GET', '/api/users')).json()).toEqual({ users: [] });
  });
});

describe('sessions of the holder of ADMIN_TOKEN', () => {
  it('end when the token is another one', async () => {
    const answer = await world.call('POST', '/api/session', { payload: { token: ADMIN_TOKEN } });
    const [held] = answer.cookies;
    const cookie = `${held?.name}=${held?.value}`;
    expect((await world.call('GET', '/admin', { headers: { cookie } })).statusCode).toBe(200);

    const other = await openPeople({ store: world.store, adminToken: 'another-admin-token' });

    expect((await other.call('GET', '/admin', { headers: { cookie } })).statusCode).toBe(401);
    await other.app.close();
  });

  it('cannot have a password or tokens of their own', async () => {
    const answer = await world.call('POST', '/api/session', { payload: { token: ADMIN_TOKEN } });
    const [held] = answer.cookies;
    const headers = { cookie: `${held?.name}=${held?.value}`, 'x-csrf-token': answer.json().csrfToken };

    const token = await world.call('POST', '/api/session/tokens', { headers, payload: { name: 'x' } });

    expect(token.json().code).toBe('user_needed');
    await world.clock.advance(DAY_MS);
  });
});
