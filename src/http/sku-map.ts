import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { countStatuses, SKU_STATUSES, type SkuReport, suggestedEntries } from '../inventory/sku-match.ts';
import { readSkuMapCsv, readSkuMapJson, writeSkuMapCsv } from '../orders/sku-map-csv.ts';
import type { SkuMapService } from '../orders/sku-map-service.ts';
import { type Principal, sees } from '../people/principal.ts';
import type { SkuMapEntry } from '../store/store.ts';
import { typed } from './route-docs.ts';

export type SkuMapRoutesDeps = {
  skuMap: SkuMapService;
  /** Listings against Amazon's SKUs, read now. */
  skuReport(): Promise<SkuReport>;
  /** Something may have become due. */
  wake(): void;
};

/** A map of 100,000 rows is some 8 MiB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const ReportQuery = z
  .object({ status: z.enum(SKU_STATUSES).optional(), format: z.enum(['json', 'csv']).optional() })
  .refine(({ status, format }) => status === undefined || format !== 'csv', {
    path: ['status'],
    message: 'goes with JSON only: the CSV is a whole map',
  });

/** How much a type is wanted by an `Accept` header (RFC 9110, 12.5.1); 0 where it is not named. */
const wishFor = (type: string, accept: string): number => {
  for (const range of accept.toLowerCase().split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim());
    if (name !== type) continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return quality === undefined ? 1 : Number(quality.slice(2));
  }
  return 0;
};

/** JSON unless CSV is asked for by its name. */
const wantsCsv = (accept = ''): boolean => wishFor('text/csv', accept) > wishFor('application/json', accept);

const Component = z.object({ amazonSku: z.string(), quantity: z.int() });
const Entry = z.object({
  shopId: z.string().nullable().describe('Null: for every shop'),
  channelSku: z.string(),
  components: z.array(Component),
});
const SkuMap = z
  .object({ entries: z.array(Entry) })
  .meta({ id: 'SkuMap', description: 'The map in force, of the shops you see' });
/** As `readSkuMapJson` takes it, which names all faults at once. */
const NewSkuMap = z.object({
  entries: z.array(
    z.object({
      shopId: z.string().nullish().describe('Absent or null: for every shop'),
      channelSku: z.string().min(1).max(200),
      components: z
        .array(z.object({ amazonSku: z.string().min(1).max(50), quantity: z.int().min(1).max(250) }))
        .min(1)
        .max(100),
    }),
  ),
});
const SkuMapCsv = z.string().describe('`shop_id,channel_sku,amazon_sku,quantity`; a bundle is several rows');
const Row = z.object({
  shopId: z.string(),
  productId: z.string(),
  skuId: z.string(),
  sellerSku: z.string(),
  status: z.enum(SKU_STATUSES),
  components: z.array(Component).nullable(),
  suggestions: z.array(z.string()),
});
const Report = z
  .object({ rows: z.array(Row), summary: z.record(z.enum(SKU_STATUSES), z.int()) })
  .describe('How each listing leads to Amazon');

const tags = ['SKU map'];

const sendCsv = (reply: FastifyReply, entries: readonly SkuMapEntry[]): FastifyReply =>
  reply.type('text/csv; charset=utf-8').send(writeSkuMapCsv(entries));

const mapRoutes = (app: FastifyInstance, deps: SkuMapRoutesDeps): void => {
  const { skuMap } = deps;
  const inForce = (principal: Principal): SkuMapEntry[] =>
    skuMap.entries().filter(({ shopId }) => shopId === null || sees(principal, shopId));

  const get = {
    config: { needs: 'viewer', alsoAnswers: ['text/csv'] } as const,
    schema: {
      operationId: 'getSkuMap',
      tags,
      summary: 'The SKU map in force, as JSON or, where `Accept` asks for it, as CSV',
      response: { 200: SkuMap },
    },
  };
  app.get('/api/sku-map', get, ({ principal, headers }, reply) => {
    reply.header('vary', 'accept');
    const entries = inForce(principal);
    return wantsCsv(headers.accept) ? sendCsv(reply, entries) : reply.send({ entries });
  });

  const put = {
    bodyLimit: MAX_BODY_BYTES,
    config: {
      needs: 'operator',
      audit: 'sku_map.replace',
      problems: ['sku_map_invalid', 'sku_map_not_yours', 'fst_err_ctp_body_too_large'],
      accepts: { 'application/json': NewSkuMap, 'text/csv': SkuMapCsv },
    } as const,
    schema: {
      operationId: 'putSkuMap',
      tags,
      summary: 'Replaces the whole map; of somebody limited to shops, the entries of these',
      response: { 200: SkuMap },
    },
  };
  typed(app).put('/api/sku-map', put, async ({ body, principal }) => {
    const read = typeof body === 'string' ? readSkuMapCsv(body) : readSkuMapJson(body);
    await skuMap.replace(read, principal.shopIds);
    deps.wake();
    return { entries: inForce(principal) };
  });
};

/** A CSV that may be put back: of somebody limited to shops, the entries of these alone. */
const mapToPut = ({ skuMap }: SkuMapRoutesDeps, { shopIds }: Principal): SkuMapEntry[] =>
  skuMap.entries().filter(({ shopId }) => shopIds === null || (shopId !== null && shopIds.includes(shopId)));

const reportRoute = (app: FastifyInstance, deps: SkuMapRoutesDeps): void => {
  const report = {
    exposeHeadRoute: false,
    config: { needs: 'viewer', alsoAnswers: ['text/csv'], problems: ['upstream_unavailable'] } as const,
    schema: {
      operationId: 'reportSkuMap',
      tags,
      summary: 'How each listing leads to Amazon; as CSV, the map with the suggestions added',
      querystring: ReportQuery,
      response: { 200: Report },
    },
  };
  app.get<{ Querystring: z.output<typeof ReportQuery> }>(
    '/api/sku-map/report',
    report,
    async ({ query, principal }, reply) => {
      const { status, format } = query;
      const rows = (await deps.skuReport()).rows.filter(({ shopId }) => sees(principal, shopId));
      if (format === 'csv')
        return sendCsv(reply, [...mapToPut(deps, principal), ...suggestedEntries({ rows })]);
      return {
        rows: status ? rows.filter((row) => row.status === status) : rows,
        summary: countStatuses(rows),
      };
    },
  );
};

/**
 * `GET`/`PUT /api/sku-map`: JSON or CSV, validated whole, applied whole. `GET /api/sku-map/report`: how each listing
 * leads to Amazon. Its CSV is the map in force with the suggestions added, as a `PUT` replaces the whole map.
 */
export const skuMapRoutes = (app: FastifyInstance, deps: SkuMapRoutesDeps): void => {
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  mapRoutes(app, deps);
  reportRoute(app, deps);
};
