import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html } from './html.ts';
import type { PageContext } from './layout.ts';
import { notice, type Tone } from './parts.ts';

/** What a page shows that is not its own: who looks at it, and how many orders wait for them. */
export const contextOf = async (deps: ConsoleDeps, request: FastifyRequest): Promise<PageContext> => {
  const { principal, session } = request;
  const csrfToken = session?.csrfToken ?? '';
  const [path = '/console'] = request.url.split('?');
  const stages = await deps.store.orders.stageCounts(principal.shopIds);
  return { principal, csrfToken, path, nowMs: deps.clock.nowMs(), reviewCount: stages.review };
};

export const sendHtml = (reply: FastifyReply, content: Html, status = 200): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').send(String(content));

/** Whether only a part of a page is wanted. */
export const isFragment = ({ headers }: FastifyRequest): boolean => headers['hx-request'] === 'true';

/** What was done is said on the page that follows; the cookie lives for that one page. */
const SAID = '__mcf-said';
const Said = z.object({ tone: z.enum(['good', 'warn', 'bad', 'info', 'quiet']), text: z.string().max(500) });

/** Answers a form: back to a page of ours, which says what came of it. */
export const sendBack = (
  reply: FastifyReply,
  path: string,
  text: string,
  tone: Tone = 'good',
): FastifyReply => {
  const said = Buffer.from(JSON.stringify({ tone, text })).toString('base64url');
  reply.setCookie(SAID, said, { path: '/console', httpOnly: true, sameSite: 'strict', maxAge: 60 });
  return reply.redirect(path, 303);
};

const readSaid = (value: string): z.infer<typeof Said> | null => {
  try {
    return Said.parse(JSON.parse(Buffer.from(value, 'base64url').toString()));
  } catch {
    return null;
  }
};

/** What the form before this page came to, once; null where there was none. */
export const takeSaid = (request: FastifyRequest, reply: FastifyReply): Html | null => {
  const value = request.cookies[SAID];
  if (value === undefined) return null;
  reply.clearCookie(SAID, { path: '/console' });
  const said = readSaid(value);
  return said && notice(html`${said.text}`, said.tone);
};

const OWN = 'http://own.invalid';

/** A path that a form or a sign-in may lead back to: one of the console's own, as a browser will read it. */
export const ownPath = (path: unknown, fallback = '/console'): string => {
  if (typeof path !== 'string' || !URL.canParse(path, OWN)) return fallback;
  const { origin, pathname, search } = new URL(path, OWN);
  const isOurs = origin === OWN && (pathname === '/console' || pathname.startsWith('/console/'));
  return isOurs ? `${pathname}${search}` : fallback;
};
