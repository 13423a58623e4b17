import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AuditRow } from '../people/records.ts';
import { contextOf, sendHtml } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { empty, table, time } from './parts.ts';

const PAGE = 100;
const text = z.string().trim().max(200).default('');
const Query = z.object({ who: text, action: text, target: text, cursor: text });
type Filter = z.output<typeof Query>;

const field = (name: 'who' | 'action' | 'target', title: string, value: string): Html =>
  html`<div class="field"><label for="audit-${name}">${title}</label><input id="audit-${name}" name="${name}" value="${value}"></div>`;

const auditPage = (
  context: PageContext,
  filter: Filter,
  { entries, nextCursor }: { entries: readonly AuditRow[]; nextCursor: string | null },
): Html => {
  const more = nextCursor && new URLSearchParams({ ...filter, cursor: nextCursor }).toString();
  return page(
    context,
    'Audit',
    html`<div class="card"><form class="inline" action="/console/audit">${field('who', 'Who', filter.who)}${field('action', 'What', filter.action)}${field('target', 'To what', filter.target)}<button class="second">Show</button></form>
    ${
      entries.length === 0
        ? empty(
            'Nothing was noted',
            html`Every change and every look at a buyer’s address is noted here. Filters match whole words only.`,
          )
        : table(
            'Audit log',
            [
              { title: 'When', cell: ({ atMs }) => time(atMs) },
              { title: 'Who', cell: ({ who }) => who },
              { title: 'What', cell: ({ action }) => html`<span class="mono">${action}</span>` },
              { title: 'To what', cell: ({ target }) => target ?? '–', kind: 'wide' },
              { title: 'Shop', cell: ({ shopId }) => shopId ?? '–' },
              { title: 'More', cell: ({ detail }) => detail ?? '–', kind: 'wide' },
            ],
            entries,
          )
    }${more ? html`<p><a class="button second" href="/console/audit?${more}">Older</a></p>` : nothing}</div>`,
  );
};

/** `/console/audit`: who did what. */
export const auditRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const config = { needs: 'admin' as const, isForWholeService: true };
  app.get('/console/audit', { config }, async (request, reply) => {
    const filter = Query.parse(request.query);
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
    const found = await deps.store.audit.list({ ...given, limit: PAGE });
    return sendHtml(reply, auditPage(await contextOf(deps, request), filter, found));
  });
};
