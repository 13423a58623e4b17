import type { ChannelReturn, SalesChannel, Shop } from '../channels/channel.ts';
import { UpstreamError } from '../lib/errors.ts';
import { keyText, type OrderKey } from '../orders/model.ts';
import type { Store } from '../store/store.ts';
import { type ReturnFailure, type SettleDeps, settleReturns } from './settle.ts';

export type ReturnsDeps = SettleDeps & {
  store: Pick<Store, 'returns' | 'orders' | 'cursors'>;
  channel: SalesChannel;
  /** Orders became due. */
  wake(): void;
  /** The store or the code failed; what was to be done is done by the next pass. */
  onFault(error: unknown): void;
};

export type Returns = {
  /** Brings in what changed of a shop's returns and acts on it. Answers what has to be tried again. */
  sync(shop: Shop): Promise<ReturnFailure[]>;
  /** A notification named the returns of these orders: looks at them soon, without waiting for a pass. */
  look(keys: readonly OrderKey[]): void;
  /** Resolves when no look is under way. */
  settled(): Promise<void>;
};

/** Windows overlap by this much, because changes may become visible late and out of order. */
const OVERLAP_MS = 10 * 60_000;
/** What the first pass looks back: beyond it hardly a return is still open. */
const FIRST_WINDOW_MS = 30 * 24 * 3_600_000;

const takeIn = async (deps: ReturnsDeps, shop: Shop, returns: readonly ChannelReturn[]): Promise<void> => {
  for (const { orderId, ...returned } of returns) {
    const key = { channel: shop.channel, shopId: shop.shopId, orderId };
    await deps.store.returns.takeIn({ ...returned, key }, deps.clock.nowMs());
  }
};

/** The position moves only after a whole sweep, so one that dies half way is simply run again. */
const sweep = async (deps: ReturnsDeps, shop: Shop): Promise<void> => {
  const name = `returns/${shop.channel}/${shop.shopId}`;
  const kept = await deps.store.cursors.get(name);
  const updatedFromMs =
    kept === null ? deps.clock.nowMs() - FIRST_WINDOW_MS : Math.max(0, Number(kept) - OVERLAP_MS);
  let newestMs = Number(kept ?? 0);
  for await (const page of deps.channel.searchReturns(shop, { updatedFromMs })) {
    await takeIn(deps, shop, page);
    newestMs = page.reduce((newest, { updatedAtMs }) => Math.max(newest, updatedAtMs), newestMs);
  }
  if (newestMs > 0) await deps.store.cursors.set(name, String(newestMs));
};

const lookAt = async (deps: ReturnsDeps, keys: readonly OrderKey[]): Promise<void> => {
  for (const shopId of new Set(keys.map((key) => key.shopId))) {
    const orderIds = keys.filter((key) => key.shopId === shopId).map((key) => key.orderId);
    const shop = { channel: deps.channel.name, shopId, region: null };
    try {
      await takeIn(deps, shop, await deps.channel.fetchReturns(shop, orderIds));
      await settleReturns(deps, shop);
    } catch (error) {
      if (!(error instanceof UpstreamError)) deps.onFault(error);
    }
  }
  deps.wake();
};

/**
 * Brings every return to its order's timeline and acts on it, from notifications and from a sweep that finds what
 * they missed. Nothing here ships, or holds up an order: a return only adds to what the order shows.
 */
export const createReturns = (deps: ReturnsDeps): Returns => {
  const waiting = new Map<string, OrderKey>();
  let looking: Promise<void> | null = null;

  const lookAtWaiting = async (): Promise<void> => {
    while (waiting.size > 0) {
      const keys = [...waiting.values()];
      waiting.clear();
      await lookAt(deps, keys);
    }
    looking = null;
  };

  return {
    async sync(shop) {
      await sweep(deps, shop);
      return settleReturns(deps, shop);
    },
    look(keys) {
      for (const key of keys) waiting.set(keyText(key), key);
      if (waiting.size > 0) looking ??= lookAtWaiting();
    },
    async settled() {
      await looking;
    },
  };
};
