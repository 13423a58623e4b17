import type { ChannelOrder, SalesChannel, Shop } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { OrderKey } from '../orders/model.ts';
import type { Shadow } from '../orders/shadow.ts';
import type { ShadowOrder, Store } from '../store/store.ts';

export type RecorderDeps = {
  store: Pick<Store, 'shadow'>;
  /** Of the shop's channel: names the carriers that somebody else reported. */
  fetchCarriers: (shop: Shop, deliveryOptionId: string) => ReturnType<SalesChannel['fetchCarriers']>;
  clock: Clock;
};

type Parcel = ShadowOrder['parcels'][number];

/** Numbers that the order's lines carry, each once. */
export const parcelsOf = (order: ChannelOrder): Parcel[] => {
  const parcels = new Map<string, Parcel>();
  for (const { trackingNumber, carrierId } of order.lines) {
    if (trackingNumber === null) continue;
    const known = parcels.get(trackingNumber);
    if (known) known.lines += 1;
    else parcels.set(trackingNumber, { trackingNumber, carrierId, carrier: null, lines: 1 });
  }
  return [...parcels.values()];
};

const SHIPPED = new Set<ChannelOrder['status']>([
  'awaiting_collection',
  'in_transit',
  'delivered',
  'completed',
]);

/** A carrier's name is a courtesy: without an answer its id stays. */
const namesOf = async (
  { fetchCarriers }: RecorderDeps,
  { channel, shopId }: OrderKey,
  order: ChannelOrder,
): Promise<Map<string, string>> => {
  if (!order.deliveryOptionId) return new Map();
  try {
    const carriers = await fetchCarriers({ channel, shopId, region: null }, order.deliveryOptionId);
    return new Map(carriers.map(({ carrierId, name }) => [carrierId, name]));
  } catch (error) {
    if (error instanceof UpstreamError) return new Map();
    throw error;
  }
};

const withCarriers = async (
  deps: RecorderDeps,
  key: OrderKey,
  order: ChannelOrder,
  known: ShadowOrder | null,
): Promise<Parcel[]> => {
  const parcels = parcelsOf(order);
  const named = new Map(known?.parcels.map(({ trackingNumber, carrier }) => [trackingNumber, carrier]));
  const isNew = parcels.some(({ trackingNumber }) => !named.has(trackingNumber));
  const names = isNew ? await namesOf(deps, key, order) : new Map<string, string>();
  return parcels.map((parcel) => ({
    ...parcel,
    carrier: named.get(parcel.trackingNumber) ?? names.get(parcel.carrierId ?? '') ?? null,
  }));
};

/** Takes down, in the store, what shadow mode did not do and what happened instead. Throws `StoreUnavailable`. */
export const createRecorder = (deps: RecorderDeps): Shadow => ({
  async saw(key, order) {
    const nowMs = deps.clock.nowMs();
    const known = await deps.store.shadow.order(key);
    const atMs = Math.min(order.updatedAtMs, nowMs);
    await deps.store.shadow.see({
      key,
      status: order.rawStatus,
      firstSeenAtMs: nowMs,
      seenAtMs: nowMs,
      shipByMs: order.deadlines.shipByMs,
      shippedByMs: SHIPPED.has(order.status) ? atMs : null,
      cancelledByMs: order.status === 'cancelled' ? atMs : null,
      parcels: await withCarriers(deps, key, order, known),
    });
  },
  wouldHave: (action) => deps.store.shadow.record(action),
});
