import { mayAct } from '../people/principal.ts';
import type { SkuMapEntry } from '../store/store.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { badge, card, count, csrfField, empty, notice, table } from './parts.ts';
import type { MapChanges } from './sku-map-changes.ts';

/** Changes to the map, and the proof of which map they are changes to. */
export type SealedChanges = { changes: MapChanges; seal: string };

export type SkuMapData = {
  /** The entries of this page. */
  entries: readonly SkuMapEntry[];
  /** How many fit the search, and how many there are. */
  found: number;
  all: number;
  q: string;
  pageNumber: number;
  /** What undoing the last change would do; null: it cannot be undone. */
  undo: SealedChanges | null;
  said: Html | null;
};

export const MAP_PAGE = 50;

const partsText = ({ components }: SkuMapEntry): string =>
  components.map(({ amazonSku, quantity }) => `${quantity} × ${amazonSku}`).join(', ');

const shopText = ({ shopId }: SkuMapEntry): string => shopId ?? 'every shop';

const editForms = (context: PageContext, entry: SkuMapEntry): Html => html`<div class="actions">
  <a class="button second" href="/console/sku-map/entry?${new URLSearchParams({ shopId: entry.shopId ?? '', channelSku: entry.channelSku }).toString()}">Edit</a>
  <form method="post" action="/console/sku-map/remove" data-confirm="Take ${entry.channelSku} out of the map?">${csrfField(context.csrfToken)}
    <input type="hidden" name="shopId" value="${entry.shopId ?? ''}"><input type="hidden" name="channelSku" value="${entry.channelSku}"><button class="plain">Remove</button></form></div>`;

const searchForm = (
  q: string,
): Html => html`<form class="inline" action="/console/sku-map"><div class="field"><label for="sku-q">Find a SKU</label>
  <input id="sku-q" name="q" value="${q}" placeholder="TikTok or Amazon SKU"></div><button class="second">Find</button></form>`;

const pager = ({ found, q, pageNumber }: SkuMapData): Html => {
  const last = Math.max(1, Math.ceil(found / MAP_PAGE));
  if (last === 1) return nothing;
  const link = (to: number, text: string): Html =>
    to < 1 || to > last
      ? nothing
      : html`<a class="button second" href="/console/sku-map?${new URLSearchParams({ q, page: String(to) }).toString()}">${text}</a>`;
  return html`<p class="actions">${link(pageNumber - 1, 'Page before')}<span>Page ${pageNumber} of ${last}</span>${link(pageNumber + 1, 'Next page')}</p>`;
};

/** One row to be filled in or changed; a bundle has a line for each Amazon SKU in it. */
export const entryForm = (
  context: PageContext,
  entry: SkuMapEntry | null,
): Html => html`<form method="post" action="/console/sku-map/put">${csrfField(context.csrfToken)}
  <div class="field"><label for="entry-shop">Shop id</label><input id="entry-shop" name="shopId" value="${entry?.shopId ?? ''}" placeholder="every shop" ${entry ? html`readonly` : nothing}></div>
  <div class="field"><label for="entry-sku">TikTok seller SKU or SKU id</label><input id="entry-sku" name="channelSku" value="${entry?.channelSku ?? ''}" required maxlength="200" ${entry ? html`readonly` : nothing}></div>
  <div class="field"><label for="entry-parts">What Amazon ships for one unit <span class="hint">one line each: quantity, then the Amazon SKU, such as “2 MUG-BLUE”</span></label>
    <textarea id="entry-parts" name="components" required>${(entry?.components ?? []).map(({ amazonSku, quantity }) => `${quantity} ${amazonSku}`).join('\n')}</textarea></div>
  <button>Save</button></form>`;

const undoCard = (context: PageContext, { changes, seal }: SealedChanges): Html => {
  const { added, changed, removed } = changes;
  return card(
    'Undo',
    html`<p>Brings back the map as it was before its last change: ${count(added.length)} rows come back, ${count(changed.length)} change, ${count(removed.length)} go. It is kept until the service starts anew.</p>
    <form method="post" action="/console/sku-map/undo" data-confirm="Bring back the map as it was before the last change?">${csrfField(context.csrfToken)}<input type="hidden" name="seal" value="${seal}"><button class="second" data-command="Undo the last change of the SKU map">Undo the last change</button></form>`,
  );
};

const tools = (context: PageContext, undo: SealedChanges | null): Html => {
  const limited = context.principal.shopIds !== null;
  return html`<div class="grid">${card('Add a row', entryForm(context, null))}${card(
    'Replace the map by a CSV',
    html`<form method="post" action="/console/sku-map/preview">${csrfField(context.csrfToken)}
      <div class="field"><label for="map-csv">CSV with the header <code>shop_id,channel_sku,amazon_sku,quantity</code> <span class="hint">a bundle is several rows; an empty shop_id means every shop</span></label>
      <textarea id="map-csv" name="csv" required spellcheck="false"></textarea></div>
      <div class="field"><label for="map-file">or a file</label><input id="map-file" type="file" accept=".csv,text/csv" data-reads-into="map-csv"></div>
      <button>See what would change</button></form>
      <p class="hint">${limited ? 'Only rows of your shops can be in it; those of others stay as they are.' : 'The CSV replaces the whole map. Nothing changes before you have seen what would.'}</p>`,
  )}${undo ? undoCard(context, undo) : nothing}</div>`;
};

/** `/console/sku-map`: which Amazon SKU ships what. */
export const skuMapPage = (context: PageContext, data: SkuMapData): Html => {
  const isOperator = mayAct(context.principal, 'operator');
  const list =
    data.entries.length === 0
      ? empty(
          data.all === 0 ? 'The map is empty' : 'No row fits',
          data.all === 0
            ? html`A seller SKU that is the same text at Amazon needs no row. <a href="/console/sku-map/report">See which listings lead nowhere</a>.`
            : html`<a href="/console/sku-map">Show all ${count(data.all)} rows</a>.`,
        )
      : table(
          'SKU map',
          [
            {
              title: 'TikTok SKU',
              cell: ({ channelSku }) => html`<span class="mono">${channelSku}</span>`,
              kind: 'wide',
            },
            { title: 'Amazon ships', cell: partsText, kind: 'wide' },
            { title: 'Shop', cell: shopText },
            ...(isOperator
              ? [{ title: 'Change', cell: (entry: SkuMapEntry) => editForms(context, entry) }]
              : []),
          ],
          data.entries,
        );
  return page(
    context,
    'SKU map',
    html`${data.said ?? nothing}<div class="card">${searchForm(data.q)}${list}${pager(data)}</div>${isOperator ? tools(context, data.undo) : nothing}`,
    html`<div class="actions"><a class="button second" href="/console/sku-map/report" data-command="Check listings against Amazon">Check listings</a><a class="button second" href="/console/sku-map.csv" download>CSV</a></div>`,
  );
};

/** `/console/sku-map/entry`: one row to change. */
export const entryPage = (context: PageContext, entry: SkuMapEntry | null): Html =>
  page(context, 'SKU map: a row', html`<div class="card">${entryForm(context, entry)}</div>`);

const changeRows = (changes: MapChanges) => [
  ...changes.added.map((entry) => ({
    what: badge('added', 'good'),
    entry,
    before: '',
    after: partsText(entry),
  })),
  ...changes.changed.map(({ from, to }) => ({
    what: badge('changed', 'warn'),
    entry: to,
    before: partsText(from),
    after: partsText(to),
  })),
  ...changes.removed.map((entry) => ({
    what: badge('removed', 'bad'),
    entry,
    before: partsText(entry),
    after: '',
  })),
];

/** More rows than anybody reads before saying yes. */
const SHOWN_CHANGES = 500;

/** What a CSV would change, or why it cannot be taken. `seal` proves that the map is still the one it was compared with. */
export const mapPreviewPage = (
  context: PageContext,
  csv: string,
  preview: SealedChanges | { faults: readonly string[] },
): Html => {
  if ('faults' in preview)
    return page(
      context,
      'SKU map: the CSV has bad rows',
      html`${notice('Nothing was changed. Mend these rows and look again.', 'bad')}<div class="card"><ul>${preview.faults.map((fault) => html`<li>${fault}</li>`)}</ul>
      <form method="post" action="/console/sku-map/preview">${csrfField(context.csrfToken)}<div class="field"><label for="map-csv">CSV</label><textarea id="map-csv" name="csv" required spellcheck="false" aria-invalid="true">${csv}</textarea></div><button>Look again</button></form></div>`,
    );
  const rows = changeRows(preview.changes);
  const body =
    rows.length === 0
      ? empty(
          'Nothing would change',
          html`The CSV is the map that is in force. <a href="/console/sku-map">Back to the map</a>.`,
        )
      : html`<p>${count(preview.changes.added.length)} added, ${count(preview.changes.changed.length)} changed, ${count(preview.changes.removed.length)} removed, ${count(preview.changes.same)} as they are.</p>
      ${table(
        'Changes',
        [
          { title: 'Row', cell: ({ what }) => what },
          {
            title: 'TikTok SKU',
            cell: ({ entry }) => html`<span class="mono">${entry.channelSku}</span>`,
            kind: 'wide',
          },
          { title: 'Shop', cell: ({ entry }) => shopText(entry) },
          {
            title: 'Before',
            cell: ({ before }) => (before === '' ? '–' : html`<del>${before}</del>`),
            kind: 'wide',
          },
          {
            title: 'After',
            cell: ({ after }) => (after === '' ? '–' : html`<ins>${after}</ins>`),
            kind: 'wide',
          },
        ],
        rows.slice(0, SHOWN_CHANGES),
      )}${rows.length > SHOWN_CHANGES ? html`<p>and ${count(rows.length - SHOWN_CHANGES)} more.</p>` : nothing}
      <form method="post" action="/console/sku-map/apply" class="actions">${csrfField(context.csrfToken)}<input type="hidden" name="seal" value="${preview.seal}"><textarea name="csv" hidden>${csv}</textarea>
        <button data-command="Apply the new map">Apply</button><a class="button second" href="/console/sku-map">Leave it as it is</a></form>`;
  return page(context, 'SKU map: what would change', html`<div class="card">${body}</div>`);
};
