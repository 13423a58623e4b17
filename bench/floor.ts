/**
 * The floor: the least that can acknowledge a webhook durably. One Fastify process checks the HMAC, parses with zod
 * and commits one row with synchronous=FULL; requests of one turn of the event loop share the commit.
 */
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { startReceiver } from './lib/receiver.ts';

const { DATABASE } = z.object({ DATABASE: z.string() }).parse(process.env);

const database = new DatabaseSync(DATABASE);
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = full;
  create table if not exists notifications (id integer primary key, key text not null, body text not null) strict;
`);
const insert = database.prepare('insert into notifications (key, body) values (?, ?)');
const begin = database.prepare('begin immediate');
const commit = database.prepare('commit');

type Waiting = { key: string; body: string; resolve: () => void; reject: (error: unknown) => void };
let group: Waiting[] = [];

const flush = (): void => {
  const waiting = group;
  group = [];
  try {
    begin.run();
    for (const { key, body } of waiting) insert.run(key, body);
    commit.run();
  } catch (error) {
    if (database.isTransaction) database.exec('rollback');
    for (const { reject } of waiting) reject(error);
    return;
  }
  for (const { resolve } of waiting) resolve();
};

await startReceiver({
  keep: (key, body) =>
    new Promise<void>((resolve, reject) => {
      if (group.length === 0) setImmediate(flush);
      group.push({ key, body, resolve, reject });
    }),
});
