import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { SKU_STATUSES, type SkuReport, suggestedEntries } from '../inventory/sku-match.ts';
import { readSkuMapCsv, readSkuMapJson, writeSkuMapCsv } from '../orders/sku-map-csv.ts';
import type { SkuMapService } from '../orders/sku-map-service.ts';
import type { SkuMapEntry } from '../store/store.ts';

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

const sendCsv = (reply: FastifyReply, entries: readonly SkuMapEntry[]): FastifyReply =>
  reply.type('text/csv; charset=utf-8').send(writeSkuMapCsv(entries));

/**
 * `GET`/`PUT /api/sku-map`: JSON or CSV, validated whole, applied whole. `GET /api/sku-map/report`: how each listing
 * leads to Amazon. Its CSV is the map in force with the suggestions added, as a `PUT` replaces the whole map.
 */
export const skuMapRoutes = (app: FastifyInstance, deps: SkuMapRoutesDeps): void => {
  const { skuMap } = deps;
  const inForce = () => ({ entries: skuMap.entries() });

  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.get('/api/sku-map', (request, reply) => {
    reply.header('vary', 'accept');
    return wantsCsv(request.headers.accept) ? sendCsv(reply, skuMap.entries()) : reply.send(inForce());
  });
  app.put('/api/sku-map', { bodyLimit: MAX_BODY_BYTES }, async (request) => {
    const { body } = request;
    await skuMap.replace(typeof body === 'string' ? readSkuMapCsv(body) : readSkuMapJson(body));
    deps.wake();
    return inForce();
  });
  app.get('/api/sku-map/report', { exposeHeadRoute: false }, async (request, reply) => {
    const { status, format } = ReportQuery.parse(request.query);
    const { rows, summary } = await deps.skuReport();
    if (format === 'csv') return sendCsv(reply, [...skuMap.entries(), ...suggestedEntries({ rows })]);
    return { rows: status ? rows.filter((row) => row.status === status) : rows, summary };
  });
};
