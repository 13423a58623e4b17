import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ROLES } from '../people/principal.ts';
import type { UserRow } from '../people/records.ts';
import { contextOf, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { badge, card, csrfField, empty, table, time } from './parts.ts';

const PEOPLE = '/console/people';
const text = z.string().trim().max(200);
const shopIds = z
  .string()
  .max(2000)
  .transform((list) => list.split(/[\s,]+/).filter((id) => id !== ''))
  .transform((ids) => (ids.length === 0 ? null : ids));
const password = z
  .string()
  .max(1000)
  .transform((value) => (value === '' ? null : value));
const AddForm = z.object({ name: text, role: z.enum(ROLES), shopIds, password });
const ChangeForm = z.object({
  role: z.enum(ROLES),
  shopIds,
  password,
  isDisabled: z.enum(['true', 'false']),
});
const Params = z.object({ userId: z.string().max(64) });

const fields = (user: UserRow | null): Html => html`
  <div class="field"><label for="role">Role</label><select id="role" name="role">${ROLES.map((role) => html`<option ${role === (user?.role ?? 'operator') ? html`selected` : nothing}>${role}</option>`)}</select>
    <span class="hint">A viewer sees, an operator acts on orders, stock and the SKU map, an admin also sets up.</span></div>
  <div class="field"><label for="shops">Only these shops <span class="hint">shop ids with commas between; empty: all shops</span></label><input id="shops" name="shopIds" value="${(user?.shopIds ?? []).join(', ')}"></div>
  <div class="field"><label for="password">${user ? 'New password' : 'Password'} <span class="hint">${user ? 'empty: as it is; a new one ends their sessions' : 'at least 12 characters; empty: by your organisation’s sign-in only'}</span></label><input id="password" name="password" type="password" autocomplete="new-password"></div>`;

const peoplePage = (context: PageContext, users: readonly UserRow[], said: Html | null): Html =>
  page(
    context,
    'People',
    html`${said ?? nothing}<div class="card">${
      users.length === 0
        ? empty(
            'Nobody yet',
            html`Add people below, so that the log tells who did what. <code>ADMIN_TOKEN</code> always works.`,
          )
        : table(
            'People',
            [
              { title: 'Name', cell: ({ name }) => name },
              { title: 'Role', cell: ({ role }) => role },
              { title: 'Shops', cell: ({ shopIds: shops }) => shops?.join(', ') ?? 'all', kind: 'wide' },
              {
                title: 'State',
                cell: ({ disabledAtMs }) =>
                  disabledAtMs === null ? badge('active', 'good') : badge('disabled', 'quiet'),
              },
              {
                title: 'Signs in by',
                cell: ({ passwordHash, oidcSubject }) =>
                  [passwordHash ? 'password' : '', oidcSubject ? 'organisation' : '']
                    .filter((way) => way !== '')
                    .join(', ') || 'tokens only',
              },
              { title: 'Since', cell: ({ createdAtMs }) => time(createdAtMs) },
            ],
            users,
            ({ userId }) => `${PEOPLE}/${userId}`,
          )
    }</div>${card(
      'Add somebody',
      html`<form method="post" action="${PEOPLE}" autocomplete="off">${csrfField(context.csrfToken)}<div class="field"><label for="name">Name</label><input id="name" name="name" required maxlength="200"></div>${fields(null)}<button>Add</button></form>`,
    )}`,
  );

const userPage = (context: PageContext, user: UserRow): Html => {
  const base = `${PEOPLE}/${user.userId}`;
  const isDisabled = user.disabledAtMs !== null;
  return page(
    context,
    user.name,
    html`<div class="card"><form method="post" action="${base}" autocomplete="off">${csrfField(context.csrfToken)}${fields(user)}
      <div class="field"><label for="disabled">May sign in</label><select id="disabled" name="isDisabled"><option value="false" ${isDisabled ? nothing : html`selected`}>yes</option><option value="true" ${isDisabled ? html`selected` : nothing}>no</option></select></div>
      <button>Save</button></form></div>
      <div class="card actions"><form method="post" action="${base}/end-sessions">${csrfField(context.csrfToken)}<button class="second">End their sessions</button></form>
      <form method="post" action="${base}/remove" data-confirm="Remove ${user.name} for good?">${csrfField(context.csrfToken)}<button class="danger">Remove ${user.name}</button></form></div>`,
  );
};

/** `/console/people`: who may use the service. */
export const peopleRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { users } = deps.people;
  const config = { needs: 'admin' as const, isForWholeService: true, audit: false as const };
  app.get(PEOPLE, { config }, async (request, reply) =>
    sendHtml(reply, peoplePage(await contextOf(deps, request), await users.list(), takeSaid(request, reply))),
  );
  app.post(PEOPLE, { config }, async (request, reply) => {
    const { password: secret, ...contents } = AddForm.parse(request.body);
    const { name } = await users.add(request.principal, contents, secret);
    return sendBack(reply, PEOPLE, `${name} was added.`);
  });
  app.get(`${PEOPLE}/:userId`, { config }, async (request, reply) => {
    const user = await users.get(Params.parse(request.params).userId);
    return sendHtml(reply, userPage(await contextOf(deps, request), user));
  });
  app.post(`${PEOPLE}/:userId`, { config }, async (request, reply) => {
    const { userId } = Params.parse(request.params);
    const { role, shopIds: shops, password: secret, isDisabled } = ChangeForm.parse(request.body);
    const { name } = await users.change(request.principal, userId, {
      role,
      shopIds: shops,
      isDisabled: isDisabled === 'true',
      ...(secret === null ? {} : { password: secret }),
    });
    return sendBack(reply, PEOPLE, `${name} was changed.`);
  });
  app.post(`${PEOPLE}/:userId/end-sessions`, { config }, async (request, reply) => {
    const ended = await users.endSessions(request.principal, Params.parse(request.params).userId);
    return sendBack(reply, PEOPLE, `${ended} sessions were ended.`);
  });
  app.post(`${PEOPLE}/:userId/remove`, { config }, async (request, reply) => {
    await users.remove(request.principal, Params.parse(request.params).userId);
    return sendBack(reply, PEOPLE, 'Removed.');
  });
};
