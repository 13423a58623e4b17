import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { requireBearer } from './http/auth.ts';
import { endConnectionsOnClose } from './http/closing.ts';
import { type HealthDeps, healthRoutes } from './http/health.ts';
import { inventoryRoutes } from './http/inventory.ts';
import { addLimits, type LimitCheck } from './http/limits.ts';
import { type OrderRoutesDeps, orderRoutes } from './http/orders.ts';
import { addProblems, refuseConnection, sendProblem, sendRouterProblem } from './http/problems.ts';
import { reconcileRoutes } from './http/reconcile.ts';
import { addSecurityHeaders } from './http/security-headers.ts';
import { SERVER_LIMITS, type ServerLimits, serverOptions } from './http/server-limits.ts';
import { type SkuMapRoutesDeps, skuMapRoutes } from './http/sku-map.ts';
import { type WebhookDeps, webhookRoutes } from './http/webhooks.ts';
import type { Reconciler } from './reconcile/reconcile.ts';
import type { Store } from './store/store.ts';

/** False, the number of proxies in front, or their addresses and networks. */
export type TrustProxy = false | number | string[];

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
  /** Which proxies' `X-Forwarded-For` is believed; false: nobody's. */
  trustProxy: TrustProxy;
  /** Absent: those of production. */
  limits?: ServerLimits;
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

const createServer = ({ logger, trustProxy, limits = SERVER_LIMITS }: AppDeps): FastifyInstance =>
  fastify({
    ...serverOptions(limits),
    loggerInstance: logger,
    // Request logs are the dearest step of the webhook path; outcomes are logged instead.
    logController: new LogController({ disableRequestLogging: true }),
    // Orders in hand are finished on close; new requests are refused by the closed port, not by an answer.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    frameworkErrors: sendRouterProblem,
    clientErrorHandler: refuseConnection,
  });

/** What only the holder of the token may use. */
const privateRoutes = (scope: FastifyInstance, deps: AppDeps, countRefused: LimitCheck): void => {
  scope.addHook('onRequest', requireBearer(deps.adminToken, countRefused));
  tolerateEmptyJson(scope);
  scope.register((own, _own, ready) => {
    reconcileRoutes(own, deps.reconciler);
    ready();
  });
  orderRoutes(scope, deps.orders);
  skuMapRoutes(scope, deps);
  inventoryRoutes(scope, deps.store);
};

/** The HTTP surface. Reads no environment, opens no port, starts no timer. */
export const buildApp = async (deps: AppDeps): Promise<FastifyInstance> => {
  const app = createServer(deps);
  endConnectionsOnClose(app, deps.health.clock);
  addProblems(app, deps.health.clock);
  const countRefused = await addLimits(app);
  await app.register((scope, _options, done) => {
    webhookRoutes(scope, deps.webhook, countRefused);
    done();
  });
  await app.register(async (scope) => {
    await addSecurityHeaders(scope);
    scope.setNotFoundHandler((_request, reply) =>
      sendProblem(reply, { status: 404, code: 'route_unknown', detail: 'There is nothing at this address.' }),
    );
    healthRoutes(scope, deps.health);
    await scope.register((inner, _options, done) => {
      privateRoutes(inner, deps, countRefused);
      done();
    });
  });
  return app;
};
