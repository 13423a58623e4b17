import type { SharingRule, ShopRow } from '../store/store.ts';

const strangers = (
  named: readonly string[],
  shops: readonly ShopRow[],
  accountId: string,
  path: string,
): string[] =>
  named
    .filter((shopId) => !shops.some((shop) => shop.shopId === shopId && shop.amazonAccount === accountId))
    .map((shopId) => `${path}: ${shopId} is no shop that draws on this account`);

const WHOLE_PERCENT = 100;
/** Thirds written with two decimals may sum up to a hair more. */
const ROUNDING_PERCENT = 1e-9;

/** What is wrong with a rule for the shops of an account; empty when nothing is. Pure. */
export const sharingFaults = (rule: SharingRule, shops: readonly ShopRow[], accountId: string): string[] => {
  if (rule.kind === 'all') return [];
  if (rule.kind === 'shares') {
    const path = 'sharing.percentByShop';
    const sum = Object.values(rule.percentByShop).reduce((total, percent) => total + percent, 0);
    const tooMuch =
      sum > WHOLE_PERCENT + ROUNDING_PERCENT ? [`${path}: the shares sum up to ${sum}, over 100`] : [];
    return [...strangers(Object.keys(rule.percentByShop), shops, accountId, path), ...tooMuch];
  }
  const named = rule.shops.map(({ shopId }) => shopId);
  const twice = named.filter((shopId, index) => named.indexOf(shopId) !== index);
  return [
    ...strangers(named, shops, accountId, 'sharing.shops'),
    ...twice.map((shopId) => `sharing.shops: ${shopId} is named twice`),
  ];
};
