import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isoTime } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Identity } from '../people/identify.ts';
import { SESSION_LIFE_MS } from '../people/identify.ts';
import type { People } from '../people/index.ts';
import { ROLES } from '../people/principal.ts';
import type { SignedIn, SignInFrom } from '../people/sign-in.ts';
import { type Gate, requireSession } from './auth.ts';
import { addressOf } from './limits.ts';
import { ApiToken, apiTokenView, NewApiToken, NewApiTokenBody } from './people-views.ts';
import { typed } from './route-docs.ts';
import type { OwnCookie } from './session-cookie.ts';

export type SessionRoutesDeps = { people: People; cookie: OwnCookie; gate: Gate };

/** Longer than any of ours is, and short enough to compare at leisure. */
const secret = z.string().min(1).max(1000);
const MAX_BODY_BYTES = 8 * 1024;

const SignInBody = z.union([
  z.strictObject({ name: z.string().min(1).max(200), password: secret }),
  z.strictObject({ token: secret.describe('`ADMIN_TOKEN`') }),
]);
const PasswordBody = z.strictObject({ currentPassword: secret, newPassword: secret });
const EndQuery = z.object({ everywhere: z.enum(['true', 'false']).default('false') });
const TokenParams = z.object({ tokenId: z.string().min(1).max(64) });
const Empty = z.null().describe('Done; the body is empty');

const Session = z
  .object({
    name: z.string(),
    userId: z.string().nullable().describe('Null: the holder of `ADMIN_TOKEN`'),
    role: z.enum(ROLES),
    shopIds: z.array(z.string()).nullable().describe('The shops one is limited to; null: all'),
    csrfToken: z
      .string()
      .nullable()
      .describe('Send as `x-csrf-token` with every change; null with a bearer token'),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Session', description: 'Who you are' });

const sessionView = ({ principal, session }: Identity): z.output<typeof Session> => ({
  name: principal.name,
  userId: principal.userId,
  role: principal.role,
  shopIds: principal.shopIds === null ? null : [...principal.shopIds],
  csrfToken: session?.csrfToken ?? null,
  expiresAt: session ? isoTime(session.expiresAtMs) : null,
});

const tags = ['Session'];
const OWN = { needs: 'viewer', audit: false } as const;

/** What a sign-in leaves in the browser. */
export const giveSession = (
  cookie: OwnCookie,
  request: FastifyRequest,
  reply: FastifyReply,
  { sessionId }: SignedIn,
): void => cookie.write(request, reply, sessionId, SESSION_LIFE_MS / 1000);

export const signInFrom = (cookie: OwnCookie, request: FastifyRequest): SignInFrom => ({
  address: addressOf(request),
  sessionId: cookie.read(request),
});

/** `POST /api/session`: opens a session, for everybody who can prove who they are. */
export const signInRoute = (app: FastifyInstance, { people, cookie, gate }: SessionRoutesDeps): void => {
  const schema = {
    operationId: 'signIn',
    tags,
    summary: 'Opens a session: by name and password, or by `ADMIN_TOKEN`',
    body: SignInBody,
    response: { 200: Session },
  };
  const config = {
    problems: ['sign_in_refused', 'sign_in_busy', 'csrf_refused', 'store_unavailable'],
  } as const;
  typed(app).post('/api/session', { bodyLimit: MAX_BODY_BYTES, config, schema }, async (request, reply) => {
    gate.requireOwnSite(request);
    const { body } = request;
    const from = signInFrom(cookie, request);
    const signedIn = await ('token' in body
      ? people.signIn.withAdminToken(body.token, from)
      : people.signIn.withPassword(body, from));
    giveSession(cookie, request, reply, signedIn);
    return sessionView(signedIn.identity);
  });
};

const ownTokenRoutes = (app: FastifyInstance, { people }: SessionRoutesDeps): void => {
  const ownId = ({ principal }: FastifyRequest): string => {
    if (principal.userId === null)
      throw new AppError('user_needed', 403, 'ADMIN_TOKEN belongs to no user; sign in as one.');
    return principal.userId;
  };
  const problems = ['user_needed'] as const;
  const list = {
    operationId: 'listOwnTokens',
    tags,
    summary: 'Your API tokens, without the tokens themselves',
    response: { 200: z.object({ tokens: z.array(ApiToken) }) },
  };
  typed(app).get('/api/session/tokens', { config: { ...OWN, problems }, schema: list }, async (request) => ({
    tokens: (await people.tokens.list(ownId(request))).map(apiTokenView),
  }));

  const add = {
    operationId: 'addOwnToken',
    tags,
    summary: 'A new API token of yours; it is shown this once',
    body: NewApiTokenBody,
    response: { 201: NewApiToken },
  };
  const addProblems = ['user_needed', 'session_needed', 'token_invalid', 'too_many_tokens'] as const;
  typed(app).post(
    '/api/session/tokens',
    { config: { ...OWN, problems: addProblems }, schema: add },
    async (request, reply) => {
      // A token that was stolen must not be able to make others that outlive it.
      requireSession(request);
      const user = { userId: ownId(request) };
      const { token, row } = await people.tokens.add(request.principal, user, request.body);
      return reply.code(201).send({ ...apiTokenView(row), token });
    },
  );

  const revoke = {
    operationId: 'revokeOwnToken',
    tags,
    summary: 'Revokes an API token of yours at once',
    params: TokenParams,
    response: { 204: Empty },
  };
  typed(app).delete(
    '/api/session/tokens/:tokenId',
    { config: { ...OWN, problems: ['user_needed', 'token_unknown'] }, schema: revoke },
    async (request, reply) => {
      await people.tokens.revoke(request.principal, ownId(request), request.params.tokenId);
      return reply.code(204).send(null);
    },
  );
};

/** What one does with one's own session, password and tokens. */
export const sessionRoutes = (app: FastifyInstance, deps: SessionRoutesDeps): void => {
  const { people, cookie } = deps;
  const show = { operationId: 'getSession', tags, summary: 'Who you are', response: { 200: Session } };
  typed(app).get('/api/session', { config: OWN, schema: show }, async ({ principal, session }) =>
    sessionView({ principal, session }),
  );

  const end = {
    operationId: 'signOut',
    tags,
    summary: 'Ends this session, or all of yours',
    querystring: EndQuery,
    response: { 204: Empty },
  };
  typed(app).delete(
    '/api/session',
    { config: { ...OWN, problems: ['session_needed'] }, schema: end },
    async (request, reply) => {
      const everywhere = request.query.everywhere === 'true';
      if (!everywhere) requireSession(request);
      await people.signIn.end(request, everywhere);
      cookie.clear(request, reply);
      return reply.code(204).send(null);
    },
  );

  const password = {
    operationId: 'changeOwnPassword',
    tags,
    summary: 'Changes your password and ends your other sessions',
    body: PasswordBody,
    response: { 204: Empty },
  };
  const problems = [
    'session_needed',
    'user_needed',
    'password_wrong',
    'password_weak',
    'sign_in_busy',
  ] as const;
  typed(app).post(
    '/api/session/password',
    { config: { ...OWN, problems }, schema: password },
    async (request, reply) => {
      const { hash } = requireSession(request);
      const { currentPassword: current, newPassword: next } = request.body;
      await people.users.changePassword(request.principal, { current, next }, hash);
      return reply.code(204).send(null);
    },
  );
  ownTokenRoutes(app, deps);
};
