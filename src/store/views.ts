import { sql } from 'kysely';
import type { Access } from './access.ts';
import { query } from './sqlite/query.ts';
import type { SavedView, Store } from './store.ts';

type Owner = { owner: string };

/** As the unique index has it, so that it is used. */
const isOf = (owner: ReturnType<typeof sql>) => sql<boolean>`coalesce(user_id, '') = ${owner}`;

export const viewsOf = query<Owner>()((db, slot) =>
  db
    .selectFrom('saved_views')
    .select(['name', 'query'])
    .where(isOf(slot('owner')))
    .orderBy('name'),
);

const insertView = query<{ userId: string | null } & SavedView>()((db, slot) =>
  db.insertInto('saved_views').values({ user_id: slot('userId'), name: slot('name'), query: slot('query') }),
);

export const removeView = query<Owner & { name: string }>()((db, slot) =>
  db
    .deleteFrom('saved_views')
    .where(isOf(slot('owner')))
    .where('name', '=', slot('name')),
);

const ownerOf = (userId: string | null): string => userId ?? '';

/** Lists that people kept for themselves. */
export const createViews = ({ connection, read, write }: Access): Store['views'] => ({
  of: (userId) => read(() => connection.all(viewsOf, { owner: ownerOf(userId) })),
  save: (userId, view, most) =>
    write(() => {
      connection.run(removeView, { owner: ownerOf(userId), name: view.name });
      if (connection.all(viewsOf, { owner: ownerOf(userId) }).length >= most) return false;
      connection.run(insertView, { ...view, userId });
      return true;
    }),
  remove: (userId, name) => write(() => connection.run(removeView, { owner: ownerOf(userId), name }) > 0),
});
