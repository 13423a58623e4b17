import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AmazonAccounts } from '../connections/amazon-accounts.ts';
import type { RecordAudit } from '../connections/deps.ts';
import { isoTime } from '../lib/clock.ts';
import type { AmazonAccountRow, Store } from '../store/store.ts';
import { typed } from './route-docs.ts';

export type AmazonAccountRoutesDeps = {
  store: Pick<Store, 'shops' | 'accounts'>;
  accounts: AmazonAccounts;
  audit: RecordAudit;
};

const Sharing = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('all') }),
    z.strictObject({
      kind: z.literal('shares'),
      percentByShop: z.record(z.string(), z.number().min(0).max(100)),
    }),
    z.strictObject({
      kind: z.literal('priority'),
      shops: z.array(z.strictObject({ shopId: z.string(), atMostUnits: z.int().min(0).nullable() })),
    }),
  ])
  .describe('How the shops that draw on the account share its stock');
const Region = z.enum(['na', 'eu', 'fe']);
const time = z.iso.datetime().nullable();

export const AmazonAccountView = z
  .object({
    accountId: z.string(),
    name: z.string().nullable(),
    sellingPartnerId: z.string().nullable(),
    region: Region,
    marketplaceId: z.string(),
    sharing: Sharing,
    shops: z.array(z.string()).describe('Shops whose orders it ships'),
    connectedAt: time.describe('Null: it comes from the environment'),
    stoppedAt: time,
  })
  .meta({ id: 'AmazonAccount' });

const name = z.string().trim().min(1).max(100);
/** The token is a secret: what is wrong with it is said without showing it. */
const refreshToken = z.string().trim().min(20, 'is too short to be one').max(4_000);
const PostBody = z.strictObject({
  name: name.nullable().default(null),
  region: Region,
  marketplaceId: z.string().trim().min(1).max(40),
  refreshToken: refreshToken.describe('From Seller Central, made with the app of AMAZON_LWA_CLIENT_ID'),
});
const PatchBody = z
  .strictObject({
    name: name.nullable().optional(),
    sharing: Sharing.optional(),
    refreshToken: refreshToken.optional(),
  })
  .describe('What is left out stays');
const Params = z.object({ accountId: z.string().min(1).max(100) });

type AccountView = z.output<typeof AmazonAccountView>;

const viewOf = async (
  { store }: AmazonAccountRoutesDeps,
  account: AmazonAccountRow,
): Promise<AccountView> => {
  const { connectedAtMs, stoppedAtMs, ...rest } = account;
  const shops = (await store.shops.all()).filter((shop) => shop.amazonAccount === account.accountId);
  return {
    ...rest,
    shops: shops.map(({ shopId }) => shopId),
    connectedAt: connectedAtMs === null ? null : isoTime(connectedAtMs),
    stoppedAt: stoppedAtMs === null ? null : isoTime(stoppedAtMs),
  };
};

const readRoutes = (app: FastifyInstance, deps: AmazonAccountRoutesDeps): void => {
  typed(app).get(
    '/api/amazon-accounts',
    {
      config: { needs: 'viewer', isForWholeService: true },
      schema: {
        operationId: 'listAmazonAccounts',
        tags: ['Connections'],
        summary: 'The Amazon accounts that ship, with their shops and sharing rules',
        response: { 200: z.object({ accounts: z.array(AmazonAccountView) }) },
      },
    },
    async () => ({
      accounts: await Promise.all((await deps.store.accounts.all()).map((row) => viewOf(deps, row))),
    }),
  );
  typed(app).get(
    '/api/amazon-accounts/:accountId',
    {
      config: { needs: 'viewer', isForWholeService: true, problems: ['amazon_account_unknown'] },
      schema: {
        operationId: 'getAmazonAccount',
        tags: ['Connections'],
        summary: 'One Amazon account',
        params: Params,
        response: { 200: AmazonAccountView },
      },
    },
    async ({ params }) => viewOf(deps, await deps.accounts.find(params.accountId)),
  );
};

/** What is written down of a change, without the token. */
const detailOf = ({ refreshToken: token, ...rest }: z.output<typeof PatchBody>): string =>
  JSON.stringify({ ...rest, ...(token === undefined ? {} : { refreshToken: 'replaced' }) });

const addRoute = (app: FastifyInstance, deps: AmazonAccountRoutesDeps): void => {
  const { accounts, audit } = deps;
  typed(app).post(
    '/api/amazon-accounts',
    {
      config: {
        needs: 'admin',
        audit: false,
        isForWholeService: true,
        problems: ['amazon_account_known', 'amazon_refused', 'marketplace_unknown', 'upstream_unavailable'],
      },
      schema: {
        operationId: 'addAmazonAccount',
        tags: ['Connections'],
        summary: 'Connects an Amazon account by its refresh token, which is tried out first',
        body: PostBody,
        response: { 201: AmazonAccountView },
      },
    },
    async ({ body, principal }, reply) => {
      const detail = `${body.region} ${body.marketplaceId}`;
      const action = 'amazon_account.connect';
      await audit({ principal, action, target: body.name ?? 'amazon', shopId: null, detail });
      const row = await accounts.connect({ ...body, sellingPartnerId: null });
      return reply.code(201).send(await viewOf(deps, row));
    },
  );
};

/** `/api/amazon-accounts`: for those who see all shops, because an account serves several. */
export const amazonAccountRoutes = (app: FastifyInstance, deps: AmazonAccountRoutesDeps): void => {
  const { accounts, audit } = deps;
  readRoutes(app, deps);
  addRoute(app, deps);
  typed(app).patch(
    '/api/amazon-accounts/:accountId',
    {
      config: {
        needs: 'admin',
        audit: false,
        isForWholeService: true,
        problems: [
          'amazon_account_unknown',
          'amazon_account_known',
          'amazon_refused',
          'environment_owns_it',
          'sharing_invalid',
          'upstream_unavailable',
        ],
      },
      schema: {
        operationId: 'changeAmazonAccount',
        tags: ['Connections'],
        summary: 'Changes the name, the sharing rule or the refresh token',
        params: Params,
        body: PatchBody,
        response: { 200: AmazonAccountView },
      },
    },
    async ({ params: { accountId }, body, principal }) => {
      await accounts.find(accountId);
      const action = 'amazon_account.change';
      await audit({ principal, action, target: accountId, shopId: null, detail: detailOf(body) });
      return viewOf(deps, await accounts.change(accountId, body));
    },
  );
  typed(app).delete(
    '/api/amazon-accounts/:accountId',
    {
      config: {
        needs: 'admin',
        audit: false,
        isForWholeService: true,
        problems: ['amazon_account_unknown', 'amazon_account_in_use', 'environment_owns_it'],
      },
      schema: {
        operationId: 'removeAmazonAccount',
        tags: ['Connections'],
        summary: 'Forgets an Amazon account that no shop and no open order needs',
        params: Params,
        response: { 204: z.null().describe('Forgotten') },
      },
    },
    async ({ params: { accountId }, principal }, reply) => {
      await accounts.find(accountId);
      const action = 'amazon_account.remove';
      await audit({ principal, action, target: accountId, shopId: null, detail: '' });
      await accounts.remove(accountId);
      return reply.code(204).send(null);
    },
  );
};
