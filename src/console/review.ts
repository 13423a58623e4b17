import type { OrderRecord } from '../orders/model.ts';
import { REASONS, type ReasonCode, reasonMessage } from '../orders/reasons.ts';
import { mayAct } from '../people/principal.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { money, orderHref, riskView } from './orders.ts';
import { badge, csrfField, empty, notice, time } from './parts.ts';
import { causesCard } from './review-causes.ts';
import { faultPlace, faultsGoThere, fixFor, REVIEW, retryWords } from './review-words.ts';

export type ReviewData = {
  /** Nearest deadline first. */
  orders: readonly OrderRecord[];
  nextCursor: string | null;
  /** How many there are in all for each cause. */
  counts: ReadonlyMap<ReasonCode, number>;
  /** The only cause that is shown; null: all. */
  reason: ReasonCode | null;
  /** Where the shown page begins; empty: at the start. */
  cursor: string;
  /** What an action that was just taken came to. */
  said: Html | null;
  /** An order that was just closed and can be opened again. */
  closed: OrderRecord | null;
};

const FIX_TITLES = { address: 'Fix the address', sku: 'Map the SKU', stock: 'See the stock' } as const;

/** A form of an item in the queue: its answer takes the item's place. */
const itemForm = (
  context: PageContext,
  orderId: string,
  verb: string,
  body: Html,
  asks: string | null = null,
): Html => {
  const action = `${REVIEW}/${encodeURIComponent(orderId)}/${verb}`;
  return html`<form method="post" action="${action}" hx-post="${action}" hx-target="#item-${orderId}" hx-swap="outerHTML" ${faultsGoThere(orderId)} ${asks === null ? nothing : html`data-confirm="${asks}"`}>${csrfField(context.csrfToken)}${body}</form>`;
};

const fixButton = (record: OrderRecord): Html => {
  const fix = fixFor(record);
  if (fix === null) return nothing;
  const id = record.key.orderId;
  return html`<a class="button" href="${REVIEW}/${id}/${fix}" hx-get="${REVIEW}/${id}/${fix}" hx-target="#fix-${id}" hx-swap="innerHTML"
    data-command="${FIX_TITLES[fix]} of ${id}" data-shortcut="e">${FIX_TITLES[fix]}</a>`;
};

const closeForm = (context: PageContext, id: string): Html =>
  html`<details class="more" id="close-${id}"><summary data-shortcut="x">Close…</summary>${itemForm(
    context,
    id,
    'resolve',
    html`<p>Nothing is made or stopped any more. You can undo it.</p><div class="field"><label for="note-${id}">Why</label><input id="note-${id}" name="note" required maxlength="500"></div><button class="second">Close it</button>`,
  )}</details>`;

const cancelForm = (context: PageContext, id: string): Html =>
  html`<details class="more" id="cancel-${id}"><summary>Cancel…</summary><form method="post" action="${orderHref(id)}/cancel">${csrfField(context.csrfToken)}<input type="hidden" name="back" value="${REVIEW}">
    <p>Amazon is stopped first, then the order is cancelled at TikTok. This cannot be undone.</p>
    <div class="field"><label><input type="checkbox" name="keepOrder" value="true"> Stop only Amazon’s part</label></div><button class="danger">Cancel the order</button></form></details>`;

const actions = (context: PageContext, record: OrderRecord): Html => {
  const id = record.key.orderId;
  const { one, asks } = retryWords(record.reason);
  return html`<div class="actions">${fixButton(record)}
    ${itemForm(context, id, 'retry', html`<button class="second" data-shortcut="r" data-command="${one}: ${id}">${one}</button>`, asks)}
    ${closeForm(context, id)}${cancelForm(context, id)}</div>${faultPlace(id)}<div id="fix-${id}"></div>`;
};

const heading = (context: PageContext, record: OrderRecord, sign: Html): Html => {
  const id = record.key.orderId;
  return html`<header><h2 id="order-${id}"><a class="row-link mono" href="${orderHref(id)}">${id}</a> ${sign}</h2>
      <span>${riskView(record, context.nowMs)} · ${money(record)}</span></header>`;
};

/** One order that waits for a person: what happened, what is at stake, and what can be done here. */
export const reviewItem = (context: PageContext, record: OrderRecord, said: Html | null = null): Html => {
  const { reason, detail, key } = record;
  const words = reason ? REASONS[reason] : null;
  return html`<article class="card row review-item" id="item-${key.orderId}" aria-labelledby="order-${key.orderId}">
    ${heading(context, record, words ? badge(words.title, 'bad') : nothing)}
    ${said ?? nothing}
    ${reason ? html`<p>${reasonMessage(reason, detail)}</p><p><strong>What to do:</strong> ${words?.whatToDo ?? ''}</p>` : nothing}
    <p class="soft">Shop ${key.shopId} · ship by ${time(record.shipByMs)}</p>
    ${mayAct(context.principal, 'operator') ? actions(context, record) : nothing}</article>`;
};

const reopenForm = (context: PageContext, record: OrderRecord): Html =>
  record.resolvedAtMs === null
    ? nothing
    : itemForm(
        context,
        record.key.orderId,
        'reopen',
        html`<button class="second" data-command="Open ${record.key.orderId} again">Undo: open it again</button>`,
      );

/** An order that has just left the queue: what came of it, and how to take it back where that is possible. */
export const doneItem = (context: PageContext, record: OrderRecord, said: string): Html =>
  html`<article class="card row review-item" id="item-${record.key.orderId}" aria-labelledby="order-${record.key.orderId}">
    ${heading(context, record, nothing)}${notice(said, 'good')}${reopenForm(context, record)}${faultPlace(record.key.orderId)}</article>`;

const pager = ({ nextCursor, reason, cursor }: ReviewData): Html => {
  const href = (from: string | null): string => {
    const query = new URLSearchParams({ ...(reason ? { reason } : {}), ...(from ? { cursor: from } : {}) });
    return query.size === 0 ? REVIEW : `${REVIEW}?${query.toString()}`;
  };
  return html`<p class="actions">${cursor === '' ? nothing : html`<a class="button second" href="${href(null)}">First page</a>`}${nextCursor ? html`<a class="button second" href="${href(nextCursor)}">Next page</a>` : nothing}</p>`;
};

/** Asks, whenever something changed, whether more orders wait; leaves alone what somebody has open. */
const news = ({ orders, reason, cursor }: ReviewData): Html => {
  const query = new URLSearchParams({
    known: orders.map(({ key }) => key.orderId).join(','),
    ...(reason ? { reason } : {}),
    ...(cursor === '' ? {} : { cursor }),
  });
  return html`<div id="review-news" data-live aria-live="polite" hx-get="${REVIEW}/news?${query.toString()}" hx-trigger="mcf-changed from:body" hx-swap="innerHTML"></div>`;
};

/** What is told to an open queue of orders that came after it; the count in the navigation comes with it. */
export const newsLine = (more: number, href: string): Html =>
  more === 0
    ? html`<span></span>`
    : notice(
        html`${more === 1 ? 'Another order waits' : `${more} more orders wait`}. <a href="${href}" data-command="Show the new orders">Show the queue anew</a>`,
        'info',
      );

const noneLeft = ({ reason, cursor }: ReviewData): Html =>
  reason === null && cursor === ''
    ? empty(
        'Nothing needs you',
        html`Orders that cannot go on by themselves come here with their cause and a fix. <a href="/console">Back to today</a>.`,
      )
    : empty('Nothing here any more', html`<a href="${REVIEW}">See all that waits</a>.`);

/** `/console/review`: everything that waits for a person, the nearest deadline first. */
export const reviewPage = (context: PageContext, data: ReviewData): Html => {
  const { orders, said, closed } = data;
  return page(
    context,
    'Review',
    html`${said ?? nothing}${closed ? reopenForm(context, closed) : nothing}${news(data)}${causesCard(context, data)}${
      orders.length === 0
        ? html`<div class="card">${noneLeft(data)}</div>`
        : html`<div id="queue">${orders.map((record) => reviewItem(context, record))}</div>`
    }${pager(data)}`,
  );
};
