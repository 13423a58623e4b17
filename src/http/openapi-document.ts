import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, type FastifySchema, fastify } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { outgoingDocs } from './outgoing-docs.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';
import { type DescribedBody, type DescribedRoute, useZod } from './route-docs.ts';

export type Docs = {
  /** The document as JSON text. */
  document: string;
  /** A file of the page; null: there is none of this name. */
  page(url: string): Promise<{ type: string; body: Buffer } | null>;
};

const Problem = z
  .object({
    type: z.string().describe('Address of the page of the code'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable, for programs'),
    detail: z.string().describe('What happened here, for people'),
    errors: z.array(z.string()).optional().describe('Each begins with the field or row it is about'),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457)' });

/** What a need and a schema bring along. */
const problemsOf = ({ config, schema = {} }: DescribedRoute): ProblemCode[] => [
  ...(schema.params || schema.querystring || schema.body || config.accepts
    ? (['invalid_request'] as const)
    : []),
  ...(config.needs === undefined ? [] : (['unauthorized', 'role_missing'] as const)),
  ...(config.isForWholeService ? (['not_for_single_shops'] as const) : []),
  ...(config.rateLimit === false ? [] : (['rate_limited'] as const)),
  ...(config.problems ?? []),
  ...(config.needs === undefined ? [] : (['store_unavailable'] as const)),
  'internal_error',
];

const problemAnswers = (route: DescribedRoute): Record<string, unknown> =>
  Object.fromEntries(
    [...Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status)].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('. '),
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]),
  );

const SECURITY = [{ token: [] }, { session: [] }];

/** The second method of a route needs an operation id of its own. */
const operationId = (route: DescribedRoute, routes: readonly DescribedRoute[]): string | undefined => {
  const id = route.schema?.operationId;
  const isSecond = routes.find((other) => other.schema?.operationId === id) !== route;
  return id !== undefined && isSecond ? `${id}By${route.method}` : id;
};

const schemaOf = (route: DescribedRoute, routes: readonly DescribedRoute[]): FastifySchema => {
  const { schema = { hide: true }, config } = route;
  return {
    ...schema,
    ...(schema.hide ? {} : { operationId: operationId(route, routes) ?? '' }),
    ...(config.needs === undefined ? { security: [] } : { security: SECURITY }),
    response: Object.assign({}, schema.response, problemAnswers(route)),
    ...(config.needs === undefined
      ? {}
      : { 'x-needs': config.needs, 'x-whole-service': config.isForWholeService ?? false }),
  };
};

type Media = { schema: object };
type Operation = {
  operationId?: string;
  requestBody?: { required: boolean; content: Record<string, Media> };
  responses?: Record<string, { description: string; content?: Record<string, Media> }>;
};
/** As it comes out of the generator: an operation per method. */
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
  webhooks?: Record<string, object>;
};

const bodyContent = (accepts: DescribedBody): Record<string, Media> =>
  Object.fromEntries(
    Object.entries(accepts).map(([type, schema]) => {
      const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [type, { schema: described }];
    }),
  );

const operationOf = (document: Document, id: string | undefined): Operation | undefined =>
  Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .find((operation) => id !== undefined && operation.operationId === id);

/** What the schemas of a route cannot say: several kinds of bodies, and of answers. */
const addMediaTypes = (document: Document, routes: readonly DescribedRoute[]): void => {
  for (const route of routes) {
    const operation = operationOf(document, route.schema?.operationId);
    if (!operation) continue;
    const { accepts, alsoAnswers = [] } = route.config;
    if (accepts) operation.requestBody = { required: true, content: bodyContent(accepts) };
    const answer = operation.responses?.['200'];
    if (answer)
      for (const type of alsoAnswers)
        answer.content = { ...answer.content, [type]: { schema: { type: 'string' } } };
  }
};

/** Schemas are offered for what is sent and for what is answered; each is used as one of them. */
const dropUnused = (document: Document): void => {
  const { schemas } = document.components;
  for (let dropped = true; dropped; ) {
    const text = JSON.stringify(document);
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    for (const name of unused) delete schemas[name];
    dropped = unused.length > 0;
  }
};

const describe = async (routes: readonly DescribedRoute[], version: string): Promise<Document> => {
  const app = fastify();
  useZod(app);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'mcf-connector',
        version,
        description: 'Routes TikTok Shop orders to Amazon MCF and reports tracking and stock back.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: '`ADMIN_TOKEN`, or a token of a user' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'mcf_session',
            description:
              'A signed-in browser; over TLS `__Host-mcf_session`. A change also needs `x-csrf-token`',
          },
          signature: {
            type: 'apiKey',
            in: 'header',
            name: 'authorization',
            description: 'Hexadecimal HMAC-SHA256 of app key and raw body under the app secret',
          },
        },
      },
    },
    convertConstToEnum: false,
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  const all = [...routes.filter(({ url }) => url !== WEBHOOK.url), WEBHOOK];
  for (const route of all)
    app.route({
      method: route.method,
      url: route.url,
      schema: schemaOf(route, all),
      handler: () => undefined,
    });
  await app.ready();
  const document: Document = JSON.parse(JSON.stringify(app.swagger()));
  await app.close();
  addMediaTypes(document, all);
  dropUnused(document);
  return { ...document, webhooks: outgoingDocs() };
};

const openPage = async (document: string): Promise<FastifyInstance> => {
  const app = fastify();
  await app.register(swagger, { mode: 'static', specification: { document: JSON.parse(document) } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'mcf-connector API' },
    uiConfig: { validatorUrl: null, docExpansion: 'list' },
  });
  await app.ready();
  return app;
};

/** Makes the document, and the page that shows it, from the routes as they were declared. */
export const createDocs = async (routes: readonly DescribedRoute[], version: string): Promise<Docs> => {
  const document = JSON.stringify(await describe(routes, version));
  const app = await openPage(document);
  return {
    document,
    async page(url) {
      const { statusCode, headers, rawPayload } = await app.inject({ url });
      const type = headers['content-type'];
      return statusCode === 200 && typeof type === 'string' ? { type, body: rawPayload } : null;
    },
  };
};

/** Its handler reads raw bytes and has no schema, so that nothing stands between TikTok and the store. */
const WEBHOOK: DescribedRoute = {
  method: 'POST',
  url: '/webhooks/tiktok',
  config: {
    rateLimit: false,
    accepts: {
      'application/json': z.looseObject({
        type: z.int(),
        tts_notification_id: z.string().optional(),
        shop_id: z.string(),
        timestamp: z.int().optional(),
        data: z.unknown(),
      }),
    },
    problems: ['webhook_unreadable', 'fst_err_ctp_body_too_large', 'store_unavailable'],
  },
  schema: {
    operationId: 'receiveTikTokWebhook',
    tags: ['Webhooks'],
    summary: 'Deliveries of TikTok Shop, signed over their raw bytes',
    response: {
      200: z.null().describe('Stored durably; the body is empty'),
      401: z.null().describe('The signature is missing or wrong; nothing was stored'),
      429: z.null().describe('Too many wrong signatures from this address'),
    },
  },
};
