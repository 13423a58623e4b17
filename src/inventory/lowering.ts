import type { OrderRecord } from '../orders/model.ts';
import type { Store } from '../store/store.ts';
import { type BufferRule, listingUnits } from './available.ts';
import type { StockMemory } from './memory.ts';
import { promisedFrom, type StockPool, shareLevels } from './pool.ts';
import { emptySyncReport, type PushDeps, pushTargets, shownNow, type Target } from './push.ts';

export type LoweringDeps = PushDeps & {
  store: Pick<Store, 'orders' | 'inventory'>;
  /** The account that ships a shop's orders; null: none. */
  accountOf(shopId: string): string | null;
  pool(accountId: string): StockPool | null;
  buffer: BufferRule;
  memory: StockMemory;
  onFault(error: unknown): void;
};

/** Tells the other shops of an account soon what one of them sold. */
export type Lowering = {
  /** An order's lines became known. Costs nothing where its shop shares no stock. */
  takenIn(order: Pick<OrderRecord, 'key' | 'amazonAccount' | 'snapshot'>): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** What waits is left to the next pass. Resolves when nothing is under way. */
  stop(): Promise<void>;
};

/** Orders of a rush are taken off together. */
const GATHER_MS = 2_000;

const skusOf = ({ snapshot }: Pick<OrderRecord, 'snapshot'>): string[] =>
  (snapshot?.lines ?? []).flatMap(({ components }) => components.map(({ amazonSku }) => amazonSku));

/** Listings with one of the SKUs that show more than they may. From what was last read, so that nothing is raised. */
const planLower = async (
  deps: LoweringDeps,
  pool: StockPool,
  amazonSkus: ReadonlySet<string>,
): Promise<Target[]> => {
  const reading = deps.memory.of(pool.accountId);
  if (!reading) return [];
  const listings = reading.listings.filter(({ components }) =>
    components?.some(({ amazonSku }) => amazonSkus.has(amazonSku)),
  );
  const needed = new Set(
    listings.flatMap(({ components }) => components ?? []).map((part) => part.amazonSku),
  );
  const levels = [...needed].flatMap((amazonSku) => reading.levels.get(amazonSku) ?? []);
  const promised = promisedFrom(pool, await deps.store.orders.promisedUnits());
  const { shown } = shareLevels(pool, levels, [promised], deps.buffer, deps.clock.nowMs());
  const isPushed = new Set(pool.shops.filter((shop) => shop.isPushed).map(({ shop }) => shop.shopId));
  return listings.flatMap((entry): Target[] => {
    const { components } = entry;
    const quantity = components && listingUnits(components, shown.get(entry.shop.shopId) ?? new Map());
    if (!components || quantity === null || !isPushed.has(entry.shop.shopId)) return [];
    return quantity < shownNow(entry) ? [{ ...entry, components, quantity }] : [];
  });
};

/**
 * Two shops that sell from one stock would sell its last unit twice until the next pass. So what an order takes is taken
 * off the other listings of its SKUs within seconds: from the figures of the last pass, without a read, and only
 * downwards.
 */
export const createLowering = (deps: LoweringDeps): Lowering => {
  const waiting = new Map<string, Set<string>>();
  const stopping = new AbortController();
  let working: Promise<void> | null = null;

  const lower = async (accountId: string, amazonSkus: ReadonlySet<string>): Promise<void> => {
    const pool = deps.pool(accountId);
    const targets = pool ? await planLower(deps, pool, amazonSkus) : [];
    if (targets.length > 0) await pushTargets(deps, targets, emptySyncReport());
  };
  const lowerWaiting = async (): Promise<void> => {
    const due = [...waiting];
    waiting.clear();
    await Promise.all(
      due.map(async ([accountId, amazonSkus]) => {
        try {
          await lower(accountId, amazonSkus);
        } catch (error) {
          deps.onFault(error);
        }
      }),
    );
  };
  const work = async (): Promise<void> => {
    while (waiting.size > 0) {
      await deps.clock.sleep(GATHER_MS, stopping.signal);
      if (stopping.signal.aborted) waiting.clear();
      else await lowerWaiting();
    }
    working = null;
  };

  return {
    takenIn(order) {
      const accountId = order.amazonAccount ?? deps.accountOf(order.key.shopId);
      const shops = accountId === null ? 0 : (deps.pool(accountId)?.shops.length ?? 0);
      if (accountId === null || shops < 2 || stopping.signal.aborted) return;
      const skus = waiting.get(accountId) ?? new Set<string>();
      for (const amazonSku of skusOf(order)) skus.add(amazonSku);
      waiting.set(accountId, skus);
      working ??= work();
    },
    async settled() {
      await working;
    },
    async stop() {
      stopping.abort();
      await working;
    },
  };
};
