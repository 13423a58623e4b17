import { z } from 'zod';
import type { Access } from './access.ts';
import { seal, unseal } from './crypto.ts';
import { readColumn } from './json-columns.ts';
import { query } from './sqlite/query.ts';
import type { TokenPair, TokenStore } from './store.ts';

const tokenPair: z.ZodType<TokenPair> = z.object({
  accessToken: z.string().nullable(),
  accessExpiresAtMs: z.number().nullable(),
  refreshToken: z.string().nullable(),
  refreshExpiresAtMs: z.number().nullable(),
  origin: z.string(),
});

const sealedTokens = query<{ account: string }>()((db, slot) =>
  db.selectFrom('tokens').select('sealed').where('account', '=', slot('account')),
);

const upsertTokens = query<{ account: string; sealed: Uint8Array }>()((db, slot) =>
  db
    .insertInto('tokens')
    .values({ account: slot('account'), sealed: slot('sealed') })
    .onConflict((conflict) => conflict.column('account').doUpdateSet({ sealed: slot('sealed') })),
);

const deleteTokens = query<{ account: string }>()((db, slot) =>
  db.deleteFrom('tokens').where('account', '=', slot('account')),
);

/** Tokens, sealed with `key` and bound to their account. */
export const createTokens = ({ connection, read, write }: Access, key: Uint8Array): TokenStore => ({
  load: (account) =>
    read(() => {
      const row = connection.get(sealedTokens, { account });
      return row ? readColumn(tokenPair, unseal(key, account, row.sealed), 'tokens.sealed') : null;
    }),
  save: (account, pair) => {
    const sealed = seal(key, account, JSON.stringify(pair));
    return write(() => void connection.run(upsertTokens, { account, sealed }));
  },
  remove: (account) => write(() => void connection.run(deleteTokens, { account })),
});
