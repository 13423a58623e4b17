import { readFileSync } from 'node:fs';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Result } from '../lib/result.ts';
import type { SkuMapEntry, Store, VisibleShops } from '../store/store.ts';
import { createSkuMap, type SkuMap } from './sku-map.ts';
import { readSkuMapCsv } from './sku-map-csv.ts';

/** Told the map when a change's turn has come; what it throws refuses the change. */
export type MapGuard = (now: readonly SkuMapEntry[]) => void;

/** The map in force, held in memory and replaced whole. */
export type SkuMapService = {
  current(): SkuMap;
  entries(): readonly SkuMapEntry[];
  /**
   * Puts a map into force: all of it, or the entries of these shops, while the others stay. Throws `AppError` that names
   * every bad row, or every entry that is not of these shops; the old map then stays in force.
   */
  replace(read: Result<SkuMapEntry[], string[]>, shopIds?: VisibleShops, guard?: MapGuard): Promise<void>;
  /** Adds entries, or replaces those of the same shop and SKU. */
  put(more: readonly SkuMapEntry[]): Promise<void>;
  /** Takes one entry out. Throws `AppError` when there is none of that name. */
  remove(name: Pick<SkuMapEntry, 'shopId' | 'channelSku'>): Promise<void>;
  /** The map before the last change since the start, which can be brought back; null: there is none. */
  before(): readonly SkuMapEntry[] | null;
  /** Brings it back. Throws `AppError` when there is none. */
  undo(guard?: MapGuard): Promise<void>;
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
  let before: readonly SkuMapEntry[] | null = null;

  const setTo = async (next: readonly SkuMapEntry[]): Promise<void> => {
    // The file is read at every start, and a map makes every order due that is not at Amazon.
    if (JSON.stringify(next) === JSON.stringify(entries)) return;
    await store.skuMap.replace(next, clock.nowMs());
    before = entries;
    entries = next;
    map = createSkuMap(entries, fallback);
  };
  // What is kept of the map in force is read when the change's turn has come, so that none undoes another.
  let turn: Promise<void> = Promise.resolve();
  const change = (make: () => readonly SkuMapEntry[], guard?: MapGuard): Promise<void> => {
    const changed = turn.then(() => {
      guard?.(entries);
      return setTo(make());
    });
    turn = changed.catch(() => undefined);
    return changed;
  };

  const replace: SkuMapService['replace'] = async (read, shopIds = null, guard) => {
    const given = validOf(read);
    if (shopIds === null) return change(() => given, guard);
    const isTheirs = ({ shopId }: SkuMapEntry): boolean => shopId !== null && shopIds.includes(shopId);
    refuseOthers(given.filter((entry) => !isTheirs(entry)));
    return change(() => [...entries.filter((entry) => !isTheirs(entry)), ...given], guard);
  };

  if (file !== undefined) await replace(readSkuMapCsv(readText(file)));
  before = null;
  const put = (more: readonly SkuMapEntry[]): Promise<void> => {
    const isReplaced = (entry: SkuMapEntry): boolean => more.some((next) => isNamed(entry, next));
    return change(() => [...entries.filter((entry) => !isReplaced(entry)), ...more]);
  };
  const remove: SkuMapService['remove'] = (name) =>
    change(() => {
      const kept = entries.filter((entry) => !isNamed(entry, name));
      if (kept.length === entries.length)
        throw new AppError('sku_map_row_unknown', 404, 'channelSku: the SKU map has no such row any more.');
      return kept;
    });
  const undo: SkuMapService['undo'] = (guard) =>
    change(() => {
      if (before === null)
        throw new AppError('nothing_to_undo', 409, 'The SKU map was not changed since the service started.');
      return before;
    }, guard);
  return {
    current: () => map,
    entries: () => entries,
    replace,
    put,
    remove,
    before: () => before,
    undo,
  };
};

const isNamed = (entry: SkuMapEntry, name: Pick<SkuMapEntry, 'shopId' | 'channelSku'>): boolean =>
  entry.shopId === name.shopId && entry.channelSku === name.channelSku;

const validOf = (read: Result<SkuMapEntry[], string[]>): SkuMapEntry[] => {
  if (read.ok) return read.value;
  throw new AppError('sku_map_invalid', 400, 'The SKU map has bad rows; nothing was changed.', read.problem);
};

/** A list of faults longer than anybody reads. */
const MAX_NAMED = 1_000;

const refuseOthers = (others: readonly SkuMapEntry[]): void => {
  if (others.length === 0) return;
  throw new AppError(
    'sku_map_not_yours',
    403,
    'entries: each needs the shopId of a shop of yours; entries of other shops and for all shops stay as they are. Nothing was changed.',
    others
      .slice(0, MAX_NAMED)
      .map(
        ({ shopId, channelSku }) =>
          `${channelSku}: ${shopId === null ? 'has no shopId' : 'is not of your shops'}`,
      ),
  );
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new AppError('sku_map_unreadable', 500, 'SKU_MAP_FILE cannot be read.');
  }
};
