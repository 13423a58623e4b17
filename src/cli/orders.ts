import { z } from 'zod';
import { type Output, print, table } from './output.ts';
import type { ServiceClient } from './service.ts';

const text = z.string().nullable();
const Order = z.looseObject({
  orderId: z.string(),
  shopId: z.string(),
  stage: z.string(),
  reason: text,
  message: text,
  whatToDo: text.optional(),
  fulfillmentId: text,
  shipBy: text,
  nextAttemptAt: text,
  packages: z.array(z.looseObject({ carrier: text, trackingNumber: text, reportedAt: text })),
  timeline: z.array(z.object({ at: z.string(), event: z.string(), detail: z.string() })),
});

const wordsOf = (order: z.output<typeof Order>): string => {
  const facts = [
    ['order', order.orderId],
    ['shop', order.shopId],
    ['stage', order.stage],
    ['reason', order.reason ?? '-'],
    ['what happened', order.message ?? '-'],
    ['what to do', order.whatToDo ?? '-'],
    ['at Amazon', order.fulfillmentId ?? '-'],
    ['ship by', order.shipBy ?? '-'],
    ['next look', order.nextAttemptAt ?? '-'],
    ...order.packages.map(({ carrier, trackingNumber, reportedAt }) => [
      'parcel',
      `${trackingNumber ?? 'no number yet'} ${carrier ?? ''} ${reportedAt === null ? 'not reported' : `reported ${reportedAt}`}`,
    ]),
  ];
  const timeline = order.timeline.map(({ at, event, detail }) => [at, event, detail]);
  return timeline.length === 0 ? table(facts) : `${table(facts)}\n\n${table(timeline)}`;
};

const pathOf = (orderId: string): string => `/api/orders/${encodeURIComponent(orderId)}`;

export const showOrder = async (service: ServiceClient, orderId: string, output: Output): Promise<number> => {
  const order = await service.json(Order, { method: 'GET', path: pathOf(orderId) });
  print(output, order, () => wordsOf(order));
  return 0;
};

/** 1: the order still waits for a person. */
export const retryOrder = async (
  service: ServiceClient,
  orderId: string,
  output: Output,
): Promise<number> => {
  const order = await service.json(Order, { method: 'POST', path: `${pathOf(orderId)}/retry`, json: {} });
  print(output, order, () => wordsOf(order));
  return order.stage === 'review' ? 1 : 0;
};

const count = z.number();
const Report = z.object({
  startedAt: z.string(),
  durationMs: count,
  orders: z.record(z.string(), count),
  tracking: z.record(z.string(), count),
  inventory: z.record(z.string(), count),
  errors: z.array(z.object({ code: z.string(), message: z.string(), orderId: z.string().optional() })),
});
const RECONCILE_WITHIN_MS = 30 * 60_000;

const reportWords = ({
  orders,
  tracking,
  inventory,
  errors,
  durationMs,
}: z.output<typeof Report>): string => {
  const figures = (of: Record<string, number>): string =>
    Object.entries(of)
      .map(([name, figure]) => `${name} ${figure}`)
      .join(', ');
  const rows = [
    ['orders', figures(orders)],
    ['tracking', figures(tracking)],
    ['inventory', figures(inventory)],
    ['took', `${durationMs} ms`],
    ...errors.map(({ code, message, orderId }) => [
      'error',
      `${orderId ? `${orderId}: ` : ''}${message} (${code})`,
    ]),
  ];
  return table(rows);
};

/** 1: something of the pass could not be done. */
export const reconcile = async (
  service: ServiceClient,
  only: string | undefined,
  output: Output,
): Promise<number> => {
  const path = `/reconcile${only === undefined ? '' : `?only=${only}`}`;
  const report = await service.json(Report, { method: 'POST', path, timeoutMs: RECONCILE_WITHIN_MS });
  print(output, report, () => reportWords(report));
  return report.errors.length > 0 ? 1 : 0;
};
