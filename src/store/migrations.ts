import type { Connection } from './sqlite/driver.ts';
import { type NoValues, query } from './sqlite/query.ts';
import { inTransaction } from './sqlite/transaction.ts';
import { CALL_TABLES } from './tables/calls.ts';
import { CONNECT_TABLES } from './tables/connect.ts';
import { CONNECTION_TABLES } from './tables/connections.ts';
import { DELIVERY_TABLES } from './tables/deliveries.ts';
import { ORDER_TABLES } from './tables/orders.ts';
import { PEOPLE_TABLES } from './tables/people.ts';
import { SHADOW_TABLES } from './tables/shadow.ts';
import { VIEW_TABLES } from './tables/views.ts';

export type Migration = { id: number; name: string; sql: string };

/** Append only: a migration that was released is never changed. */
export const MIGRATIONS: readonly Migration[] = [
  {
    id: 1,
    name: 'initial',
    sql: [
      ORDER_TABLES,
      CALL_TABLES,
      CONNECT_TABLES,
      CONNECTION_TABLES,
      SHADOW_TABLES,
      PEOPLE_TABLES,
      VIEW_TABLES,
      DELIVERY_TABLES,
    ].join('\n'),
  },
];

const MIGRATIONS_TABLE =
  'create table if not exists migrations (id integer primary key, name text not null, applied_at integer not null) strict';

const appliedIds = query<NoValues>()((db) => db.selectFrom('migrations').select('id').orderBy('id'));

const recordMigration = query<{ id: number; name: string; appliedAt: number }>()((db, slot) =>
  db.insertInto('migrations').values({ id: slot('id'), name: slot('name'), applied_at: slot('appliedAt') }),
);

/**
 * Brings the database to the newest schema, each migration in a transaction of its own. Safe to run again and in
 * several processes at once: what is applied is read after the write lock was taken. Answers how many it applied.
 */
export const migrate = (
  connection: Connection,
  nowMs: number,
  migrations: readonly Migration[] = MIGRATIONS,
): number => {
  connection.exec(MIGRATIONS_TABLE);
  const newest = migrations.at(-1)?.id ?? 0;
  if (connection.all(appliedIds, {}).some((row) => row.id > newest))
    throw new Error(
      'This database was made by a newer version of mcf-connector. Start that version or a newer one.',
    );
  return migrations.filter((migration) => applyOnce(connection, migration, nowMs)).length;
};

const applyOnce = (connection: Connection, migration: Migration, nowMs: number): boolean =>
  inTransaction(connection, () => {
    if (connection.all(appliedIds, {}).some((row) => row.id === migration.id)) return false;
    connection.exec(migration.sql);
    connection.run(recordMigration, { id: migration.id, name: migration.name, appliedAt: nowMs });
    return true;
  });
