import { afterEach, describe, expect, it } from 'vitest';
import { type Store, StoreUnavailable } from '../../src/store/store.ts';
import { ADMIN_TOKEN, openPeople, PASSWORD, type PeopleWorld } from './world.ts';

let world: PeopleWorld;
afterEach(() => world.close());

describe('the audit log', () => {
  it('names who did what to what, whichever key they used', async () => {
    world = await openPeople();
    const userId = await world.addUser('ann', 'operator', ['s1']);
    const { token } = await world.tokenFor(userId);
    const browser = await world.openBrowser('ann');
    await browser.call('POST', '/orders/577/retry');
    await world.call('PUT', '/shops/s1', { headers: world.bearer(token) });
    await browser.call('GET', '/viewer');
    await browser.call('DELETE', '/api/session');
    await world.asAdmin('PATCH', `/api/users/${userId}`, { role: 'viewer', shopIds: null, isDisabled: true });
    await world.asAdmin('DELETE', `/api/users/${userId}`);

    const entries = (await world.log()).map(({ who, action, target, shopId, detail }) => [
      who,
      action,
      target,
      shopId,
      detail,
    ]);
    expect(entries).toEqual([
      ['admin', 'user.add', userId, null, 'ann: operator, shops s1'],
      ['admin', 'token.add', userId, null, `${token.slice(0, 10)}…`],
      ['ann', 'session.start', userId, null, 'password'],
      ['ann', 'order.retry', '577', 's1', null],
      ['ann', 'PUT /shops/:shopId', 's1', 's1', null],
      ['ann', 'session.end', userId, null, null],
      ['admin', 'user.change', userId, null, 'role operator → viewer; all shops; disabled'],
      ['admin', 'user.remove', userId, null, 'ann'],
    ]);
    const text = JSON.stringify(await world.log());
    for (const secret of [PASSWORD, ADMIN_TOKEN, 'hash of']) expect(text).not.toContain(secret);
  });

  it('holds no change that was not let through', async () => {
    world = await openPeople();
    const { token } = await world.tokenFor(await world.addUser('ann'));
    const before = await world.log();

    await world.call('PUT', '/shops/s1', { headers: world.bearer(token) });
    await world.call('PUT', '/shops/s1', { headers: world.bearer('wrong') });

    expect(await world.log()).toEqual(before);
  });

  it('is for admins of the whole service, page by page and filtered', async () => {
    world = await openPeople();
    const userId = await world.addUser('ann', 'operator');
    const { token } = await world.tokenFor(userId);
    for (const shopId of ['s1', 's2']) await world.asAdmin('PUT', `/shops/${shopId}`);

    const refused = await world.call('GET', '/api/audit', { headers: world.bearer(token) });
    const first = (
      await world.asAdmin('GET', '/api/audit?limit=1&who=admin&action=PUT%20/shops/:shopId')
    ).json();
    const cursor = encodeURIComponent(first.nextCursor);
    const next = (
      await world.asAdmin('GET', `/api/audit?limit=1&who=admin&action=PUT%20/shops/:shopId&cursor=${cursor}`)
    ).json();

    expect(refused.json().code).toBe('role_missing');
    expect(first.entries).toMatchObject([{ target: 's2', who: 'admin', at: expect.stringMatching(/Z$/) }]);
    expect(next).toMatchObject({ entries: [{ target: 's1' }], nextCursor: null });
    expect((await world.asAdmin('GET', `/api/audit?target=${userId}`)).json().entries).toHaveLength(2);
    expect((await world.asAdmin('GET', '/api/audit?cursor=x')).json().code).toBe('cursor_invalid');
    expect((await world.asAdmin('GET', '/api/audit?limit=0')).statusCode).toBe(400);
  });
});

describe('where the audit log cannot be written', () => {
  const broken = () => Promise.reject(new StoreUnavailable('disk full'));
  const open = async () => {
    let isBroken = false;
    world = await openPeople({
      wrap: (store: Store) => ({
        ...store,
        audit: {
          ...store.audit,
          record: (entry) => (isBroken ? broken() : store.audit.record(entry)),
        },
      }),
    });
    return { breakNow: () => (isBroken = true) };
  };

  it('a change is refused and not made, and reading goes on', async () => {
    const { breakNow } = await open();
    breakNow();

    const answer = await world.asAdmin('PUT', '/shops/s1');

    expect(answer.json()).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(world.changed).toEqual([]);
    expect((await world.asAdmin('GET', '/viewer')).statusCode).toBe(200);
  });

  it('a wrong password is still not a way in', async () => {
    const { breakNow } = await open();
    await world.addUser('ann');
    breakNow();

    expect((await world.signIn('ann', 'wrong')).statusCode).toBe(503);
  });
});
