import type { Access } from './access.ts';
import { readRegion, readSharing } from './connection-columns.ts';
import type { AmazonAccountTableRow } from './schema.ts';
import { type NoValues, query } from './sqlite/query.ts';
import type { AmazonAccountRow, Store } from './store.ts';

type AccountValues = Omit<AmazonAccountRow, 'sharing'> & { sharing: string };

const upsertAccount = query<AccountValues>()((db, slot) => {
  const contents = {
    name: slot('name'),
    selling_partner_id: slot('sellingPartnerId'),
    region: slot('region'),
    marketplace_id: slot('marketplaceId'),
    sharing: slot('sharing'),
    connected_at: slot('connectedAtMs'),
    stopped_at: slot('stoppedAtMs'),
  };
  return db
    .insertInto('amazon_accounts')
    .values({ account_id: slot('accountId'), ...contents })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(contents));
});

const allAccounts = query<NoValues>()((db) =>
  db.selectFrom('amazon_accounts').selectAll().orderBy('account_id'),
);

const accountById = query<{ accountId: string }>()((db, slot) =>
  db.selectFrom('amazon_accounts').selectAll().where('account_id', '=', slot('accountId')),
);

const deleteAccount = query<{ accountId: string }>()((db, slot) =>
  db.deleteFrom('amazon_accounts').where('account_id', '=', slot('accountId')),
);

const toAccount = (row: AmazonAccountTableRow): AmazonAccountRow => ({
  accountId: row.account_id,
  name: row.name,
  sellingPartnerId: row.selling_partner_id,
  region: readRegion(row.region),
  marketplaceId: row.marketplace_id,
  sharing: readSharing(row.sharing),
  connectedAtMs: row.connected_at,
  stoppedAtMs: row.stopped_at,
});

/** Amazon accounts, connected here or named by the environment. */
export const createAccounts = ({ connection, read, write }: Access): Store['accounts'] => {
  const save = (row: AmazonAccountRow): void => {
    connection.run(upsertAccount, { ...row, sharing: JSON.stringify(row.sharing) });
  };
  return {
    upsert: (row) => write(() => save(row)),
    all: () => read(() => connection.all(allAccounts, {}).map(toAccount)),
    change: (accountId, change) =>
      write(() => {
        const row = connection.get(accountById, { accountId });
        if (row) save({ ...toAccount(row), ...change });
        return row !== undefined;
      }),
    remove: (accountId) => write(() => void connection.run(deleteAccount, { accountId })),
  };
};
