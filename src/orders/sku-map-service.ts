import { readFileSync } from 'node:fs';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { ok, type Result } from '../lib/result.ts';
import type { SkuMapEntry, Store } from '../store/store.ts';
import { createSkuMap, type SkuMap } from './sku-map.ts';
import { readSkuMapCsv } from './sku-map-csv.ts';

/** The map in force, held in memory and replaced whole. */
export type SkuMapService = {
  current(): SkuMap;
  entries(): readonly SkuMapEntry[];
  /** Throws `AppError` that names every bad row; the old map then stays in force. */
  replace(read: Result<SkuMapEntry[], string[]>): Promise<void>;
  /** Adds entries, or replaces those of the same shop and SKU. */
  put(more: readonly SkuMapEntry[]): Promise<void>;
};

/**
 * Loads the map: from `file` when one is set (it is the truth at every start), else from the store. Throws
 * `AppError` with every bad row; the stored map is untouched then.
 */
export const openSkuMap = async (options: {
  store: Pick<Store, 'skuMap'>;
  clock: Clock;
  fallback: 'identity' | 'none';
  file: string | undefined;
}): Promise<SkuMapService> => {
  const { store, clock, fallback, file } = options;
  let entries: readonly SkuMapEntry[] = await store.skuMap.all();
  let map = createSkuMap(entries, fallback);

  const replace = async (read: Result<SkuMapEntry[], string[]>): Promise<void> => {
    if (!read.ok) {
      throw new AppError(
        'sku_map_invalid',
        400,
        'The SKU map has bad rows; nothing was changed.',
        read.problem,
      );
    }
    // The file is read at every start, and a map makes every order due that is not at Amazon.
    if (JSON.stringify(read.value) === JSON.stringify(entries)) return;
    await store.skuMap.replace(read.value, clock.nowMs());
    entries = read.value;
    map = createSkuMap(entries, fallback);
  };

  if (file !== undefined) await replace(readSkuMapCsv(readText(file)));
  const put = (more: readonly SkuMapEntry[]): Promise<void> => {
    const isReplaced = (entry: SkuMapEntry): boolean =>
      more.some((next) => next.shopId === entry.shopId && next.channelSku === entry.channelSku);
    return replace(ok([...entries.filter((entry) => !isReplaced(entry)), ...more]));
  };
  return { current: () => map, entries: () => entries, replace, put };
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new AppError('sku_map_unreadable', 500, 'SKU_MAP_FILE cannot be read.');
  }
};
