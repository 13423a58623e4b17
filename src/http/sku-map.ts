import type { FastifyInstance } from 'fastify';
import { readSkuMapCsv, readSkuMapJson } from '../orders/sku-map-csv.ts';
import type { SkuMapService } from '../orders/sku-map-service.ts';

/** A map of 100,000 rows is some 8 MiB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** `GET`/`PUT /api/sku-map`: JSON or CSV, validated whole, applied whole. */
export const skuMapRoutes = (app: FastifyInstance, skuMap: SkuMapService, onReplaced: () => void): void => {
  const inForce = () => ({ entries: skuMap.entries() });

  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.get('/api/sku-map', () => inForce());
  app.put('/api/sku-map', { bodyLimit: MAX_BODY_BYTES }, async (request) => {
    const { body } = request;
    await skuMap.replace(typeof body === 'string' ? readSkuMapCsv(body) : readSkuMapJson(body));
    onReplaced();
    return inForce();
  });
};
