import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Commits one row after another with a given `synchronous`, and says each when SQLite says that it is committed. */
const [path = '', synchronous = ''] = process.argv.slice(2);
const database = new DatabaseSync(path);
database.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous};
  create table if not exists said (n integer primary key);`);
const insert = database.prepare('insert into said (n) values (?)');
for (let n = 1; ; n += 1) {
  insert.run(n);
  writeSync(1, `${n}\n`);
}
