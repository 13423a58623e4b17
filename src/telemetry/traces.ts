import type { CallOutcome } from '../lib/http-client.ts';
import type { OrderKey, OrderRecord } from '../orders/model.ts';
import { NO_WATCH, type OrderWatch } from '../orders/watch.ts';
import type { Store } from '../store/store.ts';
import type { Spans, SpansOptions } from './spans.ts';

/** Where the webhook's route puts what it received. */
export type Deliveries = Pick<Store['notifications'], 'accept'>;

/** One trace for each order: from its webhooks through every run to each call to both sides. */
export type Traces = {
  called(call: CallOutcome): void;
  watch: OrderWatch;
  /** The same store of deliveries, each of which is a span of the orders it names. */
  deliveries(plain: Deliveries): Deliveries;
  /** Sends what is left. A collector that does not answer is waited for; it never rejects. */
  close(): Promise<void>;
};

const aboutOrder = ({ channel, shopId, orderId }: OrderKey) => ({
  'mcf.channel': channel,
  'mcf.shop_id': shopId,
  'mcf.order_id': orderId,
});

const watchWith = (spans: Spans): OrderWatch => ({
  ...NO_WATCH,
  running: (record: OrderRecord, run) =>
    spans.ofOrder('converge', record.key, { ...aboutOrder(record.key), 'mcf.stage': record.stage }, run),
  looking: (look) => spans.part('observe', {}, look),
  firstRead: (key, order) => spans.root(key, aboutOrder(key), order.createdAtMs),
  decided: (decision) =>
    spans.event('decide', {
      'mcf.decision': decision.kind,
      ...('stage' in decision ? { 'mcf.stage': decision.stage, 'mcf.reason': decision.reason } : {}),
    }),
  acting: (effect, _seen, _tally, _nowMs, act) =>
    spans.part(`act ${effect.kind}`, { 'mcf.decision': effect.kind }, act),
});

const failureOf = ({ status }: CallOutcome): string | null => {
  if (status === null) return 'no_answer';
  return status >= 400 ? `http_${status}` : null;
};

const deliveriesWith = (spans: Spans, plain: Deliveries): Deliveries => ({
  accept(notification, hints, nowMs) {
    const accept = () => plain.accept(notification, hints, nowMs);
    const about = { 'mcf.webhook_type': notification.type };
    return hints.reduce<typeof accept>(
      (next, { key }) =>
        () =>
          spans.ofOrder('webhook', key, { ...about, ...aboutOrder(key) }, async (span) => {
            const outcome = await next();
            span.setAttribute('mcf.outcome', outcome);
            return outcome;
          }),
      accept,
    )();
  },
});

/** Loads OpenTelemetry, which costs a start some 70 ms: only where traces go somewhere. */
export const openTraces = async (options: SpansOptions): Promise<Traces> => {
  const { openSpans } = await import('./spans.ts');
  const spans = openSpans(options);
  return {
    called: (call) =>
      spans.call(
        `${call.upstream} ${call.operation}`,
        {
          'mcf.upstream': call.upstream,
          'mcf.operation': call.operation,
          ...(call.status === null ? {} : { 'http.response.status_code': call.status }),
          ...(call.requestId === undefined ? {} : { 'mcf.request_id': call.requestId }),
        },
        call.durationMs,
        failureOf(call),
      ),
    watch: watchWith(spans),
    deliveries: (plain) => deliveriesWith(spans, plain),
    close: () => spans.close(),
  };
};
