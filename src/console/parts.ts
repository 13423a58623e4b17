import { isoTime } from '../lib/clock.ts';
import type { Stage } from '../orders/model.ts';
import { type Html, html, nothing } from './html.ts';

/** How a figure or a state is meant to be felt. Colour is never the only sign: each comes with its word. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'info';

const STAGE_TONES: Readonly<Record<Stage, Tone>> = {
  waiting: 'quiet',
  routing: 'info',
  fulfilling: 'info',
  shipped: 'good',
  completed: 'good',
  cancelled: 'quiet',
  review: 'bad',
  ignored: 'quiet',
};

export const badge = (text: string, tone: Tone): Html => html`<span class="badge ${tone}">${text}</span>`;

export const stageBadge = (stage: Stage): Html => badge(stage, STAGE_TONES[stage]);

/**
 * An instant, in words until the script shows it in the reader's zone; the exact instant is in its title. `relative`:
 * shown as "in 3 h" or "5 min ago".
 */
export const time = (atMs: number | null, style: 'at' | 'relative' = 'at'): Html => {
  if (atMs === null) return html`<span class="none">–</span>`;
  const iso = isoTime(atMs);
  return html`<time datetime="${iso}" title="${iso}" data-style="${style}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
};

/** A length of time in its two largest units. */
export const duration = (ms: number): string => {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor((minutes % 1440) / 60), 'h'],
    [minutes % 60, 'min'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).slice(0, 2);
  return shown.length === 0 ? '< 1 min' : shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
};

export const count = (value: number): string => value.toLocaleString('en-US');

/** What stands where there is nothing: why, and what to do next. */
export const empty = (title: string, next: Html): Html =>
  html`<div class="empty"><p class="empty-title">${title}</p><p>${next}</p></div>`;

/** A part of a page under a heading of its own. */
export const card = (title: string, body: Html, options: { id?: string; aside?: Html } = {}): Html => {
  const id = options.id ?? title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return html`<section class="card" aria-labelledby="${id}-title" id="${id}">
    <header><h2 id="${id}-title">${title}</h2>${options.aside ?? nothing}</header>${body}</section>`;
};

/** A figure with its name; `note` says what it means or what was promised. */
export const figure = (
  name: string,
  value: Html | string,
  note: Html | string = '',
  tone: Tone = 'quiet',
): Html =>
  html`<div class="figure ${tone}"><dt>${name}</dt><dd>${value}</dd>${note === '' ? nothing : html`<dd class="note">${note}</dd>`}</div>`;

export type Column<Row> = {
  title: string;
  cell: (row: Row) => Html | string;
  /** `number` lines up on the right; `wide` may wrap. */
  kind?: 'number' | 'wide';
};

/**
 * A table that turns into cards on a phone. `caption` is read aloud, and shown to nobody. `href`: where a row leads;
 * its first cell becomes the link and j, k and Enter move through rows.
 */
export const table = <Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  href?: (row: Row) => string,
): Html => {
  const cell = (row: Row, column: Column<Row>, index: number): Html => {
    const content = column.cell(row);
    const shown =
      href && index === 0 ? html`<a class="row-link" href="${href(row)}">${content}</a>` : content;
    return html`<td data-title="${column.title}" class="${column.kind ?? ''}">${shown}</td>`;
  };
  return html`<div class="table-box" role="region" aria-label="${caption}" tabindex="0"><table>
    <caption class="hidden">${caption}</caption>
    <thead><tr>${columns.map((column) => html`<th scope="col" class="${column.kind ?? ''}">${column.title}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr class="row">${columns.map((column, index) => cell(row, column, index))}</tr>`)}</tbody>
  </table></div>`;
};

/** What came of an action: read aloud when it appears. */
export const notice = (text: Html | string, tone: Tone): Html =>
  html`<p class="notice ${tone}" role="${tone === 'bad' ? 'alert' : 'status'}">${text}</p>`;

/** The token that every form which changes something carries. */
export const csrfField = (token: string): Html => html`<input type="hidden" name="_csrf" value="${token}">`;
