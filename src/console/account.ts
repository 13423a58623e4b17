import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { requireSession } from '../http/auth.ts';
import { AppError } from '../lib/errors.ts';
import type { ApiTokenRow } from '../people/records.ts';
import { contextOf, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { card, csrfField, empty, notice, table, time } from './parts.ts';

const ACCOUNT = '/console/account';
const secret = z.string().min(1, 'is missing').max(1000);
const PasswordForm = z.object({ current: secret, next: secret });
const TokenForm = z.object({ name: z.string().trim().min(1, 'say what it is for').max(100) });
const Params = z.object({ tokenId: z.string().max(64) });

type AccountData = { tokens: readonly ApiTokenRow[] | null; said: Html | null; shown: string | null };

const tokensCard = (context: PageContext, tokens: readonly ApiTokenRow[], shown: string | null): Html =>
  card(
    'API tokens',
    html`${shown === null ? nothing : notice(html`Your new token, shown this once: <code>${shown}</code> <button type="button" class="second" data-copy="${shown}">Copy</button>`, 'good')}
    ${
      tokens.length === 0
        ? empty('No token', html`A script uses the API in your name with one, and may what you may.`)
        : table(
            'API tokens',
            [
              { title: 'For', cell: ({ name }) => name, kind: 'wide' },
              { title: 'Begins with', cell: ({ prefix }) => html`<span class="mono">${prefix}…</span>` },
              { title: 'Made', cell: ({ createdAtMs }) => time(createdAtMs) },
              { title: 'Last used', cell: ({ usedAtMs }) => time(usedAtMs, 'relative') },
              {
                title: 'Change',
                cell: ({ tokenId, name }) =>
                  html`<form method="post" action="${ACCOUNT}/tokens/${tokenId}/revoke" data-confirm="Revoke the token for ${name}? What uses it stops at once.">${csrfField(context.csrfToken)}<button class="plain">Revoke</button></form>`,
              },
            ],
            tokens,
          )
    }
    <form class="inline" method="post" action="${ACCOUNT}/tokens">${csrfField(context.csrfToken)}<div class="field"><label for="token-name">New token for</label><input id="token-name" name="name" required maxlength="100"></div><button class="second">Make a token</button></form>`,
  );

const passwordCard = (context: PageContext): Html =>
  card(
    'Password',
    html`<form method="post" action="${ACCOUNT}/password">${csrfField(context.csrfToken)}
    <div class="field"><label for="current">Password now</label><input id="current" name="current" type="password" autocomplete="current-password" required></div>
    <div class="field"><label for="next">New password <span class="hint">at least 12 characters; your other sessions end</span></label><input id="next" name="next" type="password" autocomplete="new-password" required></div>
    <button>Change it</button></form>`,
  );

const accountPage = (context: PageContext, { tokens, said, shown }: AccountData): Html => {
  const { name, role, shopIds } = context.principal;
  return page(
    context,
    'My account',
    html`${said ?? nothing}${card(
      name,
      html`<dl class="facts"><dt>Role</dt><dd>${role}</dd><dt>Shops</dt><dd>${shopIds?.join(', ') ?? 'all'}</dd></dl>
      <form method="post" action="${ACCOUNT}/sign-out-everywhere">${csrfField(context.csrfToken)}<button class="second">Sign out everywhere</button></form>`,
    )}${tokens === null ? notice('You are signed in with ADMIN_TOKEN. Add yourself under People, so that the log tells who did what.', 'info') : html`<div class="grid">${passwordCard(context)}${tokensCard(context, tokens, shown)}</div>`}`,
  );
};

/** `/console/account`: what is one's own. */
export const accountRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { people, cookie } = deps;
  const config = { needs: 'viewer' as const, audit: false as const };
  const ownId = (userId: string | null): string => {
    if (userId === null)
      throw new AppError('user_needed', 403, 'ADMIN_TOKEN belongs to no user; sign in as one.');
    return userId;
  };
  app.get(ACCOUNT, { config }, async (request, reply) => {
    const { userId } = request.principal;
    const tokens = userId === null ? null : await people.tokens.list(userId);
    const data = { tokens, said: takeSaid(request, reply), shown: null };
    return sendHtml(reply, accountPage(await contextOf(deps, request), data));
  });
  app.post(`${ACCOUNT}/password`, { config }, async (request, reply) => {
    const given = PasswordForm.parse(request.body);
    await people.users.changePassword(request.principal, given, requireSession(request).hash);
    return sendBack(reply, ACCOUNT, 'Your password was changed, and your other sessions were ended.');
  });
  app.post(`${ACCOUNT}/tokens`, { config }, async (request, reply) => {
    const { name } = TokenForm.parse(request.body);
    const userId = ownId(request.principal.userId);
    const { token } = await people.tokens.add(request.principal, { userId }, { name, expiresAtMs: null });
    // Not by way of another page: a token must not lie in a cookie.
    const data = { tokens: await people.tokens.list(userId), said: null, shown: token };
    return sendHtml(reply, accountPage(await contextOf(deps, request), data));
  });
  app.post(`${ACCOUNT}/tokens/:tokenId/revoke`, { config }, async (request, reply) => {
    const { tokenId } = Params.parse(request.params);
    await people.tokens.revoke(request.principal, ownId(request.principal.userId), tokenId);
    return sendBack(reply, ACCOUNT, 'The token was revoked.');
  });
  app.post(`${ACCOUNT}/sign-out-everywhere`, { config }, async (request, reply) => {
    await people.signIn.end(request, true);
    cookie.clear(request, reply);
    return reply.redirect('/console/sign-in', 303);
  });
};
