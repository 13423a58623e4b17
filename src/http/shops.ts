import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { RecordAudit } from '../connections/deps.ts';
import type { Registrations } from '../connections/registrations.ts';
import type { Shops } from '../connections/shops.ts';
import { WARNING_CODES, warningsOf } from '../connections/warnings.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { ORDER_KINDS } from '../orders/order-kinds.ts';
import { mayAct, sees } from '../people/principal.ts';
import type { ShopRow, Store } from '../store/store.ts';
import { requireShop } from './access.ts';
import { typed } from './route-docs.ts';

export type ShopRoutesDeps = {
  store: Pick<Store, 'shops' | 'accounts'>;
  shops: Shops;
  registrations: Registrations;
  missingScopesOf(authorization: string): Promise<string[]>;
  clock: Clock;
  audit: RecordAudit;
};

const Settings = z.object({
  bufferUnits: z.int().min(0).max(1_000_000).optional(),
  bufferPercent: z.number().min(0).max(100).optional(),
  speed: z.enum(['Standard', 'Expedited', 'Priority', 'auto']).optional(),
  fulfillmentPolicy: z.enum(['FillOrKill', 'FillAll', 'FillAllAvailable']).optional(),
  blockAmzl: z.boolean().optional(),
  unbranded: z.boolean().optional(),
  cancellation: z.enum(['auto', 'manual']).optional(),
  holdKinds: z.array(z.enum(ORDER_KINDS)).optional(),
  resubmitStuck: z.boolean().optional(),
  returnsToAmazon: z.enum(['review', 'create']).optional(),
});

const { shape } = Settings;
/** Null: as the environment says again. */
const SettingsPatch = z.strictObject({
  bufferUnits: shape.bufferUnits.nullable(),
  bufferPercent: shape.bufferPercent.nullable(),
  speed: shape.speed.nullable(),
  fulfillmentPolicy: shape.fulfillmentPolicy.nullable(),
  blockAmzl: shape.blockAmzl.nullable(),
  unbranded: shape.unbranded.nullable(),
  cancellation: shape.cancellation.nullable(),
  holdKinds: shape.holdKinds.nullable(),
  resubmitStuck: shape.resubmitStuck.nullable(),
  returnsToAmazon: shape.returnsToAmazon.nullable(),
});

const time = z.iso.datetime().nullable();

export const ShopView = z
  .object({
    shopId: z.string(),
    channel: z.string(),
    name: z.string().nullable(),
    region: z.string().nullable(),
    amazonAccount: z.string().nullable(),
    settings: Settings,
    connectedAt: time,
    pausedAt: time,
    stoppedAt: time.describe('When the seller withdrew the authorisation, or the shop was disconnected'),
    authorizationExpiresAt: time,
    webhooks: z
      .object({
        checkedAt: z.iso.datetime(),
        registered: z.array(z.string()),
        elsewhere: z.array(z.object({ topic: z.string(), address: z.string() })),
        missing: z.array(z.string()),
        problem: z.string().nullable(),
      })
      .nullable()
      .describe('Null: not checked since the start'),
    warnings: z.array(z.object({ code: z.enum(WARNING_CODES), text: z.string() })),
  })
  .meta({ id: 'Shop' });
type ShopView = z.output<typeof ShopView>;

const Params = z.object({ shopId: z.string().min(1).max(64) });
const PatchBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100).nullable().optional(),
    amazonAccount: z.string().min(1).max(100).nullable().optional(),
    settings: SettingsPatch.optional(),
    paused: z.boolean().optional(),
  })
  .describe('What is left out stays');
const WebhooksBody = z.strictObject({
  takeOver: z.boolean().default(false).describe('Also bring here the topics that go to another address'),
});

const timeOf = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

const viewOf = async (deps: ShopRoutesDeps, shop: ShopRow): Promise<ShopView> => {
  const accounts = await deps.store.accounts.all();
  const registrations = deps.registrations.stateOf(shop.shopId);
  const facts = {
    shop,
    account: accounts.find(({ accountId }) => accountId === shop.amazonAccount) ?? null,
    registrations,
    missingScopes: await deps.missingScopesOf(shop.authorization),
  };
  const { shopId, channel, name, region, amazonAccount, settings } = shop;
  return {
    shopId,
    channel,
    name,
    region,
    amazonAccount,
    settings,
    connectedAt: timeOf(shop.connectedAtMs),
    pausedAt: timeOf(shop.pausedAtMs),
    stoppedAt: timeOf(shop.stoppedAtMs),
    authorizationExpiresAt: timeOf(shop.authorizationExpiresAtMs),
    webhooks: registrations
      ? {
          checkedAt: isoTime(registrations.checkedAtMs),
          registered: registrations.registered,
          elsewhere: registrations.elsewhere,
          missing: registrations.missing,
          problem: registrations.problem,
        }
      : null,
    warnings: warningsOf(facts, deps.clock.nowMs()),
  };
};

/** Pausing is an operator's; the rest of a shop is an admin's, and its Amazon account one's who sees all shops. */
const requireRole = ({ principal }: FastifyRequest, change: z.output<typeof PatchBody>): void => {
  const { paused: _, ...rest } = change;
  if (Object.values(rest).some((value) => value !== undefined) && !mayAct(principal, 'admin'))
    throw new AppError('role_missing', 403, 'Changing more than the pause needs the role admin.');
  if (change.amazonAccount !== undefined && principal.shopIds !== null)
    throw new AppError('not_for_single_shops', 403, 'Amazon accounts concern all shops.');
};

const readRoutes = (app: FastifyInstance, deps: ShopRoutesDeps): void => {
  typed(app).get(
    '/api/shops',
    {
      config: { needs: 'viewer' },
      schema: {
        operationId: 'listShops',
        tags: ['Connections'],
        summary: 'The shops one may see, and what is wrong with their connections',
        response: { 200: z.object({ shops: z.array(ShopView) }) },
      },
    },
    async ({ principal }) => {
      const rows = (await deps.store.shops.all()).filter(({ shopId }) => sees(principal, shopId));
      return { shops: await Promise.all(rows.map((row) => viewOf(deps, row))) };
    },
  );
  typed(app).get(
    '/api/shops/:shopId',
    {
      config: { needs: 'viewer', problems: ['shop_unknown'] },
      schema: {
        operationId: 'getShop',
        tags: ['Connections'],
        summary: 'One shop',
        params: Params,
        response: { 200: ShopView },
      },
    },
    async (request) => {
      requireShop(request, request.params.shopId);
      return viewOf(deps, await deps.shops.find(request.params.shopId));
    },
  );
};

const changeRoute = (app: FastifyInstance, deps: ShopRoutesDeps): void => {
  typed(app).patch(
    '/api/shops/:shopId',
    {
      config: {
        needs: 'operator',
        audit: false,
        problems: ['shop_unknown', 'amazon_account_unknown', 'not_for_single_shops'],
      },
      schema: {
        operationId: 'changeShop',
        tags: ['Connections'],
        summary: 'Pauses a shop; changes its name, settings or Amazon account (admin)',
        params: Params,
        body: PatchBody,
        response: { 200: ShopView },
      },
    },
    async (request) => {
      const { shopId } = request.params;
      requireShop(request, shopId);
      requireRole(request, request.body);
      await deps.shops.find(shopId);
      const detail = JSON.stringify(request.body);
      await deps.audit({
        principal: request.principal,
        action: 'shop.change',
        target: shopId,
        shopId,
        detail,
      });
      return viewOf(deps, await deps.shops.change(shopId, request.body));
    },
  );
};

/** `/api/shops`: the shops served here, their settings and the state of their connections. */
export const shopRoutes = (app: FastifyInstance, deps: ShopRoutesDeps): void => {
  readRoutes(app, deps);
  changeRoute(app, deps);
  typed(app).post(
    '/api/shops/:shopId/webhooks',
    {
      config: { needs: 'admin', audit: false, problems: ['shop_unknown', 'upstream_unavailable'] },
      schema: {
        operationId: 'registerWebhooks',
        tags: ['Connections'],
        summary: 'Registers the webhooks of a shop now',
        params: Params,
        body: WebhooksBody,
        response: { 200: ShopView },
      },
    },
    async (request) => {
      const { shopId } = request.params;
      requireShop(request, shopId);
      const shop = await deps.shops.find(shopId);
      const { takeOver } = request.body;
      const detail = takeOver ? 'taken over from other addresses' : '';
      const { principal } = request;
      await deps.audit({ principal, action: 'shop.webhooks', target: shopId, shopId, detail });
      await deps.registrations.check(shop, { takeOver });
      return viewOf(deps, shop);
    },
  );
  typed(app).delete(
    '/api/shops/:shopId',
    {
      config: {
        needs: 'admin',
        audit: false,
        isForWholeService: true,
        problems: ['shop_unknown', 'environment_owns_it'],
      },
      schema: {
        operationId: 'disconnectShop',
        tags: ['Connections'],
        summary:
          'Disconnects a shop and deletes its tokens; its orders stay, and those not over go to review',
        params: Params,
        response: { 204: z.null().describe('Disconnected') },
      },
    },
    async (request, reply) => {
      const { shopId } = request.params;
      await deps.shops.find(shopId);
      const { principal } = request;
      await deps.audit({ principal, action: 'shop.disconnect', target: shopId, shopId, detail: '' });
      await deps.shops.disconnect(shopId);
      return reply.code(204).send(null);
    },
  );
};
