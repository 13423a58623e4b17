import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { countStatuses, SKU_STATUSES, type SkuReport, type SkuReportRow } from '../inventory/sku-match.ts';
import { sees } from '../people/principal.ts';
import type { SkuMapEntry } from '../store/store.ts';
import { contextOf, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { REPORT, skuReportPage } from './sku-report.ts';

/** Reading all listings costs calls, and a filter asks for the same ones again. */
const KEPT_MS = 120_000;

const Query = z.object({
  status: z.enum(SKU_STATUSES).nullable().catch(null).default(null),
  q: z.string().trim().max(200).catch(''),
  again: z.string().optional(),
});

type Kept = { report: SkuReport; readAtMs: number; map: readonly SkuMapEntry[] };

/** The report, read anew when it is asked for, when the map changed, and when it is no longer fresh. */
const createKeeper = ({ skuReport, skuMap, clock }: ConsoleDeps) => {
  let kept: Kept | null = null;
  return async (isAnew: boolean): Promise<Kept> => {
    const map = skuMap.entries();
    if (!isAnew && kept?.map === map && clock.nowMs() - kept.readAtMs < KEPT_MS) return kept;
    kept = { report: await skuReport(), readAtMs: clock.nowMs(), map };
    return kept;
  };
};

/** `/console/sku-map/report`: the mismatch report of the API, with filters and its suggestions one click away. */
export const skuReportRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const read = createKeeper(deps);
  app.get(REPORT, { config: { needs: 'viewer' } }, async (request, reply) => {
    const { status, q, again } = Query.parse(request.query);
    const { report, readAtMs } = await read(again !== undefined);
    const word = q.toLowerCase();
    const mine = report.rows.filter(({ shopId }) => sees(request.principal, shopId));
    const fits = ({ sellerSku, skuId, components }: SkuReportRow): boolean =>
      [sellerSku, skuId, ...(components ?? []).map(({ amazonSku }) => amazonSku)].some((sku) =>
        sku.toLowerCase().includes(word),
      );
    const rows = mine.filter((row) => (status === null || row.status === status) && fits(row));
    const said = takeSaid(request, reply);
    const context = await contextOf(deps, request);
    return sendHtml(
      reply,
      skuReportPage(context, { rows, summary: countStatuses(mine), status, q, readAtMs, said }),
    );
  });
};
