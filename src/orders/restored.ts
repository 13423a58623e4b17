import type { ChannelOrder } from '../channels/channel.ts';
import type { Fulfillment, FulfillmentItem, FulfillmentProvider } from '../fulfillment/provider.ts';
import { addressFingerprintText } from './address/index.ts';
import { isOurNumber } from './decide-parcels.ts';
import { hasEnded } from './decide-stop.ts';
import { type Rest, wait } from './decision.ts';
import { IN_FLIGHT_MS } from './intents.ts';
import { isOpenLine, itemsFor } from './lines.ts';
import { fulfillmentIdFor, type LineSnapshot, type OrderRecord, type OrderSnapshot } from './model.ts';
import { readOrder } from './observe.ts';
import type { Policy } from './policy.ts';
import { snapshotOf, takeIn } from './take-in.ts';
import type { ActContext } from './with-intent.ts';

/** The channel's clock may be ahead of ours; it costs one look at each order of that hour. */
const CLOCKS_DIFFER_MS = 3_600_000;

/** Older than the restore, and since then neither accepted by the provider nor asked for there. */
const isDoubtful = (record: OrderRecord, restoredAtMs: number): boolean =>
  Math.max(record.fulfillmentReadAtMs ?? 0, record.acceptedAtMs ?? 0) < restoredAtMs &&
  (record.orderCreatedAtMs ?? 0) < restoredAtMs + CLOCKS_DIFFER_MS;

type There = { fulfillment: Fulfillment; count: number };

/** The newest of the order's fulfillments; a next one is made only after one that ended. */
const newestThere = async (
  provider: FulfillmentProvider,
  { key, fulfillmentCount }: OrderRecord,
): Promise<There | null> => {
  let newest: There | null = null;
  for (let count = Math.max(1, fulfillmentCount); ; count += 1) {
    const fulfillment = await provider.fetch(fulfillmentIdFor(key.orderId, count));
    if (!fulfillment) return newest;
    newest = { fulfillment, count };
    if (!hasEnded(fulfillment)) return newest;
  }
};

const unitsText = (items: readonly Pick<FulfillmentItem, 'amazonSku' | 'quantity'>[]): string =>
  JSON.stringify(
    items
      .filter((item) => item.quantity > 0)
      .map((item) => `${item.quantity} ${item.amazonSku}`)
      .toSorted(),
  );

/** Which lines went to the provider, by what it has. Without a match, those that should have: a person compares. */
const sentLines = (
  order: ChannelOrder,
  lines: readonly LineSnapshot[],
  fulfillment: Fulfillment,
): readonly LineSnapshot[] => {
  const idsOf = (keep: (line: ChannelOrder['lines'][number]) => boolean): Set<string> =>
    new Set(order.lines.filter(keep).map((line) => line.lineId));
  const alive = idsOf((line) => line.status !== 'cancelled');
  const ours = idsOf(
    (line) => isOpenLine(line) || fulfillment.packages.some((parcel) => isOurNumber(line, parcel)),
  );
  const likely = lines.filter((line) => alive.has(line.lineId));
  const there = unitsText(fulfillment.items);
  const fits = (some: readonly LineSnapshot[]): boolean => unitsText(itemsFor(some)) === there;
  return [likely, lines, lines.filter((line) => ours.has(line.lineId))].find(fits) ?? likely;
};

/** Takes up a fulfillment that was made after the backup. What was sent is told by what is there. */
const adopt = (
  context: ActContext,
  order: ChannelOrder,
  snapshot: OrderSnapshot,
  { fulfillment, count }: There,
  policy: Policy,
): void => {
  const { draft, sides, nowMs } = context;
  const { destination, fulfillmentId } = fulfillment;
  const sent = sentLines(order, snapshot.lines, fulfillment);
  const sentIds = new Set(sent.map((line) => line.lineId));
  draft.set({
    fulfillmentId,
    fulfillmentCount: count,
    amazonAccount: sides.amazonAccount,
    acceptedAtMs: fulfillment.receivedAtMs ?? nowMs(),
    items: itemsFor(sent),
    requestHash: null,
    addressHash: destination && policy.hash(addressFingerprintText(destination)),
    snapshot: {
      ...snapshot,
      lines: snapshot.lines.map((line) => (sentIds.has(line.lineId) ? line : { ...line, components: [] })),
    },
    intent: null,
    refusal: null,
    recreate: false,
    stop: null,
  });
  draft.note('adopted', `${fulfillmentId}, made after the backup that this store was restored from`);
};

/**
 * A store restored from a backup does not know what was created after it. Of each order that is older than the restore
 * the provider is asked once, before anything is decided: what is there is adopted. Answers a rest while a create of
 * the stopped process may still be on its way. Throws `UpstreamError`.
 */
export const lookAfterRestore = async (
  context: ActContext,
  policy: Policy,
  prefetched: ChannelOrder | null | undefined,
): Promise<{ rest: Rest | null; order: ChannelOrder | null | undefined }> => {
  const { draft, sides, restoredAtMs, nowMs } = context;
  const { record } = draft;
  if (restoredAtMs === null || !isDoubtful(record, restoredAtMs)) return { rest: null, order: prefetched };
  const order = prefetched === undefined ? await readOrder(sides, record) : prefetched;
  if (!order || order.createdAtMs >= restoredAtMs + CLOCKS_DIFFER_MS) return { rest: null, order };
  const there = await newestThere(sides.provider, record);
  const isKnown = record.acceptedAtMs !== null;
  if (there && !(isKnown && there.fulfillment.fulfillmentId === record.fulfillmentId)) {
    const unsent = { ...record, acceptedAtMs: null, intent: null };
    adopt(context, order, snapshotOf(order, unsent, policy.skuMap), there, policy);
  }
  const certainAtMs = restoredAtMs + IN_FLIGHT_MS;
  if (!there && !isKnown && nowMs() < certainAtMs) {
    const seen = { order, sight: { kind: 'none' }, carriers: null, cancellation: null } as const;
    takeIn(draft, seen, policy.skuMap, nowMs());
    return { rest: wait('routing', 'create_unclear', certainAtMs), order };
  }
  draft.set({ fulfillmentReadAtMs: nowMs() });
  // Asking took its time: the order is read anew.
  return { rest: null, order: undefined };
};
