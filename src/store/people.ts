import { z } from 'zod';
import { ROLES } from '../people/principal.ts';
import { nameKey, type PeopleStore, type UserRow } from '../people/records.ts';
import type { Access } from './access.ts';
import { writeAudit } from './audit.ts';
import { readColumn, readNullableColumn } from './json-columns.ts';
import type { UserTableRow } from './schema.ts';
import { createSessions } from './sessions.ts';
import { type NoValues, query } from './sqlite/query.ts';

type UserValues = Omit<UserRow, 'shopIds'> & { nameKey: string; shopIds: string | null };

const upsertUser = query<UserValues>()((db, slot) => {
  const contents = {
    name: slot('name'),
    name_key: slot('nameKey'),
    role: slot('role'),
    shop_ids: slot('shopIds'),
    password_hash: slot('passwordHash'),
    oidc_subject: slot('oidcSubject'),
    created_at: slot('createdAtMs'),
    disabled_at: slot('disabledAtMs'),
  };
  return db
    .insertInto('users')
    .values({ user_id: slot('userId'), ...contents })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(contents));
});

const allUsers = query<NoValues>()((db) => db.selectFrom('users').selectAll().orderBy('name_key'));

const userById = query<{ userId: string }>()((db, slot) =>
  db.selectFrom('users').selectAll().where('user_id', '=', slot('userId')),
);

const userByName = query<{ nameKey: string }>()((db, slot) =>
  db.selectFrom('users').selectAll().where('name_key', '=', slot('nameKey')),
);

const userBySubject = query<{ oidcSubject: string }>()((db, slot) =>
  db.selectFrom('users').selectAll().where('oidc_subject', '=', slot('oidcSubject')),
);

const deleteUser = query<{ userId: string }>()((db, slot) =>
  db.deleteFrom('users').where('user_id', '=', slot('userId')),
);

const Role = z.enum(ROLES);
const ShopIds = z.array(z.string());

const toUser = (row: UserTableRow): UserRow => ({
  userId: row.user_id,
  name: row.name,
  role: readColumn(Role, JSON.stringify(row.role), 'users.role'),
  shopIds: readNullableColumn(ShopIds, row.shop_ids, 'users.shop_ids'),
  passwordHash: row.password_hash,
  oidcSubject: row.oidc_subject,
  createdAtMs: row.created_at,
  disabledAtMs: row.disabled_at,
});

/** Users with their sessions and tokens. Each change lies in one transaction with its line of the audit log. */
export const createPeopleStore = (access: Access): PeopleStore => {
  const { connection, read, write } = access;
  const save = (user: UserRow): void => {
    const shopIds = user.shopIds === null ? null : JSON.stringify(user.shopIds);
    connection.run(upsertUser, { ...user, nameKey: nameKey(user.name), shopIds });
  };
  const find = (userId: string): UserRow | null => {
    const row = connection.get(userById, { userId });
    return row ? toUser(row) : null;
  };
  const isTaken = ({ userId, name, oidcSubject }: UserRow): boolean => {
    const named = connection.get(userByName, { nameKey: nameKey(name) });
    const linked = oidcSubject === null ? undefined : connection.get(userBySubject, { oidcSubject });
    return [named, linked].some((other) => other !== undefined && other.user_id !== userId);
  };
  const { endSessionsOfUser, ...sessions } = createSessions(access);
  return {
    ...sessions,
    users: () => read(() => connection.all(allUsers, {}).map(toUser)),
    findUser: (userId) => read(() => find(userId)),
    findUserByName: (name) =>
      read(() => {
        const row = connection.get(userByName, { nameKey: nameKey(name) });
        return row ? toUser(row) : null;
      }),
    findUserBySubject: (oidcSubject) =>
      read(() => {
        const row = connection.get(userBySubject, { oidcSubject });
        return row ? toUser(row) : null;
      }),
    addUser: (user, audit) =>
      write(() => {
        if (isTaken(user)) return false;
        save(user);
        writeAudit(connection, audit);
        return true;
      }),
    changeUser: (userId, change, audit, { keepSession, endsSessions }) =>
      write(() => {
        const user = find(userId);
        if (!user) return 'unknown';
        const changed = { ...user, ...change };
        if (isTaken(changed)) return 'taken';
        save(changed);
        if (endsSessions) endSessionsOfUser(userId, keepSession ?? null);
        writeAudit(connection, audit);
        return 'changed';
      }),
    removeUser: (userId, audit) =>
      write(() => {
        if (connection.run(deleteUser, { userId }) === 0) return false;
        writeAudit(connection, audit);
        return true;
      }),
  };
};
