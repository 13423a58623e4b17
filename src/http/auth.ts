import type {
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
  preHandlerAsyncHookHandler,
} from 'fastify';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import type { Audit } from '../people/audit.ts';
import type { Identify, Identity, OpenSession } from '../people/identify.ts';
import { isSameSecret } from '../people/secrets.ts';
import { requireAccess } from './access.ts';
import type { LimitCheck } from './limits.ts';
import { sendProblem } from './problems.ts';
import type { OwnCookie } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of a browser; null with a bearer token. Set together with `principal`. */
    session: OpenSession | null;
  }
  interface FastifyContextConfig {
    /**
     * What the audit log calls a change by this route; without it, its method and path. False: the route writes its
     * entries itself, with more to say, or changes nothing.
     */
    audit?: string | false;
  }
}

export type GateDeps = {
  identify: Identify;
  cookie: OwnCookie;
  /** Such as `https://mcf.example.com`; null: known only by the requests. */
  publicUrl: string | null;
};

/** Tells who asks, for routes and for pages. */
export type Gate = {
  /** By its `Authorization`, or else by its session cookie. */
  identify(request: FastifyRequest): Promise<Identity | null>;
  /** Throws `csrf_refused` unless the request comes from a page of this service. */
  requireOwnPage(request: FastifyRequest, session: OpenSession, csrfToken: string | undefined): void;
  /** Throws `csrf_refused` when a browser says that the request comes from another site. */
  requireOwnSite(request: FastifyRequest): void;
};

const crossSite = (): AppError =>
  new AppError('csrf_refused', 403, 'This request does not come from a page of this service.');

const hostOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).host : null);

export const createGate = ({ identify, cookie, publicUrl }: GateDeps): Gate => {
  const isOwnHost = (host: string | null, request: FastifyRequest): boolean =>
    host !== null && (host === request.host || (publicUrl !== null && host === hostOf(publicUrl)));
  const requireOwnSite = (request: FastifyRequest): void => {
    const { origin, 'sec-fetch-site': site } = request.headers;
    if (site === 'cross-site' || site === 'same-site') throw crossSite();
    // A page that hides its origin sends `null`, which is no host.
    if (origin !== undefined && !isOwnHost(hostOf(origin), request)) throw crossSite();
  };
  return {
    async identify(request) {
      const { authorization } = request.headers;
      const sessionId = cookie.read(request);
      if (authorization === undefined) return sessionId === null ? null : identify.bySession(sessionId);
      const token = /^Bearer (.+)$/i.exec(authorization)?.[1]?.trim();
      return token ? identify.byToken(token) : null;
    },
    requireOwnSite,
    requireOwnPage(request, session, csrfToken) {
      requireOwnSite(request);
      if (csrfToken === undefined || !isSameSecret(csrfToken, session.csrfToken)) throw crossSite();
    },
  };
};

const READS = ['GET', 'HEAD', 'OPTIONS'];
const isChange = ({ method }: FastifyRequest): boolean => !READS.includes(method);

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/**
 * Lets a request pass whose sender is known and may use its route; sets `principal` and `session`. Wrong tries are
 * limited per address. A browser adds its cookie to whatever page made it send a request, so one with a session has to
 * come from this site, and a change has to prove it with `x-csrf-token`.
 */
export const authenticate =
  (gate: Gate, onRefused: LimitCheck): onRequestAsyncHookHandler =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const identity = await gate.identify(request);
    if (!identity) return refuse(request, reply, onRefused);
    const { principal, session } = identity;
    request.principal = principal;
    request.session = session;
    if (session) {
      if (isChange(request))
        gate.requireOwnPage(request, session, headerText(request.headers['x-csrf-token']));
      else gate.requireOwnSite(request);
    }
    requireAccess(request);
  };

const refuse = async (
  request: FastifyRequest,
  reply: FastifyReply,
  onRefused: LimitCheck,
): Promise<FastifyReply> => {
  if (await onRefused(request)) {
    return sendProblem(reply, {
      status: 429,
      code: 'rate_limited',
      detail: 'Too many wrong tokens; wait a minute.',
    });
  }
  reply.header('www-authenticate', 'Bearer');
  return sendProblem(reply, {
    status: 401,
    code: 'unauthorized',
    detail: 'Send Authorization: Bearer <ADMIN_TOKEN or an API token>, or sign in.',
  });
};

/** The session of a request that needs one. Throws `session_needed`. */
export const requireSession = ({ session }: FastifyRequest): OpenSession => {
  if (!session)
    throw new AppError('session_needed', 403, 'This needs a sign-in; a bearer token is not enough.');
  return session;
};

const PathValues = z.record(z.string(), z.string()).catch({});

/** The shop of an order, for somebody who may see it; null: they may not, or there is none. */
type ShopOfOrder = (orderId: string, shopIds: readonly string[] | null) => Promise<string | null>;

/**
 * Notes every change in the audit log before it is made, so that no route can be forgotten; when that fails the change
 * is not made.
 */
export const auditChanges =
  (audit: Audit, shopOfOrder: ShopOfOrder): preHandlerAsyncHookHandler =>
  async (request) => {
    const { config, url = '' } = request.routeOptions;
    if (!isChange(request) || config.audit === false) return;
    const path = PathValues.parse(request.params);
    const orderId = path['orderId'];
    const shopId =
      orderId === undefined ? path['shopId'] : await shopOfOrder(orderId, request.principal.shopIds);
    await audit.record({
      principal: request.principal,
      action: config.audit ?? `${request.method} ${url}`,
      target: Object.values(path).join('/') || null,
      shopId: shopId ?? null,
    });
  };
