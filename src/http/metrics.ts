import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isSameSecret } from '../people/secrets.ts';
import type { LimitCheck } from './limits.ts';
import { sendProblem } from './problems.ts';

export type MetricsRouteDeps = {
  /** Null: whoever reaches the port may read them. */
  metricsToken: string | null;
  scrape(): Promise<string>;
};

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** `GET /metrics`: Prometheus text, behind a bearer token where one is set. */
export const metricsRoutes = (
  app: FastifyInstance,
  deps: MetricsRouteDeps,
  countRefused: LimitCheck,
): void => {
  const { metricsToken } = deps;
  const schema = {
    operationId: 'getMetrics',
    tags: ['Service'],
    summary: 'Prometheus text, behind `METRICS_TOKEN` where one is set',
    response: {
      200: { description: 'All metrics', content: { 'text/plain': { schema: z.string() } } },
    },
  };
  app.get('/metrics', { config: { problems: ['unauthorized'] }, schema }, async (request, reply) => {
    const [, given = ''] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (metricsToken === null || isSameSecret(given.trim(), metricsToken))
      return reply
        .type(TEXT)
        .header('cache-control', 'no-store')
        .send(await deps.scrape());
    if (await countRefused(request))
      return sendProblem(reply, {
        status: 429,
        code: 'rate_limited',
        detail: 'Too many wrong tokens; wait a minute.',
      });
    reply.header('www-authenticate', 'Bearer');
    return sendProblem(reply, {
      status: 401,
      code: 'unauthorized',
      detail: 'Send Authorization: Bearer <METRICS_TOKEN>.',
    });
  });
};
