import type { SharingRule } from '../store/store.ts';
import { availableUnits } from './available.ts';

/** One Amazon SKU of one account, and who sells it. */
export type Share = {
  rule: SharingRule;
  /** Units that Amazon can ship now. */
  fulfillable: number;
  /** Units that no shop of the account may show. */
  buffer: number;
  /** Units promised and not yet taken out of Amazon's figure, by shop; those of shops that are gone as well. */
  promised: ReadonlyMap<string, number>;
  /** `buffer`: units that this shop may not show; the larger of it and the account's counts. */
  shops: readonly { shopId: string; buffer: number }[];
};

const sumOf = (numbers: Iterable<number>): number => [...numbers].reduce((sum, next) => sum + next, 0);

/** Units that all shops of the account together may show; never below zero. */
export const availableInAll = ({ fulfillable, buffer, promised }: Share): number =>
  availableUnits({ fulfillable }, sumOf(promised.values()), buffer);

/** Cuts figures down in proportion, so that they are together no more than `most`. */
const within = (figures: ReadonlyMap<string, number>, most: number): Map<string, number> => {
  const sum = sumOf(figures.values());
  if (sum <= most) return new Map(figures);
  return new Map([...figures].map(([shopId, units]) => [shopId, Math.floor((units * most) / sum)]));
};

const shareByPercent = (
  share: Share,
  percentByShop: Readonly<Record<string, number>>,
): Map<string, number> => {
  const { fulfillable, buffer, promised, shops } = share;
  const figures = shops.map((shop): [string, number] => {
    const percent = Object.hasOwn(percentByShop, shop.shopId) ? (percentByShop[shop.shopId] ?? 0) : 0;
    const own = Math.floor((Math.max(0, fulfillable - buffer) * percent) / 100 + 1e-9);
    const kept = Math.max(0, shop.buffer - buffer);
    return [shop.shopId, Math.max(0, own - (promised.get(shop.shopId) ?? 0) - kept)];
  });
  return within(new Map(figures), availableInAll(share));
};

const shareInOrder = (
  share: Share,
  order: Extract<SharingRule, { kind: 'priority' }>['shops'],
): Map<string, number> => {
  let left = availableInAll(share);
  const shown = new Map(share.shops.map(({ shopId }) => [shopId, 0]));
  const served = new Set<string>();
  for (const { shopId, atMostUnits } of order) {
    const shop = share.shops.find((candidate) => candidate.shopId === shopId);
    if (!shop || served.has(shopId)) continue;
    served.add(shopId);
    const given = Math.min(left, atMostUnits ?? left);
    left -= given;
    shown.set(shopId, Math.max(0, given - Math.max(0, shop.buffer - share.buffer)));
  }
  return shown;
};

/**
 * What each shop may show of one Amazon SKU. `all`: everyone all that is left, so that two shops can sell the same last
 * unit. `shares` and `priority`: together never more than is left; what no shop has a claim to is held back. Pure.
 */
export const shareOut = (share: Share): Map<string, number> => {
  const { rule, shops, buffer } = share;
  if (rule.kind === 'shares') return shareByPercent(share, rule.percentByShop);
  if (rule.kind === 'priority') return shareInOrder(share, rule.shops);
  const available = availableInAll(share);
  return new Map(
    shops.map((shop) => [shop.shopId, Math.max(0, available - Math.max(0, shop.buffer - buffer))]),
  );
};
