import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OrderRecord } from '../orders/model.ts';
import { isReasonCode } from '../orders/reasons.ts';
import { mayAct } from '../people/principal.ts';
import { contextOf, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { fixRoutes } from './fix-routes.ts';
import { html } from './html.ts';
import { reviewJobRoutes } from './job-routes.ts';
import { reviewCount } from './layout.ts';
import { findOrder } from './order-routes.ts';
import { newsLine, reviewPage } from './review.ts';
import { sendOutcome } from './review-outcome.ts';
import { REVIEW } from './review-words.ts';

const PAGE = 25;

const Query = z.object({
  reason: z.string().refine(isReasonCode).nullable().catch(null).default(null),
  cursor: z.string().max(200).catch(''),
  closed: z.string().max(64).optional().catch(undefined),
  known: z
    .string()
    .max(PAGE * 65)
    .catch(''),
});
const Closing = z.object({ note: z.string().trim().min(1, 'say why').max(500) });

/** The page of the queue that an address asks for. */
const readQueue = ({ store }: ConsoleDeps, { query, principal }: FastifyRequest) => {
  const { reason, cursor } = Query.parse(query);
  return store.orders.list({
    stage: 'review',
    limit: PAGE,
    shopIds: principal.shopIds,
    ...(reason ? { reason } : {}),
    ...(cursor === '' ? {} : { cursor }),
  });
};

/** An order that was just closed by hand; null where there is none, or not for this person. */
const findClosed = async (
  { store }: ConsoleDeps,
  { query, principal }: FastifyRequest,
): Promise<OrderRecord | null> => {
  const { closed } = Query.parse(query);
  const record = closed ? await store.orders.findByOrderId(closed, principal.shopIds) : null;
  return record && record.resolvedAtMs !== null && mayAct(principal, 'operator') ? record : null;
};

const queueRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const config = { needs: 'viewer' as const };
  app.get(REVIEW, { config }, async (request, reply) => {
    const { reason, cursor } = Query.parse(request.query);
    const [{ orders, nextCursor }, counts, closed, context] = await Promise.all([
      readQueue(deps, request),
      deps.store.orders.reviewCounts(request.principal.shopIds),
      findClosed(deps, request),
      contextOf(deps, request),
    ]);
    const said = takeSaid(request, reply);
    return sendHtml(reply, reviewPage(context, { orders, nextCursor, counts, reason, cursor, said, closed }));
  });

  app.get(`${REVIEW}/news`, { config }, async (request, reply) => {
    const { reason, cursor, known } = Query.parse(request.query);
    const [{ orders }, context] = await Promise.all([readQueue(deps, request), contextOf(deps, request)]);
    const seen = new Set(known.split(','));
    const more = orders.filter(({ key }) => !seen.has(key.orderId)).length;
    const query = new URLSearchParams({
      ...(reason ? { reason } : {}),
      ...(cursor === '' ? {} : { cursor }),
    });
    return sendHtml(
      reply,
      html`${newsLine(more, `${REVIEW}?${query.toString()}`)}${reviewCount(context, true)}`,
    );
  });
};

const itemRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { operator } = deps;
  const config = (audit: string) => ({ config: { needs: 'operator' as const, audit } });
  const path = (verb: string): string => `${REVIEW}/:orderId/${verb}`;

  app.post(path('retry'), config('order.retry'), async (request, reply) => {
    const { key } = await findOrder(deps, request);
    return sendOutcome(deps, request, reply, await operator.retry(key, request.principal.name));
  });
  app.post(path('resolve'), config('order.resolve'), async (request, reply) => {
    const { key } = await findOrder(deps, request);
    const { note } = Closing.parse(request.body);
    return sendOutcome(deps, request, reply, await operator.resolve(key, request.principal.name, note));
  });
  app.post(path('reopen'), config('order.reopen'), async (request, reply) => {
    const { key } = await findOrder(deps, request);
    return sendOutcome(deps, request, reply, await operator.retry(key, request.principal.name));
  });
};

/** The review queue, its fixes in place, and the same fix for all. */
export const consoleReviewRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  queueRoutes(app, deps);
  itemRoutes(app, deps);
  fixRoutes(app, deps);
  reviewJobRoutes(app, deps);
};
