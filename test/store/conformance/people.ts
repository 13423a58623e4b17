import { describe, expect, it } from 'vitest';
import type { ApiTokenRow, AuditEntry, SessionRow, UserRow } from '../../../src/people/records.ts';
import type { World } from './world.ts';

const userOf = (userId: string, over: Partial<UserRow> = {}): UserRow => ({
  userId,
  name: `User ${userId}`,
  role: 'operator',
  shopIds: ['s1', 's2'],
  passwordHash: '$argon2id$…',
  oidcSubject: null,
  createdAtMs: 5,
  disabledAtMs: null,
  ...over,
});
const entryOf = (action: string, over: Partial<AuditEntry> = {}): AuditEntry => ({
  atMs: 7,
  who: 'ann',
  userId: 'u9',
  action,
  target: null,
  shopId: null,
  detail: null,
  ...over,
});
const sessionOf = (hash: string, over: Partial<SessionRow> = {}): SessionRow => ({
  hash,
  userId: 'u1',
  adminTokenHash: null,
  createdAtMs: 0,
  usedAtMs: 10,
  expiresAtMs: 1_000,
  ...over,
});
const tokenOf = (tokenId: string, over: Partial<ApiTokenRow> = {}): ApiTokenRow => ({
  tokenId,
  hash: `hash of ${tokenId}`,
  prefix: 'mcf_abc',
  userId: 'u1',
  name: 'cron',
  createdAtMs: 1,
  usedAtMs: null,
  expiresAtMs: null,
  ...over,
});
const KEEP = { endsSessions: false };

/** Users, what proves them, and the log of what they did. */
export const describePeople = (world: World): void => {
  const people = () => world.store.people;
  const actions = async () =>
    (await world.store.audit.list({ limit: 100 })).entries.map(({ action }) => action);
  const add = (user: UserRow) => people().addUser(user, entryOf('add'));

  describe('users', () => {
    it('are found as they were put in, by id, by name in any case, and by identity', async () => {
      const user = userOf('u1', { name: 'Ann@Example.com', oidcSubject: 'https://idp 1' });
      const whole = userOf('u2', { shopIds: null, role: 'admin', passwordHash: null, disabledAtMs: 6 });
      expect(await add(user)).toBe(true);
      expect(await add(whole)).toBe(true);

      expect(await people().findUser('u1')).toEqual(user);
      expect(await people().findUser('u2')).toEqual(whole);
      expect(await people().findUserByName(' ann@EXAMPLE.com ')).toEqual(user);
      expect(await people().findUserBySubject('https://idp 1')).toEqual(user);
      expect(await people().users()).toEqual([user, whole]);
      expect(await people().findUser('u3')).toBeNull();
      expect(await people().findUserByName('bob')).toBeNull();
      expect(await people().findUserBySubject('bob')).toBeNull();
    });

    it('have names and identities of their own, and a refused change leaves no entry in the log', async () => {
      await add(userOf('u1', { name: 'Ann', oidcSubject: 'x' }));
      await add(userOf('u2', { name: 'Bob' }));

      expect(await add(userOf('u3', { name: 'aNN' }))).toBe(false);
      expect(await add(userOf('u3', { name: 'Cid', oidcSubject: 'x' }))).toBe(false);
      expect(await people().changeUser('u2', { name: 'ann' }, entryOf('change'), KEEP)).toBe('taken');
      expect(await people().changeUser('u2', { oidcSubject: 'x' }, entryOf('change'), KEEP)).toBe('taken');
      expect(await people().changeUser('u9', { role: 'admin' }, entryOf('change'), KEEP)).toBe('unknown');
      expect(await people().removeUser('u9', entryOf('remove'))).toBe(false);
      expect(await actions()).toEqual(['add', 'add']);
      expect(await people().findUser('u2')).toEqual(userOf('u2', { name: 'Bob' }));
    });

    it('change in what is given, also their own name’s letters, and keep the rest', async () => {
      await add(userOf('u1', { name: 'Ann' }));

      const change = { name: 'ANN', role: 'viewer', shopIds: null } as const;
      expect(await people().changeUser('u1', change, entryOf('change'), KEEP)).toBe('changed');

      expect(await people().findUser('u1')).toEqual(userOf('u1', change));
      expect(await actions()).toEqual(['change', 'add']);
    });

    it('go with their sessions and tokens', async () => {
      await add(userOf('u1'));
      await add(userOf('u2'));
      await people().startSession(sessionOf('h1'), null, entryOf('start'));
      await people().startSession(sessionOf('h2', { userId: 'u2' }), null, entryOf('start'));
      await people().addToken(tokenOf('t1'), entryOf('token'));

      expect(await people().removeUser('u1', entryOf('remove'))).toBe(true);

      expect(await people().findUser('u1')).toBeNull();
      expect(await people().findSession('h1')).toBeNull();
      expect(await people().findSession('h2')).not.toBeNull();
      expect(await people().findToken('hash of t1')).toBeNull();
    });
  });

  describe('sessions', () => {
    it('replace the one that the browser had', async () => {
      await add(userOf('u1'));
      await people().startSession(sessionOf('old'), null, entryOf('start'));
      await people().startSession(sessionOf('new'), 'old', entryOf('start'));

      expect(await people().findSession('old')).toBeNull();
      expect(await people().findSession('new')).toEqual(sessionOf('new'));
      await people().useSession('new', 77);
      expect(await people().findSession('new')).toEqual(sessionOf('new', { usedAtMs: 77 }));
    });

    it('end one by one, or all of one holder with one kept', async () => {
      await add(userOf('u1'));
      const admin = { userId: null, adminTokenHash: 'a' };
      for (const hash of ['h1', 'h2', 'h3'])
        await people().startSession(sessionOf(hash), null, entryOf('start'));
      for (const hash of ['a1', 'a2'])
        await people().startSession(sessionOf(hash, admin), null, entryOf('start'));
      const left = async () => {
        const found = await Promise.all(
          ['h1', 'h2', 'h3', 'a1', 'a2'].map((hash) => people().findSession(hash)),
        );
        return found.flatMap((session) => session?.hash ?? []);
      };

      expect(await people().endSession('h1', entryOf('end'))).toBe(true);
      expect(await people().endSession('h1', entryOf('end'))).toBe(false);
      expect(await left()).toEqual(['h2', 'h3', 'a1', 'a2']);
      const keeping = { endsSessions: true, keepSession: 'h3' };
      await people().changeUser('u1', { passwordHash: 'p' }, entryOf('password'), keeping);
      expect(await left()).toEqual(['h3', 'a1', 'a2']);
      expect(await people().endSessions(null, entryOf('all'))).toBe(2);
      expect(await left()).toEqual(['h3']);
      await people().changeUser('u1', { disabledAtMs: 1 }, entryOf('disable'), { endsSessions: true });
      expect(await left()).toEqual([]);
    });

    it('that expired or were left idle are pruned, and no others', async () => {
      await add(userOf('u1'));
      await people().startSession(sessionOf('over', { expiresAtMs: 500, usedAtMs: 499 }), null, entryOf('s'));
      await people().startSession(sessionOf('idle', { usedAtMs: 100 }), null, entryOf('s'));
      await people().startSession(sessionOf('used', { usedAtMs: 101 }), null, entryOf('s'));

      expect(await people().pruneSessions(500, 100)).toBe(2);

      expect(await people().findSession('used')).not.toBeNull();
    });
  });

  describe('API tokens', () => {
    it('are found by hash, listed by user, noted when used, and revoked by their own user only', async () => {
      await add(userOf('u1'));
      await add(userOf('u2'));
      await people().addToken(tokenOf('t1'), entryOf('add token'));
      await people().addToken(
        tokenOf('t2', { createdAtMs: 2, expiresAtMs: 9, usedAtMs: 3 }),
        entryOf('add token'),
      );

      expect(await people().findToken('hash of t2')).toMatchObject({ tokenId: 't2', expiresAtMs: 9 });
      expect(await people().findToken('mcf_abc')).toBeNull();
      expect((await people().tokensOf('u1')).map(({ tokenId }) => tokenId)).toEqual(['t1', 't2']);
      expect(await people().tokensOf('u2')).toEqual([]);
      await people().useToken('t1', 44);
      expect(await people().findToken('hash of t1')).toEqual(tokenOf('t1', { usedAtMs: 44 }));
      expect(await people().removeToken('u2', 't1', entryOf('revoke'))).toBe(false);
      expect(await people().removeToken('u1', 't1', entryOf('revoke'))).toBe(true);
      expect(await people().findToken('hash of t1')).toBeNull();
      expect(await actions()).toEqual(['revoke', 'add token', 'add token', 'add', 'add']);
    });
  });

  describe('the audit log', () => {
    const record = (action: string, over: Partial<AuditEntry> = {}) =>
      world.store.audit.record(entryOf(action, over));

    it('is read newest first, page by page, with each filter and their combination', async () => {
      await record('a', { who: 'ann', target: 'o1', shopId: 's1', detail: 'x' });
      await record('b', { who: 'bob', userId: null, target: 'o1' });
      await record('a', { who: 'bob', target: 'o2' });
      await record('a', { who: 'bob', target: 'o1' });
      const found = async (filters: { who?: string; action?: string; target?: string }) =>
        (await world.store.audit.list({ ...filters, limit: 9 })).entries.map(({ id }) => id);

      expect(await found({})).toEqual([4, 3, 2, 1]);
      expect(await found({ who: 'bob' })).toEqual([4, 3, 2]);
      expect(await found({ action: 'a' })).toEqual([4, 3, 1]);
      expect(await found({ target: 'o1' })).toEqual([4, 2, 1]);
      expect(await found({ who: 'bob', action: 'a', target: 'o1' })).toEqual([4]);
      expect(await found({ who: 'eve' })).toEqual([]);
      const first = await world.store.audit.list({ who: 'bob', limit: 2 });
      expect(first.entries.map(({ id }) => id)).toEqual([4, 3]);
      const next = await world.store.audit.list({ who: 'bob', limit: 2, cursor: first.nextCursor ?? '' });
      expect(next.entries.map(({ id }) => id)).toEqual([2]);
      expect(next.nextCursor).toBeNull();
      const last = (await world.store.audit.list({ limit: 9 })).entries.at(-1);
      expect(last).toEqual({
        ...entryOf('a', { who: 'ann', target: 'o1', shopId: 's1', detail: 'x' }),
        id: 1,
      });
    });

    it.each(['', 'x', Buffer.from('-1').toString('base64url'), Buffer.from('1e3').toString('base64url')])(
      'refuses a cursor that it did not give out: %j',
      async (cursor) => {
        await expect(world.store.audit.list({ limit: 1, cursor })).rejects.toMatchObject({
          code: 'cursor_invalid',
        });
      },
    );

    it('forgets what is old, so many at a time, and never gives an id again', async () => {
      for (const atMs of [1, 2, 3]) await record(`at ${atMs}`, { atMs });

      expect(await world.store.audit.prune(3, 1)).toBe(1);
      expect(await world.store.audit.prune(3, 10)).toBe(1);
      expect(await world.store.audit.prune(3, 10)).toBe(0);
      expect(await actions()).toEqual(['at 3']);
      expect(await world.store.audit.prune(4, 10)).toBe(1);
      await record('later');
      expect((await world.store.audit.list({ limit: 1 })).entries).toMatchObject([{ id: 4 }]);
    });
  });
};
