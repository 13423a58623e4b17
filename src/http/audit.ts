import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Store } from '../store/store.ts';
import { AuditEntries, auditView } from './people-views.ts';
import { typed } from './route-docs.ts';

const exactly = z.string().min(1).max(200).optional();
const AuditQuery = z.object({
  who: exactly.describe('Name of the actor'),
  action: exactly.describe('Such as `order.retry`'),
  target: exactly.describe('Id of an order, a shop or a user'),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** `GET /api/audit`: what people did, newest first. */
export const auditRoutes = (app: FastifyInstance, store: Pick<Store, 'audit'>): void => {
  const schema = {
    operationId: 'listAudit',
    tags: ['People'],
    summary: 'What people did, newest first',
    querystring: AuditQuery,
    response: { 200: AuditEntries },
  };
  const config = { needs: 'admin', isForWholeService: true, problems: ['cursor_invalid'] } as const;
  typed(app).get(
    '/api/audit',
    { config, schema },
    async ({ query: { who, action, target, cursor, limit } }) => {
      const page = await store.audit.list({
        limit,
        ...(who === undefined ? {} : { who }),
        ...(action === undefined ? {} : { action }),
        ...(target === undefined ? {} : { target }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      return { entries: page.entries.map(auditView), nextCursor: page.nextCursor };
    },
  );
};
