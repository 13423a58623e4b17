import { AppError } from '../lib/errors.ts';
import type { AuditEntry, AuditRow, AuditStore } from '../people/records.ts';
import type { Access } from './access.ts';
import type { AuditTableRow } from './schema.ts';
import type { Connection } from './sqlite/driver.ts';
import { type Query, queriesByShape, query } from './sqlite/query.ts';

const insertAudit = query<AuditEntry>()((db, slot) =>
  db.insertInto('audit').values({
    at: slot('atMs'),
    who: slot('who'),
    user_id: slot('userId'),
    action: slot('action'),
    target: slot('target'),
    shop_id: slot('shopId'),
    detail: slot('detail'),
  }),
);

/** For the transaction of the change that the entry tells of. */
export const writeAudit = (connection: Connection, entry: AuditEntry): void => {
  connection.run(insertAudit, entry);
};

/** Within the oldest page only, so that a page that is too young ends the walk. */
export const oldAudit = query<{ beforeMs: number; limit: number }>()((db, slot) =>
  db
    .deleteFrom('audit')
    .where('id', 'in', (page) => page.selectFrom('audit').select('id').orderBy('id').limit(slot('limit')))
    .where('at', '<', slot('beforeMs')),
);

type ListValues = { who: string; action: string; target: string; lastId: number; limit: number };

/** A shape names the filters in use. */
export const auditPages = queriesByShape(
  (shape): Query<ListValues, AuditTableRow> =>
    query<ListValues>()((db, slot) => {
      const filters = shape.split(' ');
      let found = db.selectFrom('audit').selectAll();
      if (filters.includes('who')) found = found.where('who', '=', slot('who'));
      if (filters.includes('action')) found = found.where('action', '=', slot('action'));
      if (filters.includes('target')) found = found.where('target', '=', slot('target'));
      if (filters.includes('cursor')) found = found.where('id', '<', slot('lastId'));
      return found.orderBy('id', 'desc').limit(slot('limit'));
    }),
);

const toEntry = (row: AuditTableRow): AuditRow => ({
  id: row.id,
  atMs: row.at,
  who: row.who,
  userId: row.user_id,
  action: row.action,
  target: row.target,
  shopId: row.shop_id,
  detail: row.detail,
});

const readCursor = (cursor: string): number => {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{1,16}$/.test(text))
    throw new AppError('cursor_invalid', 400, 'The cursor is not one that this service gave out.');
  return Number(text);
};

/** What people did. Written and pruned, never changed. */
export const createAuditStore = ({ connection, read, write }: Access): AuditStore => ({
  record: (entry) => write(() => writeAudit(connection, entry)),
  async list({ who, action, target, cursor, limit }) {
    const lastId = cursor === undefined ? 0 : readCursor(cursor);
    const filters = Object.entries({ who, action, target, cursor });
    const shape = filters.flatMap(([name, value]) => (value === undefined ? [] : [name])).join(' ');
    const values = { who: who ?? '', action: action ?? '', target: target ?? '', lastId, limit: limit + 1 };
    const rows = await read(() => connection.all(auditPages(shape), values));
    const page = rows.slice(0, limit).map(toEntry);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return { entries: page, nextCursor: last ? Buffer.from(String(last.id)).toString('base64url') : null };
  },
  prune: (beforeMs, limit) => write(() => connection.run(oldAudit, { beforeMs, limit })),
});
