import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Reconciler, SCOPES } from '../reconcile/reconcile.ts';
import { typed } from './route-docs.ts';

const Query = z.object({ only: z.enum(SCOPES).optional() });
const count = z.int().min(0);

/** What one pass did. */
export const Report = z
  .object({
    startedAt: z.iso.datetime(),
    durationMs: z.number(),
    orders: z.object({
      discovered: count,
      converged: count,
      created: count,
      cancelled: count,
      review: count,
      failed: count,
    }),
    tracking: z.object({ checked: count, reported: count }),
    inventory: z.object({ skus: count, pushed: count, unchanged: count, failed: count }),
    errors: z.array(z.object({ code: z.string(), message: z.string(), orderId: z.string().optional() })),
  })
  .meta({ id: 'Report', description: 'What the pass did' });

/** `POST /reconcile` (`GET` too): runs one pass and answers its report; a call during a run joins it. */
export const reconcileRoutes = (app: FastifyInstance, reconciler: Reconciler): void => {
  // Whatever a cron service sends along means nothing here.
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  typed(app).route({
    method: ['GET', 'POST'],
    url: '/reconcile',
    exposeHeadRoute: false,
    config: { needs: 'operator', isForWholeService: true, audit: false },
    schema: {
      operationId: 'reconcile',
      tags: ['Service'],
      summary: 'Runs one pass and answers its report; a call during a pass joins it',
      querystring: Query,
      response: { 200: Report },
    },
    handler: (request) => reconciler.run(request.query.only ?? 'all'),
  });
};
