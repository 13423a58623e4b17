import type { SkuReport } from '../inventory/sku-match.ts';
import { type Line, notChecked, passed, warned } from './line.ts';
import type { Probe } from './probes.ts';

const OPEN = ['suggested', 'ambiguous', 'unmapped', 'unknown_at_amazon', 'duplicate'] as const;
const NAMED = 5;

const linesOf = ({ rows }: SkuReport): Line[] => {
  const isOpen = (status: string): boolean => OPEN.some((open) => open === status);
  const byShop = Map.groupBy(rows, ({ shopId }) => shopId);
  return [...byShop].map(([shopId, ofShop]) => {
    const open = ofShop.filter(({ status }) => isOpen(status));
    if (open.length === 0)
      return passed('sku_map', `All ${ofShop.length} listings lead to SKUs that Amazon has.`, { shopId });
    const named = open
      .slice(0, NAMED)
      .map(({ sellerSku, skuId, status }) => `${sellerSku || skuId} (${status})`);
    const more = open.length > NAMED ? ` and ${open.length - NAMED} more` : '';
    return warned(
      'sku_map',
      `${open.length} of ${ofShop.length} listings lead to no SKU of Amazon’s, so their orders wait for a person: ${named.join(', ')}${more}.`,
      'See `mcf-connector sku-map report`, then add the missing rows by `mcf-connector sku-map import` or PUT /api/sku-map.',
      { shopId },
    );
  });
};

/** Which listings have no Amazon SKU. Needs both sides, whose own lines tell when one does not answer. */
export const skuProbe = (report: () => Promise<SkuReport>): Probe => ({
  checks: ['sku_map'],
  async run() {
    try {
      return linesOf(await report());
    } catch {
      return notChecked(
        ['sku_map'],
        'TikTok or Amazon did not answer.',
        'Mend what else is named here first.',
      );
    }
  },
});
