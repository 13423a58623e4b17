import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { readSkuMapCsv, writeSkuMapCsv } from '../orders/sku-map-csv.ts';
import type { MapGuard } from '../orders/sku-map-service.ts';
import { mayAct, sees } from '../people/principal.ts';
import type { SkuMapEntry } from '../store/store.ts';
import { contextOf, isFragment, ownPath, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { badge } from './parts.ts';
import { entryPage, MAP_PAGE, mapPreviewPage, type SealedChanges, skuMapPage } from './sku-map.ts';
import { changesBetween, sealOf } from './sku-map-changes.ts';
import { skuReportRoutes } from './sku-report-routes.ts';

const MAP = '/console/sku-map';
const text = z.string().trim().max(200).default('');
const Query = z.object({ q: text, page: z.coerce.number().int().min(1).catch(1) });
const EntryName = z.object({ shopId: text, channelSku: z.string().trim().min(1, 'is missing').max(200) });
const PutForm = EntryName.extend({ components: z.string().max(10_000), back: z.string().optional() });
const CsvForm = z.object({ csv: z.string().max(16 * 1024 * 1024) });
const Sealed = z.object({ seal: z.string().max(100) });
const ApplyForm = CsvForm.extend(Sealed.shape);

/** What somebody may see: the rows of their shops, and those for every shop. */
const visibleTo = ({ principal }: FastifyRequest, entries: readonly SkuMapEntry[]): SkuMapEntry[] =>
  entries.filter(({ shopId }) => shopId === null || sees(principal, shopId));

/** What somebody may change: the rows of their shops alone. */
const ownOf = ({ principal }: FastifyRequest, entries: readonly SkuMapEntry[]): SkuMapEntry[] =>
  entries.filter(({ shopId }) => (shopId === null ? principal.shopIds === null : sees(principal, shopId)));

const requireOwn = (request: FastifyRequest, entries: readonly SkuMapEntry[]): void => {
  if (ownOf(request, entries).length < entries.length)
    throw new AppError(
      'sku_map_not_yours',
      403,
      'shopId: name one of your shops; you may not change the rows of others.',
    );
};

/** Refuses a change that was decided upon another map than the one in force. */
const requireSeal =
  (seal: string): MapGuard =>
  (now) => {
    if (seal !== sealOf(now))
      throw new AppError(
        'sku_map_moved',
        409,
        'Somebody changed the map after you looked; look at the changes again.',
      );
  };

const isNamed = (entry: SkuMapEntry, name: z.output<typeof EntryName>): boolean =>
  (entry.shopId ?? '') === name.shopId && entry.channelSku === name.channelSku;

/** Rows of the map as the CSV reader takes them, so that the same rules hold and the same faults are named. */
const csvOf = ({ shopId, channelSku, components }: z.output<typeof PutForm>): string => {
  const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
  const rows = components.split('\n').flatMap((line) => {
    const [, quantity, amazonSku] = /^\s*(?:(\d+)\s+)?(\S.*?)\s*$/.exec(line) ?? [];
    return amazonSku === undefined ? [] : [[shopId, channelSku, amazonSku, quantity ?? '1']];
  });
  return ['shop_id,channel_sku,amazon_sku,quantity', ...rows.map((row) => row.map(quote).join(','))].join(
    '\n',
  );
};

/** Of a large map it takes a while, and each look at the page asks for it. */
const undos = new WeakMap<readonly SkuMapEntry[], SealedChanges>();

/** What bringing back the map before would change; null where there is none, or not for this person. */
const undoOf = ({ principal }: FastifyRequest, skuMap: ConsoleDeps['skuMap']): SealedChanges | null => {
  const before = skuMap.before();
  if (before === null || principal.shopIds !== null || !mayAct(principal, 'operator')) return null;
  const now = skuMap.entries();
  const known = undos.get(now);
  if (known) return known;
  const undo = { changes: changesBetween(now, before), seal: sealOf(now) };
  undos.set(now, undo);
  return undo;
};

const readRoutes = (app: FastifyInstance, { skuMap, ...deps }: ConsoleDeps): void => {
  const config = { needs: 'viewer' as const };
  app.get(MAP, { config }, async (request, reply) => {
    const { q, page } = Query.parse(request.query);
    const mine = visibleTo(request, skuMap.entries());
    const word = q.toLowerCase();
    const fits = ({ channelSku, components }: SkuMapEntry): boolean =>
      [channelSku, ...components.map(({ amazonSku }) => amazonSku)].some((sku) =>
        sku.toLowerCase().includes(word),
      );
    const found = word === '' ? mine : mine.filter(fits);
    const data = {
      entries: found.slice((page - 1) * MAP_PAGE, page * MAP_PAGE),
      found: found.length,
      all: mine.length,
      q,
      pageNumber: page,
      undo: undoOf(request, skuMap),
      said: takeSaid(request, reply),
    };
    return sendHtml(reply, skuMapPage(await contextOf({ skuMap, ...deps }, request), data));
  });
  app.get(`${MAP}.csv`, { config }, async (request, reply) =>
    reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="sku-map.csv"')
      .send(writeSkuMapCsv(visibleTo(request, skuMap.entries()))),
  );
};

const rowRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { skuMap } = deps;
  const config = { needs: 'operator' as const, audit: 'sku_map.change' };
  app.get(`${MAP}/entry`, { config }, async (request, reply) => {
    const name = EntryName.parse(request.query);
    const entry = visibleTo(request, skuMap.entries()).find((one) => isNamed(one, name)) ?? null;
    return sendHtml(reply, entryPage(await contextOf(deps, request), entry));
  });
  app.post(`${MAP}/put`, { config }, async (request, reply) => {
    const form = PutForm.parse(request.body);
    const read = readSkuMapCsv(csvOf(form));
    if (!read.ok) throw new AppError('sku_map_invalid', 400, 'The row cannot be taken.', read.problem);
    requireOwn(request, read.value);
    await skuMap.put(read.value);
    deps.wake();
    if (isFragment(request)) return sendHtml(reply, badge('in the map now', 'good'));
    return sendBack(reply, ownPath(form.back, MAP), 'Saved. Orders that wait for it go on by themselves.');
  });
  app.post(`${MAP}/remove`, { config }, async (request, reply) => {
    const name = EntryName.parse(request.body);
    const shopId = name.shopId === '' ? null : name.shopId;
    const entry = { shopId, channelSku: name.channelSku };
    requireOwn(request, [{ ...entry, components: [] }]);
    await skuMap.remove(entry);
    deps.wake();
    return sendBack(reply, MAP, `${name.channelSku} was taken out of the map.`);
  });
};

const wholeRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { skuMap } = deps;
  const config = { needs: 'operator' as const, audit: 'sku_map.replace' };
  app.post(`${MAP}/preview`, { config: { ...config, audit: false } }, async (request, reply) => {
    const { csv } = CsvForm.parse(request.body);
    const read = readSkuMapCsv(csv);
    if (read.ok) requireOwn(request, read.value);
    const mine = ownOf(request, skuMap.entries());
    const preview = read.ok
      ? { changes: changesBetween(mine, read.value), seal: sealOf(skuMap.entries()) }
      : { faults: read.problem };
    return sendHtml(reply, mapPreviewPage(await contextOf(deps, request), csv, preview), read.ok ? 200 : 400);
  });
  app.post(`${MAP}/apply`, { config }, async (request, reply) => {
    const { csv, seal } = ApplyForm.parse(request.body);
    const read = readSkuMapCsv(csv);
    if (!read.ok)
      throw new AppError('sku_map_invalid', 400, 'The CSV has bad rows; nothing was changed.', read.problem);
    await skuMap.replace(read, request.principal.shopIds, requireSeal(seal));
    deps.wake();
    return sendBack(reply, MAP, 'The new map is in force.');
  });
  app.post(
    `${MAP}/undo`,
    { config: { ...config, audit: 'sku_map.undo', isForWholeService: true } },
    async (request, reply) => {
      await skuMap.undo(requireSeal(Sealed.parse(request.body).seal));
      deps.wake();
      return sendBack(reply, MAP, 'The map is as it was before the last change.');
    },
  );
};

/** The SKU map: searching and editing it, and replacing it whole after a look at what would change. */
export const consoleSkuMapRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  readRoutes(app, deps);
  rowRoutes(app, deps);
  wholeRoutes(app, deps);
  skuReportRoutes(app, deps);
};
