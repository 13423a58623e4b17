import { jsonReply, type Reply, type SandboxRequest } from '../http.ts';
import { notFound, visibleOrder } from './outbound.ts';
import { returnViews } from './return-views.ts';
import type { ReturnBody } from './schema.ts';
import { nextNumber, type Order, type ReturnedUnit, violate, type World } from './state.ts';
import { badValue, checkReturn, missing } from './validate.ts';
import { badRequest, bodyOf } from './wire.ts';

type Asked = ReturnBody['items'][number];
type InvalidCode = 'InvalidValues' | 'DuplicateRequest' | 'NoCompletedShipItems' | 'NoReturnableQuantity';

/** As Amazon's example has them. */
const REASONS: readonly (readonly [code: string, description: string])[] = [
  ['CR-UNWANTED_ITEM', 'No longer needed/wanted'],
  ['AMZ-PG-BAD-DESC', 'Different from website description'],
  ['CR-DEFECTIVE', 'Defective/Does not work properly'],
  ['CR-ORDERED_WRONG_ITEM', 'Accidental order'],
  ['CR-FOUND_BETTER_PRICE', 'Better price available'],
  ['CR-DAMAGED_BY_FC', 'Damaged due to inappropriate packaging'],
  ['CR-MISSED_ESTIMATED_DELIVERY', 'Missed estimated delivery date'],
  ['CR-MISSING_PARTS', 'Missing parts or accessories'],
  ['CR-DAMAGED_BY_CARRIER', 'Damaged during shipping'],
  ['CR-SWITCHEROO', 'Different from what was ordered'],
  ['CR-EXTRA_ITEM', 'Arrived in addition to what was ordered'],
  ['CR-UNAUTHORIZED_PURCHASE', 'Unauthorized purchase'],
];

/** GET /returnReasonCodes */
export const listReturnReasons = (world: World, request: SandboxRequest): Reply => {
  const sku = request.query.get('sellerSku');
  if (!sku) {
    violate(world, 'returnReasons', 'no sellerSku');
    return badRequest(missing('sellerSku'));
  }
  const names = ['marketplaceId', 'sellerFulfillmentOrderId'];
  if (names.every((name) => !request.query.get(name))) {
    violate(world, 'returnReasons', 'neither marketplace nor order');
    return badRequest(missing('marketplaceId'));
  }
  if (!world.stock.has(sku)) return badRequest(badValue(sku, 'SellerSku'));
  return jsonReply(200, {
    payload: {
      reasonCodeDetails: REASONS.map(([returnReasonCode, description]) => ({
        returnReasonCode,
        description,
      })),
    },
  });
};

const shippedUnits = (order: Order, asked: Asked): number =>
  order.shipments
    .filter(({ shipmentId, status }) => shipmentId === asked.amazonShipmentId && status === 'SHIPPED')
    .flatMap((shipment) => shipment.parcels.flatMap((parcel) => parcel.items))
    .filter((item) => item.itemId === asked.sellerFulfillmentOrderItemId)
    .reduce((sum, item) => sum + item.quantity, 0);

const faultOf = (order: Order, asked: Asked): InvalidCode | null => {
  if (order.returns.some((unit) => unit.returnItemId === asked.sellerReturnItemId)) return 'DuplicateRequest';
  const shipment = order.shipments.find(({ shipmentId }) => shipmentId === asked.amazonShipmentId);
  const item = order.items.find(({ itemId }) => itemId === asked.sellerFulfillmentOrderItemId);
  const knowsReason = REASONS.some(([code]) => code === asked.returnReasonCode);
  if (!shipment || !item || !knowsReason) return 'InvalidValues';
  if (shipment.status !== 'SHIPPED') return 'NoCompletedShipItems';
  const taken = order.returns.filter(
    (unit) => unit.itemId === item.itemId && unit.shipmentId === shipment.shipmentId,
  );
  return taken.length < shippedUnits(order, asked) ? null : 'NoReturnableQuantity';
};

const invalidView = (asked: Asked, code: InvalidCode): object => ({
  sellerReturnItemId: asked.sellerReturnItemId,
  sellerFulfillmentOrderItemId: asked.sellerFulfillmentOrderItemId,
  invalidItemReason: { invalidItemReasonCode: code, description: `The item is refused: ${code}.` },
});

/** Judges the units one after the other, so that a unit taken counts for the next. */
const takeUnits = (world: World, order: Order, items: readonly Asked[]) => {
  const number = String(nextNumber(world)).padStart(6, '0');
  const accepted: ReturnedUnit[] = [];
  const refused: { asked: Asked; code: InvalidCode }[] = [];
  for (const asked of items) {
    const code = faultOf(order, asked);
    if (code === 'InvalidValues') violate(world, 'createReturn', 'values', asked.sellerReturnItemId);
    if (code) {
      refused.push({ asked, code });
      continue;
    }
    const unit: ReturnedUnit = {
      returnItemId: asked.sellerReturnItemId,
      itemId: asked.sellerFulfillmentOrderItemId,
      shipmentId: asked.amazonShipmentId,
      reasonCode: asked.returnReasonCode,
      authorizationId: `RMA${number}A`,
      rmaId: `D${number}RRMA`,
      at: world.clock.nowMs(),
    };
    accepted.push(unit);
    order.returns.push(unit);
  }
  return { accepted, refused };
};

/** PUT /fulfillmentOrders/{id}/return: each unit is taken or refused on its own, all with HTTP 200. */
export const createReturn = (world: World, id: string, request: SandboxRequest): Reply => {
  const order = visibleOrder(world, id);
  if (!order) return notFound(id);
  const raw = bodyOf(request);
  const checked = checkReturn(raw);
  if (!checked.ok) {
    violate(world, 'createReturn', 'schema', checked.message);
    return badRequest(checked.message);
  }
  const { accepted, refused } = takeUnits(world, order, checked.body.items);
  world.returns.push({
    fulfillmentId: id,
    body: raw,
    accepted: accepted.map((unit) => unit.returnItemId),
    refused: refused.map(({ asked }) => asked.sellerReturnItemId),
    at: world.clock.nowMs(),
  });
  const invalidReturnItems = refused.map(({ asked, code }) => invalidView(asked, code));
  return jsonReply(200, { payload: { ...returnViews(accepted), invalidReturnItems } });
};
