import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIdentityProvider } from '../../src/people/identity-provider.ts';
import { createSingleSignOn, type SingleSignOnOptions } from '../../src/people/single-sign-on.ts';
import { CLIENT, type IdentityProviderServer, startIdentityProvider } from './provider.ts';
import { openPeople, type PeopleWorld } from './world.ts';

const PUBLIC_URL = 'https://mcf.example';
const REDIRECT_URI = `${PUBLIC_URL}/session/oidc/callback`;
const HOST = { host: 'mcf.example' };

let idp: IdentityProviderServer;
let world: PeopleWorld;
const faults: { code: string }[] = [];

const open = (
  options: Partial<Pick<SingleSignOnOptions, 'defaultRole' | 'roleClaim'>> & {
    issuer?: string;
    clientSecret?: string;
    store?: PeopleWorld['store'];
  } = {},
) =>
  openPeople({
    publicUrl: PUBLIC_URL,
    ...(options.store ? { store: options.store } : {}),
    singleSignOn: ({ people, store }) =>
      createSingleSignOn({
        provider: createIdentityProvider({
          issuer: options.issuer ?? idp.issuer,
          clientId: CLIENT.id,
          clientSecret: options.clientSecret ?? CLIENT.secret,
          redirectUri: REDIRECT_URI,
          onFault: (fault) => faults.push(fault),
        }),
        store,
        users: people.users,
        clock: {
          nowMs: () => world?.clock.nowMs() ?? 0,
          sleep: () => Promise.resolve(),
        },
        defaultRole: options.defaultRole ?? null,
        roleClaim: options.roleClaim ?? null,
      }),
  });

const reopen = async (options: Parameters<typeof open>[0]) => {
  await world.close();
  world = await open(options);
};

beforeAll(async () => {
  idp = await startIdentityProvider(REDIRECT_URI);
});
afterAll(() => idp.close());
beforeEach(async () => {
  faults.length = 0;
  idp.person = { sub: 'sub-ann', email: 'ann@example.com', email_verified: true };
  world = await open();
});
afterEach(() => world.close());

const cookiesOf = (answer: { cookies: { name: string; value: string }[] }): string =>
  answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

/** The first half: where the browser is sent, and what it holds. */
const begin = async (query = '') => {
  const answer = await world.call('GET', `/session/oidc${query}`, { headers: HOST });
  return { answer, url: String(answer.headers.location), cookie: cookiesOf(answer) };
};
/** The second half. */
const finish = (callback: string, cookie: string) =>
  world.call('GET', callback.replace(PUBLIC_URL, ''), { headers: { ...HOST, cookie } });

const signIn = async (query = '') => {
  const { url, cookie } = await begin(query);
  return finish(await idp.signIn(url), cookie);
};
const whoIs = async (answer: Awaited<ReturnType<typeof signIn>>) =>
  (await world.call('GET', '/api/session', { headers: { ...HOST, cookie: cookiesOf(answer) } })).json();

describe('single sign-on', () => {
  it('asks for a code with PKCE, state and nonce, and keeps nothing but a cookie', async () => {
    const { answer, url } = await begin();
    const { searchParams, origin } = new URL(url);

    expect(answer.statusCode).toBe(302);
    expect(origin).toBe(idp.issuer);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT.id,
      redirect_uri: REDIRECT_URI,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(answer.cookies).toMatchObject([
      { name: '__Host-mcf_oidc', httpOnly: true, secure: true, sameSite: 'Lax', maxAge: 600 },
    ]);
  });

  it('signs in the user of a verified mail address, links them, and knows them by their subject ever after', async () => {
    const userId = await world.addUser('Ann@Example.com', 'operator', ['s1']);

    const first = await signIn();
    idp.person = { sub: 'sub-ann', email: 'ann.married@example.com', email_verified: true };
    const second = await signIn();

    expect(first.statusCode).toBe(302);
    expect(first.headers.location).toBe('/console');
    expect(await whoIs(first)).toMatchObject({ userId, role: 'operator', shopIds: ['s1'] });
    expect(await whoIs(second)).toMatchObject({ userId, name: 'Ann@Example.com' });
    expect((await world.asAdmin('GET', `/api/users/${userId}`)).json()).toMatchObject({ isLinked: true });
    const actions = (await world.log()).map(({ action, detail }) => `${action}: ${detail}`);
    expect(actions.slice(1)).toEqual([
      'user.change: single sign-on linked',
      'session.start: single sign-on',
      'session.start: single sign-on',
    ]);
  });

  it('goes back to the page that was asked for, and to no other site', async () => {
    await world.addUser('ann@example.com');

    expect((await signIn('?next=/console/orders%3Fstage%3Dreview')).headers.location).toBe(
      '/console/orders?stage=review',
    );
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example'])
      expect((await begin(`?next=${encodeURIComponent(next)}`)).answer.statusCode).toBe(400);
  });

  it('works with a provider that takes the secret in the body', async () => {
    const other = await startIdentityProvider(REDIRECT_URI, 'client_secret_post');
    await reopen({ issuer: other.issuer });
    await world.addUser('ann@example.com');
    other.person = { ...idp.person };
    const { url, cookie } = await begin();

    expect((await finish(await other.signIn(url), cookie)).statusCode).toBe(302);
    await other.close();
  });
});

/** What was answered, and what the browser holds after it. */
const outcomeOf = (answer: Awaited<ReturnType<typeof finish>>) => ({
  status: answer.statusCode,
  code: answer.json().code,
  held: answer.cookies.filter(({ value }) => value !== ''),
});
const UNKNOWN = { status: 403, code: 'single_sign_on_unknown', held: [] };
const REFUSED = { status: 401, code: 'single_sign_on_refused', held: [] };

describe('somebody without a user', () => {
  it('is refused, and so is one whose mail address is not verified', async () => {
    expect(outcomeOf(await signIn())).toEqual(UNKNOWN);
    await world.addUser('ann@example.com');
    idp.person = { sub: 'sub-ann', email: 'ann@example.com', email_verified: false };
    expect(outcomeOf(await signIn())).toEqual(UNKNOWN);
    idp.person = { sub: 'sub-ann', email: 'ann@example.com' };
    expect(outcomeOf(await signIn())).toEqual(UNKNOWN);
    const refusals = (await world.log()).filter(({ action }) => action === 'session.refused');
    expect(refusals).toMatchObject([{ who: 'unknown', detail: 'single sign-on' }]);
  });

  it('may have a preferred name, which leads to a user without a password and to no other', async () => {
    idp.person = { sub: 'sub-1', preferred_username: 'boss' };
    await world.addUser('boss', 'admin');
    expect(outcomeOf(await signIn())).toEqual(UNKNOWN);
    const created = await world.asAdmin('POST', '/api/users', { name: 'carl', role: 'viewer' });
    idp.person = { sub: 'sub-2', preferred_username: 'carl' };

    expect(await whoIs(await signIn())).toMatchObject({ userId: created.json().id });
  });

  it('cannot take over a user who is linked to another identity', async () => {
    await world.addUser('ann@example.com');
    await signIn();
    idp.person = { sub: 'sub-eve', email: 'ann@example.com', email_verified: true };

    expect(outcomeOf(await signIn())).toEqual(UNKNOWN);
  });

  it('gets one with the default role where that is set', async () => {
    await reopen({ defaultRole: 'viewer' });

    expect(await whoIs(await signIn())).toMatchObject({
      name: 'ann@example.com',
      role: 'viewer',
      shopIds: null,
    });
    expect(await whoIs(await signIn())).toMatchObject({ name: 'ann@example.com' });
    expect((await world.asAdmin('GET', '/api/users')).json().users).toMatchObject([
      { hasPassword: false, isLinked: true },
    ]);
  });
});

describe('a user who is disabled', () => {
  it('is refused, also by single sign-on', async () => {
    const userId = await world.addUser('ann@example.com');
    await signIn();
    await world.asAdmin('PATCH', `/api/users/${userId}`, { isDisabled: true });

    expect((await signIn()).json().code).toBe('single_sign_on_unknown');
  });
});

describe('a role that the provider names', () => {
  it('counts at every sign-in, the highest of several, and never more than shops allow', async () => {
    await reopen({ roleClaim: 'groups' });
    await world.addUser('ann@example.com', 'viewer');
    const roleWith = async (groups: unknown) => {
      idp.person = { ...idp.person, groups };
      return (await whoIs(await signIn())).role;
    };

    expect(await roleWith(['staff', 'viewer', 'admin'])).toBe('admin');
    expect(await roleWith('operator')).toBe('operator');
    const { users } = (await world.asAdmin('GET', '/api/users')).json();
    await world.asAdmin('PATCH', `/api/users/${users[0].id}`, { shopIds: ['s1'] });
    expect(await roleWith(['admin'])).toBe('operator');
    idp.person = { ...idp.person, groups: ['staff'] };
    expect((await signIn()).json().code).toBe('single_sign_on_unknown');
  });
});

describe('an answer that was not asked for', () => {
  beforeEach(async () => {
    await world.addUser('ann@example.com');
  });

  it('of another browser is refused: without its cookie, or with that of another flow', async () => {
    const attacker = await begin();
    const callback = await idp.signIn(attacker.url);
    const victim = await begin();

    expect(outcomeOf(await finish(callback, ''))).toEqual(REFUSED);
    expect(outcomeOf(await finish(callback, victim.cookie))).toEqual(REFUSED);
  });

  it('a second time is refused, also after a restart', async () => {
    const { url, cookie } = await begin();
    const callback = await idp.signIn(url);
    expect((await finish(callback, cookie)).statusCode).toBe(302);

    expect(outcomeOf(await finish(callback, cookie))).toEqual(REFUSED);
    const { store, app } = world;
    await app.close();
    world = await open({ store });
    expect(outcomeOf(await finish(callback, cookie))).toEqual(REFUSED);
  });

  it.each(['state', 'nonce', 'code_challenge'])('with another %s is refused', async (parameter) => {
    const { url, cookie } = await begin();
    const changed = new URL(url);
    changed.searchParams.set(parameter, 'A'.repeat(43));

    expect(outcomeOf(await finish(await idp.signIn(changed.href), cookie))).toEqual(REFUSED);
  });

  it('with a cookie that was changed is refused', async () => {
    const { url, cookie } = await begin();
    const callback = await idp.signIn(url);
    const [name = '', value = ''] = cookie.split('=');
    const [text = '', signed = ''] = value.split('.');
    const flow = JSON.parse(Buffer.from(text, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...flow, returnTo: 'https://evil.example' }));

    expect(outcomeOf(await finish(callback, `${name}=${forged.toString('base64url')}.${signed}`))).toEqual(
      REFUSED,
    );
    expect(outcomeOf(await finish(callback, `${name}=nonsense`))).toEqual(REFUSED);
  });

  it('after ten minutes is refused', async () => {
    const { url, cookie } = await begin();
    const callback = await idp.signIn(url);
    await world.clock.advance(600_000);

    expect(outcomeOf(await finish(callback, cookie))).toEqual(REFUSED);
  });

  it('that is an error, or has no code, is refused', async () => {
    for (const query of ['error=access_denied', '', 'code=made-up']) {
      const { url, cookie } = await begin();
      const state = new URL(url).searchParams.get('state');
      expect(
        outcomeOf(await finish(`${REDIRECT_URI}?${query}&state=${state}&iss=${idp.issuer}`, cookie)),
      ).toEqual(REFUSED);
    }
  });
});

describe('a provider that does not answer as it should', () => {
  it('is told apart from a refusal, asked again next time, and stops nobody with a password', async () => {
    const gone = await startIdentityProvider(REDIRECT_URI);
    await gone.close();
    await reopen({ issuer: gone.issuer });
    await world.addUser('ann@example.com');

    const { answer } = await begin();

    expect(answer.json()).toMatchObject({ status: 502, code: 'single_sign_on_unavailable' });
    expect(answer.body).not.toContain('127.0.0.1');
    expect((await begin()).answer.statusCode).toBe(502);
    expect(faults).toHaveLength(2);
    expect((await world.signIn('ann@example.com')).statusCode).toBe(200);
  });

  it('and refuses our secret: nobody is let in, and the log names the cause without the secret', async () => {
    await reopen({ clientSecret: 'another-secret' });
    await world.addUser('ann@example.com');

    const answer = await signIn();

    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(faults).toHaveLength(1);
    expect(JSON.stringify([faults, answer.body])).not.toContain('another-secret');
  });
});
