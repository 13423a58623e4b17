import type { OrderRecord } from '../orders/model.ts';
import { REASONS, type ReasonCode } from '../orders/reasons.ts';
import { mayAct } from '../people/principal.ts';
import { type Html, html, nothing } from './html.ts';
import type { PageContext } from './layout.ts';
import { riskView } from './orders.ts';
import { count, csrfField } from './parts.ts';
import type { ReviewData } from './review.ts';
import { REVIEW, retryWords } from './review-words.ts';

/** The sum of the orders' totals, one text for each currency. Totals that are no number count nothing. */
export const sumOf = (orders: readonly OrderRecord[]): string => {
  const sums = new Map<string, { value: number; decimals: number }>();
  for (const { snapshot } of orders) {
    const total = snapshot?.total;
    const value = Number(total?.value);
    if (!total || !Number.isFinite(value)) continue;
    const before = sums.get(total.currency) ?? { value: 0, decimals: 0 };
    const decimals = Math.max(before.decimals, total.value.split('.')[1]?.length ?? 0);
    sums.set(total.currency, { value: before.value + value, decimals: Math.min(decimals, 4) });
  }
  return [...sums]
    .map(([currency, { value, decimals }]) => `${value.toFixed(decimals)} ${currency}`)
    .join(' + ');
};

const bulkForms = (context: PageContext, code: ReasonCode, orders: number): Html => {
  if (!mayAct(context.principal, 'operator') || orders < 2) return nothing;
  const { all, asks } = retryWords(code);
  const { title } = REASONS[code];
  const hidden = html`${csrfField(context.csrfToken)}<input type="hidden" name="reason" value="${code}">`;
  return html`<div class="actions"><form method="post" action="${REVIEW}/retry-all" ${asks === null ? nothing : html`data-confirm="${count(orders)} orders. ${asks}"`}>${hidden}<button class="second" data-command="${all} (${orders}): ${title}">${all}</button></form>
    <details class="more" id="close-all-${code}"><summary>Close all…</summary><form method="post" action="${REVIEW}/resolve-all">${hidden}
      <p>All ${count(orders)} orders are closed by hand. You can undo it from the page that shows how far it is.</p>
      <div class="field"><label for="note-all-${code}">Why</label><input id="note-all-${code}" name="note" required maxlength="500"></div><button class="second">Close all of them</button></form></details></div>`;
};

const cause = (context: PageContext, { orders, reason }: ReviewData, code: ReasonCode, all: number): Html => {
  const shown = orders.filter((order) => order.reason === code);
  const [first] = shown;
  const stake = sumOf(shown);
  const isPart = shown.length < all;
  return html`<li><div><a href="${REVIEW}?reason=${code}" ${reason === code ? html`aria-current="true"` : nothing}>${REASONS[code].title}</a> <span class="count">${count(all)}</span></div>
    <div class="soft">${
      first
        ? html`${riskView(first, context.nowMs)} ${stake === '' ? nothing : html`· at stake ${stake}${isPart ? ` (the ${shown.length} shown of ${count(all)})` : nothing}`}`
        : html`not among the orders shown`
    }</div>${bulkForms(context, code, all)}</li>`;
};

/** Why orders wait: for each cause how many, the nearest deadline and the money of those shown, and one action for all. */
export const causesCard = (context: PageContext, data: ReviewData): Html => {
  if (data.counts.size === 0) return nothing;
  const list = [...data.counts].toSorted(([, one], [, other]) => other - one);
  return html`<section class="card" aria-labelledby="causes"><header><h2 id="causes">Causes</h2>${data.reason ? html`<a href="${REVIEW}">All causes</a>` : nothing}</header>
    <ul class="causes">${list.map(([code, all]) => cause(context, data, code, all))}</ul></section>`;
};
