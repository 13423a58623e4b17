import { jsonReply, type Reply, type SandboxRequest } from '../http.ts';
import { settle } from './life.ts';
import type { Pages } from './pages.ts';
import { isIsoDate } from './schema.ts';
import { amazonDate, type StockRow, violate, type World } from './state.ts';
import { missing } from './validate.ts';
import { badRequest } from './wire.ts';

/** A page token is dead this long after it was made. */
export const INVENTORY_TOKEN_LIFE_MS = 30_000;

const MAX_SKUS = 50;
const EIGHTEEN_MONTHS_MS = 548 * 24 * 3_600_000;
const REQUIRED = ['granularityType', 'granularityId', 'marketplaceIds'] as const;

const detailsOf = (row: StockRow): object => ({
  fulfillableQuantity: row.fulfillable,
  inboundWorkingQuantity: 0,
  inboundShippedQuantity: row.inbound,
  inboundReceivingQuantity: 0,
  reservedQuantity: {
    totalReservedQuantity: row.pendingCustomerOrder + row.pendingTransshipment + row.fcProcessing,
    pendingCustomerOrderQuantity: row.pendingCustomerOrder,
    pendingTransshipmentQuantity: row.pendingTransshipment,
    fcProcessingQuantity: row.fcProcessing,
  },
  researchingQuantity: { totalResearchingQuantity: 0, researchingQuantityBreakdown: [] },
  unfulfillableQuantity: {
    totalUnfulfillableQuantity: row.unfulfillable,
    customerDamagedQuantity: 0,
    warehouseDamagedQuantity: row.unfulfillable,
    distributorDamagedQuantity: 0,
    carrierDamagedQuantity: 0,
    defectiveQuantity: 0,
    expiredQuantity: 0,
  },
});

const summaryOf = (row: StockRow, details: boolean): object => ({
  asin: row.asin,
  fnSku: row.fnSku,
  sellerSku: row.sku,
  condition: 'NewItem',
  ...(details && { inventoryDetails: detailsOf(row) }),
  lastUpdatedTime: amazonDate(row.updatedAtMs),
  productName: `Product ${row.sku}`,
  totalQuantity:
    row.fulfillable +
    row.pendingCustomerOrder +
    row.pendingTransshipment +
    row.fcProcessing +
    row.inbound +
    row.unfulfillable,
  stores: [],
});

const wantedSkus = (query: URLSearchParams): string[] | undefined => {
  const list = query.getAll('sellerSkus').flatMap((value) => value.split(','));
  if (list.length > 0) return list;
  const single = query.get('sellerSku');
  return single === null ? undefined : [single];
};

const startFault = (world: World, start: string | null): string | undefined => {
  if (start === null) return undefined;
  if (!isIsoDate(start)) return `${start} value is not a valid ISO date-time object`;
  const earliestMs = world.clock.nowMs() - EIGHTEEN_MONTHS_MS;
  return Date.parse(start) < earliestMs
    ? `Query startDateTime cannot not be earlier than ${amazonDate(earliestMs)}`
    : undefined;
};

const queryFault = (world: World, query: URLSearchParams): string | undefined => {
  const absent = REQUIRED.find((name) => !query.get(name));
  if (absent !== undefined) return missing(absent);
  if (query.get('granularityType') !== 'Marketplace')
    return 'The request must contain a valid granularityType.';
  const marketplaces = query.getAll('marketplaceIds').flatMap((value) => value.split(','));
  const known = [...marketplaces, query.get('granularityId')].every((id) => id === world.marketplaceId);
  if (marketplaces.length !== 1 || !known) return 'The request must contain a valid marketplace.';
  if (!['true', 'false', null].includes(query.get('details'))) return 'Invalid Input';
  if ((wantedSkus(query)?.length ?? 0) > MAX_SKUS) return 'The request must contain at most 50 sellerSkus.';
  return startFault(world, query.get('startDateTime'));
};

const rowsFor = (world: World, query: URLSearchParams): StockRow[] => {
  const rows = [...world.stock.values()];
  const start = query.get('startDateTime');
  // A start time makes Amazon ignore the SKU filters.
  if (start !== null) return rows.filter((row) => row.updatedAtMs >= Date.parse(start));
  const wanted = wantedSkus(query);
  return wanted === undefined ? rows : rows.filter((row) => wanted.includes(row.sku));
};

/** GET /fba/inventory/v1/summaries. The rows are read again for each page, as they change under the reader. */
export const inventorySummaries = (world: World, pages: Pages<string>, request: SandboxRequest): Reply => {
  settle(world);
  const { query } = request;
  const fault = queryFault(world, query);
  if (fault !== undefined) {
    violate(world, 'inventory', 'query', fault);
    return badRequest(fault);
  }
  const token = query.get('nextToken');
  const rest = new URLSearchParams(query);
  rest.delete('nextToken');
  rest.sort();
  const page =
    token === null
      ? pages.first(
          rest.toString(),
          rowsFor(world, query).map((row) => row.sku),
        )
      : pages.next(token, rest.toString());
  if (!page) return badRequest('Next token is invalid or expired');
  const details = query.get('details') === 'true';
  const rows = page.rows.flatMap((sku) => world.stock.get(sku) ?? []);
  return jsonReply(200, {
    payload: {
      granularity: { granularityType: 'Marketplace', granularityId: world.marketplaceId },
      inventorySummaries: rows.map((row) => summaryOf(row, details)),
    },
    ...(page.nextToken && { pagination: { nextToken: page.nextToken } }),
  });
};
