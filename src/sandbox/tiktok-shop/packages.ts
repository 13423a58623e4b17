import { z } from 'zod';

import { isMasked, renderAddress } from './address.ts';
import { refuse, success } from './outcome.ts';
import { type Call, get, paged, post, type Route, seconds, within } from './route.ts';
import { nowSeconds, requireOrder } from './state.ts';
import { providerName } from './tracking.ts';
import type { Package } from './types.ts';

const searchBody = z.looseObject({
  create_time_ge: seconds.optional(),
  create_time_lt: seconds.optional(),
  update_time_ge: seconds.optional(),
  update_time_lt: seconds.optional(),
  package_status: z.enum(['PROCESSING', 'FULFILLING', 'COMPLETED', 'CANCELLED']).optional(),
});

const common = (parcel: Package) => ({
  orders: [{ id: parcel.orderId, skus: [] }],
  create_time: parcel.createTime,
  update_time: parcel.updateTime,
  tracking_number: parcel.trackingNumber,
  shipping_provider_name: providerName(parcel.providerId),
  shipping_provider_id: parcel.providerId,
  order_line_item_ids: parcel.lineIds,
});

const search = (call: Call, filter: z.infer<typeof searchBody>) => {
  const found = [...call.world.packages.values()]
    .filter(
      (parcel) =>
        within(parcel.createTime, filter.create_time_ge, filter.create_time_lt) &&
        within(parcel.updateTime, filter.update_time_ge, filter.update_time_lt) &&
        (filter.package_status === undefined || filter.package_status === parcel.status),
    )
    .map((parcel) => ({ id: parcel.id, status: parcel.status, ...common(parcel) }));
  const result = paged(found, call.query, { max: 50, fallback: 20, order: 'DESC' });
  return 'ok' in result ? result : success({ ...result.page, packages: result.items });
};

const detail = (call: Call) => {
  const { world } = call;
  const parcel = world.packages.get(call.params[0] ?? '');
  if (parcel === undefined)
    return refuse(21008111, 'The order or package does not belong to the current seller.');
  const order = requireOrder(world, parcel.orderId);
  const mask = isMasked(order, nowSeconds(world)) ? world.settings.maskStyle : null;
  call.orderIds.push(order.id);
  return success({
    package_id: parcel.id,
    package_status: parcel.status,
    split_and_combine_tag: order.lines.length === parcel.lineIds.length ? 'DEFAULT' : 'SPLIT',
    shipping_type: order.shippingType,
    delivery_option_name: 'Standard Shipping',
    delivery_option_id: order.deliveryOptionId,
    ...common(parcel),
    recipient_address: renderAddress(order.address, mask),
  });
};

export const packageRoutes: Route[] = [
  post('packages.search', '/fulfillment/202309/packages/search', searchBody, search),
  get('packages.detail', '/fulfillment/202309/packages/{id}', detail),
];
