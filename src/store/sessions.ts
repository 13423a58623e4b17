import type { ApiTokenRow, PeopleStore, SessionRow } from '../people/records.ts';
import type { Access } from './access.ts';
import { writeAudit } from './audit.ts';
import { query } from './sqlite/query.ts';

const insertSession = query<SessionRow>()((db, slot) =>
  db.insertInto('sessions').values({
    hash: slot('hash'),
    user_id: slot('userId'),
    admin_token_hash: slot('adminTokenHash'),
    created_at: slot('createdAtMs'),
    used_at: slot('usedAtMs'),
    expires_at: slot('expiresAtMs'),
  }),
);

const sessionByHash = query<{ hash: string }>()((db, slot) =>
  db
    .selectFrom('sessions')
    .select([
      'hash',
      'user_id as userId',
      'admin_token_hash as adminTokenHash',
      'created_at as createdAtMs',
      'used_at as usedAtMs',
      'expires_at as expiresAtMs',
    ])
    .where('hash', '=', slot('hash')),
);

const touchSession = query<{ hash: string; nowMs: number }>()((db, slot) =>
  db
    .updateTable('sessions')
    .set({ used_at: slot('nowMs') })
    .where('hash', '=', slot('hash')),
);

const deleteSession = query<{ hash: string }>()((db, slot) =>
  db.deleteFrom('sessions').where('hash', '=', slot('hash')),
);

/** Of the holder of `ADMIN_TOKEN` where `userId` is null. */
const deleteSessionsOf = query<{ userId: string | null; except: string }>()((db, slot) =>
  db.deleteFrom('sessions').where('user_id', 'is', slot('userId')).where('hash', '!=', slot('except')),
);

const deleteOldSessions = query<{ nowMs: number; idleSinceMs: number }>()((db, slot) =>
  db
    .deleteFrom('sessions')
    .where((row) =>
      row.or([row('expires_at', '<=', slot('nowMs')), row('used_at', '<=', slot('idleSinceMs'))]),
    ),
);

const insertToken = query<ApiTokenRow>()((db, slot) =>
  db.insertInto('api_tokens').values({
    token_id: slot('tokenId'),
    hash: slot('hash'),
    prefix: slot('prefix'),
    user_id: slot('userId'),
    name: slot('name'),
    created_at: slot('createdAtMs'),
    used_at: slot('usedAtMs'),
    expires_at: slot('expiresAtMs'),
  }),
);

const TOKEN_COLUMNS = [
  'token_id as tokenId',
  'hash',
  'prefix',
  'user_id as userId',
  'name',
  'created_at as createdAtMs',
  'used_at as usedAtMs',
  'expires_at as expiresAtMs',
] as const;

const tokenByHash = query<{ hash: string }>()((db, slot) =>
  db.selectFrom('api_tokens').select(TOKEN_COLUMNS).where('hash', '=', slot('hash')),
);

const tokensOfUser = query<{ userId: string }>()((db, slot) =>
  db
    .selectFrom('api_tokens')
    .select(TOKEN_COLUMNS)
    .where('user_id', '=', slot('userId'))
    .orderBy('created_at')
    .orderBy('token_id'),
);

const touchToken = query<{ tokenId: string; nowMs: number }>()((db, slot) =>
  db
    .updateTable('api_tokens')
    .set({ used_at: slot('nowMs') })
    .where('token_id', '=', slot('tokenId')),
);

const deleteToken = query<{ userId: string; tokenId: string }>()((db, slot) =>
  db.deleteFrom('api_tokens').where('token_id', '=', slot('tokenId')).where('user_id', '=', slot('userId')),
);

type SessionStore = Pick<
  PeopleStore,
  | 'startSession'
  | 'findSession'
  | 'useSession'
  | 'endSession'
  | 'endSessions'
  | 'pruneSessions'
  | 'addToken'
  | 'tokensOf'
  | 'findToken'
  | 'useToken'
  | 'removeToken'
> & {
  /** For the transaction of a change. Answers how many ended. */
  endSessionsOfUser: (userId: string | null, except: string | null) => number;
};

/** Sessions and API tokens: found by the hash of what their holder shows. */
export const createSessions = ({ connection, read, write }: Access): SessionStore => {
  const endSessionsOfUser = (userId: string | null, except: string | null): number =>
    connection.run(deleteSessionsOf, { userId, except: except ?? '' });
  return {
    endSessionsOfUser,
    startSession: (session, endedHash, audit) =>
      write(() => {
        if (endedHash !== null) connection.run(deleteSession, { hash: endedHash });
        connection.run(insertSession, session);
        writeAudit(connection, audit);
      }),
    findSession: (hash) => read(() => connection.get(sessionByHash, { hash }) ?? null),
    useSession: (hash, nowMs) => write(() => void connection.run(touchSession, { hash, nowMs })),
    endSession: (hash, audit) =>
      write(() => {
        if (connection.run(deleteSession, { hash }) === 0) return false;
        writeAudit(connection, audit);
        return true;
      }),
    endSessions: (userId, audit) =>
      write(() => {
        const ended = endSessionsOfUser(userId, null);
        writeAudit(connection, audit);
        return ended;
      }),
    pruneSessions: (nowMs, idleSinceMs) =>
      write(() => connection.run(deleteOldSessions, { nowMs, idleSinceMs })),
    addToken: (token, audit) =>
      write(() => {
        connection.run(insertToken, token);
        writeAudit(connection, audit);
      }),
    tokensOf: (userId) => read(() => connection.all(tokensOfUser, { userId })),
    findToken: (hash) => read(() => connection.get(tokenByHash, { hash }) ?? null),
    useToken: (tokenId, nowMs) => write(() => void connection.run(touchToken, { tokenId, nowMs })),
    removeToken: (userId, tokenId, audit) =>
      write(() => {
        if (connection.run(deleteToken, { userId, tokenId }) === 0) return false;
        writeAudit(connection, audit);
        return true;
      }),
  };
};
