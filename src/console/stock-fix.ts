import type { Visible } from '../http/inventory.ts';
import type { OrderRecord } from '../orders/model.ts';
import { type Html, html } from './html.ts';
import { empty, table, time } from './parts.ts';

type Need = { amazonSku: string; units: number; row: Visible | undefined };

const needsOf = ({ snapshot, amazonAccount }: OrderRecord, stock: readonly Visible[]): Need[] => {
  const units = new Map<string, number>();
  for (const line of snapshot?.lines ?? [])
    for (const { amazonSku, quantity } of line.components)
      units.set(amazonSku, (units.get(amazonSku) ?? 0) + quantity * line.units);
  const isOf = ({ stock: row }: Visible, amazonSku: string): boolean =>
    row.amazonSku === amazonSku && (amazonAccount === null || row.amazonAccount === amazonAccount);
  return [...units].map(([amazonSku, needed]) => ({
    amazonSku,
    units: needed,
    row: stock.find((one) => isOf(one, amazonSku)),
  }));
};

const figure = (value: number | undefined): string => (value === undefined ? '–' : String(value));

/** What Amazon has of what an order needs, as it was last read. */
export const stockFix = (record: OrderRecord, stock: readonly Visible[]): Html => {
  const needs = needsOf(record, stock);
  const seen = ({ row }: Need) => (row?.isWholeAccount ? row.stock : undefined);
  return html`<section class="fix" aria-label="Stock for ${record.key.orderId}">${
    needs.length === 0
      ? empty(
          'No Amazon SKU is known for it',
          html`Map its SKUs in the <a href="/console/sku-map">SKU map</a>.`,
        )
      : table(
          'Stock',
          [
            { title: 'Amazon SKU', cell: ({ amazonSku }) => html`<span class="mono">${amazonSku}</span>` },
            { title: 'Needed', kind: 'number', cell: ({ units }) => String(units) },
            { title: 'Amazon can ship', kind: 'number', cell: (need) => figure(seen(need)?.fulfillable) },
            { title: 'Promised', kind: 'number', cell: (need) => figure(seen(need)?.promised) },
            { title: 'Read', cell: ({ row }) => time(row?.stock.readAtMs ?? null, 'relative') },
          ],
          needs,
        )
  }<p class="hint">As it was last read from Amazon. When there is enough, try again; else send stock, ship by hand, or cancel.</p></section>`;
};
