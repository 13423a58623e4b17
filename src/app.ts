import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { ConsoleDeps } from './console/deps.ts';
import type { Doctor } from './doctor/index.ts';
import { type AmazonAccountRoutesDeps, amazonAccountRoutes } from './http/amazon-accounts.ts';
import { auditRoutes } from './http/audit.ts';
import { auditChanges, authenticate, createGate } from './http/auth.ts';
import { endConnectionsOnClose } from './http/closing.ts';
import { type ConnectDeps, connectCallbacks, connectRoutes } from './http/connect.ts';
import { dailyReportRoutes } from './http/daily-report.ts';
import { doctorRoutes } from './http/doctor.ts';
import { type HealthDeps, healthRoutes } from './http/health.ts';
import { inventoryRoutes } from './http/inventory.ts';
import { addLimits, type LimitCheck } from './http/limits.ts';
import { type MetricsRouteDeps, metricsRoutes } from './http/metrics.ts';
import { openApiRoutes } from './http/openapi.ts';
import { type OrderRoutesDeps, orderRoutes } from './http/orders.ts';
import { outgoingRoutes } from './http/outgoing.ts';
import { pausedSkuRoutes } from './http/paused-skus.ts';
import { peopleRoutes } from './http/people.ts';
import { problemRoutes } from './http/problem-pages.ts';
import { addProblems, refuseConnection, sendProblem, sendRouterProblem } from './http/problems.ts';
import { reconcileRoutes } from './http/reconcile.ts';
import { describeRoutes, useZod } from './http/route-docs.ts';
import { addSecurityHeaders } from './http/security-headers.ts';
import { SERVER_LIMITS, type ServerLimits, serverOptions } from './http/server-limits.ts';
import { type SessionRoutesDeps, sessionRoutes, signInRoute } from './http/session.ts';
import { addCookies, createSessionCookie } from './http/session-cookie.ts';
import { shadowRoutes } from './http/shadow.ts';
import { type ShopRoutesDeps, shopRoutes } from './http/shops.ts';
import { type SingleSignOnDeps, singleSignOnRoutes } from './http/single-sign-on.ts';
import { type SkuMapRoutesDeps, skuMapRoutes } from './http/sku-map.ts';
import { type WebhookDeps, webhookRoutes } from './http/webhooks.ts';
import type { Pauses } from './orders/pauses.ts';
import type { Endpoints } from './outgoing/endpoints.ts';
import type { People } from './people/index.ts';
import type { Reconciler } from './reconcile/reconcile.ts';
import type { ModeState } from './shadow/mode.ts';
import type { Store } from './store/store.ts';
import type { DailyReporter } from './telemetry/daily-report.ts';

/** False, the number of proxies in front, or their addresses and networks. */
export type TrustProxy = false | number | string[];

export type ConnectionRoutes = {
  connect: ConnectDeps;
  shops: ShopRoutesDeps;
  amazonAccounts: AmazonAccountRoutesDeps;
};

/** What only the console needs. */
export type ConsoleParts = Pick<
  ConsoleDeps,
  'sides' | 'facts' | 'settings' | 'addresses' | 'amazonAccounts' | 'connections' | 'onChange'
>;

export type AppDeps = {
  /** Null: there are no pages. */
  console: ConsoleParts | null;
  logger: FastifyBaseLogger;
  people: People;
  /** Such as `https://mcf.example.com`, without a slash at its end; null: not known. */
  publicUrl: string | null;
  /** Null: nothing is connected over HTTP. */
  connections: ConnectionRoutes | null;
  /** Null: nobody signs in that way. */
  singleSignOn: SingleSignOnDeps['singleSignOn'] | null;
  webhook: WebhookDeps;
  health: HealthDeps;
  orders: OrderRoutesDeps;
  reconciler: Reconciler;
  skuMap: SkuMapRoutesDeps['skuMap'];
  skuReport: SkuMapRoutesDeps['skuReport'];
  store: Pick<
    Store,
    | 'accounts'
    | 'audit'
    | 'inventory'
    | 'notifications'
    | 'orders'
    | 'outgoing'
    | 'returns'
    | 'shadow'
    | 'shops'
    | 'views'
  >;
  outgoing: Endpoints;
  doctor: Doctor;
  pauses: Pauses;
  mode: ModeState;
  metrics: MetricsRouteDeps;
  dailyReports: Pick<DailyReporter, 'find'>;
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

/** What `useZod` puts in its place is used instead. */
const notUsed = (): never => {
  throw new Error('Requests are checked by the zod schemas of their routes.');
};

const createServer = ({ logger, trustProxy, limits = SERVER_LIMITS }: AppDeps): FastifyInstance =>
  fastify({
    ...serverOptions(limits),
    // Not as its logger: with one, Fastify waits for the end of every answer with two listeners, logged or not.
    childLoggerFactory: () => logger,
    // Request logs are the dearest step of the webhook path; outcomes are logged instead.
    logController: new LogController({ disableRequestLogging: true }),
    // Orders in hand are finished on close; new requests are refused by the closed port, not by an answer.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    // Fastify would load its own compilers of schemas, a hundred modules, for no route of ours.
    schemaController: { compilersFactory: { buildValidator: notUsed, buildSerializer: notUsed } },
    frameworkErrors: sendRouterProblem,
    clientErrorHandler: refuseConnection,
  });

/** What only those may use who are known here. */
const privateRoutes = (
  scope: FastifyInstance,
  deps: AppDeps,
  sessions: SessionRoutesDeps,
  countRefused: LimitCheck,
): void => {
  scope.addHook('onRequest', authenticate(sessions.gate, countRefused));
  const shopOfOrder = async (orderId: string, shopIds: readonly string[] | null) =>
    (await deps.orders.store.orders.findByOrderId(orderId, shopIds))?.key.shopId ?? null;
  scope.addHook('preHandler', auditChanges(deps.people.audit, shopOfOrder));
  tolerateEmptyJson(scope);
  scope.register((own, _own, ready) => {
    reconcileRoutes(own, deps.reconciler);
    ready();
  });
  orderRoutes(scope, deps.orders);
  skuMapRoutes(scope, deps);
  inventoryRoutes(scope, deps.store);
  dailyReportRoutes(scope, deps.dailyReports);
  sessionRoutes(scope, sessions);
  peopleRoutes(scope, deps.people);
  auditRoutes(scope, deps.store);
  if (deps.connections) {
    connectRoutes(scope, deps.connections.connect);
    shopRoutes(scope, deps.connections.shops);
    amazonAccountRoutes(scope, deps.connections.amazonAccounts);
  }
  doctorRoutes(scope, { doctor: deps.doctor, clock: deps.health.clock });
  outgoingRoutes(scope, { endpoints: deps.outgoing, store: deps.store });
  pausedSkuRoutes(scope, { pauses: deps.pauses, audit: deps.people.audit });
  shadowRoutes(scope, { store: deps.store, mode: deps.mode, clock: deps.health.clock });
};

/** The pages, in a scope of their own: their faults are pages too. */
const addConsole = async (
  scope: FastifyInstance,
  deps: AppDeps,
  parts: ConsoleParts,
  sessions: SessionRoutesDeps,
): Promise<void> => {
  const { consoleRoutes } = await import('./console/index.ts');
  await scope.register(async (pages) => {
    await consoleRoutes(pages, {
      ...parts,
      ...sessions,
      clock: deps.health.clock,
      logger: deps.logger,
      store: deps.store,
      operator: deps.orders.operator,
      dryRun: deps.orders.dryRun,
      skuMap: deps.skuMap,
      skuReport: deps.skuReport,
      wake: () => deps.wake(),
      pauses: deps.pauses,
      reconciler: deps.reconciler,
      doctor: deps.doctor,
      endpoints: deps.outgoing,
      hasOidc: deps.singleSignOn !== null,
      version: deps.health.version,
    });
  });
};

/** The HTTP surface. Reads no environment, opens no port, starts no timer. */
export const buildApp = async (deps: AppDeps): Promise<FastifyInstance> => {
  const app = createServer(deps);
  useZod(app);
  describeRoutes(app);
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
    metricsRoutes(scope, deps.metrics, countRefused);
    problemRoutes(scope);
    openApiRoutes(scope, deps.health.version);
    const { people, publicUrl, singleSignOn } = deps;
    const cookie = createSessionCookie(publicUrl);
    const gate = createGate({ identify: people.identify, cookie, publicUrl });
    const sessions = { people, cookie, gate };
    await addCookies(scope);
    signInRoute(scope, sessions);
    if (deps.connections) connectCallbacks(scope, deps.connections.connect, countRefused);
    if (singleSignOn) singleSignOnRoutes(scope, { ...sessions, singleSignOn, publicUrl });
    if (deps.console) await addConsole(scope, deps, deps.console, sessions);
    await scope.register((inner, _options, done) => {
      privateRoutes(inner, deps, sessions, countRefused);
      done();
    });
  });
  return app;
};
