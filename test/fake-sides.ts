import type {
  Cancellation,
  Carrier,
  ChannelOrder,
  ChannelRefusal,
  ChannelReturn,
  Listing,
  OrderSearch,
  OrderStub,
  SalesChannel,
  StockPush,
  StockPushFailure,
} from '../src/channels/channel.ts';
import type {
  ChangedFulfillment,
  Fulfillment,
  FulfillmentProvider,
  ProviderRefusal,
  ReturnItemRefusal,
  StockLevel,
} from '../src/fulfillment/provider.ts';
import type { Clock } from '../src/lib/clock.ts';
import type { UpstreamError } from '../src/lib/errors.ts';
import { ok, refuse } from '../src/lib/result.ts';
import { CARRIERS } from './fakes.ts';

/** How one call goes wrong. */
export type Fault =
  /** It fails and had no effect. */
  | { before: UpstreamError }
  /** It has its effect, and the answer is lost. */
  | { after: UpstreamError };

type Call = { operation: string; detail: unknown };

/** What both fakes share: what was called, what is to go wrong, and who looks on. */
const createSwitchboard = () => {
  const calls: Call[] = [];
  const faults = new Map<string, Fault[]>();
  const board = {
    calls,
    /** Details of the calls of one operation, in order. */
    callsOf: (operation: string): unknown[] =>
      calls.filter((call) => call.operation === operation).map((call) => call.detail),
    /** The next calls of `operation` go wrong like this, one after the other. */
    fail(operation: string, ...next: Fault[]): void {
      faults.set(operation, [...(faults.get(operation) ?? []), ...next]);
    },
    /** Runs at the begin of every call, before its effect. */
    onCall: (_operation: string): Promise<void> => Promise.resolve(),
    async effect<T>(operation: string, detail: unknown, act: () => T): Promise<T> {
      calls.push({ operation, detail: structuredClone(detail) });
      await board.onCall(operation);
      const fault = faults.get(operation)?.shift();
      if (fault && 'before' in fault) throw fault.before;
      const answer = act();
      if (fault) throw fault.after;
      return answer;
    },
  };
  return board;
};

/** A channel that holds its orders and can be told to fail. */
export const createFakeChannel = (clock: Clock) => {
  const board = createSwitchboard();
  const state = {
    orders: new Map<string, ChannelOrder>(),
    cancellations: [] as Cancellation[],
    returns: [] as ChannelReturn[],
    carriers: [...CARRIERS] as Carrier[],
    listings: new Map<string, Listing[]>(),
    refusals: new Map<string, ChannelRefusal>(),
    stockFailures: [] as StockPushFailure[],
    warning: null as string | null,
    readCapacity: 50,
    /** Effects on whole orders are taken, and not shown. */
    isLagging: false,
  };
  const order = (orderId: string): ChannelOrder => {
    const known = state.orders.get(orderId);
    if (!known) throw new Error(`the fake channel has no order ${orderId}`);
    return known;
  };
  const change = (orderId: string, patch: Partial<ChannelOrder>): void => {
    if (state.isLagging) return;
    state.orders.set(orderId, { ...order(orderId), ...patch, updatedAtMs: clock.nowMs() });
  };
  const answerOf = <T>(operation: string, act: () => T) => {
    const refusal = state.refusals.get(operation);
    return refusal ? refuse(refusal) : ok(act());
  };
  const settle = (cancelId: string, patch: Partial<ChannelOrder>): true => {
    const cancellation = state.cancellations.find((open) => open.cancelId === cancelId);
    if (!cancellation) throw new Error(`the fake channel has no cancellation ${cancelId}`);
    if (!state.isLagging) cancellation.state = 'completed';
    change(cancellation.orderId, { ...patch, buyerRequestedCancel: state.isLagging });
    return true;
  };

  const channel: SalesChannel = {
    name: 'tiktok-shop',
    fetchOrders: (_shop, orderIds) =>
      board.effect('fetchOrders', [...orderIds], () => {
        const known = orderIds.flatMap((id): [string, ChannelOrder][] => {
          const one = state.orders.get(id);
          return one ? [[id, structuredClone(one)]] : [];
        });
        return new Map(known);
      }),
    async *searchOrders(_shop, search: OrderSearch): AsyncGenerator<OrderStub[]> {
      const page = await board.effect('searchOrders', search, () =>
        [...state.orders.values()]
          .filter((one) => search.status === undefined || one.status === search.status)
          .filter((one) => one.updatedAtMs >= (search.updatedFromMs ?? 0))
          .map(({ orderId, rawStatus, updatedAtMs }) => ({ orderId, rawStatus, updatedAtMs })),
      );
      if (page.length > 0) yield page;
    },
    fetchCarriers: (_shop, deliveryOptionId) =>
      board.effect('fetchCarriers', deliveryOptionId, () => [...state.carriers]),
    ship: (_shop, request) =>
      board.effect('ship', request, () =>
        answerOf('ship', () => {
          const { orderId, lineIds, trackingNumber, carrierId } = request;
          const packageId = `channel-${trackingNumber}`;
          const lines = order(orderId).lines.map((line) =>
            lineIds.includes(line.lineId)
              ? {
                  ...line,
                  status: 'shipped' as const,
                  rawStatus: 'AWAITING_COLLECTION',
                  trackingNumber,
                  carrierId,
                  packageId,
                }
              : line,
          );
          const isWhole = lines.every((line) => line.status !== 'awaiting_shipment');
          change(orderId, { lines, status: isWhole ? 'awaiting_collection' : 'partially_shipped' });
          return { packageId, warning: state.warning };
        }),
      ),
    correctTracking: (_shop, request) =>
      board.effect('correctTracking', request, () =>
        answerOf('correctTracking', () => {
          const { orderId, packageId, trackingNumber } = request;
          change(orderId, {
            lines: order(orderId).lines.map((line) =>
              line.packageId === packageId ? { ...line, trackingNumber } : line,
            ),
          });
          return true as const;
        }),
      ),
    fetchCancellations: (_shop, orderId) =>
      board.effect('fetchCancellations', orderId, () =>
        structuredClone(state.cancellations.filter((open) => open.orderId === orderId)),
      ),
    approveCancellation: (_shop, cancelId, key) =>
      board.effect('approveCancellation', { cancelId, key }, () =>
        answerOf('approveCancellation', () => settle(cancelId, { status: 'cancelled' })),
      ),
    rejectCancellation: (_shop, cancelId, key, reason) =>
      board.effect('rejectCancellation', { cancelId, key, reason }, () =>
        answerOf('rejectCancellation', () => settle(cancelId, {})),
      ),
    cancelOrder: (_shop, orderId, reason) =>
      board.effect('cancelOrder', { orderId, reason }, () =>
        answerOf('cancelOrder', () => {
          change(orderId, { status: 'cancelled' });
          return true as const;
        }),
      ),
    async *searchReturns(_shop, search) {
      const page = await board.effect('searchReturns', search, () =>
        state.returns.filter((one) => one.updatedAtMs >= search.updatedFromMs),
      );
      if (page.length > 0) yield structuredClone(page);
    },
    fetchReturns: (_shop, orderIds) =>
      board.effect('fetchReturns', [...orderIds], () =>
        structuredClone(state.returns.filter((one) => orderIds.includes(one.orderId))),
      ),
    fetchListings: (shop) =>
      board.effect('fetchListings', shop.shopId, () =>
        structuredClone(state.listings.get(shop.shopId) ?? []),
      ),
    pushStock: (shop, pushes) =>
      board.effect('pushStock', pushes, () => {
        const failed = new Set(state.stockFailures.map((failure) => failure.skuId));
        for (const push of pushes.filter(({ skuId }) => !failed.has(skuId))) setStock(shop.shopId, push);
        return state.stockFailures.filter(({ skuId }) => pushes.some((push) => push.skuId === skuId));
      }),
    readCapacity: () => state.readCapacity,
  };
  const setStock = (shopId: string, push: StockPush): void => {
    const listing = (state.listings.get(shopId) ?? []).find((one) => one.skuId === push.skuId);
    if (!listing) throw new Error(`the fake channel has no listing ${push.skuId}`);
    listing.warehouses = push.warehouses.map(({ warehouseId, quantity }) => ({
      warehouseId,
      available: quantity,
    }));
  };
  const put = (one: ChannelOrder): void => {
    state.orders.set(one.orderId, one);
  };
  return Object.assign(channel, { state, board, put, change, order });
};

export type FakeChannel = ReturnType<typeof createFakeChannel>;

/** A provider that holds its fulfillments and can be told to fail. */
export const createFakeProvider = (clock: Clock) => {
  const board = createSwitchboard();
  const state = {
    fulfillments: new Map<string, Fulfillment>(),
    changed: [] as ChangedFulfillment[],
    stock: new Map<string, StockLevel>(),
    /** SKUs that the list of all stock does not show. */
    leftOutOfList: new Set<string>(),
    refuseSubmit: null as ProviderRefusal | null,
    /** False: a cancel is taken and nothing comes of it. */
    cancelWorks: true,
    createCapacity: 28,
    returnReasons: ['CR-DEFECTIVE', 'CR-UNWANTED_ITEM'],
    /** Refuses every unit of a return. */
    refuseReturn: null as ReturnItemRefusal['reason'] | null,
  };
  const fulfillment = (id: string): Fulfillment => {
    const known = state.fulfillments.get(id);
    if (!known) throw new Error(`the fake provider has no fulfillment ${id}`);
    return known;
  };
  const change = (id: string, patch: Partial<Fulfillment>): void => {
    const rawState = (patch.state ?? fulfillment(id).state).toUpperCase();
    state.fulfillments.set(id, { ...fulfillment(id), rawState, ...patch, updatedAtMs: clock.nowMs() });
  };
  const tooLate: ProviderRefusal = { reason: 'too_late', message: 'work on it has begun' };

  const provider: FulfillmentProvider = {
    name: 'amazon-mcf',
    preview: (request) => board.effect('preview', request, () => []),
    submit: (request) =>
      board.effect('submit', request, () => {
        if (state.fulfillments.has(request.fulfillmentId)) return { kind: 'already_exists' as const };
        if (state.refuseSubmit) return { kind: 'refused' as const, refusal: state.refuseSubmit };
        state.fulfillments.set(request.fulfillmentId, {
          fulfillmentId: request.fulfillmentId,
          state: 'submitted',
          rawState: 'NEW',
          receivedAtMs: clock.nowMs(),
          updatedAtMs: clock.nowMs(),
          items: request.items.map((item) => ({
            ...item,
            cancelledQuantity: 0,
            unfulfillableQuantity: 0,
            expectedShipAtMs: null,
            expectedArrivalAtMs: null,
          })),
          packages: [],
          expectedReturns: [],
          destination: request.destination,
        });
        return { kind: 'accepted' as const };
      }),
    fetch: (id) => board.effect('fetch', id, () => structuredClone(state.fulfillments.get(id)) ?? null),
    async *listChanged(sinceMs) {
      const page = await board.effect('listChanged', sinceMs, () =>
        state.changed.filter((one) => one.updatedAtMs === null || one.updatedAtMs >= sinceMs),
      );
      if (page.length > 0) yield page;
    },
    cancel: (id) =>
      board.effect('cancel', id, () => {
        if (['processing', 'complete', 'partial'].includes(fulfillment(id).state)) {
          return { kind: 'refused' as const, refusal: tooLate };
        }
        if (state.cancelWorks) change(id, { state: 'cancelled' });
        return { kind: 'requested' as const };
      }),
    release: (id) => board.effect('release', id, () => ({ kind: 'released' as const })),
    returnReasons: (sku) => board.effect('returnReasons', sku, () => [...state.returnReasons]),
    createReturn: (id, items) =>
      board.effect('createReturn', { id, items }, () => {
        const there = new Set(fulfillment(id).expectedReturns.map((one) => one.returnItemId));
        const refused = items.flatMap(({ returnItemId }) => {
          const reason = there.has(returnItemId) ? 'already_there' : state.refuseReturn;
          return reason ? [{ returnItemId, reason, remoteCode: `Code-${reason}` }] : [];
        });
        const accepted = items
          .filter(({ returnItemId }) => !refused.some((one) => one.returnItemId === returnItemId))
          .map(({ returnItemId }) => ({ returnItemId, rmaId: `RMA-${returnItemId}` }));
        change(id, { expectedReturns: [...fulfillment(id).expectedReturns, ...accepted] });
        return { kind: 'answered' as const, accepted, refused };
      }),
    fetchStock: (skus) =>
      board.effect('fetchStock', [...skus], () => {
        const known = skus.flatMap((sku): [string, StockLevel][] => {
          const level = state.stock.get(sku);
          return level ? [[sku, level]] : [];
        });
        return new Map(known);
      }),
    async *listStock() {
      const page = await board.effect('listStock', null, () =>
        [...state.stock.values()].filter(({ amazonSku }) => !state.leftOutOfList.has(amazonSku)),
      );
      if (page.length > 0) yield page;
    },
    createCapacity: () => state.createCapacity,
    readCapacity: () => 30,
  };
  return Object.assign(provider, { state, board, change, fulfillment });
};

export type FakeProvider = ReturnType<typeof createFakeProvider>;
