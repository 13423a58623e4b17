import { SKU_STATUSES, type SkuReportRow, type SkuStatus, suggestedEntries } from '../inventory/sku-match.ts';
import { mayAct } from '../people/principal.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { badge, count, csrfField, empty, type Tone, table, time } from './parts.ts';

export const REPORT = '/console/sku-map/report';
/** More listings than anybody works through on one page. */
export const REPORT_PAGE = 100;

export type SkuReportData = {
  /** Of the shops that the reader sees, with the status asked for. */
  rows: readonly SkuReportRow[];
  summary: Readonly<Record<SkuStatus, number>>;
  status: SkuStatus | null;
  q: string;
  readAtMs: number;
  said: Html | null;
};

const STATUS_WORDS: Readonly<Record<SkuStatus, { title: string; tone: Tone; meaning: string }>> = {
  mapped: { title: 'mapped', tone: 'good', meaning: 'A row of the map names what ships it.' },
  identity: { title: 'same SKU', tone: 'good', meaning: 'Amazon has the same SKU; no row is needed.' },
  suggested: { title: 'suggestion', tone: 'warn', meaning: 'Amazon has one SKU that looks like it.' },
  ambiguous: { title: 'several fit', tone: 'warn', meaning: 'Amazon has several SKUs that look like it.' },
  unmapped: { title: 'leads nowhere', tone: 'bad', meaning: 'Its orders would wait in review. Add a row.' },
  unknown_at_amazon: {
    title: 'not at Amazon',
    tone: 'bad',
    meaning: 'What would ship it is no SKU of Amazon. Check its spelling.',
  },
  duplicate: {
    title: 'sold twice',
    tone: 'warn',
    meaning: 'Several listings carry this seller SKU. Add a row for each by its SKU id.',
  },
  virtual_bundle: {
    title: 'TikTok bundle',
    tone: 'quiet',
    meaning: 'TikTok takes it apart by itself; its parts count.',
  },
};

const href = (status: SkuStatus | null, q: string): string => {
  const query = new URLSearchParams({ ...(status ? { status } : {}), ...(q === '' ? {} : { q }) }).toString();
  return query === '' ? REPORT : `${REPORT}?${query}`;
};

const tabs = ({ summary, status, q }: SkuReportData): Html => {
  const total = Object.values(summary).reduce((sum, one) => sum + one, 0);
  const tab = (to: SkuStatus | null, title: string, found: number): Html =>
    html`<a href="${href(to, q)}" ${to === status ? html`aria-current="page"` : nothing}>${title} ${count(found)}</a>`;
  return html`<nav class="tabs" aria-label="States">${tab(null, 'All', total)}${SKU_STATUSES.filter(
    (one) => summary[one] > 0 || one === status,
  ).map((one) => tab(one, STATUS_WORDS[one].title, summary[one]))}</nav>`;
};

const suggestions = (context: PageContext, row: SkuReportRow): Html => {
  if (!mayAct(context.principal, 'operator'))
    return row.suggestions.length === 0 ? html`–` : html`${row.suggestions.join(', ')}`;
  const entries = row.suggestions.flatMap((one) =>
    suggestedEntries({ rows: [{ ...row, status: 'suggested', suggestions: [one] }] }),
  );
  if (entries.length === 0) return html`–`;
  return html`<div class="actions">${entries.map(
    ({ shopId, channelSku, components }) =>
      html`<form method="post" action="/console/sku-map/put" hx-post="/console/sku-map/put" hx-target="closest .actions" hx-swap="innerHTML">${csrfField(context.csrfToken)}
      <input type="hidden" name="shopId" value="${shopId ?? ''}"><input type="hidden" name="channelSku" value="${channelSku}"><input type="hidden" name="back" value="${REPORT}"><input type="hidden" name="components" value="${components.map(({ quantity, amazonSku }) => `${quantity} ${amazonSku}`).join('\n')}"><button class="second">Add ${components.map(({ amazonSku }) => amazonSku).join(', ')}</button></form>`,
  )}</div>`;
};

const rowsTable = (context: PageContext, rows: readonly SkuReportRow[]): Html =>
  table(
    'Listings',
    [
      {
        title: 'Listing',
        kind: 'wide',
        cell: ({ sellerSku, skuId }) =>
          html`<span class="mono">${sellerSku === '' ? 'no seller SKU' : sellerSku}</span> <span class="soft">SKU id ${skuId}</span>`,
      },
      { title: 'Shop', cell: ({ shopId }) => shopId },
      {
        title: 'State',
        kind: 'wide',
        cell: ({ status }) =>
          html`${badge(STATUS_WORDS[status].title, STATUS_WORDS[status].tone)} <span class="soft">${STATUS_WORDS[status].meaning}</span>`,
      },
      {
        title: 'Amazon ships',
        kind: 'wide',
        cell: ({ components }) =>
          (components ?? []).map(({ amazonSku, quantity }) => `${quantity} × ${amazonSku}`).join(', ') || '–',
      },
      { title: 'Suggestion', kind: 'wide', cell: (row) => suggestions(context, row) },
    ],
    rows.slice(0, REPORT_PAGE),
  );

/** `/console/sku-map/report`: how each listing leads to Amazon's SKUs, or why it does not. */
export const skuReportPage = (context: PageContext, data: SkuReportData): Html => {
  const { rows, status, q } = data;
  const list =
    rows.length === 0
      ? empty(
          status === null && q === '' ? 'No listing' : 'No listing fits',
          status === null && q === ''
            ? html`TikTok Shop shows no listing of your shops. Look at <a href="/console/shops">the shops</a>.`
            : html`<a href="${REPORT}">Show all listings</a>.`,
        )
      : html`${rowsTable(context, rows)}${
          rows.length > REPORT_PAGE
            ? html`<p>The first ${count(REPORT_PAGE)} of ${count(rows.length)}. Search for a SKU to see the others.</p>`
            : nothing
        }`;
  return page(
    context,
    'Listings against Amazon',
    html`${data.said ?? nothing}${tabs(data)}<div class="card">
      <form class="inline" action="${REPORT}">${status ? html`<input type="hidden" name="status" value="${status}">` : nothing}<div class="field"><label for="report-q">Find a SKU</label><input id="report-q" name="q" value="${q}"></div><button class="second">Find</button></form>
      ${list}<p class="hint">Read from TikTok Shop and Amazon ${time(data.readAtMs, 'relative')}. A suggestion takes effect only when you add it.</p></div>`,
    html`<div class="actions"><a class="button second" href="${REPORT}?again=1" data-command="Read the listings again">Read again</a><a class="button second" href="/console/sku-map">SKU map</a></div>`,
  );
};
