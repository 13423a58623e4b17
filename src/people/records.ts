import type { Role } from './principal.ts';

/** A person who may use the service. Times are Unix milliseconds. */
export type UserRow = {
  userId: string;
  /** Unique, whatever the case of its letters. */
  name: string;
  role: Role;
  /** Null: all shops there are and will be. */
  shopIds: readonly string[] | null;
  /** Argon2id in its encoded form; null: no password signs in. */
  passwordHash: string | null;
  /** Issuer and subject of the identity that signs in for them; null: none is linked. */
  oidcSubject: string | null;
  createdAtMs: number;
  disabledAtMs: number | null;
};

export type SessionRow = {
  /** SHA-256 of the id that the browser holds. */
  hash: string;
  /** Null: of the holder of `ADMIN_TOKEN`. */
  userId: string | null;
  /** A keyed hash of the `ADMIN_TOKEN` it was opened with, so that another one ends it; null with a user. */
  adminTokenHash: string | null;
  createdAtMs: number;
  /** At most a minute behind. */
  usedAtMs: number;
  expiresAtMs: number;
};

export type ApiTokenRow = {
  tokenId: string;
  /** SHA-256 of the token. */
  hash: string;
  /** The token's first characters, by which a person tells it from others. */
  prefix: string;
  userId: string;
  name: string;
  createdAtMs: number;
  /** At most a minute behind; null: never used. */
  usedAtMs: number | null;
  expiresAtMs: number | null;
};

/** What somebody did. Holds no personal data of a buyer and no secret. */
export type AuditEntry = {
  atMs: number;
  /** The actor's name: a user's, `admin` for the holder of `ADMIN_TOKEN`, `unknown` where nobody is proven. */
  who: string;
  userId: string | null;
  /** Such as `order.retry`. */
  action: string;
  /** What it was done to: an order, a shop, a user. */
  target: string | null;
  shopId: string | null;
  detail: string | null;
};

export type AuditRow = AuditEntry & { id: number };

/** Exact matches; absent: whatever it is. */
export type AuditQuery = { who?: string; action?: string; target?: string; cursor?: string; limit: number };

/** Each change is committed in one transaction with its audit entry, or not at all. */
export type PeopleStore = {
  /** By name. */
  users(): Promise<UserRow[]>;
  findUser(userId: string): Promise<UserRow | null>;
  findUserByName(name: string): Promise<UserRow | null>;
  findUserBySubject(oidcSubject: string): Promise<UserRow | null>;
  /** False when the name or the linked identity is another's. */
  addUser(user: UserRow, audit: AuditEntry): Promise<boolean>;
  /** `endsSessions` ends those of the user, but for the one with the hash `keepSession`. */
  changeUser(
    userId: string,
    change: Partial<Omit<UserRow, 'userId' | 'createdAtMs'>>,
    audit: AuditEntry,
    sessions: { endsSessions: boolean; keepSession?: string },
  ): Promise<'changed' | 'unknown' | 'taken'>;
  /** With their sessions and tokens. False when there is no such user. */
  removeUser(userId: string, audit: AuditEntry): Promise<boolean>;
  /** Also ends the session with the hash `endedHash`. */
  startSession(session: SessionRow, endedHash: string | null, audit: AuditEntry): Promise<void>;
  findSession(hash: string): Promise<SessionRow | null>;
  useSession(hash: string, nowMs: number): Promise<void>;
  endSession(hash: string, audit: AuditEntry): Promise<boolean>;
  /** Null: those of the holder of `ADMIN_TOKEN`. Answers how many there were. */
  endSessions(userId: string | null, audit: AuditEntry): Promise<number>;
  /** Deletes sessions that expired by `nowMs` or were last used by `idleSinceMs`. Answers how many. */
  pruneSessions(nowMs: number, idleSinceMs: number): Promise<number>;
  addToken(token: ApiTokenRow, audit: AuditEntry): Promise<void>;
  tokensOf(userId: string): Promise<ApiTokenRow[]>;
  findToken(hash: string): Promise<ApiTokenRow | null>;
  useToken(tokenId: string, nowMs: number): Promise<void>;
  removeToken(userId: string, tokenId: string, audit: AuditEntry): Promise<boolean>;
};

/** Written and pruned, never changed. */
export type AuditStore = {
  record(entry: AuditEntry): Promise<void>;
  /** Newest first. Throws `AppError` for a cursor it did not give out. */
  list(query: AuditQuery): Promise<{ entries: AuditRow[]; nextCursor: string | null }>;
  /** Deletes entries before `beforeMs`, of the `limit` oldest. Answers how many. */
  prune(beforeMs: number, limit: number): Promise<number>;
};

/** Two names that a person could take for one are one. */
export const nameKey = (name: string): string => name.normalize('NFKC').trim().toLowerCase();
