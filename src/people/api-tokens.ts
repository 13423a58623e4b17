import { randomUUID } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { Audit } from './audit.ts';
import type { Principal } from './principal.ts';
import type { ApiTokenRow, UserRow } from './records.ts';
import { newApiToken, storedHash } from './secrets.ts';

type By = Pick<Principal, 'name' | 'userId'>;

/** Keys of scripts. Each may what its user may, as long as the user may. */
export type ApiTokens = {
  list(userId: string): Promise<ApiTokenRow[]>;
  /** The only time the token itself is given out. Throws `token_invalid` or `too_many_tokens`. */
  add(
    by: By,
    user: Pick<UserRow, 'userId'>,
    contents: { name: string; expiresAtMs: number | null },
  ): Promise<{ token: string; row: ApiTokenRow }>;
  /** Throws `token_unknown`. */
  revoke(by: By, userId: string, tokenId: string): Promise<void>;
};

const MOST_PER_USER = 20;

export const createApiTokens = (deps: {
  store: Pick<Store, 'people'>;
  clock: Clock;
  audit: Audit;
}): ApiTokens => {
  const { clock, audit } = deps;
  const { people } = deps.store;
  return {
    list: (userId) => people.tokensOf(userId),
    async add(by, { userId }, { name, expiresAtMs }) {
      const nowMs = clock.nowMs();
      if (expiresAtMs !== null && expiresAtMs <= nowMs)
        throw new AppError('token_invalid', 400, 'expiresAt: must lie in the future, or be null for never.');
      if ((await people.tokensOf(userId)).length >= MOST_PER_USER)
        throw new AppError(
          'too_many_tokens',
          409,
          `A user has ${MOST_PER_USER} tokens at most; revoke one that is no longer used.`,
        );
      const { token, prefix } = newApiToken();
      const row: ApiTokenRow = {
        tokenId: randomUUID(),
        hash: storedHash(token),
        prefix,
        userId,
        name,
        createdAtMs: nowMs,
        usedAtMs: null,
        expiresAtMs,
      };
      const detail = `${prefix}…`;
      await people.addToken(row, audit.entry({ principal: by, action: 'token.add', target: userId, detail }));
      return { token, row };
    },
    async revoke(by, userId, tokenId) {
      const known = (await people.tokensOf(userId)).find((row) => row.tokenId === tokenId);
      const detail = `${known?.prefix ?? ''}…`;
      const entry = audit.entry({ principal: by, action: 'token.revoke', target: userId, detail });
      if (!known || !(await people.removeToken(userId, tokenId, entry)))
        throw new AppError('token_unknown', 404, 'There is no such token.');
    },
  };
};
