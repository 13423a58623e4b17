import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, openPeople, PASSWORD, type PeopleWorld } from './world.ts';

const MINUTE_MS = 60_000;

let world: PeopleWorld;
beforeEach(async () => {
  world = await openPeople({ trustProxy: true });
});
afterEach(() => world.close());

const from = (address: string) => ({ 'x-forwarded-for': address });

describe('a sign-in that is refused', () => {
  it('answers alike, and hashes as much, for a wrong password, an unknown, a disabled and a passwordless user', async () => {
    await world.addUser('ann');
    const disabled = await world.addUser('bob');
    await world.asAdmin('PATCH', `/api/users/${disabled}`, { isDisabled: true });
    await world.asAdmin('POST', '/api/users', { name: 'cid', role: 'viewer' });
    world.jobs.length = 0;

    const answers = [];
    for (const [name, password] of [
      ['ann', 'not her password'],
      ['eve', PASSWORD],
      ['bob', PASSWORD],
      ['cid', PASSWORD],
    ] as const)
      answers.push(await world.signIn(name, password));

    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers[0]?.json()).toMatchObject({ status: 401, code: 'sign_in_refused' });
    expect(world.jobs).toHaveLength(4);
    expect(world.jobs.every(({ encoded }) => encoded !== null)).toBe(true);
    for (const answer of answers) expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['nothing', {}],
    ['no password', { name: 'ann' }],
    ['no name', { password: PASSWORD }],
    ['both kinds at once', { name: 'ann', password: PASSWORD, token: ADMIN_TOKEN }],
    ['a list for a name', { name: ['ann'], password: PASSWORD }],
    ['an empty token', { token: '' }],
    ['a token longer than any', { token: 'x'.repeat(5_000) }],
  ])('for its form: %s', async (_what, payload) => {
    expect((await world.call('POST', '/api/session', { payload })).statusCode).toBe(400);
  });

  it('with a wrong ADMIN_TOKEN opens nothing', async () => {
    const answer = await world.call('POST', '/api/session', { payload: { token: 'not-the-admin-token' } });

    expect(answer.json()).toMatchObject({ status: 401, code: 'sign_in_refused' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('shows in the log once a minute, with how many there were, and without an unknown name', async () => {
    const userId = await world.addUser('ann');
    await world.signIn('ann', 'wrong wrong wrong');
    await world.signIn('my-secret-password', 'oops', from('10.0.0.9'));
    await world.signIn('ann', 'wrong wrong wrong');
    await world.clock.advance(MINUTE_MS);
    await world.signIn('my-secret-password', 'oops', from('10.0.0.9'));

    const refusals = (await world.log()).filter(({ action }) => action === 'session.refused');
    expect(refusals).toMatchObject([
      { who: 'ann', userId, target: userId, detail: 'password' },
      { who: 'unknown', userId: null, target: null, detail: 'password; 2 more before it' },
    ]);
    expect(JSON.stringify(await world.log())).not.toContain('my-secret-password');
  });
});

describe('a flood of sign-ins', () => {
  it('from one address is stopped before a hash is made, and another address is not', async () => {
    await world.addUser('ann');
    world.jobs.length = 0;
    const names = Array.from({ length: 30 }, (_, index) => `nobody-${index}`);

    const statuses = [];
    for (const name of names) statuses.push((await world.signIn(name, 'x', from('10.0.0.1'))).statusCode);

    expect(statuses).toEqual([...Array(20).fill(401), ...Array(10).fill(429)]);
    expect(world.jobs).toHaveLength(20);
    expect((await world.signIn('ann', PASSWORD, from('10.0.0.1'))).statusCode).toBe(429);
    expect((await world.signIn('ann', PASSWORD, from('10.0.0.2'))).statusCode).toBe(200);
    await world.clock.advance(MINUTE_MS);
    expect((await world.signIn('ann', PASSWORD, from('10.0.0.1'))).statusCode).toBe(200);
  });

  it('on one name is stopped from however many addresses it comes, for some minutes', async () => {
    await world.addUser('ann');
    await world.addUser('bob');
    for (let tries = 0; tries < 10; tries += 1)
      expect((await world.signIn('ann', 'wrong', from(`10.0.1.${tries}`))).statusCode).toBe(401);

    expect((await world.signIn(' ANN', PASSWORD, from('10.0.2.1'))).json().code).toBe('rate_limited');
    expect((await world.signIn('bob', PASSWORD, from('10.0.2.1'))).statusCode).toBe(200);
    expect((await world.asAdmin('GET', '/admin')).statusCode).toBe(200);
    await world.clock.advance(5 * MINUTE_MS);
    expect((await world.signIn('ann', PASSWORD, from('10.0.2.1'))).statusCode).toBe(200);
  });

  it('at the same moment does not pass together', async () => {
    await world.addUser('ann');
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => world.signIn('ann', 'wrong', from('10.0.0.1'))),
    );

    const reached = answers.filter(({ statusCode }) => statusCode !== 429);
    expect(reached).toHaveLength(10);
  });

  it('does not count sign-ins that were right', async () => {
    await world.addUser('ann');
    for (let count = 0; count < 40; count += 1) expect((await world.signIn('ann')).statusCode).toBe(200);
  });

  it('keeps only so many hashes in hand, one at a time, and refuses the rest at once', async () => {
    const waiting: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const busy = await openPeople({
      trustProxy: true,
      run: async ({ encoded }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => waiting.push(resolve));
        running -= 1;
        return encoded === null ? 'hash' : false;
      },
    });
    const answers = Array.from({ length: 15 }, (_, index) =>
      busy.signIn(`nobody-${index}`, 'x', from(`10.0.3.${index}`)),
    );
    const refused = await Promise.all(answers.slice(10));

    expect(refused.map((answer) => answer.json().code)).toEqual(Array(5).fill('sign_in_busy'));
    // Everything else is answered while they wait.
    expect((await busy.asAdmin('GET', '/admin')).statusCode).toBe(200);
    const settled = Promise.all(answers.slice(0, 10));
    for (let count = 0; count < 10; count += 1) {
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      waiting.shift()?.();
    }
    expect((await settled).map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(401));
    expect(most).toBe(1);
    await busy.close();
  });
});

describe('a user who is disabled while the password is compared', () => {
  it('does not get in', async () => {
    let disable: (() => Promise<unknown>) | undefined;
    const slow = await openPeople({
      run: async ({ password, encoded }) => {
        await disable?.();
        return encoded === null ? `hash of ${password}` : encoded === `hash of ${password}`;
      },
    });
    const userId = await slow.addUser('ann');
    disable = () => slow.asAdmin('PATCH', `/api/users/${userId}`, { isDisabled: true });

    expect((await slow.signIn('ann')).statusCode).toBe(401);
    await slow.close();
  });
});
