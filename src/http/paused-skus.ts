import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import type { Pauses } from '../orders/pauses.ts';
import type { Audit } from '../people/audit.ts';
import { type Principal, sees } from '../people/principal.ts';
import type { PausedSku } from '../store/store.ts';
import { requireShop } from './access.ts';
import { typed } from './route-docs.ts';

export type PausedSkuRoutesDeps = {
  pauses: Pauses;
  audit: Pick<Audit, 'record'>;
};

const shopId = z.string().trim().min(1).max(64);
const amazonSku = z.string().trim().min(1).max(50);
const Paused = z
  .object({ shopId: shopId.nullable().default(null).describe('Null: in every shop'), amazonSku })
  .describe('A paused Amazon SKU');
const Query = z.object({ shopId: shopId.optional().describe('Absent: the pause in every shop'), amazonSku });
const List = z.object({ pausedSkus: z.array(Paused) });

const mayChange = (request: FastifyRequest, shop: string | null): void => {
  if (shop !== null) return requireShop(request, shop);
  if (request.principal.shopIds !== null)
    throw new AppError(
      'not_for_single_shops',
      403,
      'A pause without shopId concerns all shops; name one of yours.',
    );
};

const shownTo = (principal: Principal, entries: readonly PausedSku[]): PausedSku[] =>
  entries.filter((entry) =>
    entry.shopId === null ? principal.shopIds === null : sees(principal, entry.shopId),
  );

const described = (operationId: string, summary: string) => ({ operationId, tags: ['Inventory'], summary });

/**
 * `GET`/`PUT`/`DELETE /api/paused-skus`: of a paused SKU no new order goes to Amazon and no stock is pushed. Somebody
 * limited to shops sees and changes the pauses of these alone.
 */
export const pausedSkuRoutes = (app: FastifyInstance, { pauses, audit }: PausedSkuRoutesDeps): void => {
  const record = (
    { principal }: FastifyRequest,
    action: string,
    { shopId: shop, amazonSku: target }: PausedSku,
  ) => audit.record({ principal, action, target, shopId: shop });
  const list = ({ principal }: FastifyRequest) => ({ pausedSkus: shownTo(principal, pauses.entries()) });

  const get = {
    config: { needs: 'viewer' },
    schema: { ...described('listPausedSkus', 'Paused SKUs'), response: { 200: List } },
  } as const;
  typed(app).get('/api/paused-skus', get, (request) => Promise.resolve(list(request)));

  const put = {
    config: { needs: 'operator', audit: false, problems: ['shop_unknown', 'not_for_single_shops'] },
    schema: { ...described('pauseSku', 'Pause an SKU'), body: Paused, response: { 200: List } },
  } as const;
  typed(app).put('/api/paused-skus', put, async (request) => {
    mayChange(request, request.body.shopId);
    await record(request, 'sku.pause', request.body);
    await pauses.add(request.body);
    return list(request);
  });

  const remove = {
    config: {
      needs: 'operator',
      audit: false,
      problems: ['shop_unknown', 'not_for_single_shops', 'sku_not_paused'],
    },
    schema: {
      ...described('unpauseSku', 'End the pause of an SKU'),
      querystring: Query,
      response: { 200: List },
    },
  } as const;
  typed(app).delete('/api/paused-skus', remove, async (request) => {
    const paused = { shopId: request.query.shopId ?? null, amazonSku: request.query.amazonSku };
    mayChange(request, paused.shopId);
    await record(request, 'sku.unpause', paused);
    if (!(await pauses.remove(paused)))
      throw new AppError(
        'sku_not_paused',
        404,
        'This SKU is not paused there; GET /api/paused-skus lists those that are.',
      );
    return list(request);
  });
};
