import type { OrderSearch, OrderStub, SalesChannel, Shop } from '../channels/channel.ts';
import type { FulfillmentProvider } from '../fulfillment/provider.ts';
import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';

export type SweepDeps = {
  store: Pick<Store, 'orders' | 'cursors' | 'restored'>;
  channel: SalesChannel;
  clock: Clock;
};

/** An account, and who ships for it. */
export type SweptAccount = { accountId: string; provider: Pick<FulfillmentProvider, 'listChanged'> };

/** Windows overlap by this much, because changes may become visible late and out of order. */
const ORDER_OVERLAP_MS = 10 * 60_000;
const PROVIDER_OVERLAP_MS = 15 * 60_000;
/** Once a day everything open is listed whatever its `update_time`, which address edits may not touch. */
const FULL_SWEEP_MS = 24 * 3_600_000;
/** Fulfillments read in each pass although nothing says they moved: Amazon's list may miss some (pitfall 16). */
const UNLISTED_LOOKS = 20;

const OPEN_STATUSES = ['unpaid', 'on_hold', 'awaiting_shipment', 'partially_shipped'] as const;

const readNumber = async (deps: Pick<SweepDeps, 'store'>, name: string): Promise<number | null> => {
  const text = await deps.store.cursors.get(name);
  return text === null ? null : Number(text);
};

const hintChanged = async (
  deps: SweepDeps,
  shop: Shop,
  stubs: readonly OrderStub[],
  everyOne: boolean,
): Promise<number> => {
  const listed = stubs.map(({ orderId, updatedAtMs, rawStatus }) => ({
    key: { channel: shop.channel, shopId: shop.shopId, orderId },
    updatedAtMs,
    rawStatus,
  }));
  const unseen = everyOne ? listed : await deps.store.orders.unseen(listed);
  return unseen.length === 0 ? 0 : deps.store.orders.hint(unseen, deps.clock.nowMs());
};

const searchAndHint = async (
  deps: SweepDeps,
  shop: Shop,
  search: OrderSearch,
): Promise<{ discovered: number; newestMs: number }> => {
  let discovered = 0;
  let newestMs = 0;
  for await (const stubs of deps.channel.searchOrders(shop, search)) {
    discovered += await hintChanged(deps, shop, stubs, search.status !== undefined);
    newestMs = stubs.reduce((newest, stub) => Math.max(newest, stub.updatedAtMs), newestMs);
  }
  return { discovered, newestMs };
};

/**
 * Finds orders whose webhook was lost and makes them due: everything changed since the newest `update_time` seen,
 * with an overlap; at the first pass, and once a day, everything open. The position moves only after a whole sweep,
 * so one that dies half way is simply run again. Answers how many orders were not known before.
 */
export const sweepOrders = async (deps: SweepDeps, shop: Shop): Promise<number> => {
  const name = `orders/${shop.channel}/${shop.shopId}`;
  // A backup older than the first sweep: orders may have come and ended since, so that no list of open ones shows them.
  const cursorMs = (await readNumber(deps, name)) ?? deps.store.restored?.backupTakenAtMs ?? null;
  const fullMs = await readNumber(deps, `${name}/full`);
  const startedMs = deps.clock.nowMs();
  let discovered = 0;
  let newestMs = cursorMs ?? 0;
  const isFull = cursorMs === null || fullMs === null || startedMs - fullMs >= FULL_SWEEP_MS;
  const searches: OrderSearch[] = isFull ? OPEN_STATUSES.map((status) => ({ status })) : [];
  if (cursorMs !== null) searches.push({ updatedFromMs: cursorMs - ORDER_OVERLAP_MS });
  for (const search of searches) {
    const result = await searchAndHint(deps, shop, search);
    discovered += result.discovered;
    newestMs = Math.max(newestMs, result.newestMs);
  }
  // Where nothing is listed, what changes from now on is: an order may be over before any pass finds it open.
  await deps.store.cursors.set(name, String(newestMs > 0 ? newestMs : startedMs));
  if (isFull) await deps.store.cursors.set(`${name}/full`, String(startedMs));
  return discovered;
};

/**
 * Makes fulfillments of an account due that moved at the provider, as its list says, and a few that were not read for longest.
 * Costs calls in proportion to what changed. Answers how many fulfillments will be looked at.
 */
export const sweepFulfillments = async (
  deps: Pick<SweepDeps, 'store' | 'clock'>,
  { accountId, provider }: SweptAccount,
): Promise<number> => {
  const cursor = `fulfillments/${accountId}`;
  const startedMs = deps.clock.nowMs();
  const unread = await deps.store.orders.openFulfillments(UNLISTED_LOOKS, accountId);
  if (unread.length === 0) return 0;
  const due = new Map(unread.map((record) => [record.fulfillmentId, record.key]));
  const sinceMs = (await readNumber(deps, cursor)) ?? startedMs - FULL_SWEEP_MS;
  for await (const changes of provider.listChanged(sinceMs)) {
    const changedAt = new Map(changes.map((change) => [change.fulfillmentId, change.updatedAtMs]));
    const ours = await deps.store.orders.findByFulfillmentIds([...changedAt.keys()], accountId);
    for (const record of ours) {
      const updatedAtMs = changedAt.get(record.fulfillmentId ?? '') ?? null;
      if (updatedAtMs === null || updatedAtMs !== record.fulfillmentUpdatedAtMs) {
        due.set(record.fulfillmentId, record.key);
      }
    }
  }
  await deps.store.orders.hint(
    [...due.values()].map((key) => ({ key, updatedAtMs: null })),
    deps.clock.nowMs(),
  );
  await deps.store.cursors.set(cursor, String(startedMs - PROVIDER_OVERLAP_MS));
  return due.size;
};
