import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Visible, visibleStock } from '../http/inventory.ts';
import { saleKey } from '../inventory/sales.ts';
import { AppError } from '../lib/errors.ts';
import type { Principal } from '../people/principal.ts';
import type { PausedSku } from '../store/store.ts';
import { contextOf, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { inventoryPage, isShort, STOCK_FILTERS, type StockFilter, type StockView } from './inventory.ts';

const INVENTORY = '/console/inventory';
const Query = z.object({
  q: z.string().trim().max(200).catch(''),
  show: z.enum(STOCK_FILTERS).catch('all'),
});
const PauseForm = z.object({
  amazonSku: z.string().trim().min(1).max(50),
  paused: z.enum(['true', 'false']),
});
/** More rows than a page can show at a glance; the search finds the rest. */
const SHOWN = 50;

/** What runs out first comes first, what does not sell last. */
const byCover = (one: StockView, other: StockView): number =>
  (one.coverDays ?? Number.POSITIVE_INFINITY) - (other.coverDays ?? Number.POSITIVE_INFINITY) ||
  // By language takes ten times as long, and SKUs are in none.
  (one.amazonSku < other.amazonSku ? -1 : 1);

/** The shops that somebody pauses an SKU for; null: all there are and will be. */
const scopesOf = ({ shopIds }: Principal): readonly (string | null)[] => shopIds ?? [null];

const FITS: Readonly<Record<StockFilter, (row: StockView) => boolean>> = {
  all: () => true,
  short: isShort,
  paused: ({ isPaused }) => isPaused,
  unset: ({ listings }) => listings.some(({ pushedQuantity }) => pushedQuantity === null),
};

const mentions = ({ amazonSku, listings }: StockView, text: string): boolean =>
  [amazonSku, ...listings.map(({ sellerSku }) => sellerSku)].some((sku) => sku.toLowerCase().includes(text));

const viewsFor = async (deps: ConsoleDeps, principal: Principal): Promise<StockView[]> => {
  const { store, pauses, facts } = deps;
  const [stock, listings, shops, perDay] = await Promise.all([
    store.inventory.stock(),
    store.inventory.listings(),
    store.shops.all(),
    facts.soldPerDay(),
  ]);
  const scopes = new Set(scopesOf(principal));
  const paused = new Set(
    pauses.entries().flatMap(({ shopId, amazonSku }) => (scopes.has(shopId) ? [amazonSku] : [])),
  );
  return visibleStock(principal, stock, listings, shops).map(
    ({ stock: row, listings: mine, isWholeAccount }: Visible): StockView => {
      const speed = perDay.get(saleKey(row.amazonAccount, row.amazonSku)) ?? 0;
      return {
        amazonSku: row.amazonSku,
        account: row.amazonAccount,
        figures: isWholeAccount ? row : null,
        readAtMs: row.readAtMs,
        listings: mine,
        coverDays: isWholeAccount && speed > 0 ? Math.max(0, row.available) / speed : null,
        isPaused: paused.has(row.amazonSku),
      };
    },
  );
};

const readRoute = (app: FastifyInstance, deps: ConsoleDeps): void => {
  app.get(INVENTORY, { config: { needs: 'viewer' } }, async (request, reply) => {
    const { q, show } = Query.parse(request.query);
    const found = (await viewsFor(deps, request.principal)).filter(
      (row) => FITS[show](row) && mentions(row, q.toLowerCase()),
    );
    const data = {
      rows: found.toSorted(byCover).slice(0, SHOWN),
      more: Math.max(0, found.length - SHOWN),
      q,
      show,
      said: takeSaid(request, reply),
    };
    return sendHtml(reply, inventoryPage(await contextOf(deps, request), data));
  });
};

/** Stock: what there is, how long it lasts, and the switches of it. */
export const consoleInventoryRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const { pauses, people } = deps;
  readRoute(app, deps);

  const note = ({ principal }: FastifyRequest, action: string, { shopId, amazonSku }: PausedSku) =>
    people.audit.record({ principal, action, target: amazonSku, shopId });
  app.post(`${INVENTORY}/pause`, { config: { needs: 'operator', audit: false } }, async (request, reply) => {
    const { amazonSku, paused } = PauseForm.parse(request.body);
    const isPause = paused === 'true';
    let changes = 0;
    for (const shopId of scopesOf(request.principal)) {
      const sku = { shopId, amazonSku };
      await note(request, isPause ? 'sku.pause' : 'sku.unpause', sku);
      if (isPause) await pauses.add(sku);
      if (isPause || (await pauses.remove(sku))) changes += 1;
    }
    if (changes === 0) throw new AppError('sku_not_paused', 404, 'This SKU is not paused.');
    const said = isPause ? 'is paused: orders with it wait' : 'goes on; orders with it are looked at now';
    return sendBack(reply, INVENTORY, `${amazonSku} ${said}.`, isPause ? 'warn' : 'good');
  });
  app.post(
    `${INVENTORY}/push`,
    { config: { needs: 'operator', isForWholeService: true, audit: 'stock.push' } },
    async (_request, reply) => {
      const { inventory, errors } = await deps.reconciler.run('inventory');
      const said = `${inventory.pushed} listings were set, ${inventory.unchanged} were right, ${inventory.failed} failed.`;
      return sendBack(reply, INVENTORY, said, errors.length > 0 ? 'warn' : 'good');
    },
  );
};
