import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { requireBearer } from './http/auth.ts';
import { type HealthDeps, healthRoutes } from './http/health.ts';
import { inventoryRoutes } from './http/inventory.ts';
import { addLimits } from './http/limits.ts';
import { type OrderRoutesDeps, orderRoutes } from './http/orders.ts';
import { addProblems, sendProblem } from './http/problems.ts';
import { reconcileRoutes } from './http/reconcile.ts';
import { type SkuMapRoutesDeps, skuMapRoutes } from './http/sku-map.ts';
import { type WebhookDeps, webhookRoutes } from './http/webhooks.ts';
import type { Reconciler } from './reconcile/reconcile.ts';
import type { Store } from './store/store.ts';

export type AppDeps = {
  logger: FastifyBaseLogger;
  adminToken: string;
  webhook: WebhookDeps;
  health: HealthDeps;
  orders: OrderRoutesDeps;
  reconciler: Reconciler;
  skuMap: SkuMapRoutesDeps['skuMap'];
  skuReport: SkuMapRoutesDeps['skuReport'];
  store: Pick<Store, 'inventory'>;
  /** Something may have become due. */
  wake(): void;
};

/** Cron services and scripts often name a JSON body and send none. */
const tolerateEmptyJson = (scope: FastifyInstance): void => {
  const parseBody = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body.trim() === '') done(null, undefined);
    else void parseBody(request, body, done);
  });
};

/** The HTTP surface. Reads no environment, opens no port, starts no timer. */
export const buildApp = async (deps: AppDeps): Promise<FastifyInstance> => {
  const app = fastify({
    loggerInstance: deps.logger,
    // Request logs are the dearest step of the webhook path; outcomes are logged instead.
    logController: new LogController({ disableRequestLogging: true }),
    // Orders in hand are finished on close; new requests are refused by the closed port, not by an answer.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
  });
  addProblems(app);
  const countRefused = await addLimits(app);
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { status: 404, code: 'route_unknown', detail: 'There is nothing at this address.' }),
  );

  healthRoutes(app, deps.health);
  await app.register((scope, _options, done) => {
    webhookRoutes(scope, deps.webhook, countRefused);
    done();
  });
  await app.register((scope, _options, done) => {
    scope.addHook('onRequest', requireBearer(deps.adminToken, countRefused));
    tolerateEmptyJson(scope);
    scope.register((own, _own, ready) => {
      reconcileRoutes(own, deps.reconciler);
      ready();
    });
    orderRoutes(scope, deps.orders);
    skuMapRoutes(scope, deps);
    inventoryRoutes(scope, deps.store);
    done();
  });
  return app;
};
