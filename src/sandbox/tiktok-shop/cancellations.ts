import { z } from 'zod';

import { dismiss, grant, openCancellation } from './cancelling.ts';
import { badParameter, type Outcome, type Refusal, refuse, success, violation } from './outcome.ts';
import { type Call, digits, get, paged, post, type Route, seconds, within } from './route.ts';
import { liveLines, pendingRequest, requireOrder, type World } from './state.ts';
import type { Cancellation, Line, Order } from './types.ts';

const REJECT_PREFIX = 'order_manage_list_action_respond_popup_reject_reason';

const sellerReasons = (region: string): string[] =>
  region === 'US'
    ? [
        'seller_cancel_reason_out_of_stock',
        'seller_cancel_reason_wrong_price',
        'seller_cancel_paid_reason_address_not_deliver',
        'seller_cancel_paid_reason_buyer_requested_cancellation',
      ]
    : [
        'seller_cancel_reason_out_of_stock_uk',
        'seller_cancel_reason_wrong_price_uk',
        'seller_cancel_paid_reason_address_not_deliver_uk',
      ];

const rejectReasons = (region: string): string[] => {
  const suffix = region === 'US' ? '' : '_uk';
  return [
    `${REJECT_PREFIX}_invalid_cancellation_reason${suffix}`,
    `${REJECT_PREFIX}_delivered${suffix}`,
    `${REJECT_PREFIX}_buyer_agree${suffix}`,
    'seller_reject_apply_product_has_been_packed',
  ];
};

const searchBody = z.looseObject({
  cancel_ids: z.array(digits).optional(),
  order_ids: z.array(digits).optional(),
  cancel_types: z.array(z.enum(['CANCEL', 'BUYER_CANCEL'])).optional(),
  cancel_status: z.array(z.string()).optional(),
  create_time_ge: seconds.optional(),
  create_time_lt: seconds.optional(),
  update_time_ge: seconds.optional(),
  update_time_lt: seconds.optional(),
});

type SearchBody = z.infer<typeof searchBody>;

const listed = <T>(list: T[] | undefined, value: T): boolean => list === undefined || list.includes(value);

const matches = (request: Cancellation, filter: SearchBody): boolean =>
  listed(filter.cancel_ids, request.id) &&
  listed(filter.order_ids, request.orderId) &&
  listed(filter.cancel_types, request.type) &&
  listed<string>(filter.cancel_status, request.status) &&
  within(request.createTime, filter.create_time_ge, filter.create_time_lt) &&
  within(request.updateTime, filter.update_time_ge, filter.update_time_lt);

const refund = (units: number) => ({
  currency: 'USD',
  refund_total: (19.35 * units).toFixed(2),
  refund_subtotal: (17.99 * units).toFixed(2),
  refund_shipping_fee: '0',
  refund_tax: (1.36 * units).toFixed(2),
  retail_delivery_fee: '0',
});

const renderLine = (request: Cancellation, line: Line) => ({
  cancel_line_item_id: `${request.id.slice(0, -4)}${line.id.slice(-4)}`,
  order_line_item_id: line.id,
  sku_id: line.skuId,
  seller_sku: line.sellerSku,
  refund_amount: refund(1),
});

const render = (world: World, request: Cancellation) => {
  const lines = requireOrder(world, request.orderId).lines.filter(({ id }) => request.lineIds.includes(id));
  const open = request.status === 'CANCELLATION_REQUEST_PENDING' && request.deadlineMs !== null;
  const deadline = Math.floor((request.deadlineMs ?? 0) / 1000);
  return {
    id: request.id,
    order_id: request.orderId,
    cancel_id: request.id,
    cancel_type: request.type,
    cancel_status: request.status,
    role: request.role,
    cancel_reason: request.reason,
    cancel_reason_text: request.reason,
    create_time: request.createTime,
    update_time: request.updateTime,
    seller_next_action_response: open ? [{ action: 'SELLER_RESPOND_CANCEL', deadline }] : [],
    refund_amount: refund(lines.length),
    cancel_line_items: lines.map((line) => renderLine(request, line)),
  };
};

const search = (call: Call, filter: SearchBody): Outcome => {
  const { world } = call;
  const found = [...world.cancellations.values()]
    .filter((request) => matches(request, filter))
    .map((request) => render(world, request));
  const result = paged(found, call.query, { max: 50, fallback: 10, order: 'ASC' });
  if ('ok' in result) return result;
  return success({ ...result.page, cancellations: result.items.map(({ id: _id, ...shown }) => shown) });
};

const createBody = z.looseObject({
  order_id: digits,
  cancel_reason: z.string().min(1),
  order_line_item_ids: z.array(digits).optional(),
  skus: z.array(z.looseObject({ sku_id: digits, quantity: z.int().positive() })).optional(),
});

type CreateBody = z.infer<typeof createBody>;

const checkCreate = (world: World, order: Order): Refusal | null => {
  if (order.status === 'CANCELLED') return refuse(25001011, 'The order is already cancelled.');
  if (pendingRequest(world, order) !== undefined)
    return refuse(25001011, 'A cancellation of this order is already in process.');
  if (order.status === 'IN_TRANSIT') return refuse(25001045, 'The order is shipped and cannot be stopped.');
  if (order.status === 'DELIVERED' || order.status === 'COMPLETED')
    return refuse(25001051, 'The order is completed.');
  if (order.status === 'AWAITING_COLLECTION' && world.shop.region !== 'US')
    return refuse(25001045, 'The order is shipped and cannot be stopped.');
  return order.status === 'UNPAID' ? refuse(25001021, 'The reason does not fit the order status.') : null;
};

const chosenLines = (order: Order, body: CreateBody): Line[] | Refusal => {
  const live = liveLines(order);
  if (body.order_line_item_ids === undefined && body.skus === undefined) return live;
  if (!body.cancel_reason.includes('out_of_stock'))
    return violation(25005010, 'Single lines can be cancelled only when they are out of stock.');
  const ids = body.order_line_item_ids;
  if (ids !== undefined) {
    const lines = live.filter(({ id }) => ids.includes(id));
    return lines.length === ids.length ? lines : violation(25001001, 'Unknown line item.');
  }
  const lines = (body.skus ?? []).flatMap(({ sku_id, quantity }) =>
    live.filter(({ skuId }) => skuId === sku_id).slice(0, quantity),
  );
  const asked = (body.skus ?? []).reduce((sum, { quantity }) => sum + quantity, 0);
  return lines.length === asked ? lines : violation(25005011, 'More units than the order has.');
};

const create = (call: Call, body: CreateBody): Outcome => {
  const { world } = call;
  call.orderIds.push(body.order_id);
  const order = world.orders.get(body.order_id);
  if (order === undefined) return violation(25007006, 'The order does not exist.');
  if (!sellerReasons(world.shop.region).includes(body.cancel_reason))
    return violation(25001014, 'The cancel reason is not available.');
  const refusal = checkCreate(world, order);
  if (refusal !== null) return refusal;
  const lines = chosenLines(order, body);
  if ('ok' in lines) return lines;
  const request = openCancellation(world, order, {
    type: 'CANCEL',
    role: 'SELLER',
    reason: body.cancel_reason,
    lineIds: lines.map(({ id }) => id),
    deadlineMs: null,
  });
  grant(world, request, 'api');
  return success({ cancel_id: request.id, cancel_status: request.status });
};

const answerable = (call: Call): { request: Cancellation; repeated: boolean } | Refusal => {
  const request = call.world.cancellations.get(call.params[0] ?? '');
  const key = call.query.get('idempotency_key');
  if (request === undefined) return violation(25001001, 'The cancellation does not exist.');
  if (key !== null && key.length > 255) return badParameter('idempotency_key is too long');
  call.orderIds.push(request.orderId);
  if (key !== null && request.idempotencyKeys.includes(key)) return { request, repeated: true };
  if (request.status !== 'CANCELLATION_REQUEST_PENDING') {
    const message = 'The cancellation is not waiting for an answer.';
    return request.answeredBy === 'api' ? violation(25020003, message) : refuse(25020003, message);
  }
  if (key !== null) request.idempotencyKeys.push(key);
  return { request, repeated: false };
};

const approve = (call: Call): Outcome => {
  const found = answerable(call);
  if ('ok' in found) return found;
  if (!found.repeated) grant(call.world, found.request, 'api');
  return success();
};

const rejectBody = z.looseObject({ reject_reason: z.string().min(1), comment: z.string().optional() });

const reject = (call: Call, body: z.infer<typeof rejectBody>): Outcome => {
  const { region } = call.world.shop;
  if (region === 'US')
    return violation(25011011, 'Rejecting a cancellation is not available in the US: ship.');
  if (!rejectReasons(region).includes(body.reject_reason))
    return violation(25001015, 'The reject reason is not available.');
  const found = answerable(call);
  if ('ok' in found) return found;
  if (!found.repeated) dismiss(call.world, found.request, 'api');
  return success();
};

export const cancellationRoutes: Route[] = [
  post('cancellations.search', '/return_refund/202309/cancellations/search', searchBody, search),
  post('cancellations.create', '/return_refund/202309/cancellations', createBody, create),
  post(
    'cancellations.approve',
    '/return_refund/202309/cancellations/{id}/approve',
    z.looseObject({}),
    approve,
  ),
  post('cancellations.reject', '/return_refund/202309/cancellations/{id}/reject', rejectBody, reject),
  get('cancellations.rejectReasons', '/return_refund/202309/reject_reasons', ({ world }) =>
    success({ reasons: rejectReasons(world.shop.region).map((name) => ({ name, text: name })) }),
  ),
];
