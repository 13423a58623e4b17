import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import type { OrderRecord } from '../orders/model.ts';
import { REASONS } from '../orders/reasons.ts';
import { sees } from '../people/principal.ts';
import { contextOf, isFragment, ownPath, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { dryRunResult } from './dry-run.ts';
import { type OrderData, orderPage } from './order-page.ts';
import { orderHref, ordersPage } from './orders.ts';
import { ordersCsv } from './orders-csv.ts';
import { filterOf, queryOf } from './orders-filter.ts';

const PAGE = 50;
const CSV_PAGE = 200;
const Cursor = z.object({ cursor: z.string().max(1_000).optional() });
const Params = z.object({ orderId: z.string().min(1).max(64) });
const BackForm = z.object({ back: z.string().optional() }).catch({});
const RetryForm = z.object({
  speed: z.enum(['Standard', 'Expedited', 'Priority']).optional().catch(undefined),
});
const CancelForm = z.object({ keepOrder: z.string().optional() });
const ResolveForm = z.object({ note: z.string().trim().min(1, 'say why').max(500) });

const DEFAULT_CANCEL_REASON = 'seller_cancel_reason_out_of_stock';

/** The order, unless there is none or it is of a shop that the reader must not learn about. */
export const findOrder = async (deps: ConsoleDeps, request: FastifyRequest): Promise<OrderRecord> => {
  const { orderId } = Params.parse(request.params);
  const record = await deps.store.orders.findByOrderId(orderId, request.principal.shopIds);
  if (!record || !sees(request.principal, record.key.shopId))
    throw new AppError('order_unknown', 404, 'No order with this id was ever seen.');
  return record;
};

/** In words, where an order stands after an action. */
export const standing = ({ stage, reason }: OrderRecord): string =>
  `The order is now ${stage}${reason ? `: ${REASONS[reason].title}` : ''}.`;

const listRoute = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { store, clock } = deps;
  app.get('/console/orders', { config: { needs: 'viewer' } }, async (request, reply) => {
    const { principal } = request;
    const filter = filterOf(request.query);
    const { cursor } = Cursor.parse(request.query);
    const asked = { ...queryOf(filter, principal, clock.nowMs()), cursor, limit: PAGE };
    const [{ orders, nextCursor }, shops, saved, context] = await Promise.all([
      store.orders.list(asked),
      store.shops.all(),
      store.views.of(principal.userId),
      contextOf(deps, request),
    ]);
    const [only] = orders;
    if (filter.q !== '' && orders.length === 1 && only)
      return reply.redirect(orderHref(only.key.orderId), 303);
    const seen = shops.filter(({ shopId }) => sees(principal, shopId));
    const said = takeSaid(request, reply);
    return sendHtml(reply, ordersPage(context, { filter, orders, nextCursor, shops: seen, saved, said }));
  });
};

const readOrder = async ({ store }: ConsoleDeps, record: OrderRecord): Promise<Omit<OrderData, 'said'>> => {
  const [events, calls, returns] = await Promise.all([
    store.orders.events(record.key),
    store.orders.calls(record.key),
    store.returns.ofOrder(record.key),
  ]);
  return { record, events, calls, returns };
};

const orderRoute = (app: FastifyInstance, deps: ConsoleDeps): void => {
  app.get('/console/orders/:orderId', { config: { needs: 'viewer' } }, async (request, reply) => {
    const record = await findOrder(deps, request);
    const [data, context] = await Promise.all([readOrder(deps, record), contextOf(deps, request)]);
    return sendHtml(reply, orderPage(context, { ...data, said: takeSaid(request, reply) }));
  });
};

const dryRunRoute = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const path = '/console/orders/:orderId/dry-run';
  app.post(path, { config: { needs: 'operator', audit: 'order.dry_run' } }, async (request, reply) => {
    const record = await findOrder(deps, request);
    const result = dryRunResult(await deps.dryRun(record));
    if (isFragment(request)) return sendHtml(reply, result);
    const data = await readOrder(deps, record);
    return sendHtml(reply, orderPage(await contextOf(deps, request), { ...data, said: result }));
  });
};

/** The whole list that a filter names, up to what a spreadsheet opens without complaint. */
const csvRoute = (app: FastifyInstance, deps: ConsoleDeps): void => {
  app.get('/console/orders.csv', { config: { needs: 'viewer' } }, async (request, reply) => {
    const asked = queryOf(filterOf(request.query), request.principal, deps.clock.nowMs());
    reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="orders.csv"');
    return reply.send(
      Readable.from(ordersCsv((cursor) => deps.store.orders.list({ ...asked, limit: CSV_PAGE, ...cursor }))),
    );
  });
};

const actionRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const operator = { config: { needs: 'operator' as const } };
  const backOf = (request: FastifyRequest, record: OrderRecord): string =>
    ownPath(BackForm.parse(request.body).back, orderHref(record.key.orderId));

  app.post('/console/orders/:orderId/retry', operator, async (request, reply) => {
    const record = await findOrder(deps, request);
    const { speed } = RetryForm.parse(request.body);
    const after = await deps.operator.retry(record.key, request.principal.name, { speed });
    const tone = after.stage === 'review' ? 'warn' : 'good';
    return sendBack(reply, backOf(request, record), `${record.key.orderId}: ${standing(after)}`, tone);
  });
  app.post('/console/orders/:orderId/cancel', operator, async (request, reply) => {
    const record = await findOrder(deps, request);
    const keepOrder = CancelForm.parse(request.body).keepOrder === 'true';
    const asked = { reason: DEFAULT_CANCEL_REASON, keepOrder };
    const after = await deps.operator.cancel(record.key, request.principal.name, asked);
    return sendBack(reply, backOf(request, record), standing(after), 'info');
  });
  app.post('/console/orders/:orderId/resolve', operator, async (request, reply) => {
    const record = await findOrder(deps, request);
    const { note } = ResolveForm.parse(request.body);
    const after = await deps.operator.resolve(record.key, request.principal.name, note);
    return sendBack(reply, backOf(request, record), `Closed. ${standing(after)}`);
  });
};

/** The list of orders, one order, and what can be done with it. */
export const consoleOrderRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  listRoute(app, deps);
  orderRoute(app, deps);
  csvRoute(app, deps);
  dryRunRoute(app, deps);
  actionRoutes(app, deps);
};
