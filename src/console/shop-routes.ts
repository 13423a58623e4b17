import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { warningsOf } from '../connections/warnings.ts';
import { requireShop } from '../http/access.ts';
import { sees } from '../people/principal.ts';
import type { ShopRow } from '../store/store.ts';
import { contextOf, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { sharingOf, shopsOf } from './sharing.ts';
import { type ShopView, shopPage, shopsPage, shopTitle } from './shops.ts';

const SHOPS = '/console/shops';
const Params = z.object({ shopId: z.string().min(1).max(64) });
const orNull = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' || value === undefined ? null : value), schema.nullable());
const yesNo = orNull(z.enum(['true', 'false']).transform((value) => value === 'true'));
const ShopForm = z.object({
  name: orNull(z.string().trim().max(100)),
  amazonAccount: orNull(z.string().max(100)),
  bufferUnits: orNull(z.coerce.number().int().min(0).max(1_000_000)),
  bufferPercent: orNull(z.coerce.number().min(0).max(100)),
  speed: orNull(z.enum(['Standard', 'Expedited', 'Priority', 'auto'])),
  fulfillmentPolicy: orNull(z.enum(['FillOrKill', 'FillAll', 'FillAllAvailable'])),
  unbranded: yesNo,
  blockAmzl: yesNo,
  cancellation: orNull(z.enum(['auto', 'manual'])),
  returnsToAmazon: orNull(z.enum(['review', 'create'])),
});
const AccountParams = z.object({ accountId: z.string().min(1).max(100) });
const PauseForm = z.object({ paused: z.enum(['true', 'false']) });
const WebhooksForm = z.object({ takeOver: z.literal('true').optional() });
const AccountForm = z.object({
  name: z.string().trim().min(1).max(100),
  region: z.enum(['na', 'eu', 'fe']),
  marketplaceId: z.string().trim().min(1).max(40),
  refreshToken: z.string().trim().min(20, 'is too short to be one').max(4_000),
});

const viewOf = async ({ connections, store, clock }: ConsoleDeps, shop: ShopRow): Promise<ShopView> => {
  const accounts = await store.accounts.all();
  const registrations = connections.registrations.stateOf(shop.shopId);
  const account = accounts.find(({ accountId }) => accountId === shop.amazonAccount) ?? null;
  const missingScopes = await connections.missingScopesOf(shop.authorization);
  const warnings = warningsOf({ shop, account, registrations, missingScopes }, clock.nowMs());
  return { shop, registrations, warnings };
};

const readRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const config = { needs: 'viewer' as const };
  const accountsFor = async ({ principal }: FastifyRequest) =>
    principal.shopIds === null ? deps.store.accounts.all() : null;

  app.get(SHOPS, { config }, async (request, reply) => {
    const rows = (await deps.store.shops.all()).filter(({ shopId }) => sees(request.principal, shopId));
    const shops = await Promise.all(rows.map((row) => viewOf(deps, row)));
    const [context, accounts] = await Promise.all([contextOf(deps, request), accountsFor(request)]);
    return sendHtml(reply, shopsPage(context, { shops, accounts, said: takeSaid(request, reply) }));
  });
  app.get(`${SHOPS}/:shopId`, { config }, async (request, reply) => {
    const { shopId } = Params.parse(request.params);
    requireShop(request, shopId);
    const view = await viewOf(deps, await deps.connections.shops.find(shopId));
    const [context, accounts] = await Promise.all([contextOf(deps, request), accountsFor(request)]);
    return sendHtml(reply, shopPage(context, view, accounts ?? [], takeSaid(request, reply)));
  });
};

const changeRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { shops, registrations } = deps.connections;
  const accounts = deps.amazonAccounts;
  const admin = { needs: 'admin' as const, isForWholeService: true };

  app.post(
    `${SHOPS}/:shopId/pause`,
    { config: { needs: 'operator', audit: 'shop.pause' } },
    async (request, reply) => {
      const { shopId } = Params.parse(request.params);
      requireShop(request, shopId);
      const paused = PauseForm.parse(request.body).paused === 'true';
      const shop = await shops.change(shopId, { paused });
      const said = paused
        ? 'is paused: nothing new is sent to Amazon'
        : 'goes on; orders that waited are looked at now';
      return sendBack(reply, `${SHOPS}/${shopId}`, `${shopTitle(shop)} ${said}.`, paused ? 'warn' : 'good');
    },
  );
  app.post(`${SHOPS}/:shopId`, { config: { ...admin, audit: 'shop.change' } }, async (request, reply) => {
    const { shopId } = Params.parse(request.params);
    const { name, amazonAccount, ...settings } = ShopForm.parse(request.body);
    const shop = await shops.change(shopId, { name, amazonAccount, settings });
    return sendBack(reply, `${SHOPS}/${shopId}`, `${shopTitle(shop)} was changed.`);
  });
  app.post(
    `${SHOPS}/:shopId/webhooks`,
    { config: { ...admin, audit: 'shop.webhooks' } },
    async (request, reply) => {
      const { shopId } = Params.parse(request.params);
      const takeOver = WebhooksForm.parse(request.body ?? {}).takeOver === 'true';
      const { missing } = await registrations.check(await shops.find(shopId), { takeOver });
      const said =
        missing.length === 0 ? 'The webhooks were checked.' : `Not registered: ${missing.join(', ')}.`;
      return sendBack(reply, `${SHOPS}/${shopId}`, said, missing.length === 0 ? 'good' : 'warn');
    },
  );
  app.post(
    `${SHOPS}/:shopId/disconnect`,
    { config: { ...admin, audit: 'shop.disconnect' } },
    async (request, reply) => {
      const shop = await shops.disconnect(Params.parse(request.params).shopId);
      return sendBack(reply, SHOPS, `${shopTitle(shop)} is disconnected and its tokens are deleted.`);
    },
  );
  app.post(
    '/console/amazon-accounts',
    { config: { ...admin, audit: 'amazon_account.connect' } },
    async (request, reply) => {
      const form = AccountForm.parse(request.body);
      const { accountId } = await accounts.connect({ ...form, sellingPartnerId: null });
      return sendBack(
        reply,
        SHOPS,
        `The account ${form.name} (${accountId}) is connected. Choose it for the shops that it ships for.`,
      );
    },
  );
};

const sharingRoute = (app: FastifyInstance, { amazonAccounts, store }: ConsoleDeps): void => {
  app.post(
    '/console/amazon-accounts/:accountId/sharing',
    { config: { needs: 'admin', isForWholeService: true, audit: 'amazon_account.sharing' } },
    async (request, reply) => {
      const account = await amazonAccounts.find(AccountParams.parse(request.params).accountId);
      const shopIds = shopsOf(account, await store.shops.all()).map(({ shopId }) => shopId);
      await amazonAccounts.change(account.accountId, { sharing: sharingOf(request.body, shopIds) });
      return sendBack(reply, SHOPS, 'The rule is in force; the stock is set by it with the next pass.');
    },
  );
};

/** Shops and Amazon accounts: what is connected, how, and by which rules. */
export const consoleShopRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  readRoutes(app, deps);
  changeRoutes(app, deps);
  sharingRoute(app, deps);
};
