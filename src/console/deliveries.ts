import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DeliveryRow, EndpointRow } from '../outgoing/records.ts';
import { OUTGOING_EVENTS } from '../outgoing/records.ts';
import { contextOf, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { orderHref } from './orders.ts';
import { badge, card, csrfField, empty, notice, type Tone, table, time } from './parts.ts';

const DELIVERIES = '/console/deliveries';
const PAGE = 50;
const Query = z.object({ before: z.coerce.number().int().min(1).optional().catch(undefined) });
const OutgoingQuery = z.object({
  cursor: z.string().max(300).optional(),
  orderId: z.string().trim().max(64).default(''),
});
const Message = z.object({ messageId: z.string().max(100) });
const Endpoint = z.object({ endpointId: z.string().max(100) });
const EndpointForm = z.object({
  url: z.string().trim().min(1, 'is missing').max(2000),
  description: z
    .string()
    .trim()
    .max(200)
    .transform((text) => (text === '' ? null : text)),
  events: z.preprocess(
    (value) => [value ?? []].flat(),
    z.array(z.enum(OUTGOING_EVENTS)).min(1, 'choose at least one'),
  ),
});

/** TikTok Shop's topics in words. */
const TOPICS: Readonly<Record<number, string>> = {
  1: 'order status',
  2: 'reverse order',
  3: 'address changed',
  4: 'package',
  5: 'product status',
  6: 'authorisation withdrawn',
  7: 'authorisation expires',
  11: 'cancellation',
  12: 'return',
};

type Received = Awaited<ReturnType<ConsoleDeps['store']['notifications']['newest']>>[number];

const tabs = (path: string): Html =>
  html`<nav class="tabs" aria-label="Deliveries"><a href="${DELIVERIES}" ${path === DELIVERIES ? html`aria-current="page"` : nothing}>Received from TikTok</a><a href="${DELIVERIES}/outgoing" ${path === DELIVERIES ? nothing : html`aria-current="page"`}>Sent to you</a></nav>`;

const receivedPage = (context: PageContext, rows: readonly Received[], said: Html | null): Html => {
  const oldest = rows.length < PAGE ? undefined : rows.at(-1)?.id;
  const dryRun = ({ orderId }: Received): Html =>
    orderId === null
      ? html`<span class="none">names no order</span>`
      : html`<form method="post" action="${orderHref(orderId)}/dry-run">${csrfField(context.csrfToken)}<button class="plain">What would it do now?</button></form>`;
  return page(
    context,
    'Deliveries',
    html`${said ?? nothing}${tabs(DELIVERIES)}<div class="card">${
      rows.length === 0
        ? empty(
            'No webhook has come in yet',
            html`TikTok Shop sends them to <code>/webhooks/tiktok</code>. <a href="/console/shops">See whether they are registered</a>.`,
          )
        : table(
            'Webhooks received',
            [
              { title: 'When', cell: ({ receivedAtMs }) => time(receivedAtMs) },
              { title: 'About', cell: ({ type }) => TOPICS[type] ?? `topic ${type}` },
              { title: 'Shop', cell: ({ shopId }) => shopId },
              {
                title: 'Order',
                cell: ({ orderId }) =>
                  orderId === null ? '–' : html`<a class="mono" href="${orderHref(orderId)}">${orderId}</a>`,
              },
              { title: 'Replay, dry', cell: dryRun },
            ],
            rows,
          )
    }${oldest ? html`<p><a class="button second" href="${DELIVERIES}?before=${oldest}">Older</a></p>` : nothing}</div>`,
  );
};

const STATUS: Readonly<Record<DeliveryRow['status'], [string, Tone]>> = {
  waiting: ['waiting', 'info'],
  delivered: ['delivered', 'good'],
  failed: ['given up', 'bad'],
};

const endpointForm = (
  context: PageContext,
): Html => html`<form method="post" action="${DELIVERIES}/endpoints">${csrfField(context.csrfToken)}
  <div class="field"><label for="endpoint-url">Address</label><input id="endpoint-url" name="url" type="url" required placeholder="https://"></div>
  <div class="field"><label for="endpoint-what">What it is</label><input id="endpoint-what" name="description" maxlength="200"></div>
  <fieldset><legend>Events</legend>${OUTGOING_EVENTS.map((event) => html`<label><input type="checkbox" name="events" value="${event}" checked> ${event}</label>`)}</fieldset><button>Add it</button></form>`;

const endpointsCard = (
  context: PageContext,
  endpoints: readonly EndpointRow[],
  secret: string | null,
): Html =>
  card(
    'Endpoints',
    html`${secret === null ? nothing : notice(html`Its signing secret, shown this once: <code>${secret}</code> <button type="button" class="second" data-copy="${secret}">Copy</button>`, 'good')}${
      endpoints.length === 0
        ? empty(
            'No endpoint',
            html`Order events can be sent to systems of yours, signed as Standard Webhooks.`,
          )
        : table(
            'Endpoints',
            [
              { title: 'Address', cell: ({ url }) => html`<span class="mono">${url}</span>`, kind: 'wide' },
              { title: 'What', cell: ({ description }) => description ?? '–', kind: 'wide' },
              {
                title: 'State',
                cell: ({ disabledAtMs, disabledWhy, failingSinceMs }) =>
                  disabledAtMs !== null
                    ? badge(`off: ${disabledWhy ?? ''}`, 'bad')
                    : failingSinceMs === null
                      ? badge('well', 'good')
                      : badge('failing', 'warn'),
              },
              { title: 'Last failure', cell: ({ lastError }) => lastError ?? '–', kind: 'wide' },
              {
                title: 'Change',
                cell: ({
                  endpointId,
                  url,
                  disabledAtMs,
                }) => html`<div class="actions"><form method="post" action="${DELIVERIES}/endpoints/${endpointId}/test">${csrfField(context.csrfToken)}<button class="plain">Test</button></form>
                  <form method="post" action="${DELIVERIES}/endpoints/${endpointId}/${disabledAtMs === null ? 'disable' : 'enable'}">${csrfField(context.csrfToken)}<button class="plain">${disabledAtMs === null ? 'Switch off' : 'Switch on'}</button></form>
                  <form method="post" action="${DELIVERIES}/endpoints/${endpointId}/remove" data-confirm="Remove ${url} with its deliveries?">${csrfField(context.csrfToken)}<button class="plain">Remove</button></form></div>`,
              },
            ],
            endpoints,
          )
    }<details><summary>Add an endpoint</summary>${endpointForm(context)}</details>`,
  );

type OutgoingData = {
  endpoints: readonly EndpointRow[];
  deliveries: readonly DeliveryRow[];
  nextCursor: string | null;
  orderId: string;
  secret: string | null;
  said: Html | null;
};

const outgoingPage = (context: PageContext, data: OutgoingData): Html => {
  const replay = ({ messageId }: DeliveryRow): Html =>
    html`<form method="post" action="${DELIVERIES}/outgoing/${messageId}/replay">${csrfField(context.csrfToken)}<button class="plain">Send again</button></form>`;
  const more =
    data.nextCursor && new URLSearchParams({ cursor: data.nextCursor, orderId: data.orderId }).toString();
  return page(
    context,
    'Deliveries',
    html`${data.said ?? nothing}${tabs(`${DELIVERIES}/outgoing`)}${endpointsCard(context, data.endpoints, data.secret)}
    ${card(
      'Deliveries',
      html`<form class="inline" action="${DELIVERIES}/outgoing"><div class="field"><label for="of-order">Order</label><input id="of-order" name="orderId" value="${data.orderId}"></div><button class="second">Show</button></form>${
        data.deliveries.length === 0
          ? empty('Nothing was sent', html`Each event of an order is sent to every endpoint that wants it.`)
          : table(
              'Deliveries',
              [
                { title: 'When', cell: ({ atMs }) => time(atMs) },
                { title: 'Event', cell: ({ type }) => html`<span class="mono">${type}</span>` },
                {
                  title: 'Order',
                  cell: ({ orderId }) =>
                    orderId === null
                      ? '–'
                      : html`<a class="mono" href="${orderHref(orderId)}">${orderId}</a>`,
                },
                { title: 'State', cell: ({ status }) => badge(...STATUS[status]) },
                { title: 'Attempts', cell: ({ attempts }) => String(attempts), kind: 'number' },
                {
                  title: 'Last answer',
                  cell: ({ lastStatus, lastError }) =>
                    lastError ?? (lastStatus === null ? '–' : String(lastStatus)),
                  kind: 'wide',
                },
                { title: 'Next', cell: ({ nextAttemptAtMs }) => time(nextAttemptAtMs, 'relative') },
                { title: 'Replay', cell: replay },
              ],
              data.deliveries,
            )
      }${more ? html`<p><a class="button second" href="${DELIVERIES}/outgoing?${more}">Older</a></p>` : nothing}`,
    )}`,
  );
};

const outgoingRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { endpoints, store } = deps;
  const path = `${DELIVERIES}/outgoing`;
  const config = { needs: 'admin' as const, isForWholeService: true };
  const read = async (orderId: string, cursor?: string) => {
    const asked = { limit: PAGE, cursor, orderId: orderId === '' ? undefined : orderId };
    const [list, found] = await Promise.all([endpoints.list(), store.outgoing.deliveries(asked)]);
    return { endpoints: list, ...found, orderId };
  };
  app.get(path, { config }, async (request, reply) => {
    const { cursor, orderId } = OutgoingQuery.parse(request.query);
    const data = { ...(await read(orderId, cursor)), secret: null, said: takeSaid(request, reply) };
    return sendHtml(reply, outgoingPage(await contextOf(deps, request), data));
  });
  app.post(
    `${path}/:messageId/replay`,
    { config: { ...config, audit: 'delivery.replay' } },
    async (request, reply) => {
      await endpoints.replay(Message.parse(request.params).messageId);
      return sendBack(reply, path, 'It is sent again, with the same id.');
    },
  );
  app.post(
    `${DELIVERIES}/endpoints`,
    { config: { ...config, audit: 'endpoint.add' } },
    async (request, reply) => {
      const { secret } = await endpoints.add({ ...EndpointForm.parse(request.body), shopIds: null });
      // Not by way of another page: a secret must not lie in a cookie.
      return sendHtml(
        reply,
        outgoingPage(await contextOf(deps, request), { ...(await read('')), secret, said: null }),
      );
    },
  );
  app.post(
    `${DELIVERIES}/endpoints/:endpointId/test`,
    { config: { ...config, audit: 'endpoint.test' } },
    async (request, reply) => {
      const { status, lastError } = await endpoints.test(Endpoint.parse(request.params).endpointId);
      const isTaken = status === 'delivered';
      return sendBack(
        reply,
        path,
        isTaken ? 'It took the test.' : `It did not take the test: ${lastError ?? 'no answer'}.`,
        isTaken ? 'good' : 'bad',
      );
    },
  );
  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    app.post(
      `${DELIVERIES}/endpoints/:endpointId/${verb}`,
      { config: { ...config, audit: `endpoint.${verb}` } },
      async (request, reply) => {
        await endpoints.change(Endpoint.parse(request.params).endpointId, { enabled });
        return sendBack(reply, path, enabled ? 'It is on; what waited is sent.' : 'It is off.');
      },
    );
  app.post(
    `${DELIVERIES}/endpoints/:endpointId/remove`,
    { config: { ...config, audit: 'endpoint.remove' } },
    async (request, reply) => {
      await endpoints.remove(Endpoint.parse(request.params).endpointId);
      return sendBack(reply, path, 'It was removed.');
    },
  );
};

/** `/console/deliveries`: webhooks that came in, and those that go out. */
export const deliveryRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const config = { needs: 'admin' as const, isForWholeService: true };
  app.get(DELIVERIES, { config }, async (request, reply) => {
    const { before } = Query.parse(request.query);
    const rows = await deps.store.notifications.newest(PAGE, before);
    return sendHtml(reply, receivedPage(await contextOf(deps, request), rows, takeSaid(request, reply)));
  });
  outgoingRoutes(app, deps);
};
