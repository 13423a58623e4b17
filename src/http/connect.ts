import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AmazonAccounts } from '../connections/amazon-accounts.ts';
import type { RecordAudit } from '../connections/deps.ts';
import type { Grants } from '../connections/grants.ts';
import type { ConnectKind, ConnectStates, Undertaking } from '../connections/states.ts';
import type { ProviderAuthorizer } from '../fulfillment/authorizer.ts';
import { AppError } from '../lib/errors.ts';
import * as pages from './connect-pages.ts';
import type { LimitCheck } from './limits.ts';
import { type PlainPage, sendPage } from './plain-page.ts';
import { typed } from './route-docs.ts';
import { createOwnCookie, type OwnCookie } from './session-cookie.ts';

export type ConnectDeps = {
  states: ConnectStates;
  grants: Grants;
  accounts: Pick<AmazonAccounts, 'connect'>;
  /** Null: `TIKTOK_AUTHORIZE_URL` is not set. */
  tiktokLink(state: string): string | null;
  amazon: Pick<ProviderAuthorizer, 'consentLink' | 'exchange' | 'isPlace'>;
  audit: RecordAudit;
  /** Where this service is reached from outside; null: nobody can be sent back to it. */
  publicUrl: string | null;
};

/** Kept a little longer than the state it belongs to. */
const COOKIE_LIFE_SECONDS = 20 * 60;

/** Ties what is begun to the browser that began it. */
const cookieOf = ({ publicUrl }: ConnectDeps): OwnCookie => createOwnCookie('mcf_connect', publicUrl);

/** Names are what people call an account, so they may be empty. */
const AmazonPlace = z.object({
  name: z.string().trim().max(100).default(''),
  region: z.enum(['na', 'eu', 'fe']),
  marketplaceId: z.string().trim().min(1).max(40),
});

const notConfigured = (name: string): AppError =>
  new AppError('connect_not_configured', 409, `${name} is not set, so nobody can be sent to authorise.`);

/** The address to send the one who asks to, with a state that brings them back. */
const begin = async (
  deps: ConnectDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: ConnectKind,
  wish: Undertaking['wish'],
  linkOf: (state: string) => string | null,
): Promise<string> => {
  if (deps.publicUrl === null) throw notConfigured('PUBLIC_URL');
  if (linkOf('') === null)
    throw notConfigured(kind === 'amazon' ? 'AMAZON_APPLICATION_ID' : 'TIKTOK_AUTHORIZE_URL');
  // A script with a token has no browser to be bound to; whoever opens the link it prints goes on without a cookie.
  const isBrowser = request.session !== null;
  const { principal } = request;
  await deps.audit({ principal, action: 'connect.begin', target: kind, shopId: null, detail: '' });
  const { state, browserKey } = await deps.states.begin(kind, { principal, wish }, { isBrowser });
  if (browserKey !== null) cookieOf(deps).write(request, reply, browserKey, COOKIE_LIFE_SECONDS);
  return linkOf(state) ?? '/';
};

const WHOLE_SERVICE_ADMIN = { needs: 'admin', isForWholeService: true } as const;

/** `GET /connect/…`: where an admin begins to connect a shop or an Amazon account. */
export const connectRoutes = (app: FastifyInstance, deps: ConnectDeps): void => {
  const config = { ...WHOLE_SERVICE_ADMIN, problems: ['connect_not_configured'] as const };
  typed(app).get(
    '/connect/tiktok-shop',
    {
      config,
      exposeHeadRoute: false,
      schema: {
        operationId: 'connectTikTokShop',
        tags: ['Connections'],
        summary: 'Sends the seller to TikTok’s authorise page',
        response: { 302: z.null().describe('The authorise page') },
      },
    },
    async (request, reply) => {
      const link = await begin(deps, request, reply, 'tiktok-shop', {}, (state) => deps.tiktokLink(state));
      return reply.code(302).header('location', link).send(null);
    },
  );
  typed(app).get(
    '/connect/amazon',
    {
      config: { ...config, problems: ['connect_not_configured', 'marketplace_unknown'] },
      exposeHeadRoute: false,
      schema: {
        operationId: 'connectAmazon',
        tags: ['Connections'],
        summary: 'Sends the seller to Seller Central to give consent',
        querystring: AmazonPlace,
        response: { 302: z.null().describe('The consent page') },
      },
    },
    async (request, reply) => {
      const place = request.query;
      if (!deps.amazon.isPlace(place))
        throw new AppError('marketplace_unknown', 400, 'marketplaceId: no marketplace of this region.');
      const link = await begin(deps, request, reply, 'amazon', place, (state) =>
        deps.amazon.consentLink(place, state),
      );
      return reply.code(302).header('location', link).send(null);
    },
  );
};

const text = z.string().max(4_000).optional();
const Returned = z.object({
  code: text,
  state: text,
  error: text,
  spapi_oauth_code: text,
  selling_partner_id: text,
});
type Returned = z.output<typeof Returned>;

/** TikTok writes `code=null` when the seller refused. */
const codeIn = (code: string | undefined): string | null => (!code || code === 'null' ? null : code);

const readReturned = (request: FastifyRequest): Returned => Returned.safeParse(request.query).data ?? {};

type Answer = { status: number; page: PlainPage };

/** What a callback does once its state is proven. */
type Take = (returned: Returned, code: string, undertaking: Undertaking) => Promise<Answer>;

const callback =
  (
    deps: ConnectDeps,
    countRefused: LimitCheck,
    kind: ConnectKind,
    codeOf: (returned: Returned) => string | null,
    take: Take,
  ) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const returned = readReturned(request);
    const send = ({ status, page }: Answer): FastifyReply => sendPage(reply, status, page);
    const code = codeOf(returned);
    if (!returned.state) return send(code === null ? pages.refused(kind) : pages.withoutState(kind));
    const cookie = cookieOf(deps);
    const taken = await deps.states.take(kind, returned.state, cookie.read(request));
    cookie.clear(request, reply);
    if (!taken.ok) {
      if (await countRefused(request)) return send(pages.tooMany());
      return send(taken.problem === 'unknown' ? pages.unknownState(kind) : pages.otherBrowser(kind));
    }
    if (code === null) return send(pages.refused(kind));
    return send(await take(returned, code, taken.undertaking));
  };

const takeTikTok =
  ({ grants, audit }: ConnectDeps): Take =>
  async (_returned, code, { principal }) => {
    const action = 'shop.connect';
    await audit({ principal, action, target: 'tiktok-shop', shopId: null, detail: 'the seller agreed' });
    try {
      const outcome = await grants.accept(code);
      if (outcome.kind === 'connected')
        for (const { shopId, authorization } of outcome.shops)
          await audit({ principal, action, target: shopId, shopId, detail: authorization });
      return pages.ofGrant(outcome);
    } catch (error) {
      return pages.failed('tiktok-shop', error);
    }
  };

const takeAmazon =
  ({ accounts, amazon, audit }: ConnectDeps): Take =>
  async (returned, code, { principal, wish }) => {
    const action = 'amazon_account.connect';
    const sellingPartnerId = returned.selling_partner_id || null;
    try {
      const place = AmazonPlace.parse(wish);
      await audit({
        principal,
        action,
        target: sellingPartnerId ?? 'amazon',
        shopId: null,
        detail: `the seller agreed, marketplace ${place.marketplaceId}`,
      });
      const refreshToken = await amazon.exchange(code);
      const name = place.name || null;
      const row = await accounts.connect({ ...place, name, sellingPartnerId, refreshToken });
      return pages.accountConnected(row);
    } catch (error) {
      return pages.failed('amazon', error);
    }
  };

/** Where TikTok and Amazon send a seller back to. Open to everybody: the state proves who began. */
export const connectCallbacks = (app: FastifyInstance, deps: ConnectDeps, countRefused: LimitCheck): void => {
  const options = { exposeHeadRoute: false, schema: { hide: true } };
  app.get(
    '/connect/tiktok-shop/callback',
    options,
    callback(deps, countRefused, 'tiktok-shop', ({ code }) => codeIn(code), takeTikTok(deps)),
  );
  app.get(
    '/connect/amazon/callback',
    options,
    callback(deps, countRefused, 'amazon', ({ spapi_oauth_code: code }) => codeIn(code), takeAmazon(deps)),
  );
};
