import { mayAct } from '../people/principal.ts';
import type { ListingRow, StockRow } from '../store/store.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { badge, type Column, card, count, csrfField, empty, table, time } from './parts.ts';

/** One Amazon SKU of one account; the figures are null where they would tell about other shops. */
export type StockView = {
  amazonSku: string;
  account: string;
  figures: Pick<StockRow, 'fulfillable' | 'promised' | 'buffer' | 'available'> | null;
  readAtMs: number | null;
  listings: readonly ListingRow[];
  /** At the sales of the last fourteen days; null: none was sold, or it is not to be shown. */
  coverDays: number | null;
  isPaused: boolean;
};

export const STOCK_FILTERS = ['all', 'short', 'paused', 'unset'] as const;
export type StockFilter = (typeof STOCK_FILTERS)[number];

export type InventoryData = {
  rows: readonly StockView[];
  /** How many fit beyond those shown. */
  more: number;
  q: string;
  show: StockFilter;
  said: Html | null;
};

/** Less than this is short: a shipment to Amazon takes longer. */
const SHORT_DAYS = 7;
const CHARTED = 10;
const FILTER_TITLES: Readonly<Record<StockFilter, string>> = {
  all: 'All',
  short: `Runs out within ${SHORT_DAYS} days`,
  paused: 'Paused',
  unset: 'Never set on a listing',
};

export const isShort = ({ coverDays }: StockView): boolean => coverDays !== null && coverDays < SHORT_DAYS;

const cover = (row: StockView): Html => {
  if (row.coverDays === null)
    return html`<span class="none">${row.figures === null ? '–' : 'no sales'}</span>`;
  const days = `${count(Math.floor(row.coverDays))} days`;
  return isShort(row) ? badge(days, 'bad') : html`${days}`;
};

const listings = (row: StockView): Html =>
  row.listings.length === 0
    ? html`<span class="none">no listing</span>`
    : html`<ul class="plain-list">${row.listings.map(
        ({ shopId, sellerSku, pushedQuantity, pushedAtMs }) =>
          html`<li>${shopId} · <span class="mono">${sellerSku}</span>: ${pushedQuantity === null ? 'never set' : html`${count(pushedQuantity)} ${time(pushedAtMs, 'relative')}`}</li>`,
      )}</ul>`;

const number = (row: StockView, name: keyof NonNullable<StockView['figures']>): string =>
  row.figures === null ? '–' : count(row.figures[name]);

const pauseForm = (
  context: PageContext,
  row: StockView,
): Html => html`<form method="post" action="/console/inventory/pause">${csrfField(context.csrfToken)}
  <input type="hidden" name="amazonSku" value="${row.amazonSku}"><input type="hidden" name="paused" value="${row.isPaused ? 'false' : 'true'}">
  <button class="plain" data-command="${row.isPaused ? 'Go on selling' : 'Pause'} ${row.amazonSku}">${row.isPaused ? 'Go on' : 'Pause'}</button></form>`;

const WIDTH = 640;
const ROW = 26;
const LABEL = 190;

/** Bars of the scarcest, drawn here so that no script is needed; the same numbers stand in the table below. */
const chart = (rows: readonly StockView[]): Html => {
  const scarcest = rows.filter((row) => row.coverDays !== null).slice(0, CHARTED);
  if (scarcest.length < 2) return nothing;
  const most = Math.max(...scarcest.map(({ coverDays }) => coverDays ?? 0), 1);
  const bars = scarcest.map(({ amazonSku, coverDays }, index) => {
    const days = coverDays ?? 0;
    const y = index * ROW;
    const width = Math.max(2, Math.round((days / most) * (WIDTH - LABEL - 60)));
    return html`<text x="${LABEL - 8}" y="${y + 17}" text-anchor="end">${amazonSku.slice(0, 26)}</text><rect class="${days < SHORT_DAYS ? 'b' : 'a'}" x="${LABEL}" y="${y + 5}" width="${width}" height="16" rx="3"></rect><text x="${LABEL + width + 6}" y="${y + 17}">${Math.floor(days)} d</text>`;
  });
  return card(
    'How long the scarcest last',
    html`<svg class="chart" viewBox="0 0 ${WIDTH} ${scarcest.length * ROW}" role="img" aria-label="Days of stock of the ${scarcest.length} scarcest SKUs; the numbers are in the table below">${bars}</svg>`,
  );
};

const filters = ({ q, show }: InventoryData): Html =>
  html`<form class="inline" action="/console/inventory"><div class="field"><label for="stock-q">Find a SKU</label><input id="stock-q" name="q" value="${q}"></div>
  <div class="field"><label for="stock-show">Show</label><select id="stock-show" name="show">${STOCK_FILTERS.map((name) => html`<option value="${name}" ${name === show ? html`selected` : nothing}>${FILTER_TITLES[name]}</option>`)}</select></div><button class="second">Find</button></form>`;

const columns = (context: PageContext): Column<StockView>[] => [
  {
    title: 'Amazon SKU',
    cell: (row) =>
      html`<span class="mono">${row.amazonSku}</span>${row.isPaused ? html` ${badge('paused', 'warn')}` : nothing}`,
    kind: 'wide',
  },
  { title: 'Lasts', cell: cover },
  { title: 'Fulfillable', cell: (row) => number(row, 'fulfillable'), kind: 'number' },
  { title: 'Promised', cell: (row) => number(row, 'promised'), kind: 'number' },
  { title: 'Buffer', cell: (row) => number(row, 'buffer'), kind: 'number' },
  { title: 'Available', cell: (row) => number(row, 'available'), kind: 'number' },
  { title: 'Listings', cell: listings, kind: 'wide' },
  { title: 'Account', cell: ({ account }) => account },
  { title: 'Read', cell: ({ readAtMs }) => time(readAtMs, 'relative') },
  ...(mayAct(context.principal, 'operator')
    ? [{ title: 'Change', cell: (row: StockView) => pauseForm(context, row) }]
    : []),
];

const nothingFound = ({ q, show }: InventoryData): Html =>
  q === '' && show === 'all'
    ? empty(
        'No stock was read yet',
        html`It is read with each pass, once a listing of a shop leads to an Amazon SKU. <a href="/console/sku-map">See the SKU map</a>.`,
      )
    : empty('No SKU fits', html`<a href="/console/inventory">Show all SKUs</a>.`);

/** `/console/inventory`: what Amazon has, what is promised, what each listing shows, and how long it lasts. */
export const inventoryPage = (context: PageContext, data: InventoryData): Html => {
  const { rows, more, said } = data;
  const push =
    mayAct(context.principal, 'operator') && context.principal.shopIds === null
      ? html`<form method="post" action="/console/inventory/push">${csrfField(context.csrfToken)}<button data-command="Set the stock of all listings now">Set the stock now</button></form>`
      : nothing;
  return page(
    context,
    'Inventory',
    html`${said ?? nothing}${chart(rows)}<div class="card">${filters(data)}${rows.length === 0 ? nothingFound(data) : table('Stock', columns(context), rows)}${
      more > 0 ? html`<p>${count(more)} more fit; narrow the search to see them.</p>` : nothing
    }</div>`,
    push,
  );
};
