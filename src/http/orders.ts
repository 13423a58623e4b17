import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isoTime } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { type OrderEvent, type OrderRecord, STAGES } from '../orders/model.ts';
import type { Operator } from '../orders/operate.ts';
import { isReasonCode, REASONS, reasonMessage } from '../orders/reasons.ts';
import type { Store } from '../store/store.ts';

const Query = z.object({
  stage: z.enum(STAGES).optional(),
  reason: z.string().refine(isReasonCode, 'is not a reason of the catalogue').optional(),
  q: z.string().trim().min(1).max(100).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const Params = z.object({ orderId: z.string().min(1).max(64) });

const time = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

const summary = (record: OrderRecord) => ({
  channel: record.key.channel,
  shopId: record.key.shopId,
  orderId: record.key.orderId,
  stage: record.stage,
  reason: record.reason,
  message: record.reason ? reasonMessage(record.reason, record.detail) : null,
  whatToDo: record.reason ? REASONS[record.reason].whatToDo : null,
  fulfillmentId: record.fulfillmentId,
  shipBy: time(record.shipByMs),
  nextAttemptAt: time(record.nextAttemptAtMs),
});

const detail = (record: OrderRecord, timeline: readonly OrderEvent[]) => ({
  ...summary(record),
  lines: (record.snapshot?.lines ?? []).map(({ lineId, sku, units, status, components }) => ({
    lineId,
    sku,
    units,
    status,
    components,
  })),
  packages: record.packages.map((parcel) => ({
    carrier: parcel.reportedCarrier ?? parcel.carrierCode,
    trackingNumber: parcel.reportedNumber ?? parcel.carrierTracking ?? parcel.amazonTracking,
    carrierTrackingNumber: parcel.carrierTracking,
    amazonTrackingNumber: parcel.amazonTracking,
    lineIds: parcel.lineIds,
    reportedAt: time(parcel.reportedAtMs),
    warning: parcel.warning,
  })),
  timeline: timeline.map(({ atMs, event, detail: text }) => ({ at: isoTime(atMs), event, detail: text })),
});

export type OrderRoutesDeps = { store: Pick<Store, 'orders'>; operator: Operator };

/** Reading orders, and what an operator may do with one. */
export const orderRoutes = (app: FastifyInstance, { store, operator }: OrderRoutesDeps): void => {
  const find = async (params: unknown): Promise<OrderRecord> => {
    const { orderId } = Params.parse(params);
    const record = await store.orders.findByOrderId(orderId);
    if (!record) throw new AppError('order_unknown', 404, 'No order with this id was ever seen.');
    return record;
  };
  const show = async (record: OrderRecord) => detail(record, await store.orders.events(record.key));

  app.get('/api/orders', async (request) => {
    const { stage, reason, q, cursor, limit } = Query.parse(request.query);
    const page = await store.orders.list({
      limit,
      ...(stage ? { stage } : {}),
      ...(reason ? { reason } : {}),
      ...(q ? { q } : {}),
      ...(cursor ? { cursor } : {}),
    });
    return { orders: page.orders.map(summary), nextCursor: page.nextCursor };
  });

  app.get('/api/orders/:orderId', async (request) => show(await find(request.params)));

  app.post('/api/orders/:orderId/retry', async (request) => {
    const record = await find(request.params);
    return show(await operator.retry(record.key));
  });

  app.post('/api/orders/:orderId/cancel', async (request) => {
    const record = await find(request.params);
    const body = CancelBody.parse(request.body ?? {});
    return show(await operator.cancel(record.key, body));
  });

  app.post('/api/orders/:orderId/resolve', async (request) => {
    const record = await find(request.params);
    const { note } = ResolveBody.parse(request.body ?? {});
    return show(await operator.resolve(record.key, note));
  });
};

const CancelBody = z.object({
  reason: z.string().trim().min(1).max(100).default('seller_cancel_reason_out_of_stock'),
  keepOrder: z.boolean().default(false),
});
const ResolveBody = z.object({ note: z.string().trim().min(1, 'say why').max(500) });
