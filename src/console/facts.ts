import type { Principal } from '../people/principal.ts';
import type { Hour } from './hours.ts';

/** Figures that the store has not as such. */
export type ConsoleFacts = {
  /** When the order that is due longest became due; null: nothing waits. */
  oldestDueMs(shopIds: readonly string[] | null): Promise<number | null>;
  /** How long each took, of the last day or since the start if that is later. */
  kept(): { seenMs: readonly number[]; trackedMs: readonly number[] };
  /** Units a day, by `saleKey`. */
  soldPerDay(): Promise<ReadonlyMap<string, number>>;
  /** The last day, hour by hour. */
  hours(principal: Principal): Promise<Hour[]>;
  quotas(): { account: string; left: number; burst: number }[];
  /** Amazon SKUs that run out first, at the sales of the last fourteen days. */
  scarce(most: number): Promise<{ amazonSku: string; available: number; coverDays: number | null }[]>;
  /** What everybody has to know: shadow mode, pauses. */
  banners(principal: Principal): { text: string; tone: 'info' | 'warn' }[];
};
