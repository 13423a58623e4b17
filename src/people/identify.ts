import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';
import type { Principal } from './principal.ts';
import type { ApiTokenRow, SessionRow, UserRow } from './records.ts';
import { API_TOKEN_START, csrfTokenOf, isSameSecret, storedHash } from './secrets.ts';

export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_LIFE_MS = 7 * 24 * 3_600_000;
const USED_EVERY_MS = 60_000;

/** A session that holds, as its requests know it. */
export type OpenSession = { hash: string; csrfToken: string; expiresAtMs: number };

/** Who asks; `session` is null for a bearer token. */
export type Identity = { principal: Principal; session: OpenSession | null };

export type Identify = {
  /** By `ADMIN_TOKEN` or an API token. Null: nobody's, expired, revoked, or of a disabled user. */
  byToken(token: string): Promise<Identity | null>;
  /** By the id in the cookie. Null: nobody's, expired, ended, or of a disabled user. */
  bySession(sessionId: string): Promise<Identity | null>;
};

export type IdentifyDeps = { store: Pick<Store, 'people' | 'keyedHash'>; adminToken: string; clock: Clock };

/** The holder of `ADMIN_TOKEN`. */
export const ADMIN: Principal = { name: 'admin', userId: null, role: 'admin', shopIds: null };

export const principalOf = ({ name, userId, role, shopIds }: UserRow): Principal => ({
  name,
  userId,
  role,
  shopIds,
});

/** Tells whether a session was opened with the `ADMIN_TOKEN` of today. */
export const adminTokenHash = ({ store, adminToken }: Pick<IdentifyDeps, 'store' | 'adminToken'>): string =>
  store.keyedHash(`admin-session/${adminToken}`);

/** The user is read with every request, so that a change of theirs counts at once. */
export const createIdentify = (deps: IdentifyDeps): Identify => {
  const { store, adminToken, clock } = deps;
  const people = store.people;

  const activeUser = async (userId: string): Promise<Principal | null> => {
    const user = await people.findUser(userId);
    return user && user.disabledAtMs === null ? principalOf(user) : null;
  };

  /** For people to see, and kept to the minute. A store that cannot write must not keep anybody from reading. */
  const note = async (usedAtMs: number | null, write: (nowMs: number) => Promise<void>): Promise<void> => {
    const nowMs = clock.nowMs();
    if (usedAtMs !== null && nowMs - usedAtMs < USED_EVERY_MS) return;
    await write(nowMs).catch(() => undefined);
  };

  const holds = (session: SessionRow): boolean => {
    const nowMs = clock.nowMs();
    return session.expiresAtMs > nowMs && session.usedAtMs + SESSION_IDLE_MS > nowMs;
  };
  const isOver = ({ expiresAtMs }: ApiTokenRow): boolean =>
    expiresAtMs !== null && expiresAtMs <= clock.nowMs();

  const holderOf = async ({ userId, adminTokenHash: opened }: SessionRow): Promise<Principal | null> => {
    if (userId !== null) return activeUser(userId);
    return opened === adminTokenHash(deps) ? ADMIN : null;
  };

  return {
    async byToken(token) {
      if (isSameSecret(token, adminToken)) return { principal: ADMIN, session: null };
      if (!token.startsWith(API_TOKEN_START)) return null;
      const row = await people.findToken(storedHash(token));
      if (!row || isOver(row)) return null;
      const principal = await activeUser(row.userId);
      if (!principal) return null;
      await note(row.usedAtMs, (nowMs) => people.useToken(row.tokenId, nowMs));
      return { principal, session: null };
    },
    async bySession(sessionId) {
      const row = await people.findSession(storedHash(sessionId));
      if (!row || !holds(row)) return null;
      const principal = await holderOf(row);
      if (!principal) return null;
      await note(row.usedAtMs, (nowMs) => people.useSession(row.hash, nowMs));
      return {
        principal,
        session: { hash: row.hash, csrfToken: csrfTokenOf(sessionId), expiresAtMs: row.expiresAtMs },
      };
    },
  };
};
