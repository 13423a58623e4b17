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

/** The queue of one account. Null: shops that have none, whose orders only have to be told so. */
const openQueue = (deps: LaneDeps, account: string | null) => {
  const reading = new Set<string>();
  const hands = createHands();
  const { inHand } = hands;
  let lastShopId = '';

  const roomNow = (): number => Math.min(BATCH, deps.accounts.createCapacity(account, AHEAD_MS) - inHand());
  /** An order that belongs to another account than its shop now does takes no place in that one's queue. */
  const mayCreate = (other: string): boolean => other === account || deps.accounts.createCapacity(other) >= 1;

  const begin = (shop: DueShop, share: number): void => {
    reading.add(shop.shopId);
    const hand = hands.take(share);
    const onRead = (count: number): void => {
      reading.delete(shop.shopId);
      hand.onRead(count);
    };
    deps.begin(async () => {
      try {
        await runGroup(deps, {
          lane: 'ready',
          shop,
          most: share,
          inTurn: now,
          withLeave: (work) => work(mayCreate),
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
    inHand,
    /** Too few can be created to be worth a look. */
    isFull: (): boolean => inHand() > 0 && roomNow() < LEAST,
    /** Begins what it can of the shops that queue. Answers whether orders are in hand, or could be. */
    serve(queued: readonly DueShop[]): boolean {
      const room = roomNow();
      const shops = queued.filter((shop) => !reading.has(shop.shopId) && readsOf(deps, shop) > 0);
      if (shops.length > 0 && (room >= LEAST || (room === 1 && inHand() === 0))) {
        const shares = sharesOf(shops, room, lastShopId);
        for (const [shop, share] of shares) begin(shop, share);
        lastShopId = lastWithMost([...shares.keys()], room) ?? lastShopId;
      }
      return inHand() > 0 || (room >= 1 && shops.length > 0);
    },
  };
};

type Queue = ReturnType<typeof openQueue>;

/**
 * Creates what waits for quota, account by account: as many at a time as the account's quota serves within seconds, each
 * read anew, one shop after the other in turns, the nearest deadline of each shop first. A shop whose read hangs is
 * passed over, and an account that is away or exhausted holds up no other.
 */
export const createReadyLane = (deps: LaneDeps): RunningLane => {
  const queues = new Map<string | null, Queue>();
  /** Empty queues stay so until then, unless there is news. */
  let holdsUntilMs = 0;

  const queueOf = (account: string | null): Queue => {
    const queue = queues.get(account) ?? openQueue(deps, account);
    queues.set(account, queue);
    return queue;
  };
  const isAnyInHand = (): boolean => [...queues.values()].some((queue) => queue.inHand() > 0);
  const waiting = (): string[] => deps.accounts.all().filter((account) => deps.gate.hasQueue(account));

  return {
    async look(isNews): Promise<Look> {
      const nowMs = deps.clock.nowMs();
      const before = waiting();
      const isKnownEmpty = !isNews && before.length === 0 && nowMs < holdsUntilMs;
      if (isKnownEmpty) return { isBusy: isAnyInHand(), nextMs: Number.POSITIVE_INFINITY };
      if (before.length > 0 && before.every((account) => queues.get(account)?.isFull()))
        return { isBusy: true, nextMs: nowMs + LOOK_AGAIN_MS };
      holdsUntilMs = nowMs + UNTOLD_MS;
      const due = await deps.store.orders.dueShops('ready');
      const byAccount = Map.groupBy(due, ({ shopId }) => deps.accounts.ofShop(shopId));
      for (const account of deps.accounts.all())
        deps.gate.setQueue(account, byAccount.has(account) || (queues.get(account)?.inHand() ?? 0) > 0);
      if (due.length === 0) return { isBusy: isAnyInHand(), nextMs: Number.POSITIVE_INFINITY };
      const served = [...byAccount].map(([account, shops]) => queueOf(account).serve(shops));
      return { isBusy: served.includes(true) || isAnyInHand(), nextMs: nowMs + LOOK_AGAIN_MS };
    },
  };
};
