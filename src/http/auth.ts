import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import type { LimitCheck } from './limits.ts';
import { sendProblem } from './problems.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares digests, so that neither content nor length of the secret shows in the time it takes. */
export const isSameSecret = (given: string, secret: string): boolean =>
  timingSafeEqual(digest(given), digest(secret));

/** Lets only `Authorization: Bearer <adminToken>` pass; wrong tries are limited per address. */
export const requireBearer =
  (adminToken: string, onRefused: LimitCheck): preHandlerAsyncHookHandler =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const match = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '');
    if (match?.[1] && isSameSecret(match[1].trim(), adminToken)) return;
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
      detail: 'Send Authorization: Bearer <ADMIN_TOKEN>.',
    });
  };
