import { createHash } from 'node:crypto';
import type { SkuMapEntry } from '../store/store.ts';

/** What makes one map into another. */
export type MapChanges = {
  added: SkuMapEntry[];
  changed: { from: SkuMapEntry; to: SkuMapEntry }[];
  removed: SkuMapEntry[];
  /** How many rows stay as they are. */
  same: number;
};

const nameOf = ({ shopId, channelSku }: SkuMapEntry): string => JSON.stringify([shopId, channelSku]);
const contentOf = ({ components }: SkuMapEntry): string =>
  JSON.stringify(components.map(({ amazonSku, quantity }) => [amazonSku, quantity]));

/** Compares two maps, entry by entry. Pure. */
export const changesBetween = (before: readonly SkuMapEntry[], after: readonly SkuMapEntry[]): MapChanges => {
  const old = new Map(before.map((entry) => [nameOf(entry), entry]));
  const changes: MapChanges = { added: [], changed: [], removed: [], same: 0 };
  for (const to of after) {
    const from = old.get(nameOf(to));
    old.delete(nameOf(to));
    if (!from) changes.added.push(to);
    else if (contentOf(from) === contentOf(to)) changes.same += 1;
    else changes.changed.push({ from, to });
  }
  changes.removed.push(...old.values());
  return changes;
};

/** Two maps with the same seal are the same. */
export const sealOf = (entries: readonly SkuMapEntry[]): string =>
  createHash('sha256')
    .update(JSON.stringify(entries.map((entry) => [nameOf(entry), contentOf(entry)])))
    .digest('base64url');
