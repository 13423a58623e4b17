import type { Clock } from '../lib/clock.ts';
import type { PausedSku, Store } from '../store/store.ts';

/** The paused Amazon SKUs, held in memory. */
export type Pauses = {
  isSkuPaused: (shopId: string, amazonSku: string) => boolean;
  entries(): readonly PausedSku[];
  add(paused: PausedSku): Promise<void>;
  /** Its orders are looked at at once. False when it was not paused. */
  remove(paused: PausedSku): Promise<boolean>;
};

const keyOf = (shopId: string | null, amazonSku: string): string => JSON.stringify([shopId, amazonSku]);

export const openPauses = async ({
  store,
  clock,
  wake,
}: {
  store: Pick<Store, 'pausedSkus' | 'orders'>;
  clock: Clock;
  /** Orders became due. */
  wake: () => void;
}): Promise<Pauses> => {
  let entries: readonly PausedSku[] = [];
  let keys = new Set<string>();
  const load = async (): Promise<void> => {
    entries = await store.pausedSkus.all();
    keys = new Set(entries.map(({ shopId, amazonSku }) => keyOf(shopId, amazonSku)));
  };
  await load();
  return {
    isSkuPaused: (shopId, amazonSku) =>
      keys.has(keyOf(shopId, amazonSku)) || keys.has(keyOf(null, amazonSku)),
    entries: () => entries,
    async add(paused) {
      await store.pausedSkus.add(paused, clock.nowMs());
      await load();
    },
    async remove(paused) {
      const wasPaused = await store.pausedSkus.remove(paused);
      await load();
      if (wasPaused) {
        await store.orders.wake(['sku_paused'], clock.nowMs());
        wake();
      }
      return wasPaused;
    },
  };
};
