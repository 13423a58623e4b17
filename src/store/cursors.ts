import type { Access } from './access.ts';
import type { Connection } from './sqlite/driver.ts';
import { query } from './sqlite/query.ts';
import type { Store } from './store.ts';

const cursorValue = query<{ name: string }>()((db, slot) =>
  db.selectFrom('cursors').select('value').where('name', '=', slot('name')),
);

const upsertCursor = query<{ name: string; value: string }>()((db, slot) =>
  db
    .insertInto('cursors')
    .values({ name: slot('name'), value: slot('value') })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: slot('value') })),
);

export const readCursorValue = (connection: Connection, name: string): string | null =>
  connection.get(cursorValue, { name })?.value ?? null;

export const writeCursorValue = (connection: Connection, name: string, value: string): void => {
  connection.run(upsertCursor, { name, value });
};

/** Small named values. */
export const createCursors = ({ connection, read, write }: Access): Store['cursors'] => ({
  get: (name) => read(() => readCursorValue(connection, name)),
  set: (name, value) => write(() => writeCursorValue(connection, name, value)),
});
