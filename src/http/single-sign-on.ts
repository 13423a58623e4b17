import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { FLOW_LIFE_MS, type SingleSignOn } from '../people/single-sign-on.ts';
import { typed } from './route-docs.ts';
import { giveSession, type SessionRoutesDeps, signInFrom } from './session.ts';
import { createOwnCookie } from './session-cookie.ts';

export type SingleSignOnDeps = SessionRoutesDeps & {
  singleSignOn: SingleSignOn;
  publicUrl: string | null;
};

const HOME = '/console';

/** A path of this service; what a browser could read as another host is not one. */
const ownPath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\s]*$/, 'must be a path of this service');
const BeginQuery = z.object({ next: ownPath.default(HOME) });

const tags = ['Session'];
const Redirect = z.null().describe('Sends the browser on');

/** `GET /session/oidc` sends the browser to the identity provider, which sends it back to `/session/oidc/callback`. */
export const singleSignOnRoutes = (
  app: FastifyInstance,
  { people, cookie, singleSignOn, publicUrl }: SingleSignOnDeps,
): void => {
  const flowCookie = createOwnCookie('mcf_oidc', publicUrl);
  const begin = {
    operationId: 'beginSingleSignOn',
    tags,
    summary: 'Sends the browser to the identity provider',
    querystring: BeginQuery,
    response: { 302: Redirect },
  };
  const beginProblems = ['single_sign_on_unavailable'] as const;
  typed(app).get(
    '/session/oidc',
    { exposeHeadRoute: false, config: { problems: beginProblems }, schema: begin },
    async (request, reply) => {
      const { url, flow } = await singleSignOn.begin(request.query.next);
      flowCookie.write(request, reply, flow, FLOW_LIFE_MS / 1000);
      return reply.redirect(url, 302);
    },
  );

  const finish = {
    operationId: 'finishSingleSignOn',
    tags,
    summary: 'Where the identity provider sends the browser back to',
    response: { 302: Redirect },
  };
  const finishProblems = [
    'single_sign_on_refused',
    'single_sign_on_unknown',
    'single_sign_on_unavailable',
    'store_unavailable',
  ] as const;
  typed(app).get(
    '/session/oidc/callback',
    { exposeHeadRoute: false, config: { problems: finishProblems }, schema: finish },
    async (request, reply) => {
      const flow = flowCookie.read(request);
      flowCookie.clear(request, reply);
      const query = new URL(request.url, 'http://localhost').searchParams;
      try {
        const { user, returnTo } = await singleSignOn.finish(query, flow);
        const from = signInFrom(cookie, request);
        giveSession(cookie, request, reply, await people.signIn.withUser(user, from, 'single sign-on'));
        return reply.redirect(returnTo, 302);
      } catch (error) {
        if (error instanceof AppError && error.code !== 'single_sign_on_unavailable')
          await people.signIn.noteRefused(null, 'single sign-on');
        throw error;
      }
    },
  );
};
