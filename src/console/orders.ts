import { riskOf } from '../orders/deadlines.ts';
import { type OrderRecord, STAGES } from '../orders/model.ts';
import { REASONS } from '../orders/reasons.ts';
import { mayAct } from '../people/principal.ts';
import type { SavedView } from '../store/store.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { filterOf, listUrl, type OrdersFilter } from './orders-filter.ts';
import { badge, type Column, csrfField, duration, empty, stageBadge, table, time } from './parts.ts';

export type OrdersData = {
  filter: OrdersFilter;
  orders: readonly OrderRecord[];
  /** Where the next page begins; null: this is the last. */
  nextCursor: string | null;
  shops: readonly { shopId: string; name: string | null }[];
  /** The reader's own views. */
  saved: readonly SavedView[];
  /** What an action that was just taken came to. */
  said: Html | null;
};

/** Lists that are asked for every day, before a person saves their own. */
const VIEWS: readonly SavedView[] = [
  { name: 'All', query: '' },
  { name: 'In review', query: 'stage=review' },
  { name: 'At risk', query: 'risk=at_risk' },
  { name: 'Too late', query: 'risk=breached' },
  { name: 'Waiting', query: 'stage=waiting' },
  { name: 'Being sent', query: 'stage=routing' },
  { name: 'At Amazon', query: 'stage=fulfilling' },
  { name: 'Shipped', query: 'stage=shipped' },
  { name: 'Cancelled', query: 'stage=cancelled' },
];

export const orderHref = (orderId: string): string => `/console/orders/${encodeURIComponent(orderId)}`;

/** The deadline that counts, with how long there is. */
export const riskView = (record: OrderRecord, nowMs: number): Html => {
  const { state, atMs, deadline } = riskOf(record, nowMs);
  if (state === 'none' || atMs === null) return time(record.shipByMs, 'relative');
  const what = deadline === 'auto_cancel' ? 'TikTok cancels' : 'ship by';
  return state === 'breached'
    ? badge(`${what}: ${duration(nowMs - atMs)} late`, 'bad')
    : badge(`${what}: ${duration(atMs - nowMs)} left`, 'warn');
};

export const money = (record: OrderRecord): string => {
  const total = record.snapshot?.total;
  return total ? `${total.value} ${total.currency}` : '–';
};

export const reasonTitle = ({ reason }: OrderRecord): string => (reason ? REASONS[reason].title : '–');

const columns = (nowMs: number): Column<OrderRecord>[] => [
  { title: 'Order', cell: ({ key }) => html`<span class="mono">${key.orderId}</span>` },
  { title: 'Stage', cell: ({ stage }) => stageBadge(stage) },
  { title: 'Why', cell: reasonTitle, kind: 'wide' },
  { title: 'Deadline', cell: (record) => riskView(record, nowMs) },
  { title: 'Shop', cell: ({ key }) => key.shopId },
  { title: 'Parcels', cell: ({ packages }) => String(packages.length), kind: 'number' },
  { title: 'Total', cell: money, kind: 'number' },
];

const viewTabs = (filter: OrdersFilter, saved: readonly SavedView[]): Html => {
  const now = listUrl(filter);
  const links = [...VIEWS, ...saved].map(({ name, query }) => {
    const href = listUrl(filterOf(Object.fromEntries(new URLSearchParams(query))));
    return html`<a href="${href}" data-command="Orders: ${name}" ${href === now ? html`aria-current="page"` : nothing}>${name}</a>`;
  });
  return html`<nav class="tabs" aria-label="Views">${links}</nav>`;
};

/** Keeps this list under a name, or lets the kept one go that is shown. */
const viewForms = (context: PageContext, { filter, saved }: OrdersData): Html => {
  const now = listUrl(filter);
  const [, query = ''] = now.split('?');
  if (!mayAct(context.principal, 'operator') || query === '') return nothing;
  const shown = saved.find((view) => view.query === query);
  if (shown)
    return html`<form class="inline" method="post" action="/console/views/remove">${csrfField(context.csrfToken)}<input type="hidden" name="name" value="${shown.name}">
      <button class="second" data-confirm="Delete your view “${shown.name}”? No order is changed.">Delete this view</button></form>`;
  if (VIEWS.some((view) => view.query === query)) return nothing;
  return html`<form class="inline" method="post" action="/console/views">${csrfField(context.csrfToken)}<input type="hidden" name="query" value="${query}">
    <div class="field"><label for="view-name">Save this view as</label><input id="view-name" name="name" required maxlength="60" placeholder="Late and unmapped"></div>
    <button class="second">Save the view</button></form>`;
};

const option = (value: string, text: string, chosen: string): Html =>
  html`<option value="${value}" ${value === chosen ? html`selected` : nothing}>${text}</option>`;

const filterForm = ({
  filter,
  shops,
}: OrdersData): Html => html`<form class="inline card" action="/console/orders">
  <div class="field"><label for="filter-q">Number</label><input id="filter-q" name="q" value="${filter.q}" placeholder="Order, fulfillment, tracking"></div>
  <div class="field"><label for="filter-stage">Stage</label><select id="filter-stage" name="stage">${option('', 'any', filter.stage)}${STAGES.map((stage) => option(stage, stage, filter.stage))}</select></div>
  <div class="field"><label for="filter-reason">Reason</label><select id="filter-reason" name="reason">${option('', 'any', filter.reason)}${Object.entries(REASONS).map(([code, { title }]) => option(code, title, filter.reason))}</select></div>
  <div class="field"><label for="filter-risk">Deadline</label><select id="filter-risk" name="risk">${option('', 'any', filter.risk)}${option('at_risk', 'at risk', filter.risk)}${option('breached', 'missed', filter.risk)}</select></div>
  <div class="field"><label for="filter-from">Received from (UTC)</label><input id="filter-from" name="from" type="date" value="${filter.from}"></div>
  <div class="field"><label for="filter-to">to (UTC)</label><input id="filter-to" name="to" type="date" value="${filter.to}"></div>
  ${
    shops.length > 1
      ? html`<div class="field"><label for="filter-shop">Shop</label><select id="filter-shop" name="shopId">${option('', 'all', filter.shopId)}${shops.map(({ shopId, name }) => option(shopId, name ?? shopId, filter.shopId))}</select></div>`
      : nothing
  }
  <button class="second">Show</button></form>`;

const noOrders = (filter: OrdersFilter): Html =>
  listUrl(filter) === '/console/orders'
    ? empty(
        'No order has come in yet',
        html`Orders appear here within seconds of TikTok’s webhook, or with the next pass. <a href="/console/shops">See whether a shop is connected</a>.`,
      )
    : empty(
        'No order fits',
        html`Numbers are looked up exactly: a whole order, fulfillment or tracking number. <a href="/console/orders">Show all orders</a>.`,
      );

/** `/console/orders`: one page of the list. */
export const ordersPage = (context: PageContext, data: OrdersData): Html => {
  const { filter, orders, nextCursor, saved, said } = data;
  const list =
    orders.length === 0
      ? noOrders(filter)
      : table('Orders', columns(context.nowMs), orders, ({ key }) => orderHref(key.orderId));
  const more = nextCursor
    ? html`<p><a class="button second" href="${listUrl(filter, { cursor: nextCursor })}" data-command="Next page">Next page</a></p>`
    : nothing;
  const csv = listUrl(filter).replace('/console/orders', '/console/orders.csv');
  return page(
    context,
    'Orders',
    html`${said ?? nothing}${viewTabs(filter, saved)}${filterForm(data)}${viewForms(context, data)}<div class="card" id="orders">${list}${more}</div>`,
    html`<a class="button second" href="${csv}" data-command="Download these orders as CSV" download>CSV</a>`,
  );
};
