import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { DryRun } from '../orders/dry-run.ts';
import type { OrderRecord } from '../orders/model.ts';
import type { Operator } from '../orders/operate.ts';
import type { SkuMapService } from '../orders/sku-map-service.ts';
import { type Principal, sees } from '../people/principal.ts';
import type { Store, VisibleShops } from '../store/store.ts';
import {
  BulkRetryBody,
  CancelBody,
  correctionOf,
  DryRunResult,
  ListQuery,
  OrderDetail,
  OrderPage,
  Params,
  ResolveBody,
  Retried,
  RetryBody,
  StageCounts,
} from './order-schemas.ts';
import { callView, decisionView, orderDetail, orderSummary, returnView } from './order-views.ts';
import { typed } from './route-docs.ts';

export type OrderRoutesDeps = {
  store: Pick<Store, 'orders' | 'returns'>;
  operator: Operator;
  dryRun: DryRun;
  skuMap: SkuMapService;
  clock: Clock;
};

const tags = ['Orders'];
const READ = { needs: 'viewer' } as const;
const ACT = { needs: 'operator' } as const;
const ON_ONE = { problems: ['order_unknown'] } as const;
const ACT_ON_ONE = { ...ACT, problems: ['order_unknown', 'order_busy'] } as const;

/** The shops that a list is about; one that is not seen has no orders. */
const shopsAsked = (principal: Principal, shopId: string | undefined): VisibleShops => {
  if (shopId === undefined) return principal.shopIds;
  return sees(principal, shopId) ? [shopId] : [];
};

const createReader = ({ store, clock }: OrderRoutesDeps) => ({
  /** An order of a shop that is not seen is answered as if it did not exist. */
  find: async ({
    params,
    principal,
  }: Pick<FastifyRequest, 'principal'> & { params: { orderId: string } }): Promise<OrderRecord> => {
    const record = await store.orders.findByOrderId(params.orderId, principal.shopIds);
    if (!record) throw new AppError('order_unknown', 404, 'No order with this id was ever seen.');
    return record;
  },
  show: async (record: OrderRecord) => ({
    ...orderDetail(record, await store.orders.events(record.key), clock.nowMs()),
    returns: (await store.returns.ofOrder(record.key)).map(returnView),
    calls: (await store.orders.calls(record.key)).map(callView),
  }),
});

const readRoutes = (app: FastifyInstance, deps: OrderRoutesDeps): void => {
  const { store, clock } = deps;
  const { find, show } = createReader(deps);
  const list = {
    operationId: 'listOrders',
    tags,
    summary: 'Orders, newest first; those in review, or at risk, soonest deadline first',
    querystring: ListQuery,
    response: { 200: OrderPage },
  };
  typed(app).get(
    '/api/orders',
    { config: { ...READ, problems: ['cursor_invalid'] }, schema: list },
    async (request) => {
      const { shopId, from, to, risk, ...asked } = request.query;
      const nowMs = clock.nowMs();
      const page = await store.orders.list({
        ...asked,
        shopIds: shopsAsked(request.principal, shopId),
        receivedFromMs: from,
        receivedBeforeMs: to,
        risk: risk && { state: risk, nowMs },
      });
      return { orders: page.orders.map((order) => orderSummary(order, nowMs)), nextCursor: page.nextCursor };
    },
  );

  const stages = {
    operationId: 'countStages',
    tags,
    summary: 'How many orders of the shops you see are in each stage',
    response: { 200: StageCounts },
  };
  typed(app).get('/api/stages', { config: READ, schema: stages }, async ({ principal }) => ({
    stages: await store.orders.stageCounts(principal.shopIds),
  }));

  const one = {
    operationId: 'getOrder',
    tags,
    summary: 'An order with its lines, parcels, timeline, returns and last calls',
    params: Params,
    response: { 200: OrderDetail },
  };
  typed(app).get('/api/orders/:orderId', { config: { ...READ, ...ON_ONE }, schema: one }, async (request) =>
    show(await find(request)),
  );
};

const retryRoutes = (app: FastifyInstance, deps: OrderRoutesDeps): void => {
  const { operator, skuMap } = deps;
  const { find, show } = createReader(deps);
  const retry = {
    operationId: 'retryOrder',
    tags,
    summary: 'Looks at the order now, with corrections if there are any',
    params: Params,
    body: RetryBody,
    response: { 200: OrderDetail },
  };
  typed(app).post(
    '/api/orders/:orderId/retry',
    { config: { ...ACT_ON_ONE, audit: 'order.retry' }, schema: retry },
    async (request) => {
      const { key } = await find(request);
      const { sku } = request.body;
      if (sku) {
        await skuMap.put(
          sku.map(({ channelSku, amazonSku, quantity }) => ({
            shopId: key.shopId,
            channelSku,
            components: [{ amazonSku, quantity }],
          })),
        );
      }
      return show(await operator.retry(key, request.principal.name, correctionOf(request.body)));
    },
  );

  const retryAll = {
    operationId: 'retryOrders',
    tags,
    summary: 'Retries every order of your shops that is in review for this reason',
    body: BulkRetryBody,
    response: { 200: Retried },
  };
  typed(app).post(
    '/api/orders/retry',
    { config: { ...ACT, audit: 'order.retry_all' }, schema: retryAll },
    async ({ body, principal }) => ({
      retried: await operator.retryAll(body.reason, principal.name, principal.shopIds),
    }),
  );
};

const endRoutes = (app: FastifyInstance, deps: OrderRoutesDeps): void => {
  const { operator } = deps;
  const { find, show } = createReader(deps);
  const cancel = {
    operationId: 'cancelOrder',
    tags,
    summary: 'Stops Amazon, proven, then cancels at TikTok Shop',
    params: Params,
    body: CancelBody,
    response: { 200: OrderDetail },
  };
  typed(app).post(
    '/api/orders/:orderId/cancel',
    { config: { ...ACT_ON_ONE, audit: 'order.cancel' }, schema: cancel },
    async (request) => {
      const { key } = await find(request);
      return show(await operator.cancel(key, request.principal.name, request.body));
    },
  );

  const resolve = {
    operationId: 'resolveOrder',
    tags,
    summary: 'Closes the order by hand',
    params: Params,
    body: ResolveBody,
    response: { 200: OrderDetail },
  };
  typed(app).post(
    '/api/orders/:orderId/resolve',
    { config: { ...ACT_ON_ONE, audit: 'order.resolve' }, schema: resolve },
    async (request) => {
      const { key } = await find(request);
      return show(await operator.resolve(key, request.principal.name, request.body.note));
    },
  );
};

const dryRunRoute = (app: FastifyInstance, deps: OrderRoutesDeps): void => {
  const { find } = createReader(deps);
  const dryRun = {
    operationId: 'dryRunOrder',
    tags,
    summary: 'What would happen with the order now: both sides are read, nothing is changed',
    params: Params,
    response: { 200: DryRunResult },
  };
  typed(app).post(
    '/api/orders/:orderId/dry-run',
    {
      config: { ...ACT, problems: ['order_unknown', 'upstream_unavailable'], audit: 'order.dry_run' },
      schema: dryRun,
    },
    async (request) => decisionView(await deps.dryRun(await find(request))),
  );
};

/** Reading orders, and acting on them. An action answers the order as it stands afterwards. */
export const orderRoutes = (app: FastifyInstance, deps: OrderRoutesDeps): void => {
  readRoutes(app, deps);
  retryRoutes(app, deps);
  endRoutes(app, deps);
  dryRunRoute(app, deps);
};
