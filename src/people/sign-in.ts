import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { nowAndThen } from '../lib/now-and-then.ts';
import type { Store } from '../store/store.ts';
import type { Audit, Deed } from './audit.ts';
import {
  ADMIN,
  adminTokenHash,
  type Identity,
  principalOf,
  SESSION_IDLE_MS,
  SESSION_LIFE_MS,
} from './identify.ts';
import type { Passwords } from './passwords.ts';
import type { Principal } from './principal.ts';
import { nameKey, type UserRow } from './records.ts';
import { csrfTokenOf, isSameSecret, newSecret, storedHash } from './secrets.ts';
import { createTries } from './tries.ts';

const MINUTE_MS = 60_000;
/** Wrong passwords and tokens. A name's limit is wider than one person needs and far too narrow to guess by. */
const TRIES_PER_ADDRESS = 20;
const ADDRESS_WINDOW_MS = MINUTE_MS;
const TRIES_PER_NAME = 10;
const NAME_WINDOW_MS = 5 * MINUTE_MS;
const REFUSED_NOTED_EVERY_MS = MINUTE_MS;

/** Where a sign-in comes from: its address for the limits, and the session it replaces. */
export type SignInFrom = { address: string; sessionId: string | null };

/** `sessionId` goes to the browser and nowhere else. */
export type SignedIn = { sessionId: string; identity: Identity };

export type SignIn = {
  /** Throws `sign_in_refused`, `rate_limited` or `sign_in_busy`. */
  withPassword(given: { name: string; password: string }, from: SignInFrom): Promise<SignedIn>;
  withAdminToken(token: string, from: SignInFrom): Promise<SignedIn>;
  /** For somebody whom an identity provider proved. */
  withUser(user: UserRow, from: SignInFrom, how: string): Promise<SignedIn>;
  /** Ends one session, or all of its holder. */
  end(identity: Identity, everywhere: boolean): Promise<void>;
  /** Puts a refusal into the audit log, at most one a minute. `user` null: nobody we know. */
  noteRefused(user: UserRow | null, how: string): Promise<void>;
};

export type SignInDeps = {
  store: Pick<Store, 'people' | 'keyedHash'>;
  adminToken: string;
  clock: Clock;
  audit: Audit;
  passwords: Passwords;
};

const refused = (): AppError => new AppError('sign_in_refused', 401, 'The name or the password is wrong.');

const tooMany = (): AppError =>
  new AppError('rate_limited', 429, 'Too many sign-ins that failed; wait some minutes.');

export const createSignIn = (deps: SignInDeps): SignIn => {
  const { store, adminToken, clock, audit, passwords } = deps;
  const byAddress = createTries(clock, TRIES_PER_ADDRESS, ADDRESS_WINDOW_MS);
  const byName = createTries(clock, TRIES_PER_NAME, NAME_WINDOW_MS);
  const refusals = nowAndThen(clock, REFUSED_NOTED_EVERY_MS);

  /** A new id for every sign-in: one that somebody planted in the browser before is worth nothing. */
  const start = async (
    principal: Principal,
    { sessionId: replaced }: SignInFrom,
    how: string,
  ): Promise<SignedIn> => {
    const sessionId = newSecret();
    const nowMs = clock.nowMs();
    const session = {
      hash: storedHash(sessionId),
      userId: principal.userId,
      adminTokenHash: principal.userId === null ? adminTokenHash(deps) : null,
      createdAtMs: nowMs,
      usedAtMs: nowMs,
      expiresAtMs: nowMs + SESSION_LIFE_MS,
    };
    const entry = audit.entry({ principal, action: 'session.start', target: principal.userId, detail: how });
    await store.people.pruneSessions(nowMs, nowMs - SESSION_IDLE_MS);
    await store.people.startSession(session, replaced === null ? null : storedHash(replaced), entry);
    const { hash, expiresAtMs } = session;
    return {
      sessionId,
      identity: { principal, session: { hash, expiresAtMs, csrfToken: csrfTokenOf(sessionId) } },
    };
  };

  const noteRefused = async (user: UserRow | null, how: string): Promise<void> => {
    const due: Deed[] = [];
    refusals((keptBack) => {
      // A name that nobody has may be a password typed into the wrong field.
      const principal = user ?? { name: 'unknown', userId: null };
      const detail = keptBack > 0 ? `${how}; ${keptBack} more before it` : how;
      due.push({ principal, action: 'session.refused', target: user?.userId ?? null, detail });
    });
    await Promise.all(due.map((deed) => audit.record(deed)));
  };

  /** The password is compared for whoever is named, also for nobody, so that the time says nothing. */
  const provenUser = async (name: string, password: string): Promise<UserRow> => {
    const user = await store.people.findUserByName(name);
    const encoded = user?.disabledAtMs === null ? user.passwordHash : null;
    const isRight = await passwords.verify(password, encoded);
    const now = user && isRight ? await store.people.findUser(user.userId) : null;
    if (now && now.disabledAtMs === null && now.passwordHash === encoded) return now;
    await noteRefused(user, 'password');
    throw refused();
  };

  return {
    noteRefused,
    async withPassword({ name, password }, from) {
      const key = nameKey(name);
      if (!byAddress.take(from.address) || !byName.take(key)) throw tooMany();
      const user = await provenUser(name, password);
      byAddress.giveBack(from.address);
      byName.giveBack(key);
      return start(principalOf(user), from, 'password');
    },
    async withAdminToken(token, from) {
      if (!byAddress.take(from.address)) throw tooMany();
      if (!isSameSecret(token, adminToken)) {
        await noteRefused(null, 'ADMIN_TOKEN');
        throw new AppError('sign_in_refused', 401, 'The token is not the ADMIN_TOKEN of this service.');
      }
      byAddress.giveBack(from.address);
      return start(ADMIN, from, 'ADMIN_TOKEN');
    },
    withUser: (user, from, how) => start(principalOf(user), from, how),
    async end({ principal, session }, everywhere) {
      const deed = { principal, target: principal.userId };
      if (everywhere)
        await store.people.endSessions(principal.userId, audit.entry({ ...deed, action: 'session.end_all' }));
      else if (session)
        await store.people.endSession(session.hash, audit.entry({ ...deed, action: 'session.end' }));
    },
  };
};
