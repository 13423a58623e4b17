import type { FastifyInstance } from 'fastify';
import { contextOf, sendHtml } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { badge, card, table } from './parts.ts';

/** A setting of the environment as it is in force. Of a secret only whether it is set. */
export type SettingView = {
  name: string;
  group: string;
  value: string | null;
  isSecret: boolean;
  defaultText: string;
  description: string;
};

const valueOf = ({ value, isSecret }: SettingView): Html => {
  if (value === null) return html`<span class="none">not set</span>`;
  return isSecret ? badge('set', 'good') : html`<span class="mono">${value}</span>`;
};

const settingsPage = (context: PageContext, settings: readonly SettingView[], version: string): Html => {
  const groups = Map.groupBy(settings, ({ group }) => group);
  return page(
    context,
    'Settings',
    html`<p>Version ${version}. These come from the environment: change them there and start the service again. What a shop does otherwise is under <a href="/console/shops">Shops</a>.</p>
    ${[...groups].map(([group, rows]) =>
      card(
        group,
        table(
          group,
          [
            { title: 'Name', cell: ({ name }) => html`<span class="mono">${name}</span>` },
            { title: 'In force', cell: valueOf, kind: 'wide' },
            { title: 'Default', cell: ({ defaultText }) => defaultText, kind: 'wide' },
            { title: 'Meaning', cell: ({ description }) => description, kind: 'wide' },
          ],
          rows,
        ),
      ),
    )}`,
  );
};

/** `/console/settings`: what is in force. */
export const settingsRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const config = { needs: 'admin' as const, isForWholeService: true };
  app.get('/console/settings', { config }, async (request, reply) =>
    sendHtml(reply, settingsPage(await contextOf(deps, request), deps.settings(), deps.version)),
  );
};
