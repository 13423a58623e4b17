import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { OrderKey } from '../orders/model.ts';
import { type TraceIds, traceIdsOf } from './trace-ids.ts';

export type SpansOptions = {
  /** Base address of an OTLP/HTTP collector, without a trailing slash. */
  endpoint: string;
  version: string;
  nowMs: () => number;
  /** The collector did not take what was sent; it is lost, and nothing else is. */
  onUndelivered: (error: unknown) => void;
};

const SERVICE = 'mcf-connector';
const EXPORT_EVERY_MS = 2_000;
const EXPORT_TIMEOUT_MS = 5_000;

/** Random ids, but for the next span where they are given. */
const createIds = (): IdGenerator & { next: TraceIds | null } => {
  const random = new RandomIdGenerator();
  const ids: IdGenerator & { next: TraceIds | null } = {
    next: null,
    generateTraceId: () => ids.next?.traceId ?? random.generateTraceId(),
    generateSpanId: () => ids.next?.rootSpanId ?? random.generateSpanId(),
  };
  return ids;
};

const tellFailures = (
  exporter: OTLPTraceExporter,
  onUndelivered: SpansOptions['onUndelivered'],
): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      if (result.error) onUndelivered(result.error);
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: () => exporter.forceFlush(),
});

/** The context of spans that belong to this order and to no other span. */
const contextOf = (key: OrderKey): Context => {
  const { traceId, rootSpanId: spanId } = traceIdsOf(key);
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
};

const fail = (span: Span, error: unknown): void => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Messages stay here: a code says which fault it is, and no message can bring anything else along.
  span.setStatus({ code: SpanStatusCode.ERROR, message: code || 'internal_error' });
};

const createProvider = (options: SpansOptions, idGenerator: IdGenerator): TracerProvider => {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const own = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: SERVICE,
    [ATTR_SERVICE_VERSION]: options.version,
  });
  return new TracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    idGenerator,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: tellFailures(exporter, options.onUndelivered),
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
};

/**
 * Spans of orders, sent over OTLP/HTTP. Nothing is registered globally, and no call carries a `traceparent`: the other
 * sides are not ours.
 */
export const openSpans = (options: SpansOptions) => {
  const ids = createIds();
  const provider = createProvider(options, ids);
  const tracer: Tracer = provider.getTracer(SERVICE, options.version);
  const current = new AsyncLocalStorage<Context>();

  const within = async <T>(
    name: string,
    parent: Context,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
  ): Promise<T> => {
    const span = tracer.startSpan(name, { attributes, startTime: options.nowMs() }, parent);
    try {
      return await current.run(trace.setSpan(parent, span), () => work(span));
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end(options.nowMs());
    }
  };

  return {
    /** The root of an order's trace, which spans name as their parent before and after it is sent. */
    root(key: OrderKey, attributes: Attributes, startMs: number): void {
      ids.next = traceIdsOf(key);
      const span = tracer.startSpan('order', { attributes, startTime: startMs, root: true }, ROOT_CONTEXT);
      ids.next = null;
      span.end(Math.max(startMs, options.nowMs()));
    },
    /** A piece of work about this order, whatever called for it. */
    ofOrder: <T>(
      name: string,
      key: OrderKey,
      attributes: Attributes,
      work: (span: Span) => Promise<T>,
    ): Promise<T> => within(name, contextOf(key), attributes, work),
    /** A part of the work that is going on here. */
    part: <T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T> =>
      within(name, current.getStore() ?? ROOT_CONTEXT, attributes, work),
    /** Says something about the work that is going on here. */
    event(name: string, attributes: Attributes): void {
      const span = trace.getSpan(current.getStore() ?? ROOT_CONTEXT);
      span?.addEvent(name, attributes, options.nowMs());
    },
    /** A call to another side that just ended. Nothing outside of an order's work. */
    call(name: string, attributes: Attributes, durationMs: number, failure: string | null): void {
      const parent = current.getStore();
      if (!parent) return;
      const endMs = options.nowMs();
      const startTime = endMs - durationMs;
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, startTime }, parent);
      if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end(endMs);
    },
    /** Sends what is left, as far as the collector takes it. */
    close: (): Promise<void> => provider.shutdown().catch(options.onUndelivered),
  };
};

export type Spans = ReturnType<typeof openSpans>;
