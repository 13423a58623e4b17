import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as formats } from 'ajv-formats';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { z } from 'zod';

const Media = z.object({ schema: z.record(z.string(), z.unknown()) });
const Operation = z.object({
  operationId: z.string().min(1),
  summary: z.string().min(1),
  tags: z.array(z.string()).min(1),
  security: z.array(z.unknown()).optional(),
  'x-needs': z.string().optional(),
  'x-whole-service': z.boolean().optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).optional(),
  requestBody: z.object({ content: z.record(z.string(), Media) }).optional(),
  responses: z.record(
    z.string(),
    z.object({ description: z.string().min(1), content: z.record(z.string(), Media).optional() }),
  ),
});
const Document = z.looseObject({
  openapi: z.string().startsWith('3.1.'),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

export type DescribedOperation = z.output<typeof Operation> & { path: string; method: string };

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];
export const methodOf = (name: string): Method => {
  const method = METHODS.find((known) => known === name.toUpperCase());
  if (!method) throw new Error(`${name} is no method of the document`);
  return method;
};

/** The OpenAPI document of an app, and what answers have to be by it. */
export const readDocument = async (app: FastifyInstance) => {
  const document = Document.parse((await app.inject({ url: '/openapi.json' })).json());
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): DescribedOperation => ({ ...operation, path, method }),
    ),
  );
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ $id: 'doc', components: document.components });
  const pointed = (schema: unknown): unknown =>
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"doc#/components/'));

  /** What of an answer is not as the document says; empty: nothing. */
  const faultsOf = (operation: DescribedOperation, answer: LightMyRequestResponse): string[] => {
    const response = operation.responses[String(answer.statusCode)];
    if (!response) return [`${operation.operationId}: ${answer.statusCode} is not in the document`];
    const [type = ''] = (answer.headers['content-type'] ?? '').split(';');
    if (!response.content) return answer.body === '' ? [] : [`${operation.operationId}: has a body`];
    const media = response.content[type];
    if (!media) return [`${operation.operationId}: ${answer.statusCode} as ${type} is not in the document`];
    if (!type.endsWith('json')) return [];
    const check = ajv.compile({ ...z.record(z.string(), z.unknown()).parse(pointed(media.schema)) });
    return check(answer.json())
      ? []
      : (check.errors ?? []).map(
          ({ instancePath, message, params }) =>
            `${operation.operationId} ${answer.statusCode}: ${instancePath} ${message} ${JSON.stringify(params)}`,
        );
  };
  return { document, operations, faultsOf };
};
