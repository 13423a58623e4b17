import type { ChannelOrder, SalesChannel, Shop } from '../channels/channel.ts';
import type { FulfillmentProvider } from '../fulfillment/provider.ts';
import { type Clock, daysToMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { OrderKey, OrderRecord } from '../orders/model.ts';
import type { Store } from '../store/store.ts';
import type { DayOrder } from './compare-day.ts';

export type GatherDeps = {
  store: Pick<Store, 'orders'>;
  clock: Clock;
  shops(): Promise<readonly Shop[]>;
  channelOf(shop: Pick<Shop, 'channel'>): SalesChannel;
  /** Of each connected account, once. */
  providers(): readonly Pick<FulfillmentProvider, 'listChanged'>[];
  /** Who ships this order. */
  providerOf(record: OrderRecord): Pick<FulfillmentProvider, 'fetch'>;
};

export type GatheredDay = { orders: DayOrder[]; errors: { code: string; message: string }[] };

type Day = { fromMs: number; untilMs: number };

/** The channel reads so many orders in one call. */
const BATCH = 50;
/** `TTS-<order id>` and `TTS-<order id>-n` are ours; other fulfillments of the account are none of our business. */
const OUR_ID = /^TTS-(\d+)(?:-\d+)?$/;

/** Midnight to midnight, UTC. */
export const dayOf = (date: string): Day => {
  const fromMs = Date.parse(`${date}T00:00:00Z`);
  return { fromMs, untilMs: fromMs + daysToMs(1) };
};

const isWithin = ({ fromMs, untilMs }: Day, atMs: number): boolean => atMs >= fromMs && atMs < untilMs;

const hereOf = (record: OrderRecord): DayOrder['here'] => ({
  stage: record.stage,
  reason: record.reason,
  rawStatus: record.snapshot?.rawStatus ?? null,
  isResolvedByHand: record.resolvedAtMs !== null,
});

const openDay = ({ store }: GatherDeps) => {
  const orders = new Map<string, DayOrder>();
  const entry = async (key: OrderKey): Promise<DayOrder> => {
    const name = `${key.channel}/${key.shopId}/${key.orderId}`;
    const known = orders.get(name);
    if (known) return known;
    const record = await store.orders.get(key);
    const made: DayOrder = { ...key, atChannel: null, here: record && hereOf(record), atProvider: [] };
    orders.set(name, made);
    return made;
  };
  return { orders, entry };
};

type OpenDay = ReturnType<typeof openDay>;

const takeOrder = async (day: OpenDay, shop: Shop, order: ChannelOrder): Promise<void> => {
  const { channel, shopId } = shop;
  const entry = await day.entry({ channel, shopId, orderId: order.orderId });
  entry.atChannel = { status: order.status, rawStatus: order.rawStatus, updatedAtMs: order.updatedAtMs };
};

/** Orders placed or last changed on the day. The search knows only the last change, so the rest is read. */
const gatherShop = async (deps: GatherDeps, shop: Shop, day: OpenDay, span: Day): Promise<void> => {
  const channel = deps.channelOf(shop);
  for await (const page of channel.searchOrders(shop, { updatedFromMs: span.fromMs })) {
    const ids = page.map(({ orderId }) => orderId);
    for (let from = 0; from < ids.length; from += BATCH) {
      const read = await channel.fetchOrders(shop, ids.slice(from, from + BATCH));
      for (const order of read.values())
        if (isWithin(span, order.createdAtMs) || isWithin(span, order.updatedAtMs))
          await takeOrder(day, shop, order);
    }
  }
};

/** Fulfillments whose status changed since the day began, under ids of ours. */
const gatherProvider = async (
  deps: GatherDeps,
  provider: Pick<FulfillmentProvider, 'listChanged'>,
  day: OpenDay,
  { fromMs }: Day,
): Promise<void> => {
  for await (const page of provider.listChanged(fromMs)) {
    for (const { fulfillmentId, state, updatedAtMs } of page) {
      const orderId = OUR_ID.exec(fulfillmentId)?.[1];
      if (orderId === undefined) continue;
      const record = await deps.store.orders.findByOrderId(orderId, null);
      const entry = await day.entry(record?.key ?? { channel: '', shopId: '', orderId });
      if (!entry.atProvider.some((other) => other.fulfillmentId === fulfillmentId))
        entry.atProvider.push({ fulfillmentId, state, updatedAtMs });
    }
  }
};

/** The list may miss a fulfillment, and of a cancelled order it must not: each is read. */
const readCancelled = async (deps: GatherDeps, { orders }: OpenDay): Promise<void> => {
  for (const { channel, shopId, orderId, atChannel, atProvider } of orders.values()) {
    if (atChannel?.status !== 'cancelled' || atProvider.length > 0) continue;
    const record = await deps.store.orders.get({ channel, shopId, orderId });
    if (!record?.fulfillmentId || record.acceptedAtMs === null) continue;
    const fulfillment = await deps.providerOf(record).fetch(record.fulfillmentId);
    if (!fulfillment) continue;
    const { fulfillmentId, state, updatedAtMs } = fulfillment;
    atProvider.push({ fulfillmentId, state, updatedAtMs });
  }
};

/**
 * What the three tell about a day's orders. One shop or account that cannot be read is named in `errors` and keeps none
 * of the others out. Calls take their turn at the quotas like all others.
 */
export const gatherDay = async (deps: GatherDeps, date: string): Promise<GatheredDay> => {
  const span = dayOf(date);
  const day = openDay(deps);
  const errors: GatheredDay['errors'] = [];
  const attempt = async (part: () => Promise<void>): Promise<void> => {
    try {
      await part();
    } catch (error) {
      errors.push(describeError(error));
    }
  };
  await attempt(async () => {
    for (const shop of await deps.shops()) await attempt(() => gatherShop(deps, shop, day, span));
  });
  await attempt(async () => {
    for (const provider of deps.providers()) await attempt(() => gatherProvider(deps, provider, day, span));
  });
  await attempt(() => readCancelled(deps, day));
  return { orders: [...day.orders.values()], errors };
};
