import type { OrderCall } from '../orders/model.ts';
import { type Html, html } from './html.ts';
import { badge, card, empty, table, time } from './parts.ts';

const SIDES: Readonly<Record<string, string>> = { 'tiktok-shop': 'TikTok Shop', 'amazon-mcf': 'Amazon' };

const outcome = ({ status }: OrderCall): Html =>
  status === null
    ? badge('no answer', 'bad')
    : badge(String(status), status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'good');

/** The last calls about an order with the ids that both sides' support asks for. */
export const callsCard = (calls: readonly OrderCall[]): Html =>
  card(
    'Calls to both sides',
    calls.length === 0
      ? empty(
          'No call yet',
          html`Every call about this order is listed here with its request id, the last 50.`,
        )
      : table(
          'Calls to both sides, newest first',
          [
            { title: 'When', cell: ({ atMs }) => time(atMs) },
            { title: 'Side', cell: ({ upstream }) => SIDES[upstream] ?? upstream },
            { title: 'Call', cell: ({ operation }) => html`<span class="mono">${operation}</span>` },
            { title: 'Answer', cell: outcome },
            { title: 'Took', cell: ({ durationMs }) => `${durationMs} ms`, kind: 'number' },
            {
              title: 'For',
              cell: ({ orders }) => (orders === 1 ? 'this order' : `${orders} orders at once`),
            },
            {
              title: 'Request id',
              cell: ({ requestId }) => html`<span class="mono">${requestId ?? '–'}</span>`,
              kind: 'wide',
            },
          ],
          calls,
        ),
  );
