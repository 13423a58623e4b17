import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';

export type Mode = 'live' | 'shadow';

export type ModeState = {
  mode: Mode;
  /** Orders placed before then may lie with another connector. Null: there was none. */
  liveFromMs: number | null;
};

const MODE = 'mode';
const LIVE_FROM = 'live-from';

/**
 * Which mode this start is in. The first live start after a shadow one sets the time from which orders are this
 * service's: what is older may have been placed by the connector that was watched. `configuredMs` is the environment's
 * such time; the later of both holds. Throws `StoreUnavailable`.
 */
export const openMode = async (
  { store, clock }: { store: Pick<Store, 'cursors' | 'orders'>; clock: Clock },
  mode: Mode,
  configuredMs: number | null,
): Promise<ModeState> => {
  if (mode === 'shadow') {
    await store.cursors.set(MODE, mode);
    return { mode, liveFromMs: null };
  }
  if ((await store.cursors.get(MODE)) === 'shadow') {
    // In this order: a stop in between leaves a mode that sets a later time, never one that sets none.
    await store.cursors.set(LIVE_FROM, String(clock.nowMs()));
    await store.orders.wake(['shadow_would_act'], clock.nowMs());
    await store.cursors.set(MODE, mode);
  }
  const keptMs = Number((await store.cursors.get(LIVE_FROM)) ?? 0);
  const liveFromMs = Math.max(keptMs, configuredMs ?? 0);
  return { mode, liveFromMs: liveFromMs === 0 ? null : liveFromMs };
};
