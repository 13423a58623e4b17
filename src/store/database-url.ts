import { resolve } from 'node:path';

const MEMORY = ':memory:';

/** Where the database lies: the absolute path of a file, or null for one in memory. */
export const databasePath = (databaseUrl: string): string | null => {
  if (databaseUrl === MEMORY) return null;
  if (/^postgres(ql)?:/.test(databaseUrl))
    throw new Error('DATABASE_URL: this version supports SQLite only, as file:<path>.');
  const path = /^file:(?:\/\/(?=\/))?(.+)$/.exec(databaseUrl)?.[1];
  if (path === undefined || path === MEMORY)
    throw new Error('DATABASE_URL: it takes file:<path>, for example file:./data/mcf-connector.db.');
  return resolve(path);
};
