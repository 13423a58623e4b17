import { createLimiter, type Limiter } from '../lib/limiter.ts';
import type { DueShop, Lane } from '../store/store.ts';
import { BATCH, runGroup } from './group.ts';
import { createHands, type LaneDeps, LOOK_AGAIN_MS, type Look, type RunningLane, readsOf } from './lane.ts';

/** So many groups of a shop at a time: the next one is read while one runs. */
const GROUPS_OF_SHOP = 2;
/** Orders of a shop that run at a time, so that one that hangs leaves room for the others. */
const ORDERS_OF_SHOP = 8;
/** Orders of an account that run at a time: each may wait for the same bucket, and no call waits longer than 10 s. */
const ORDERS_OF_ACCOUNT = 16;
const GROUPS_OF_ACCOUNT = 16;
/** Reads at the provider that polls leave for orders that something happened to. */
const READS_KEPT = 10;
/** Orders that something happened to are taken this long before the provider's quota of reads serves them. */
const AHEAD_MS = 4_000;

/** What nobody tells is found within this time. */
const UNTOLD_MS = 5_000;

type Queue = { groups: number; inTurn: Limiter };
/** What an account's calls may hold up, so that one that hangs leaves room for the others. */
type Account = { inTurn: Limiter; groups: number; hands: ReturnType<typeof createHands> };

/** Orders that a group may take now: none where they had to wait, one to see whether a side is back. */
const mostFor = (deps: LaneDeps, lane: Lane, shop: DueShop, inHand: number): number => {
  const account = deps.accounts.ofShop(shop.shopId);
  const reads = readsOf(deps, shop);
  if (reads < 1) return 0;
  const most = reads === 1 ? 1 : BATCH;
  if (lane === 'new') return most;
  const lookups = lane === 'moved' ? deps.accounts.readCapacity(account, AHEAD_MS) : pollsNow(deps, account);
  return Math.min(most, Math.max(0, lookups - inHand));
};

const pollsNow = ({ accounts }: LaneDeps, account: string | null): number => {
  const lookups = accounts.readCapacity(account);
  return lookups > READS_KEPT ? lookups - READS_KEPT : 0;
};

/**
 * Runs what is due of a lane, the shops side by side: a shop that hangs or whose side is away holds up no other.
 * Orders of a side that is away stay where they are.
 */
export const createDueLane = (deps: LaneDeps, lane: Exclude<Lane, 'ready'>): RunningLane => {
  const queues = new Map<string, Queue>();
  const accounts = new Map<string | null, Account>();
  let groups = 0;
  /** The last look holds until then, unless there is news. */
  let holdsUntilMs = 0;
  let isFull = false;
  let nextMs = 0;

  const accountOf = ({ shopId }: DueShop): Account => {
    const name = deps.accounts.ofShop(shopId);
    const inTurn = createLimiter(ORDERS_OF_ACCOUNT);
    const account = accounts.get(name) ?? { inTurn, groups: 0, hands: createHands() };
    accounts.set(name, account);
    return account;
  };

  const queueOf = (shop: DueShop, account: Account): Queue => {
    const shopTurn = createLimiter(ORDERS_OF_SHOP);
    const inTurn: Limiter = (work) => shopTurn(() => account.inTurn(work));
    const queue = queues.get(shop.shopId) ?? { groups: 0, inTurn };
    queues.set(shop.shopId, queue);
    return queue;
  };

  const begin = (shop: DueShop, queue: Queue, account: Account, most: number): void => {
    groups += 1;
    account.groups += 1;
    queue.groups += 1;
    const { onRead, onOrderEnd, end } = account.hands.take(most);
    deps.begin(async () => {
      try {
        const { inTurn } = queue;
        const withLeave = deps.gate.pass;
        await runGroup(deps, { lane, shop, most, inTurn, withLeave, onRead, onOrderEnd });
      } finally {
        end();
        groups -= 1;
        account.groups -= 1;
        queue.groups -= 1;
        holdsUntilMs = 0;
        if (queue.groups === 0) queues.delete(shop.shopId);
      }
    });
  };

  /** Begins what it can of a shop. False: its groups are all in hand. */
  const beginShop = (shop: DueShop): boolean => {
    const account = accountOf(shop);
    const queue = queueOf(shop, account);
    if (account.groups >= GROUPS_OF_ACCOUNT || queue.groups >= GROUPS_OF_SHOP) return false;
    const most = mostFor(deps, lane, shop, account.hands.inHand());
    if (most > 0) begin(shop, queue, account, most);
    else if (queue.groups === 0) queues.delete(shop.shopId);
    return true;
  };

  const lookAnew = async (): Promise<void> => {
    holdsUntilMs = Number.POSITIVE_INFINITY;
    const shops = await deps.store.orders.dueShops(lane);
    const nowMs = deps.clock.nowMs();
    const due = shops.filter(({ dueMs }) => dueMs <= nowMs).toSorted((a, b) => a.dueMs - b.dueMs);
    const begun = due.map(beginShop);
    isFull = due.length > 0 && !begun.includes(true);
    const laterMs = shops.map(({ dueMs }) => (dueMs > nowMs ? dueMs : nowMs + LOOK_AGAIN_MS));
    nextMs = Math.min(Number.POSITIVE_INFINITY, ...laterMs);
    holdsUntilMs = Math.min(holdsUntilMs, nextMs, nowMs + UNTOLD_MS);
  };

  return {
    async look(isNews): Promise<Look> {
      // A burst of webhooks is news at every turn; while all hands are full there is nothing to begin.
      const isPointless = isNews ? isFull : true;
      if (!isPointless || deps.clock.nowMs() >= holdsUntilMs) await lookAnew();
      return { isBusy: groups > 0, nextMs };
    },
  };
};
