/// <reference types="@fastify/swagger" />
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { ProblemCode } from './problem-codes.ts';

/** Bodies by media type, for the document. */
export type DescribedBody = Readonly<Record<string, z.ZodType>>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The codes a route may refuse with, besides those that its need and its schemas bring along. */
    problems?: readonly ProblemCode[];
    /** What a handler reads by itself, where one schema cannot say it. */
    accepts?: DescribedBody;
    /** What else than JSON a 200 may be, by media type. */
    alsoAnswers?: readonly string[];
  }
}

/** A route as it was declared, for the document and for tests that must not forget one. */
export type DescribedRoute = {
  method: string;
  url: string;
  schema: FastifySchema | undefined;
  config: NonNullable<RouteOptions['config']>;
};

declare module 'fastify' {
  interface FastifyInstance {
    describedRoutes: readonly DescribedRoute[];
  }
}

/**
 * Requests are checked by the zod schema of their route. A body left out is an empty one, as a route whose fields are
 * all optional takes it. What is sent back is not: the types hold what handlers return, and the tests hold every answer
 * against the document, so that no request pays for it.
 */
export const useZod = (app: FastifyInstance): void => {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const result = schema.safeParse(httpPart === 'body' ? (data ?? {}) : data);
    return result.success ? { value: result.data } : { error: result.error };
  });
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
};

/** Notes every route declared from here on, in `app.describedRoutes`. */
export const describeRoutes = (app: FastifyInstance): void => {
  const routes: DescribedRoute[] = [];
  app.decorate('describedRoutes', routes);
  app.addHook('onRoute', ({ method, url, schema, config = {} }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, url, schema, config });
  });
};

/** The instance with handlers typed by the schemas of their routes. */
export const typed = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>();
