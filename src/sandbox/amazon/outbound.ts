import { jsonReply, type Reply, type SandboxRequest } from '../http.ts';
import { settle, touch } from './life.ts';
import type { Pages } from './pages.ts';
import { type CreateBody, isIsoDate, TEXTS, type UpdateBody } from './schema.ts';
import { type Order, type OrderPlan, type OrderState, violate, type World } from './state.ts';
import { badValue, checkCreate, checkUpdate, createHabits } from './validate.ts';
import { fullView, orderView } from './views.ts';
import { badRequest, bodyOf, NOT_UPDATABLE } from './wire.ts';

const CANCELABLE: ReadonlySet<OrderState> = new Set(['New', 'Received', 'Planning']);
const ENDED_UNSHIPPED: ReadonlySet<OrderState> = new Set(['Cancelled', 'Invalid', 'Unfulfillable']);
const DEFAULT_WINDOW_MS = 36 * 3_600_000;

export const notFound = (id: string): Reply => badRequest(`Requested order '${id}' not found`);

const isVisible = (world: World, order: Order): boolean =>
  world.clock.nowMs() >= order.createdAtMs + (order.plan.visibleAfterMs ?? world.delays.visibleMs);

export const visibleOrder = (world: World, id: string): Order | undefined => {
  settle(world);
  const order = world.orders.get(id);
  return order && isVisible(world, order) ? order : undefined;
};

const planOf = (world: World, body: CreateBody): OrderPlan => {
  const id = body.sellerFulfillmentOrderId;
  const fits = ({ match }: World['plans'][number]): boolean => {
    const { orderId, sku } = match;
    const byId = [id, body.displayableOrderId, id.replace(/^TTS-(\d+)(-\d+)?$/, '$1')];
    if (orderId !== undefined && !byId.includes(orderId)) return false;
    return sku === undefined || body.items.some((line) => line.sellerSku === sku);
  };
  return world.plans.findLast(fits)?.plan ?? {};
};

const familyOf = (id: string): string => id.replace(/^(TTS-\d+)-\d+$/, '$1');

const accept = (world: World, body: CreateBody): void => {
  const nowMs = world.clock.nowMs();
  const fulfillmentId = body.sellerFulfillmentOrderId;
  const order: Order = {
    fulfillmentId,
    body,
    plan: planOf(world, body),
    state: 'New',
    createdAtMs: nowMs,
    startMs: nowMs,
    updatedAtMs: nowMs,
    held: body.fulfillmentAction === 'Hold',
    cancelRequestedAtMs: undefined,
    waitsForStockUntilMs: undefined,
    byHand: false,
    items: body.items.map((line) => ({
      itemId: line.sellerFulfillmentOrderItemId,
      sku: line.sellerSku,
      quantity: line.quantity,
      cancelled: 0,
      unfulfillable: 0,
      reserved: 0,
    })),
    shipments: [],
    returns: [],
  };
  world.orders.set(fulfillmentId, order);
  const family = familyOf(fulfillmentId);
  world.families.set(family, [...(world.families.get(family) ?? []), order]);
  touch(world);
};

const liveSibling = (world: World, id: string): Order | undefined =>
  world.families.get(familyOf(id))?.find((order) => !ENDED_UNSHIPPED.has(order.state));

const idOf = (raw: unknown): string | undefined => {
  if (typeof raw !== 'object' || raw === null || !('sellerFulfillmentOrderId' in raw)) return undefined;
  const id = raw.sellerFulfillmentOrderId;
  return typeof id === 'string' ? id : undefined;
};

/** POST /fulfillmentOrders. The repeat is looked at before anything else in the body, as Amazon does. */
export const createOrder = (world: World, request: SandboxRequest): Reply => {
  settle(world);
  const raw = bodyOf(request);
  const at = world.clock.nowMs();
  const knownId = idOf(raw);
  if (knownId !== undefined && world.orders.has(knownId)) {
    world.duplicateCreates.push({ fulfillmentId: knownId, body: raw, at });
    violate(world, 'create', 'second create of the same id', knownId);
    return badRequest(`A create request already exists for MerchantFulfillmentOrderId : ${knownId}`);
  }
  const checked = checkCreate(world, raw);
  if (!checked.ok) {
    // Nobody can know all of Amazon's SKUs; everything else is in the published model.
    if (!checked.message.startsWith('the SellerSKU')) violate(world, 'create', 'schema', checked.message);
    return badRequest(checked.message);
  }
  const { body } = checked;
  const fulfillmentId = body.sellerFulfillmentOrderId;
  for (const habit of createHabits(body)) violate(world, 'create', habit, fulfillmentId);
  const sibling = liveSibling(world, fulfillmentId);
  if (sibling) violate(world, 'create', 'an earlier order is still live', sibling.fulfillmentId);
  accept(world, body);
  world.creates.push({ fulfillmentId, body: raw, at });
  return jsonReply(200, {});
};

/** GET /fulfillmentOrders/{id} */
export const getOrder = (world: World, id: string): Reply => {
  const order = visibleOrder(world, id);
  return order ? jsonReply(200, fullView(world, order)) : notFound(id);
};

const changedSince = (world: World, sinceMs: number): object[] =>
  [...world.orders.values()]
    .filter((order) => isVisible(world, order) && order.updatedAtMs >= sinceMs)
    .sort((a, b) => a.updatedAtMs - b.updatedAtMs)
    .map(orderView);

/** GET /fulfillmentOrders: who changed status since; neither items nor shipments. */
export const listOrders = (world: World, pages: Pages<object>, request: SandboxRequest): Reply => {
  settle(world);
  const since = request.query.get('queryStartDate');
  const token = request.query.get('nextToken');
  if (since === null) violate(world, 'list', 'no queryStartDate');
  if (since !== null && !isIsoDate(since)) {
    violate(world, 'list', 'queryStartDate is not ISO 8601');
    return badRequest(TEXTS.date);
  }
  const sinceMs = since === null ? world.clock.nowMs() - DEFAULT_WINDOW_MS : Date.parse(since);
  const page =
    token === null ? pages.first(since ?? '', changedSince(world, sinceMs)) : pages.next(token, since ?? '');
  if (!page) return badRequest('Next token is invalid or expired');
  return jsonReply(200, {
    payload: { fulfillmentOrders: page.rows, ...(page.nextToken && { nextToken: page.nextToken }) },
  });
};

/** PUT /fulfillmentOrders/{id}/cancel: takes the request; the effect is to be read later. */
export const cancelOrder = (world: World, id: string): Reply => {
  const order = visibleOrder(world, id);
  if (!order) return notFound(id);
  const twice = order.cancelRequestedAtMs !== undefined || order.state === 'Cancelled';
  if (twice) return badRequest(badValue(id, 'SellerFulfillmentOrderId', 'DuplicateCancelRequest'));
  if (!CANCELABLE.has(order.state)) {
    return badRequest(badValue(id, 'SellerFulfillmentOrderId', 'OrderNotCancellable'));
  }
  order.cancelRequestedAtMs = world.clock.nowMs();
  world.cancels.push({ fulfillmentId: id, at: world.clock.nowMs() });
  touch(world);
  return jsonReply(200, {});
};

const applyUpdate = (world: World, order: Order, { items, ...changes }: UpdateBody): void => {
  for (const line of items ?? []) {
    const item = order.items.find((known) => known.itemId === line.sellerFulfillmentOrderItemId);
    if (item) item.quantity = line.quantity;
  }
  if (order.held && changes.fulfillmentAction === 'Ship') {
    order.held = false;
    order.startMs = world.clock.nowMs() - world.delays.receivedMs;
  }
  const defined = Object.entries(changes).filter(([, value]) => value !== undefined);
  order.body = { ...order.body, ...Object.fromEntries(defined) };
  touch(world);
};

const isTooLate = (order: Order, update: UpdateBody): boolean => {
  if (!CANCELABLE.has(order.state) || order.cancelRequestedAtMs !== undefined) return true;
  return order.state === 'Planning' && (update.destinationAddress ?? update.items) !== undefined;
};

/** PUT /fulfillmentOrders/{id}: releases a hold, or changes what is not planned yet. */
export const updateOrder = (world: World, id: string, request: SandboxRequest): Reply => {
  const order = visibleOrder(world, id);
  if (!order) return notFound(id);
  const raw = bodyOf(request);
  const checked = checkUpdate(raw);
  if (!checked.ok) {
    violate(world, 'update', 'schema', checked.message);
    return badRequest(checked.message);
  }
  if (isTooLate(order, checked.body)) return badRequest(NOT_UPDATABLE);
  const known = new Set(order.items.map((item) => item.itemId));
  const lines = (checked.body.items ?? []).map((line) => line.sellerFulfillmentOrderItemId);
  const unknown = lines.find((itemId) => !known.has(itemId));
  if (unknown !== undefined) return badRequest(badValue(unknown, 'SellerFulfillmentOrderItemId'));
  applyUpdate(world, order, checked.body);
  world.updates.push({ fulfillmentId: id, body: raw, at: world.clock.nowMs() });
  return jsonReply(200, {});
};
