import { randomUUID } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { Audit } from './audit.ts';
import { checkPassword, type Passwords } from './passwords.ts';
import type { Principal, Role } from './principal.ts';
import type { UserRow } from './records.ts';
import { createTries } from './tries.ts';
import { changesText, checkUser, contentsText, type UserContents } from './user-rules.ts';

type By = Pick<Principal, 'name' | 'userId'>;

/** What an admin may give anew; absent stays. */
export type UserChange = {
  name?: string | undefined;
  role?: Role | undefined;
  shopIds?: readonly string[] | null | undefined;
  /** Null: no password signs in any more. Ends the user's sessions, as `isDisabled: true` does. */
  password?: string | null | undefined;
  isDisabled?: boolean | undefined;
  /** Forgets the identity that single sign-on linked. */
  isUnlinked?: boolean;
};

/** All throw `user_unknown`, `user_invalid`, `user_name_taken` or `password_weak` where that is so. */
export type Users = {
  list(): Promise<UserRow[]>;
  get(userId: string): Promise<UserRow>;
  /** Without a password the user signs in by single sign-on or uses API tokens. */
  add(by: By, contents: UserContents, password: string | null, oidcSubject?: string | null): Promise<UserRow>;
  change(by: By, userId: string, change: UserChange): Promise<UserRow>;
  /** Links an identity, after it was proven. */
  link(user: UserRow, oidcSubject: string): Promise<UserRow>;
  remove(by: By, userId: string): Promise<void>;
  /** One's own, knowing the present one. Ends the other sessions. */
  changePassword(
    principal: Principal,
    passwords: { current: string; next: string },
    keepSession: string,
  ): Promise<void>;
  /** Ends all sessions of a user. Answers how many. */
  endSessions(by: By, userId: string): Promise<number>;
};

export type UsersDeps = {
  store: Pick<Store, 'people' | 'shops'>;
  clock: Clock;
  audit: Audit;
  passwords: Passwords;
};

/** A stolen session must not find out the password. */
const OWN_PASSWORD_TRIES = 5;
const OWN_PASSWORD_WINDOW_MS = 5 * 60_000;

const unknown = (): AppError => new AppError('user_unknown', 404, 'There is no such user.');
const taken = (): AppError =>
  new AppError('user_name_taken', 409, 'name: another user has it; choose another one.');

const sorted = (shopIds: readonly string[] | null): readonly string[] | null =>
  shopIds === null ? null : [...new Set(shopIds)].toSorted();

/** Only these are written: hashing a password takes a while, and another change may be made meanwhile. */
const changedFields = (
  before: UserRow,
  after: UserRow,
): Partial<Omit<UserRow, 'userId' | 'createdAtMs'>> => ({
  ...(before.name === after.name ? {} : { name: after.name }),
  ...(before.role === after.role ? {} : { role: after.role }),
  ...(before.shopIds === after.shopIds ? {} : { shopIds: after.shopIds }),
  ...(before.passwordHash === after.passwordHash ? {} : { passwordHash: after.passwordHash }),
  ...(before.oidcSubject === after.oidcSubject ? {} : { oidcSubject: after.oidcSubject }),
  ...(before.disabledAtMs === after.disabledAtMs ? {} : { disabledAtMs: after.disabledAtMs }),
});

/** What each change is made of. */
const createSteps = ({ store, audit, passwords }: UsersDeps) => {
  const { people } = store;
  const get = async (userId: string): Promise<UserRow> => {
    const user = await people.findUser(userId);
    if (!user) throw unknown();
    return user;
  };
  const check = async (contents: UserContents, has: readonly string[] | null): Promise<void> => {
    const shops = contents.shopIds === null ? [] : await store.shops.all();
    checkUser(contents, new Set([...shops.map(({ shopId }) => shopId), ...(has ?? [])]));
  };
  const hashed = async (password: string | null, name: string): Promise<string | null> => {
    if (password === null) return null;
    checkPassword(password, name);
    return passwords.hash(password);
  };
  const commit = async (
    by: By,
    before: UserRow,
    after: UserRow,
    sessions: { endsSessions: boolean; keepSession?: string },
  ): Promise<UserRow> => {
    const detail = changesText(before, after);
    const entry = audit.entry({ principal: by, action: 'user.change', target: before.userId, detail });
    const outcome = await people.changeUser(before.userId, changedFields(before, after), entry, sessions);
    if (outcome === 'unknown') throw unknown();
    if (outcome === 'taken') throw taken();
    return after;
  };
  return { get, check, hashed, commit };
};

export const createUsers = (deps: UsersDeps): Users => {
  const { clock, audit, passwords } = deps;
  const { people } = deps.store;
  const { get, check, hashed, commit } = createSteps(deps);
  const tries = createTries(clock, OWN_PASSWORD_TRIES, OWN_PASSWORD_WINDOW_MS);

  return {
    list: () => people.users(),
    get,
    async add(by, given, password, oidcSubject = null) {
      const contents = { ...given, name: given.name.trim(), shopIds: sorted(given.shopIds) };
      await check(contents, null);
      const user: UserRow = {
        ...contents,
        userId: randomUUID(),
        passwordHash: await hashed(password, contents.name),
        oidcSubject,
        createdAtMs: clock.nowMs(),
        disabledAtMs: null,
      };
      const detail = `${user.name}: ${contentsText(user)}`;
      const entry = audit.entry({ principal: by, action: 'user.add', target: user.userId, detail });
      if (!(await people.addUser(user, entry))) throw taken();
      return user;
    },
    async change(by, userId, { name, role, shopIds, password, isDisabled, isUnlinked = false }) {
      const before = await get(userId);
      const after: UserRow = {
        ...before,
        name: name?.trim() ?? before.name,
        role: role ?? before.role,
        shopIds: shopIds === undefined ? before.shopIds : sorted(shopIds),
        oidcSubject: isUnlinked ? null : before.oidcSubject,
      };
      await check(after, before.shopIds);
      if (password !== undefined) after.passwordHash = await hashed(password, after.name);
      if (isDisabled !== undefined)
        after.disabledAtMs = isDisabled ? (before.disabledAtMs ?? clock.nowMs()) : null;
      const endsSessions = password !== undefined || isDisabled === true || isUnlinked;
      return commit(by, before, after, { endsSessions });
    },
    link: (user, oidcSubject) => commit(user, user, { ...user, oidcSubject }, { endsSessions: false }),
    async remove(by, userId) {
      const { name } = await get(userId);
      const entry = audit.entry({ principal: by, action: 'user.remove', target: userId, detail: name });
      if (!(await people.removeUser(userId, entry))) throw unknown();
    },
    async changePassword({ userId }, { current, next }, keepSession) {
      if (userId === null)
        throw new AppError('user_unknown', 404, 'ADMIN_TOKEN is changed in the environment, not here.');
      const before = await get(userId);
      if (!tries.take(userId))
        throw new AppError('rate_limited', 429, 'Too many wrong passwords; wait some minutes.');
      if (!(await passwords.verify(current, before.passwordHash)))
        throw new AppError('password_wrong', 403, 'currentPassword: is not your password.');
      tries.giveBack(userId);
      const passwordHash = await hashed(next, before.name);
      await commit(before, before, { ...before, passwordHash }, { endsSessions: true, keepSession });
    },
    async endSessions(by, userId) {
      await get(userId);
      const entry = audit.entry({ principal: by, action: 'user.end_sessions', target: userId });
      return people.endSessions(userId, entry);
    },
  };
};
