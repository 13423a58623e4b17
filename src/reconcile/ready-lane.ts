import type { DueShop } from '../store/store.ts';
import { BATCH, runGroup } from './group.ts';
import { createHands, type LaneDeps, LOOK_AGAIN_MS, type Look, type RunningLane, readsOf } from './lane.ts';

/**
 * Orders are taken out of the queue this long before their create can go out: long enough to read them anew and to have
 * the next create at hand when its token comes, short enough for a call's longest wait for quota (10 s).
 */
const AHEAD_MS = 6_000;
/** Fewer than this are not worth a read of their own while others are in hand. */
const LEAST = 2;

/** What nobody tells is found within this time. */
const UNTOLD_MS = 5_000;

/** One order of each shop in turn, beginning behind the shop that had the last one. */
const sharesOf = (shops: readonly DueShop[], room: number, lastShopId: string): Map<DueShop, number> => {
  const behind = shops.filter(({ shopId }) => shopId > lastShopId);
  const turn = [...behind, ...shops.slice(0, shops.length - behind.length)];
  return new Map(turn.slice(0, room).map((shop, index) => [shop, Math.ceil((room - index) / turn.length)]));
};

/** Who had the last order of the last round; the next one begins behind. */
const lastWithMost = (served: readonly DueShop[], room: number): string | undefined =>
  served.at((room % served.length) - 1)?.shopId;

const now = <T>(work: () => Promise<T>): Promise<T> => work();

/**
 * Creates what waits for quota: as many at a time as the quota serves within seconds, each read anew, one shop after
 * the other in turns, the nearest deadline of each shop first. A shop whose read hangs is passed over.
 */
export const createReadyLane = (deps: LaneDeps): RunningLane => {
  const reading = new Set<string>();
  const hands = createHands();
  const { inHand } = hands;
  let lastShopId = '';
  /** An empty queue stays one until then, unless there is news. */
  let holdsUntilMs = 0;

  const roomNow = (): number => Math.min(BATCH, deps.provider.createCapacity(AHEAD_MS) - inHand());

  const begin = (shop: DueShop, share: number): void => {
    reading.add(shop.shopId);
    const hand = hands.take(share);
    const onRead = (count: number): void => {
      reading.delete(shop.shopId);
      hand.onRead(count);
    };
    deps.begin(async () => {
      try {
        const withLeave = <T>(work: (mayCreate: () => boolean) => Promise<T>): Promise<T> => work(() => true);
        await runGroup(deps, {
          lane: 'ready',
          shop,
          most: share,
          inTurn: now,
          withLeave,
          onRead,
          onOrderEnd: hand.onOrderEnd,
        });
      } finally {
        reading.delete(shop.shopId);
        hand.end();
      }
    });
  };

  return {
    async look(isNews): Promise<Look> {
      const nowMs = deps.clock.nowMs();
      const isKnownEmpty = !isNews && !deps.gate.hasQueue() && nowMs < holdsUntilMs;
      if (isKnownEmpty) return { isBusy: inHand() > 0, nextMs: Number.POSITIVE_INFINITY };
      if (inHand() > 0 && roomNow() < LEAST) return { isBusy: true, nextMs: nowMs + LOOK_AGAIN_MS };
      holdsUntilMs = nowMs + UNTOLD_MS;
      const queued = await deps.store.orders.dueShops('ready');
      deps.gate.setQueue(queued.length > 0 || inHand() > 0);
      if (queued.length === 0) return { isBusy: inHand() > 0, nextMs: Number.POSITIVE_INFINITY };
      const room = roomNow();
      const shops = queued.filter((shop) => !reading.has(shop.shopId) && readsOf(deps, shop) > 0);
      if (shops.length > 0 && (room >= LEAST || (room === 1 && inHand() === 0))) {
        const shares = sharesOf(shops, room, lastShopId);
        for (const [shop, share] of shares) begin(shop, share);
        lastShopId = lastWithMost([...shares.keys()], room) ?? lastShopId;
      }
      const isHeldUp = inHand() === 0 && (room < 1 || shops.length === 0);
      return { isBusy: !isHeldUp, nextMs: nowMs + LOOK_AGAIN_MS };
    },
  };
};
