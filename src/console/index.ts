import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requireAccess } from '../http/access.ts';
import { auditChanges } from '../http/auth.ts';
import { problemOf } from '../http/problems.ts';
import { giveSession, signInFrom } from '../http/session.ts';
import { AppError } from '../lib/errors.ts';
import type { Identity } from '../people/identify.ts';
import { accountRoutes } from './account.ts';
import { addressRoutes } from './address-routes.ts';
import { assetRoutes } from './assets.ts';
import { auditRoutes } from './audit.ts';
import { isFragment, ownPath, sendHtml } from './context.ts';
import { deliveryRoutes } from './deliveries.ts';
import type { ConsoleDeps } from './deps.ts';
import { doctorPages } from './doctor.ts';
import { consoleInventoryRoutes } from './inventory-routes.ts';
import { liveRoutes } from './live.ts';
import { consoleOrderRoutes } from './order-routes.ts';
import { savedViewRoutes } from './order-views.ts';
import { notice } from './parts.ts';
import { peopleRoutes } from './people.ts';
import { consoleReviewRoutes } from './review-routes.ts';
import { settingsRoutes } from './settings.ts';
import { consoleShopRoutes } from './shop-routes.ts';
import { faultPage, signInPage } from './sign-in.ts';
import { consoleSkuMapRoutes } from './sku-map-routes.ts';
import { todayRoutes } from './today-routes.ts';

/** Nothing inline, nothing from elsewhere, in no frame. */
const PAGE_POLICY =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";

const Next = z.object({ next: z.string().optional().catch(undefined) });
const SignInForm = z.object({
  name: z.string().trim().min(1).max(200),
  password: z.string().min(1).max(1000),
  next: z.string().optional(),
});
const Csrf = z.object({ _csrf: z.string() }).catch({ _csrf: '' });

/** A fault in words: a page of its own, or in the place where something else was to appear. */
const sendFault = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const { status, code, detail, errors = [] } = problemOf(error);
  if (status >= 500 && status !== 503) request.log.error({ code, err: error }, 'page failed');
  if (isFragment(request)) return sendHtml(reply, notice([detail, ...errors].join(' '), 'bad'), status);
  return sendHtml(reply, faultPage(status, detail, errors), status);
};

/** Where a page was asked for: leads back to it after the sign-in. A form leads back to the page it stood on. */
const sendToSignIn = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const referer = request.headers.referer ?? '';
  const from = URL.canParse(referer) ? `${new URL(referer).pathname}${new URL(referer).search}` : '';
  const isPage = request.method === 'GET' && !isFragment(request);
  const next = ownPath(isPage ? request.url : from);
  const target = `/console/sign-in?${new URLSearchParams({ next }).toString()}`;
  // A stream that is answered 204 does not ask again.
  if (request.headers.accept?.includes('text/event-stream')) return reply.code(204).send();
  // A part of a page cannot hold a sign-in, so the whole page goes there.
  return isFragment(request)
    ? reply.code(204).header('hx-redirect', target).send()
    : reply.redirect(target, 303);
};

/** A browser that comes to the address of the service wants its pages; anything else gets no page. */
const entrance = (app: FastifyInstance): void => {
  app.get('/', { schema: { hide: true } }, (request, reply) =>
    /\btext\/html\b/.test(request.headers.accept ?? '')
      ? reply.redirect('/console', 302)
      : reply.callNotFound(),
  );
};

const openRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { people, cookie, gate, hasOidc } = deps;
  entrance(app);
  app.get('/console/sign-in', async (request, reply) => {
    const next = ownPath(Next.parse(request.query).next);
    return sendHtml(reply, signInPage({ next, name: '', fault: null, hasOidc }));
  });

  const prove = async (request: FastifyRequest, name: string, password: string) => {
    const from = signInFrom(cookie, request);
    return name.toLowerCase() === 'admin'
      ? people.signIn.withAdminToken(password, from)
      : people.signIn.withPassword({ name, password }, from);
  };
  app.post('/console/sign-in', async (request, reply) => {
    gate.requireOwnSite(request);
    const { data, error: incomplete } = SignInForm.safeParse(request.body);
    if (incomplete)
      return sendHtml(
        reply,
        signInPage({ next: '/console', name: '', fault: 'Fill in a name and a password.', hasOidc }),
        400,
      );
    const { name, password } = data;
    const path = ownPath(data.next);
    try {
      giveSession(cookie, request, reply, await prove(request, name, password));
      return reply.redirect(path, 303);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return sendHtml(
        reply,
        signInPage({ next: path, name, fault: error.message, hasOidc }),
        error.httpStatus,
      );
    }
  });
};

/** A page needs a sign-in of its own: a bearer token would be sent by no browser. */
const guard = (app: FastifyInstance, { gate, people, store }: ConsoleDeps): void => {
  app.addHook('onRequest', async (request, reply) => {
    const identity: Identity | null = await gate.identify(request);
    if (!identity?.session) return sendToSignIn(request, reply);
    request.principal = identity.principal;
    request.session = identity.session;
    requireAccess(request);
  });
  const shopOfOrder = async (orderId: string, shopIds: readonly string[] | null) =>
    (await store.orders.findByOrderId(orderId, shopIds))?.key.shopId ?? null;
  app.addHook('preHandler', async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD' || !request.session) return;
    gate.requireOwnPage(request, request.session, Csrf.parse(request.body)._csrf);
  });
  app.addHook('preHandler', auditChanges(people.audit, shopOfOrder));
};

const privatePages = (app: FastifyInstance, deps: ConsoleDeps): void => {
  guard(app, deps);
  app.post('/console/sign-out', { config: { needs: 'viewer', audit: false } }, async (request, reply) => {
    await deps.people.signIn.end(request, false);
    deps.cookie.clear(request, reply);
    return reply.redirect('/console/sign-in', 303);
  });
  todayRoutes(app, deps);
  consoleOrderRoutes(app, deps);
  addressRoutes(app, deps);
  savedViewRoutes(app, deps);
  consoleReviewRoutes(app, deps);
  consoleSkuMapRoutes(app, deps);
  consoleInventoryRoutes(app, deps);
  consoleShopRoutes(app, deps);
  doctorPages(app, deps);
  peopleRoutes(app, deps);
  auditRoutes(app, deps);
  deliveryRoutes(app, deps);
  accountRoutes(app, deps);
  settingsRoutes(app, deps);
  liveRoutes(app, deps);
  app.get('/console/*', { config: { needs: 'viewer' } }, () => {
    throw new AppError('page_unknown', 404, 'There is no page at this address.');
  });
};

/** `/console`: the pages of the people who run the shop. Works without a script; with one, it follows by itself. */
export const consoleRoutes = async (app: FastifyInstance, deps: ConsoleDeps): Promise<void> => {
  await app.register(formbody, { bodyLimit: 16 * 1024 * 1024 });
  app.setErrorHandler(sendFault);
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('content-security-policy', PAGE_POLICY).header('referrer-policy', 'same-origin');
    done();
  });
  assetRoutes(app);
  openRoutes(app, deps);
  await app.register((scope, _options, ready) => {
    privatePages(scope, deps);
    ready();
  });
};
