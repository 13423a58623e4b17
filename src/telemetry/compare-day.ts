import type { ChannelOrderStatus } from '../channels/channel.ts';
import type { FulfillmentState } from '../fulfillment/provider.ts';
import type { Stage } from '../orders/model.ts';
import type { ReasonCode } from '../orders/reasons.ts';

/** One order as the three tell it. No personal data. */
export type DayOrder = {
  channel: string;
  shopId: string;
  orderId: string;
  /** Null: not among the orders that the channel named for this day. */
  atChannel: { status: ChannelOrderStatus; rawStatus: string; updatedAtMs: number } | null;
  /** Null: we do not know it. */
  here: {
    stage: Stage;
    reason: ReasonCode | null;
    rawStatus: string | null;
    isResolvedByHand: boolean;
  } | null;
  /** Its fulfillments, as far as the provider named them. */
  atProvider: { fulfillmentId: string; state: FulfillmentState; updatedAtMs: number | null }[];
};

/** Every kind of difference: what it means and what to do, for a person. */
export const DIFFERENCES = {
  unknown_here: {
    title: 'At TikTok, unknown here',
    text: 'TikTok has the order and this service does not. Run a reconcile; if it stays, look whether the shop’s webhooks and authorisation stand.',
  },
  status_differs: {
    title: 'Read too long ago',
    text: 'TikTok shows another status than the one we read last. Retry the order; if many are so, look at `/health` and at the last reconcile.',
  },
  cancelled_but_shipped: {
    title: 'Cancelled, and Amazon shipped',
    text: 'The order is cancelled and Amazon shipped units of it. Agree with the buyer on a return, or ask the carrier to bring the parcel back.',
  },
  cancelled_not_stopped: {
    title: 'Cancelled, and Amazon still works on it',
    text: 'The order is cancelled and its fulfillment is open at Amazon. Cancel it in Seller Central at once.',
  },
  shipped_not_reported: {
    title: 'Shipped at Amazon, not at TikTok',
    text: 'Amazon finished the fulfillment hours ago and TikTok still waits for its number. Open the order here: its reason says what keeps the report back.',
  },
  reported_not_shipped: {
    title: 'Shipped at TikTok, not at Amazon',
    text: 'TikTok shows the order as shipped and Amazon shipped nothing of it. Look who reported which number.',
  },
  fulfillment_unknown_here: {
    title: 'At Amazon, unknown here',
    text: 'Amazon has a fulfillment under an id of ours that this service does not know. Look whether a second copy of the service runs, or an old backup was restored.',
  },
  two_live: {
    title: 'Two fulfillments of one order',
    text: 'Amazon has more than one fulfillment of the order that is not cancelled. Cancel one in Seller Central at once, unless the units differ.',
  },
} as const satisfies Record<string, { title: string; text: string }>;

export type DifferenceKind = keyof typeof DIFFERENCES;

export type Difference = {
  kind: DifferenceKind;
  channel: string;
  shopId: string;
  orderId: string;
  fulfillmentId: string | null;
};

/** Orders of one shop: by status at the channel, by stage here, by state at the provider. */
export type ShopTotals = {
  channel: string;
  shopId: string;
  atChannel: Partial<Record<ChannelOrderStatus, number>>;
  here: Partial<Record<Stage, number>>;
  atProvider: Partial<Record<FulfillmentState, number>>;
};

const HOUR_MS = 3_600_000;
/** What is newer may be on its way. */
const UNDER_WAY_MS = HOUR_MS;
/** Within four hours of shipping a number is to be reported. */
const REPORT_WITHIN_MS = 4 * HOUR_MS;

const SHIPPED_STATES = new Set<FulfillmentState>(['complete', 'partial']);
const ENDED_STATES = new Set<FulfillmentState>(['cancelled', 'unfulfillable', 'invalid']);
const UNSHIPPED = new Set<ChannelOrderStatus>(['awaiting_shipment', 'partially_shipped']);
const SHIPPED = new Set<ChannelOrderStatus>(['awaiting_collection', 'in_transit', 'delivered', 'completed']);

type Found = { kind: DifferenceKind; fulfillmentId?: string };

const isOlder = (atMs: number | null, thanMs: number, nowMs: number): boolean =>
  atMs !== null && nowMs - atMs > thanMs;

const findKnowledge = ({ atChannel, here, atProvider }: DayOrder, nowMs: number): Found[] => {
  const found: Found[] = [];
  const isSettled = atChannel !== null && isOlder(atChannel.updatedAtMs, UNDER_WAY_MS, nowMs);
  if (isSettled && !here) found.push({ kind: 'unknown_here' });
  if (isSettled && here && here.rawStatus !== atChannel.rawStatus) found.push({ kind: 'status_differs' });
  const [first] = atProvider;
  if (first && !here) found.push({ kind: 'fulfillment_unknown_here', fulfillmentId: first.fulfillmentId });
  return found;
};

const findCancelled = ({ atChannel, here, atProvider }: DayOrder, nowMs: number): Found[] => {
  const isCancelled = atChannel ? atChannel.status === 'cancelled' : here?.stage === 'cancelled';
  if (!isCancelled) return [];
  return atProvider.flatMap(({ fulfillmentId, state, updatedAtMs }): Found[] => {
    if (SHIPPED_STATES.has(state)) return [{ kind: 'cancelled_but_shipped', fulfillmentId }];
    const isOpen = !ENDED_STATES.has(state) && isOlder(updatedAtMs, UNDER_WAY_MS, nowMs);
    return isOpen ? [{ kind: 'cancelled_not_stopped', fulfillmentId }] : [];
  });
};

const findShipped = ({ atChannel, here, atProvider }: DayOrder, nowMs: number): Found[] => {
  if (!atChannel) return [];
  const done = atProvider.find(
    ({ state, updatedAtMs }) => state === 'complete' && isOlder(updatedAtMs, REPORT_WITHIN_MS, nowMs),
  );
  if (done && UNSHIPPED.has(atChannel.status))
    return [{ kind: 'shipped_not_reported', fulfillmentId: done.fulfillmentId }];
  const [first] = atProvider;
  const isByHand = here?.isResolvedByHand || here?.reason === 'shipped_elsewhere';
  const nothingLeft = atProvider.every(({ state }) => ENDED_STATES.has(state));
  return first && nothingLeft && SHIPPED.has(atChannel.status) && !isByHand
    ? [{ kind: 'reported_not_shipped', fulfillmentId: first.fulfillmentId }]
    : [];
};

const findTwins = ({ atProvider }: DayOrder): Found[] => {
  const live = atProvider.filter(({ state }) => !ENDED_STATES.has(state));
  const last = live.at(-1);
  return last && live.length > 1 ? [{ kind: 'two_live', fulfillmentId: last.fulfillmentId }] : [];
};

/** What does not fit together about one order. Pure. */
export const differencesOf = (order: DayOrder, nowMs: number): Difference[] => {
  const { channel, shopId, orderId } = order;
  const found = [
    ...findTwins(order),
    ...findCancelled(order, nowMs),
    ...findShipped(order, nowMs),
    ...findKnowledge(order, nowMs),
  ];
  return found.map(({ kind, fulfillmentId = null }) => ({ kind, channel, shopId, orderId, fulfillmentId }));
};

const add = <Key extends string>(counts: Partial<Record<Key, number>>, key: Key): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

/** Counts each shop’s orders as each of the three tells them. Pure. */
export const totalsOf = (orders: readonly DayOrder[]): ShopTotals[] => {
  const byShop = new Map<string, ShopTotals>();
  for (const { channel, shopId, atChannel, here, atProvider } of orders) {
    const name = `${channel}/${shopId}`;
    const totals = byShop.get(name) ?? { channel, shopId, atChannel: {}, here: {}, atProvider: {} };
    byShop.set(name, totals);
    if (atChannel) add(totals.atChannel, atChannel.status);
    if (here) add(totals.here, here.stage);
    for (const { state } of atProvider) add(totals.atProvider, state);
  }
  return [...byShop.values()];
};
