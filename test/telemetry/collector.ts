import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const Value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
});
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .default([])
  .transform((rows) =>
    Object.fromEntries(
      rows.map(({ key, value }) => [key, value.stringValue ?? String(value.intValue ?? '')]),
    ),
  );
const ReceivedSpan = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: Attributes,
  events: z.array(z.object({ name: z.string(), attributes: Attributes })).default([]),
  status: z.object({ code: z.number().optional(), message: z.string().optional() }).optional(),
});
/** The parts of an OTLP/HTTP request in JSON that a collector needs. */
const Request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(ReceivedSpan) })),
    }),
  ),
});
export type ReceivedSpan = z.infer<typeof ReceivedSpan>;

/** A real HTTP server that takes traces as a collector does, and keeps what it was sent. */
export const startCollector = async () => {
  const spans: ReceivedSpan[] = [];
  const resources: Record<string, string>[] = [];
  const texts: string[] = [];
  const faults: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    request.on('end', () => {
      texts.push(text);
      try {
        for (const { resource, scopeSpans } of Request.parse(JSON.parse(text)).resourceSpans) {
          resources.push(resource.attributes);
          spans.push(...scopeSpans.flatMap((scope) => scope.spans));
        }
      } catch (error) {
        faults.push(error);
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    resources,
    /** The bodies, as they came. */
    texts,
    faults,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

/** Spans of a trace whose parent was not sent. A connected trace has one: its root. */
export const rootsOf = (spans: readonly ReceivedSpan[]): ReceivedSpan[] => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => !parentSpanId || !ids.has(parentSpanId));
};
