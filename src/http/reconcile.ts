import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Reconciler, SCOPES } from '../reconcile/reconcile.ts';

const Query = z.object({ only: z.enum(SCOPES).optional() });

/** `POST /reconcile` (`GET` too): runs one pass and answers its report; a call during a run joins it. */
export const reconcileRoutes = (app: FastifyInstance, reconciler: Reconciler): void => {
  // Whatever a cron service sends along means nothing here.
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/reconcile',
    exposeHeadRoute: false,
    handler: (request) => reconciler.run(Query.parse(request.query).only ?? 'all'),
  });
};
