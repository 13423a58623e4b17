import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { type OrderRecord, STAGES } from '../orders/model.ts';
import type { Operator } from '../orders/operate.ts';
import { isReasonCode } from '../orders/reasons.ts';
import type { SkuMapService } from '../orders/sku-map-service.ts';
import type { Store } from '../store/store.ts';
import { orderDetail, orderSummary, returnView } from './order-views.ts';

const Reason = z.string().refine(isReasonCode, 'is not a reason of the catalogue');
const Query = z.object({
  stage: z.enum(STAGES).optional(),
  reason: Reason.optional(),
  q: z.string().trim().min(1).max(100).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const Params = z.object({ orderId: z.string().min(1).max(64) });

const part = z.string().trim().min(1).max(200).optional();
const Address = z.strictObject({
  name: part,
  line1: part,
  line2: part,
  line3: part,
  city: part,
  state: part,
  postalCode: part,
  phone: part,
});
const Sku = z.strictObject({
  channelSku: z.string().trim().min(1).max(200),
  amazonSku: z.string().trim().min(1).max(50),
  quantity: z.int().min(1).max(250).default(1),
});
const RetryBody = z.strictObject({
  address: Address.optional(),
  sku: z.union([Sku.transform((sku) => [sku]), z.array(Sku).min(1)]).optional(),
});
const BulkRetryBody = z.strictObject({ reason: Reason });
const CancelBody = z.object({
  reason: z.string().trim().min(1).max(100).default('seller_cancel_reason_out_of_stock'),
  keepOrder: z.boolean().default(false),
});
const ResolveBody = z.object({ note: z.string().trim().min(1, 'say why').max(500) });

/** Who acted, until there are named users. */
const OPERATOR = 'admin';

const correctionOf = (address: z.output<typeof Address> | undefined) => {
  if (!address) return undefined;
  const { line1, line2, line3, ...rest } = address;
  const lines = [line1, line2, line3].filter((line) => line !== undefined);
  return { ...rest, lines: lines.length > 0 ? lines : undefined };
};

export type OrderRoutesDeps = {
  store: Pick<Store, 'orders' | 'returns'>;
  operator: Operator;
  skuMap: SkuMapService;
  clock: Clock;
};

/** What an operator may do with an order. Answers the order as it stands afterwards. */
const actionRoutes = (
  app: FastifyInstance,
  { operator, skuMap }: OrderRoutesDeps,
  find: (params: unknown) => Promise<OrderRecord>,
  show: (record: OrderRecord) => Promise<unknown>,
): void => {
  app.post('/api/orders/:orderId/retry', async (request) => {
    const { key } = await find(request.params);
    const { address, sku } = RetryBody.parse(request.body ?? {});
    if (sku) {
      await skuMap.put(
        sku.map(({ channelSku, amazonSku, quantity }) => ({
          shopId: key.shopId,
          channelSku,
          components: [{ amazonSku, quantity }],
        })),
      );
    }
    return show(await operator.retry(key, OPERATOR, correctionOf(address)));
  });

  app.post('/api/orders/retry', async (request) => {
    const { reason } = BulkRetryBody.parse(request.body);
    return { retried: await operator.retryAll(reason, OPERATOR) };
  });

  app.post('/api/orders/:orderId/cancel', async (request) => {
    const { key } = await find(request.params);
    return show(await operator.cancel(key, OPERATOR, CancelBody.parse(request.body ?? {})));
  });

  app.post('/api/orders/:orderId/resolve', async (request) => {
    const { key } = await find(request.params);
    return show(await operator.resolve(key, OPERATOR, ResolveBody.parse(request.body ?? {}).note));
  });
};

/** Reading orders, and acting on them. */
export const orderRoutes = (app: FastifyInstance, deps: OrderRoutesDeps): void => {
  const { store, clock } = deps;
  const find = async (params: unknown): Promise<OrderRecord> => {
    const { orderId } = Params.parse(params);
    const record = await store.orders.findByOrderId(orderId);
    if (!record) throw new AppError('order_unknown', 404, 'No order with this id was ever seen.');
    return record;
  };
  const show = async (record: OrderRecord) => ({
    ...orderDetail(record, await store.orders.events(record.key), clock.nowMs()),
    returns: (await store.returns.ofOrder(record.key)).map(returnView),
  });

  app.get('/api/orders', async (request) => {
    const { stage, reason, q, cursor, limit } = Query.parse(request.query);
    const page = await store.orders.list({
      limit,
      ...(stage ? { stage } : {}),
      ...(reason ? { reason } : {}),
      ...(q ? { q } : {}),
      ...(cursor ? { cursor } : {}),
    });
    const nowMs = clock.nowMs();
    return { orders: page.orders.map((order) => orderSummary(order, nowMs)), nextCursor: page.nextCursor };
  });
  app.get('/api/orders/:orderId', async (request) => show(await find(request.params)));
  actionRoutes(app, deps, find, show);
};
