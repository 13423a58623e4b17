import { riskOf } from '../orders/deadlines.ts';
import type { OrderCall, OrderEvent, OrderRecord, PackageRecord, ReturnRecord } from '../orders/model.ts';
import { REASONS, reasonMessage } from '../orders/reasons.ts';
import { mayAct } from '../people/principal.ts';
import { addressPanel } from './address-panel.ts';
import { eventDetail, eventWords } from './event-words.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { callsCard } from './order-calls.ts';
import { money, orderHref, riskView } from './orders.ts';
import { badge, card, csrfField, empty, notice, stageBadge, table, time } from './parts.ts';

export type OrderData = {
  record: OrderRecord;
  /** Oldest first. */
  events: readonly OrderEvent[];
  /** Newest first. */
  calls: readonly OrderCall[];
  returns: readonly ReturnRecord[];
  /** What an action that was just taken came to. */
  said: Html | null;
};

const fact = (name: string, value: Html | string | null): Html =>
  value === null ? nothing : html`<dt>${name}</dt><dd>${value}</dd>`;

const why = (record: OrderRecord, nowMs: number): Html => {
  const { reason, detail } = record;
  const words = reason
    ? html`<p><strong>${REASONS[reason].title}.</strong> ${reasonMessage(reason, detail)}</p>
      <p><strong>What to do:</strong> ${REASONS[reason].whatToDo}</p>`
    : html`<p>Nothing is known about it yet.</p>`;
  const risk = riskOf(record, nowMs);
  const stake =
    risk.state === 'none' ? nothing : html`<p>At stake: ${money(record)}. ${riskView(record, nowMs)}</p>`;
  return card('Why', html`${words}${stake}`, { aside: stageBadge(record.stage) });
};

const bothSides = (record: OrderRecord): Html =>
  html`<div class="grid">${card(
    'TikTok Shop',
    html`<dl class="facts">${fact('Status', record.snapshot?.rawStatus ?? 'not read yet')}
    ${fact('Shop', record.key.shopId)}${fact('Total', money(record))}
    ${fact('Delivery', record.snapshot?.deliveryOptionName ?? null)}
    ${fact('Ordered', time(record.orderCreatedAtMs))}${fact('Changed', time(record.orderUpdatedAtMs))}</dl>`,
  )}${card(
    'Amazon',
    html`<dl class="facts">${fact('Fulfillment order', record.fulfillmentId ? html`<span class="mono">${record.fulfillmentId}</span>` : 'none')}
    ${fact('State', record.fulfillmentState)}${fact('Speed', record.speed)}
    ${fact('Fees, estimated', record.fee ? `${record.fee.value} ${record.fee.currency}` : null)}
    ${fact('Accepted', time(record.acceptedAtMs))}${fact('Last read', time(record.fulfillmentReadAtMs))}</dl>`,
  )}</div>`;

const lines = (record: OrderRecord): Html =>
  card(
    'Lines',
    record.snapshot === null
      ? empty('Not read yet', html`The lines appear with the next look at the order.`)
      : table(
          'Lines of the order',
          [
            { title: 'Line', cell: ({ lineId }) => html`<span class="mono">${lineId}</span>` },
            { title: 'Seller SKU', cell: ({ sku }) => (sku === '' ? 'none' : sku), kind: 'wide' },
            { title: 'Units', cell: ({ units }) => String(units), kind: 'number' },
            { title: 'Status', cell: ({ status }) => status },
            {
              title: 'From Amazon',
              kind: 'wide',
              cell: ({ components }) =>
                components.length === 0
                  ? badge('not mapped', 'warn')
                  : components.map(({ amazonSku, quantity }) => `${quantity} × ${amazonSku}`).join(', '),
            },
          ],
          record.snapshot.lines,
        ),
  );

const parcelState = (parcel: PackageRecord): Html => {
  if (parcel.refusal) return badge('refused by TikTok', 'bad');
  if (parcel.warning) return badge(`reported, TikTok warned: ${parcel.warning}`, 'warn');
  return parcel.reportedAtMs === null ? badge('not reported yet', 'info') : badge('reported', 'good');
};

const parcels = ({ packages }: OrderRecord): Html =>
  card(
    'Parcels',
    packages.length === 0
      ? empty(
          'No parcel yet',
          html`Amazon gives numbers when it ships; they are reported as soon as they exist.`,
        )
      : table(
          'Parcels',
          [
            {
              title: 'Carrier',
              cell: ({ carrierCode, reportedCarrier }) => reportedCarrier ?? carrierCode ?? '–',
            },
            {
              title: 'Carrier’s number',
              cell: ({ carrierTracking }) => html`<span class="mono">${carrierTracking ?? '–'}</span>`,
            },
            {
              title: 'Amazon’s number',
              cell: ({ amazonTracking }) => html`<span class="mono">${amazonTracking ?? '–'}</span>`,
            },
            {
              title: 'At TikTok',
              cell: ({ reportedNumber }) => html`<span class="mono">${reportedNumber ?? '–'}</span>`,
            },
            { title: 'State', cell: parcelState, kind: 'wide' },
            { title: 'Reported', cell: ({ reportedAtMs }) => time(reportedAtMs) },
            { title: 'Lines', cell: ({ lineIds }) => lineIds.join(', '), kind: 'wide' },
          ],
          packages,
        ),
  );

type Mark = { title: string; atMs: number | null };

const marks = (record: OrderRecord): { title: string; atMs: number }[] => {
  const all: Mark[] = [
    { title: 'Ordered', atMs: record.orderCreatedAtMs },
    { title: 'Accepted by Amazon', atMs: record.acceptedAtMs },
    { title: 'Next look', atMs: record.nextAttemptAtMs },
    { title: 'Amazon means to ship', atMs: record.expectedShipAtMs },
    { title: 'Ship by', atMs: record.shipByMs },
    { title: 'Hand over to the carrier by', atMs: record.collectByMs },
    { title: 'TikTok cancels', atMs: record.autoCancelMs },
    { title: 'Amazon means to deliver', atMs: record.expectedArrivalAtMs },
    ...record.packages.map((parcel) => ({ title: 'Tracking reported', atMs: parcel.reportedAtMs })),
  ];
  return all
    .flatMap(({ title, atMs }) => (atMs === null ? [] : [{ title, atMs }]))
    .sort((one, other) => one.atMs - other.atMs);
};

const deadlines = (record: OrderRecord, nowMs: number): Html =>
  card(
    'Deadlines',
    html`<ol class="line">${marks(record).map(
      ({ title, atMs }) =>
        html`<li class="${atMs > nowMs ? 'next' : 'good'}"><strong>${title}</strong> ${time(atMs)} <span class="soft">${time(atMs, 'relative')}</span></li>`,
    )}</ol>`,
  );

const history = (events: readonly OrderEvent[]): Html =>
  card(
    'What happened',
    events.length === 0
      ? empty('Nothing yet', html`Every decision and every effect is noted here with its time.`)
      : html`<ol class="line">${events.toReversed().map((event) => {
          const { words, tone } = eventWords(event.event);
          return html`<li class="${tone}"><strong>${words}</strong> <span class="soft">${time(event.atMs)}</span><br>${eventDetail(event.event, event.detail)}</li>`;
        })}</ol>`,
  );

const returnsCard = (returns: readonly ReturnRecord[]): Html =>
  returns.length === 0
    ? nothing
    : card(
        'Returns',
        table(
          'Returns',
          [
            { title: 'Return', cell: ({ returnId }) => html`<span class="mono">${returnId}</span>` },
            { title: 'Type', cell: ({ type }) => type },
            { title: 'State', cell: ({ state }) => state },
            { title: 'Answer by', cell: ({ respondByMs }) => time(respondByMs) },
            { title: 'At Amazon', cell: ({ amazonState }) => amazonState ?? '–' },
          ],
          returns,
        ),
      );

const SPEEDS = ['Standard', 'Expedited', 'Priority'] as const;
const ENDED = new Set(['completed', 'cancelled', 'ignored']);

/** Before Amazon has it, the speed can be chosen for the next attempt. */
const speedForm = (context: PageContext, { key, acceptedAtMs, snapshot }: OrderRecord): Html =>
  acceptedAtMs !== null || snapshot === null
    ? nothing
    : html`<form class="inline" method="post" action="${orderHref(key.orderId)}/retry">${csrfField(context.csrfToken)}
      <label class="hidden" for="speed">Speed</label><select id="speed" name="speed">${SPEEDS.map((speed) => html`<option>${speed}</option>`)}</select>
      <button class="second" data-command="Send with this speed">Send with this speed</button></form>`;

const actions = (context: PageContext, record: OrderRecord): Html => {
  if (!mayAct(context.principal, 'operator')) return nothing;
  const base = orderHref(record.key.orderId);
  const retryTitle = record.resolvedAtMs === null ? 'Look again now' : 'Undo the closing and look again';
  const isOver = ENDED.has(record.stage) && record.resolvedAtMs === null;
  return html`<div class="actions">
    <form method="post" action="${base}/dry-run" hx-post="${base}/dry-run" hx-target="#dry-run">${csrfField(context.csrfToken)}<button class="second" data-command="What would happen now">What would happen now</button></form>
    <form method="post" action="${base}/retry">${csrfField(context.csrfToken)}<button data-command="${retryTitle}" data-shortcut="r">${retryTitle}</button></form>
    ${speedForm(context, record)}
    ${
      isOver
        ? nothing
        : html`<button type="button" class="second" data-open="cancel-order" data-command="Cancel this order">Cancel…</button>
      <button type="button" class="second" data-open="resolve-order" data-command="Close this order by hand" data-shortcut="x">Close by hand…</button>
      <dialog id="cancel-order" aria-labelledby="cancel-title"><h2 id="cancel-title">Cancel this order</h2>
        <form method="post" action="${base}/cancel">${csrfField(context.csrfToken)}
          <p>Amazon is stopped first, and only when that is proven the order is cancelled at TikTok. Once Amazon has begun to pack, it cannot be stopped: the parcel then goes out and is reported. This cannot be undone.</p>
          <div class="field"><label><input type="checkbox" name="keepOrder" value="true"> Stop only Amazon’s part and keep the order open at TikTok</label></div>
          <div class="actions"><button class="danger">Cancel the order</button><button type="button" class="second" data-close>Keep it</button></div></form></dialog>
      <dialog id="resolve-order" aria-labelledby="resolve-title"><h2 id="resolve-title">Close by hand</h2>
        <form method="post" action="${base}/resolve">${csrfField(context.csrfToken)}
          <p>Nothing is made or stopped any more. You can undo it as long as the order is kept.</p>
          <div class="field"><label for="note">Why</label><input id="note" name="note" required maxlength="500"></div>
          <div class="actions"><button>Close it</button><button type="button" class="second" data-close>Back</button></div></form></dialog>`
    }
  </div>`;
};

const orderBody = ({ nowMs }: PageContext, { record, events, calls, returns }: OrderData): Html =>
  html`${record.resolvedAtMs === null ? nothing : notice(html`Closed by hand ${time(record.resolvedAtMs, 'relative')}.`, 'info')}
    ${why(record, nowMs)}${bothSides(record)}${lines(record)}${parcels(record)}
    <div class="grid">${deadlines(record, nowMs)}${history(events)}</div>${returnsCard(returns)}${callsCard(calls)}`;

/** `/console/orders/:orderId`: answers "why did this happen" on one page. */
export const orderPage = (context: PageContext, data: OrderData): Html => {
  const { record, said } = data;
  const href = orderHref(record.key.orderId);
  // What a person opened or was just told stands outside of what follows by itself.
  const follows = ENDED.has(record.stage)
    ? nothing
    : html`data-live hx-get="${href}" hx-trigger="mcf-changed from:body" hx-select="#order" hx-swap="outerMorph"`;
  return page(
    context,
    `Order ${record.key.orderId}`,
    html`${said ?? nothing}<div id="dry-run" aria-live="polite"></div>
      <div id="order" ${follows}>${orderBody(context, data)}</div>
      ${mayAct(context.principal, 'operator') ? addressPanel(record) : nothing}`,
    actions(context, record),
  );
};
