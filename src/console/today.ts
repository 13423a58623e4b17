import type { SideState } from '../lib/side.ts';
import { type OrderRecord, STAGES, type Stage } from '../orders/model.ts';
import type { PassReport } from '../reconcile/reconcile.ts';
import { type Hour, hoursCard } from './hours.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { orderHref, reasonTitle, riskView } from './orders.ts';
import {
  badge,
  card,
  count,
  csrfField,
  duration,
  empty,
  figure,
  notice,
  type Tone,
  table,
  time,
} from './parts.ts';

/** A promise and how it is kept: over the last day, null where nothing happened. */
export type Promised = { limitMs: number; medianMs: number | null; worstMs: number | null };

export type TodayData = {
  stages: Readonly<Record<Stage, number>>;
  /** Soonest deadline first. */
  atRisk: readonly OrderRecord[];
  /** When the order that is due longest became due; null: nothing waits. */
  oldestDueMs: number | null;
  /** From the end of the hold to the create, and from the first number to its report. */
  kept: { seen: Promised; tracked: Promised } | null;
  /** These are null where the person is limited to shops, as is what is above. */
  sides: readonly SideState[] | null;
  quotas: readonly { account: string; left: number; burst: number }[] | null;
  /** Soonest out first. */
  scarce: readonly { amazonSku: string; available: number; coverDays: number | null }[] | null;
  lastPass: PassReport | null;
  hours: readonly Hour[];
  banners: readonly { text: string; tone: 'info' | 'warn' }[];
};

const stageFigures = (stages: TodayData['stages']): Html =>
  html`<dl class="figures">${STAGES.map((stage) =>
    figure(
      stage,
      html`<a href="/console/${stage === 'review' ? 'review' : `orders?stage=${stage}`}">${count(stages[stage])}</a>`,
      '',
      stage === 'review' && stages.review > 0 ? 'bad' : 'quiet',
    ),
  )}</dl>`;

const atRiskCard = (orders: readonly OrderRecord[], nowMs: number): Html =>
  card(
    'At risk',
    orders.length === 0
      ? empty(
          'Nothing is at risk',
          html`Orders appear here twelve hours before a deadline, or when Amazon means to ship too late.`,
        )
      : table(
          'Orders at risk',
          [
            { title: 'Order', cell: ({ key }) => html`<span class="mono">${key.orderId}</span>` },
            { title: 'Deadline', cell: (record) => riskView(record, nowMs) },
            { title: 'Why it waits', cell: reasonTitle, kind: 'wide' },
          ],
          orders,
          ({ key }) => orderHref(key.orderId),
        ),
  );

const promise = (name: string, { limitMs, medianMs, worstMs }: Promised): Html =>
  figure(
    name,
    medianMs === null ? '–' : duration(medianMs),
    worstMs === null
      ? `none in the last day; promised: ${duration(limitMs)}`
      : `longest ${duration(worstMs)}; promised: ${duration(limitMs)}`,
    worstMs === null ? 'quiet' : worstMs > limitMs ? 'bad' : 'good',
  );

const promises = ({ kept, oldestDueMs }: TodayData, nowMs: number): Html =>
  card(
    'Promises',
    html`<dl class="figures">${kept ? html`${promise('Hold’s end to Amazon', kept.seen)}${promise('Shipped to reported', kept.tracked)}` : nothing}${figure(
      'Longest wait',
      oldestDueMs === null || oldestDueMs > nowMs ? 'none' : duration(nowMs - oldestDueMs),
      'of orders that are due now',
    )}</dl>`,
  );

const SIDE_WORDS: Readonly<Record<SideState['state'], [string, Tone]>> = {
  ok: ['well', 'good'],
  failing: ['does not answer', 'warn'],
  stopped: ['refuses our credentials', 'bad'],
};

const sidesCard = (sides: readonly SideState[]): Html =>
  card(
    'Both sides',
    sides.length === 0
      ? empty(
          'No call was made yet',
          html`<a href="/console/shops">Connect a shop</a>, or wait for the first pass.`,
        )
      : table(
          'State of TikTok Shop and Amazon',
          [
            { title: 'Side', cell: ({ name }) => name },
            { title: 'State', cell: ({ state }) => badge(...SIDE_WORDS[state]) },
            { title: 'Since', cell: ({ sinceMs }) => time(sinceMs, 'relative') },
            { title: 'What it said', cell: ({ message }) => message ?? '–', kind: 'wide' },
          ],
          sides,
        ),
  );

const quotaCard = (quotas: NonNullable<TodayData['quotas']>): Html =>
  card(
    'Amazon’s quota of new orders',
    html`<dl class="figures">${quotas.map(({ account, left, burst }) =>
      figure(
        account,
        `${Math.max(0, Math.floor(left))} of ${burst}`,
        'at once; two more each second',
        left < 1 ? 'warn' : 'good',
      ),
    )}</dl>`,
  );

const stockCard = (scarce: NonNullable<TodayData['scarce']>): Html =>
  card(
    'Stock that runs out',
    scarce.length === 0
      ? empty('Nothing runs out soon', html`<a href="/console/inventory">See all stock</a>.`)
      : table(
          'Stock that runs out',
          [
            {
              title: 'Amazon SKU',
              cell: ({ amazonSku }) => html`<span class="mono">${amazonSku}</span>`,
              kind: 'wide',
            },
            { title: 'Available', cell: ({ available }) => count(available), kind: 'number' },
            {
              title: 'Lasts',
              cell: ({ coverDays }) => (coverDays === null ? '–' : `${count(Math.floor(coverDays))} days`),
              kind: 'number',
            },
          ],
          scarce,
        ),
  );

const passCard = (context: PageContext, lastPass: PassReport | null): Html => {
  const run =
    context.principal.role === 'viewer'
      ? nothing
      : html`<form method="post" action="/console/reconcile">${csrfField(context.csrfToken)}<button class="second" data-command="Run a pass now">Run a pass now</button></form>`;
  if (lastPass === null)
    return card(
      'Last pass',
      html`${empty('No pass has ended yet', html`One runs every few minutes.`)}${run}`,
    );
  const { orders, tracking, inventory, errors } = lastPass;
  return card(
    'Last pass',
    html`<p>Began ${time(Date.parse(lastPass.startedAt), 'relative')}, took ${(lastPass.durationMs / 1000).toFixed(1)} s.
      Found ${count(orders.discovered)} orders, created ${count(orders.created)}, reported ${count(tracking.reported)} parcels, set the stock of ${count(inventory.pushed)} listings.</p>
      ${errors.length === 0 ? notice('No errors.', 'good') : html`<ul>${errors.slice(0, 10).map(({ code, message, orderId }) => html`<li><strong>${code}</strong> ${orderId ? html`<a href="${orderHref(orderId)}">${orderId}</a> ` : nothing}${message}</li>`)}</ul>`}${run}`,
  );
};

/** What is shown anew whenever something changed. */
export const todayBody = (context: PageContext, data: TodayData): Html => html`
  ${data.banners.map(({ text, tone }) => notice(text, tone))}
  ${card('Orders', stageFigures(data.stages))}${hoursCard(data.hours)}
  <div class="grid">${atRiskCard(data.atRisk, context.nowMs)}${promises(data, context.nowMs)}
  ${data.scarce ? stockCard(data.scarce) : nothing}${data.quotas ? quotaCard(data.quotas) : nothing}
  ${data.sides ? sidesCard(data.sides) : nothing}${context.principal.shopIds === null ? passCard(context, data.lastPass) : nothing}</div>`;

/** `/console`: what matters now; its body follows by itself. */
export const todayPage = (context: PageContext, data: TodayData, said: Html | null): Html =>
  page(
    context,
    'Today',
    html`${said ?? nothing}<div id="today" data-live hx-get="/console" hx-trigger="mcf-changed from:body" hx-select="#today" hx-select-oob="#review-count" hx-swap="outerMorph">${todayBody(context, data)}</div>`,
  );
