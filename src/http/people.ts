import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { People } from '../people/index.ts';
import { ROLES } from '../people/principal.ts';
import { ApiToken, apiTokenView, NewApiToken, NewApiTokenBody, User, userView } from './people-views.ts';
import { typed } from './route-docs.ts';

const UserParams = z.object({ userId: z.string().min(1).max(64) });
const TokenParams = z.object({ ...UserParams.shape, tokenId: z.string().min(1).max(64) });
const Empty = z.null().describe('Done; the body is empty');

const name = z.string().trim().min(1).max(200);
const role = z.enum(ROLES);
const shopIds = z.array(z.string().min(1).max(64)).max(1000).nullable();
const password = z.string().min(1).max(1000).nullable();

const NewUser = z.strictObject({
  name,
  role,
  shopIds: shopIds.default(null),
  password: password.default(null).describe('Null: signs in by single sign-on, or not at all'),
});
const UserPatch = z.strictObject({
  name: name.optional(),
  role: role.optional(),
  shopIds: shopIds.optional(),
  password: password.optional(),
  isDisabled: z.boolean().optional(),
  isLinked: z.literal(false).optional().describe('Forgets the identity of single sign-on'),
});

const tags = ['People'];
const MANAGE = { needs: 'admin', isForWholeService: true } as const;
/** Their entries are committed with the change. */
const CHANGE = { ...MANAGE, audit: false } as const;
const WRONG_USER = ['user_invalid', 'user_name_taken', 'password_weak', 'sign_in_busy'] as const;

const userRoutes = (app: FastifyInstance, { users }: People): void => {
  const list = {
    operationId: 'listUsers',
    tags,
    summary: 'All users, by name',
    response: { 200: z.object({ users: z.array(User) }) },
  };
  typed(app).get('/api/users', { config: MANAGE, schema: list }, async () => ({
    users: (await users.list()).map(userView),
  }));

  const add = {
    operationId: 'addUser',
    tags,
    summary: 'A new user',
    body: NewUser,
    response: { 201: User },
  };
  typed(app).post(
    '/api/users',
    { config: { ...CHANGE, problems: WRONG_USER }, schema: add },
    async ({ principal, body: { password: given, ...contents } }, reply) =>
      reply.code(201).send(userView(await users.add(principal, contents, given))),
  );

  const one = {
    operationId: 'getUser',
    tags,
    summary: 'One user',
    params: UserParams,
    response: { 200: User },
  };
  typed(app).get(
    '/api/users/:userId',
    { config: { ...MANAGE, problems: ['user_unknown'] }, schema: one },
    async ({ params }) => userView(await users.get(params.userId)),
  );

  const change = {
    operationId: 'changeUser',
    tags,
    summary: 'Changes a user at once; a new password or `isDisabled` ends their sessions',
    params: UserParams,
    body: UserPatch,
    response: { 200: User },
  };
  typed(app).patch(
    '/api/users/:userId',
    { config: { ...CHANGE, problems: ['user_unknown', ...WRONG_USER] }, schema: change },
    async ({ principal, params, body: { isLinked, ...given } }) =>
      userView(await users.change(principal, params.userId, { ...given, isUnlinked: isLinked === false })),
  );

  const remove = {
    operationId: 'removeUser',
    tags,
    summary: 'Removes a user with their sessions and tokens; the audit log keeps what they did',
    params: UserParams,
    response: { 204: Empty },
  };
  typed(app).delete(
    '/api/users/:userId',
    { config: { ...CHANGE, problems: ['user_unknown'] }, schema: remove },
    async ({ principal, params }, reply) => {
      await users.remove(principal, params.userId);
      return reply.code(204).send(null);
    },
  );

  const endSessions = {
    operationId: 'endSessionsOfUser',
    tags,
    summary: 'Signs a user out everywhere',
    params: UserParams,
    response: { 200: z.object({ ended: z.int() }) },
  };
  typed(app).delete(
    '/api/users/:userId/sessions',
    { config: { ...CHANGE, problems: ['user_unknown'] }, schema: endSessions },
    async ({ principal, params }) => ({ ended: await users.endSessions(principal, params.userId) }),
  );
};

const tokenRoutes = (app: FastifyInstance, { users, tokens }: People): void => {
  const list = {
    operationId: 'listTokens',
    tags,
    summary: 'The API tokens of a user, without the tokens themselves',
    params: UserParams,
    response: { 200: z.object({ tokens: z.array(ApiToken) }) },
  };
  typed(app).get(
    '/api/users/:userId/tokens',
    { config: { ...MANAGE, problems: ['user_unknown'] }, schema: list },
    async ({ params }) => {
      const { userId } = await users.get(params.userId);
      return { tokens: (await tokens.list(userId)).map(apiTokenView) };
    },
  );

  const add = {
    operationId: 'addToken',
    tags,
    summary: 'A new API token for a user; it is shown this once',
    params: UserParams,
    body: NewApiTokenBody,
    response: { 201: NewApiToken },
  };
  typed(app).post(
    '/api/users/:userId/tokens',
    { config: { ...CHANGE, problems: ['user_unknown', 'token_invalid', 'too_many_tokens'] }, schema: add },
    async ({ principal, params, body }, reply) => {
      const user = await users.get(params.userId);
      const { token, row } = await tokens.add(principal, user, body);
      return reply.code(201).send({ ...apiTokenView(row), token });
    },
  );

  const revoke = {
    operationId: 'revokeToken',
    tags,
    summary: 'Revokes an API token at once',
    params: TokenParams,
    response: { 204: Empty },
  };
  typed(app).delete(
    '/api/users/:userId/tokens/:tokenId',
    { config: { ...CHANGE, problems: ['token_unknown'] }, schema: revoke },
    async ({ principal, params }, reply) => {
      await tokens.revoke(principal, params.userId, params.tokenId);
      return reply.code(204).send(null);
    },
  );
};

/** Users and their API tokens, for admins. `ADMIN_TOKEN` always works, so no change here locks everybody out. */
export const peopleRoutes = (app: FastifyInstance, people: People): void => {
  userRoutes(app, people);
  tokenRoutes(app, people);
};
