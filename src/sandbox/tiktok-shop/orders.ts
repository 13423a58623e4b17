import { z } from 'zod';

import { badParameter, success } from './outcome.ts';
import { renderOrder } from './render.ts';
import { type Call, digits, get, paged, post, type Route, seconds, within } from './route.ts';
import { pendingRequest, type World } from './state.ts';
import type { Order } from './types.ts';

const MAX_DETAIL_IDS = 50;

const searchBody = z.looseObject({
  order_status: z
    .enum([
      'UNPAID',
      'ON_HOLD',
      'AWAITING_SHIPMENT',
      'PARTIALLY_SHIPPING',
      'AWAITING_COLLECTION',
      'IN_TRANSIT',
      'DELIVERED',
      'COMPLETED',
      'CANCELLED',
    ])
    .optional(),
  create_time_ge: seconds.optional(),
  create_time_lt: seconds.optional(),
  update_time_ge: seconds.optional(),
  update_time_lt: seconds.optional(),
  shipping_type: z.enum(['SELLER', 'TIKTOK']).optional(),
  buyer_user_id: z.string().optional(),
  is_buyer_request_cancel: z.boolean().optional(),
  warehouse_ids: z.array(digits).max(100).optional(),
});

type SearchBody = z.infer<typeof searchBody>;

const matches = (world: World, order: Order, filter: SearchBody): boolean =>
  within(order.createTime, filter.create_time_ge, filter.create_time_lt) &&
  within(order.updateTime, filter.update_time_ge, filter.update_time_lt) &&
  (filter.order_status === undefined || filter.order_status === order.status) &&
  (filter.shipping_type === undefined || filter.shipping_type === order.shippingType) &&
  (filter.warehouse_ids === undefined || filter.warehouse_ids.includes(order.warehouseId)) &&
  (filter.is_buyer_request_cancel === undefined ||
    filter.is_buyer_request_cancel === (pendingRequest(world, order) !== undefined));

const search = (call: Call, filter: SearchBody) => {
  const { world } = call;
  const found = [...world.orders.values()]
    .filter((order) => matches(world, order, filter))
    .map((order) => ({ id: order.id, create_time: order.createTime, update_time: order.updateTime, order }));
  const result = paged(found, call.query, { max: 100, fallback: 20, order: 'DESC' });
  if ('ok' in result) return result;
  call.orderIds.push(...result.items.map(({ id }) => id));
  const orders = result.items.map(({ order }) => renderOrder(world, order, 'list'));
  return success({ ...result.page, orders });
};

const detail = (call: Call) => {
  const ids = (call.query.get('ids') ?? '').split(',');
  if (ids.some((id) => !/^\d+$/.test(id))) return badParameter('ids must be a comma list of order ids');
  if (ids.length > MAX_DETAIL_IDS) return badParameter(`ids: at most ${MAX_DETAIL_IDS}`);
  call.orderIds.push(...ids);
  const orders = [...new Set(ids)]
    .map((id) => call.world.orders.get(id))
    .filter((order) => order !== undefined)
    .map((order) => renderOrder(call.world, order, 'detail'));
  return success({ orders });
};

export const orderRoutes: Route[] = [
  post('orders.search', '/order/202309/orders/search', searchBody, search),
  get('orders.detail', '/order/202507/orders', detail),
  get('orders.detail', '/order/202309/orders', detail),
];
