import { z } from 'zod';

import { type Outcome, refuse, success, violation } from './outcome.ts';
import { type Call, digits, post, type Route } from './route.ts';
import { checkNumber, markShipped } from './shipping.ts';
import { nowSeconds, requireOrder, type World } from './state.ts';
import type { Order, Package } from './types.ts';

const shipBody = z.looseObject({
  order_line_item_ids: z.array(digits).optional(),
  tracking_number: z.string(),
  shipping_provider_id: digits,
});

const ship = (call: Call, body: z.infer<typeof shipBody>): Outcome => {
  const { world } = call;
  const order = world.orders.get(call.params[0] ?? '');
  call.orderIds.push(call.params[0] ?? '');
  if (order === undefined)
    return violation(21008111, 'The order or package does not belong to the current seller.');
  const shipment = {
    lineIds: body.order_line_item_ids,
    trackingNumber: body.tracking_number,
    providerId: body.shipping_provider_id,
  };
  const shipped = markShipped(world, order, shipment, 'api');
  if ('ok' in shipped) return shipped;
  const { parcel, warning } = shipped;
  world.reports.push({
    orderId: order.id,
    lineIds: parcel.lineIds,
    packageId: parcel.id,
    trackingNumber: parcel.trackingNumber,
    providerId: parcel.providerId,
    warning,
    at: parcel.createTime,
  });
  return success({
    order_id: order.id,
    order_line_item_ids: parcel.lineIds,
    package_id: parcel.id,
    ...(warning === null ? {} : { warning: { message: warning } }),
  });
};

const correctionBody = z.looseObject({ tracking_number: z.string(), shipping_provider_id: digits });

type CorrectionBody = z.infer<typeof correctionBody>;

const mayCorrect = (world: World, order: Order, parcel: Package): Outcome | null => {
  if (order.status === 'CANCELLED') return refuse(21011041, 'The order has been cancelled.');
  if (parcel.status === 'COMPLETED') return refuse(21011030, 'The package is already delivered.');
  if (order.correctionsUsed > 0)
    return violation(21011051, 'The shipping information can be updated only once.');
  if (nowSeconds(world) - parcel.createTime > world.settings.correctionWindowSeconds)
    return refuse(21011050, 'The shipping information can be updated only within 72 hours.');
  return null;
};

const correct = (world: World, order: Order, parcel: Package, body: CorrectionBody): Outcome => {
  const refusal = mayCorrect(world, order, parcel);
  if (refusal !== null) return refusal;
  const number = checkNumber(world, order, {
    trackingNumber: body.tracking_number,
    providerId: body.shipping_provider_id,
  });
  if ('ok' in number) return number;
  const at = nowSeconds(world);
  world.corrections.push({
    orderId: order.id,
    packageId: parcel.id,
    from: parcel.trackingNumber,
    to: body.tracking_number,
    providerId: body.shipping_provider_id,
    at,
  });
  order.correctionsUsed += 1;
  parcel.trackingNumber = body.tracking_number;
  parcel.providerId = body.shipping_provider_id;
  parcel.updateTime = at;
  order.updateTime = at;
  return success();
};

const correctPackage = (call: Call, body: CorrectionBody): Outcome => {
  const parcel = call.world.packages.get(call.params[0] ?? '');
  if (parcel === undefined)
    return violation(21008111, 'The order or package does not belong to the current seller.');
  call.orderIds.push(parcel.orderId);
  return correct(call.world, requireOrder(call.world, parcel.orderId), parcel, body);
};

const correctOrder = (call: Call, body: CorrectionBody): Outcome => {
  const { world } = call;
  const orderId = call.params[0] ?? '';
  const order = world.orders.get(orderId);
  call.orderIds.push(orderId);
  if (order === undefined)
    return violation(21008111, 'The order or package does not belong to the current seller.');
  const ids = new Set(order.lines.map((line) => line.packageId).filter((id) => id !== null));
  const parcel = world.packages.get([...ids][0] ?? '');
  if (parcel === undefined) return violation(21011043, 'The order is not shipped yet.');
  if (ids.size > 1) return violation(21011049, 'The order is split: update the package instead.');
  return correct(world, order, parcel, body);
};

export const fulfillmentRoutes: Route[] = [
  post('packages.ship', '/fulfillment/202309/orders/{id}/packages', shipBody, ship),
  post(
    'packages.updateShipping',
    '/fulfillment/202309/packages/{id}/shipping_info/update',
    correctionBody,
    correctPackage,
  ),
  post(
    'orders.updateShipping',
    '/fulfillment/202309/orders/{id}/shipping_info/update',
    correctionBody,
    correctOrder,
  ),
];
