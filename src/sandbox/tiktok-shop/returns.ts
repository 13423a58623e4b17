import { z } from 'zod';

import { badParameter, type Outcome, type Refusal, refuse, success, violation } from './outcome.ts';
import { closeReturn, grantReturn, isPending } from './returning.ts';
import { type Call, digits, paged, post, type Route, seconds, within } from './route.ts';
import { requireOrder, type World } from './state.ts';
import type { ReturnRequest } from './types.ts';

const searchBody = z.looseObject({
  return_ids: z.array(digits).optional(),
  order_ids: z.array(digits).optional(),
  return_types: z.array(z.enum(['REFUND', 'RETURN_AND_REFUND', 'REPLACEMENT'])).optional(),
  return_status: z.array(z.string()).optional(),
  create_time_ge: seconds.optional(),
  create_time_lt: seconds.optional(),
  update_time_ge: seconds.optional(),
  update_time_lt: seconds.optional(),
});

type SearchBody = z.infer<typeof searchBody>;

/** The documented range starts at ten. */
const SMALLEST_PAGE = 10;

const listed = <T>(list: T[] | undefined, value: T): boolean => list === undefined || list.includes(value);

const matches = (request: ReturnRequest, filter: SearchBody): boolean =>
  listed(filter.return_ids, request.id) &&
  listed(filter.order_ids, request.orderId) &&
  listed(filter.return_types, request.type) &&
  listed<string>(filter.return_status, request.status) &&
  within(request.createTime, filter.create_time_ge, filter.create_time_lt) &&
  within(request.updateTime, filter.update_time_ge, filter.update_time_lt);

const render = (world: World, request: ReturnRequest) => {
  const lines = requireOrder(world, request.orderId).lines.filter(({ id }) => request.lineIds.includes(id));
  const { nextAction } = request;
  return {
    id: request.id,
    order_id: request.orderId,
    return_id: request.id,
    return_type: request.type,
    return_status: request.status,
    role: 'BUYER',
    return_reason: request.reason,
    return_reason_text: request.reasonText,
    shipment_type: 'PLATFORM',
    handover_method: 'DROP_OFF',
    can_buyer_keep_item: request.buyerKeepsItem,
    create_time: request.createTime,
    update_time: request.updateTime,
    seller_next_action_response:
      nextAction === null
        ? []
        : [{ action: nextAction.action, deadline: Math.floor(nextAction.deadlineMs / 1000) }],
    return_line_items: lines.map((line) => ({
      return_line_item_id: `${request.id.slice(0, -4)}${line.id.slice(-4)}`,
      order_line_item_id: line.id,
      sku_id: line.skuId,
      seller_sku: line.sellerSku,
    })),
    return_method: 'PLATFORM_SHIPPED',
    is_combined_return: false,
  };
};

const search = (call: Call, filter: SearchBody): Outcome => {
  const { world } = call;
  if (Number(call.query.get('page_size') ?? SMALLEST_PAGE) < SMALLEST_PAGE)
    return badParameter(`page_size must be at least ${SMALLEST_PAGE}`);
  const found = [...world.returns.values()]
    .filter((request) => matches(request, filter))
    .map((request) => render(world, request));
  const result = paged(found, call.query, { max: 50, fallback: SMALLEST_PAGE, order: 'ASC' });
  if ('ok' in result) return result;
  call.orderIds.push(...result.items.map((item) => item.order_id));
  return success({ ...result.page, return_orders: result.items.map(({ id: _id, ...shown }) => shown) });
};

const answerable = (call: Call): { request: ReturnRequest; repeated: boolean } | Refusal => {
  const request = call.world.returns.get(call.params[0] ?? '');
  const key = call.query.get('idempotency_key');
  if (request === undefined) return violation(25001001, 'The return does not exist.');
  call.orderIds.push(request.orderId);
  if (key !== null && request.idempotencyKeys.includes(key)) return { request, repeated: true };
  if (!isPending(request)) return refuse(25020003, 'The return is not waiting for an answer.');
  if (key !== null) request.idempotencyKeys.push(key);
  return { request, repeated: false };
};

const approveBody = z.looseObject({
  decision: z.enum(['APPROVE_REFUND', 'APPROVE_RETURN', 'APPROVE_REPLACEMENT']),
});

const approve = (call: Call): Outcome => {
  const found = answerable(call);
  if ('ok' in found) return found;
  if (!found.repeated) grantReturn(call.world, found.request);
  return success();
};

const rejectBody = z.looseObject({
  decision: z.enum(['REJECT_REFUND', 'REJECT_RETURN', 'REJECT_REPLACEMENT']),
  reject_reason: z.string().min(1),
});

const reject = (call: Call): Outcome => {
  const found = answerable(call);
  if ('ok' in found) return found;
  if (!found.repeated) closeReturn(call.world, found.request, 'rejected');
  return success();
};

export const returnRoutes: Route[] = [
  post('returns.search', '/return_refund/202309/returns/search', searchBody, search),
  post('returns.approve', '/return_refund/202309/returns/{id}/approve', approveBody, approve),
  post('returns.reject', '/return_refund/202309/returns/{id}/reject', rejectBody, reject),
];
