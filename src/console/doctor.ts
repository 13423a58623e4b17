import type { FastifyInstance } from 'fastify';

import { type Line, type LineState, overall } from '../doctor/line.ts';
import { contextOf, sendHtml } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { badge, card, csrfField, empty, notice, type Tone, table, time } from './parts.ts';

const DOCTOR = '/console/shops/doctor';

type Examined = { lines: readonly Line[]; atMs: number };

const STATES: Readonly<Record<LineState, [word: string, tone: Tone]>> = {
  passed: ['well', 'good'],
  warned: ['look at this', 'warn'],
  failed: ['broken', 'bad'],
};
const VERDICTS: Readonly<Record<LineState, [text: string, tone: Tone]>> = {
  passed: ['All is well.', 'good'],
  warned: ['It works; some things deserve a look.', 'warn'],
  failed: ['Something is broken. What is on top comes first.', 'bad'],
};
const WORST_FIRST: readonly LineState[] = ['failed', 'warned', 'passed'];

const aboutOf = ({ shopId, amazonAccount }: Line): Html => {
  if (shopId !== null) return html`<a href="/console/shops/${encodeURIComponent(shopId)}">Shop ${shopId}</a>`;
  return html`${amazonAccount === null ? 'the whole service' : `Amazon account ${amazonAccount}`}`;
};

const found = ({ lines, atMs }: Examined): Html => {
  const sorted = lines.toSorted(
    (one, other) => WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state),
  );
  return card(
    'What was found',
    html`${notice(...VERDICTS[overall(lines)])}${table(
      'What was found',
      [
        { title: 'State', cell: ({ state }) => badge(...STATES[state]) },
        { title: 'Looked at', cell: ({ check }) => check.replaceAll('_', ' ') },
        { title: 'Of', cell: aboutOf },
        { title: 'Found', cell: ({ message }) => message, kind: 'wide' },
        { title: 'What to do', cell: ({ fix }) => fix ?? '–', kind: 'wide' },
      ],
      sorted,
    )}`,
    { aside: html`<span class="soft">${time(atMs, 'relative')}</span>` },
  );
};

const doctorPage = (context: PageContext, examined: Examined | null): Html =>
  page(
    context,
    'Check-up',
    html`<div class="card"><p>Looks at the whole set-up: the store, both sides, every shop, every account, the SKUs. It only reads, and takes up to half a minute.</p>
    <form method="post" action="${DOCTOR}" hx-post="${DOCTOR}" hx-select="#found" hx-target="#found" hx-swap="outerHTML" hx-disable="find button">${csrfField(context.csrfToken)}<button data-command="Check everything now">Check everything now</button> <span class="working" role="status">Looking at everything…</span></form></div>
    <div id="found" aria-live="polite">${examined ? found(examined) : empty('Nothing was looked at yet', html`Press the button above.`)}</div>
    ${examined ? nothing : html`<p><a href="/console/shops">Back to the shops</a></p>`}`,
  );

/** `/console/shops/doctor`: what is wrong with the set-up, and how to mend it. */
export const doctorPages = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const config = { needs: 'admin' as const, isForWholeService: true, audit: false as const };
  app.get(DOCTOR, { config }, async (request, reply) =>
    sendHtml(reply, doctorPage(await contextOf(deps, request), null)),
  );
  app.post(DOCTOR, { config }, async (request, reply) => {
    const lines = await deps.doctor.run();
    return sendHtml(reply, doctorPage(await contextOf(deps, request), { lines, atMs: deps.clock.nowMs() }));
  });
};
