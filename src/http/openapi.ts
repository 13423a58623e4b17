import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { once } from '../lib/once.ts';
import type { Docs } from './openapi-document.ts';
import { sendProblem } from './problems.ts';

/** The page's own scripts and styles, and requests to this service. Nothing inline, nothing from elsewhere. */
const PAGE_POLICY =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'";

const Document = z
  .looseObject({ openapi: z.string(), info: z.unknown(), paths: z.unknown() })
  .describe('OpenAPI 3.1');

/**
 * `GET /openapi.json` and the page `GET /docs`, for everybody: they say what could be asked, and nothing of what there
 * is. Both are made, and what makes them is loaded, when the first one is asked for: a start does not pay for it.
 */
export const openApiRoutes = (app: FastifyInstance, version: string): void => {
  const docs = once(async (): Promise<Docs> => {
    const { createDocs } = await import('./openapi-document.ts');
    return createDocs(app.describedRoutes, version);
  });
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenApi',
        tags: ['Documentation'],
        summary: 'This document',
        response: { 200: Document },
      },
    },
    async (_request, reply) => reply.type('application/json; charset=utf-8').send((await docs()).document),
  );
  const showPage = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const page = await (await docs()).page(request.url);
    if (!page)
      return sendProblem(reply, {
        status: 404,
        code: 'route_unknown',
        detail: 'There is nothing at this address.',
      });
    return reply.header('content-security-policy', PAGE_POLICY).type(page.type).send(page.body);
  };
  app.get('/docs', { schema: { hide: true } }, showPage);
  app.get('/docs/*', { schema: { hide: true } }, showPage);
};
