import { jsonReply, type Reply, type SandboxRequest } from '../http.ts';
import { settle } from './life.ts';
import type { PreviewBody } from './schema.ts';
import { amazonDate, violate, type World } from './state.ts';
import { checkPreview } from './validate.ts';
import { badRequest, bodyOf } from './wire.ts';

const DAY_MS = 24 * 3_600_000;
const UNIT_FEE_CENTS = 473;
const POUNDS_PER_UNIT = 1.05;
const US_MARKETPLACE = 'ATVPDKIKX0DER';

type Line = PreviewBody['items'][number];
type Speed = NonNullable<PreviewBody['shippingSpeedCategories']>[number];

const usd = (cents: number): object => ({ currencyCode: 'USD', value: (cents / 100).toFixed(2) });
const weight = (units: number): object => ({ unit: 'POUNDS', value: (units * POUNDS_PER_UNIT).toFixed(3) });

const lineOf = (line: Line): object => ({
  sellerSku: line.sellerSku,
  quantity: line.quantity,
  sellerFulfillmentOrderItemId: line.sellerFulfillmentOrderItemId,
});

const reasonOf = (world: World, line: Line, lines: readonly Line[], speed: Speed): string | undefined => {
  const row = world.stock.get(line.sellerSku);
  if (!row) return 'InvalidSKU';
  const wanted = lines
    .filter((other) => other.sellerSku === line.sellerSku)
    .reduce((sum, other) => sum + other.quantity, 0);
  if (row.fulfillable < wanted) return 'ItemQuantityNotAvailable';
  const offered = speed === 'Standard' || speed === 'Expedited' || world.marketplaceId !== US_MARKETPLACE;
  return offered ? undefined : 'DeliverySLAUnavailable';
};

const shipmentOf = (nowMs: number, lines: readonly Line[]): object => ({
  earliestShipDate: amazonDate(nowMs + DAY_MS),
  latestShipDate: amazonDate(nowMs + 2 * DAY_MS),
  earliestArrivalDate: amazonDate(nowMs + 3 * DAY_MS),
  latestArrivalDate: amazonDate(nowMs + 4 * DAY_MS),
  fulfillmentPreviewItems: lines.map((line) => ({
    ...lineOf(line),
    estimatedShippingWeight: weight(line.quantity),
    shippingWeightCalculationMethod: 'Package',
  })),
});

const feesOf = (units: number): object[] => [
  { name: 'FBAPerUnitFulfillmentFee', amount: usd(units * UNIT_FEE_CENTS) },
  { name: 'FBAPerOrderFulfillmentFee', amount: usd(0) },
  { name: 'FBATransportationFee', amount: usd(0) },
];

const previewOf = (world: World, body: PreviewBody, speed: Speed): object => {
  const reasons = body.items.map((line) => ({ line, reason: reasonOf(world, line, body.items, speed) }));
  const failing = reasons.filter((entry) => entry.reason !== undefined);
  const fulfillable = failing.length === 0;
  const units = body.items.reduce((sum, line) => sum + line.quantity, 0);
  return {
    shippingSpeedCategory: speed,
    isFulfillable: fulfillable,
    isCODCapable: false,
    ...(fulfillable && { estimatedShippingWeight: weight(units), estimatedFees: feesOf(units) }),
    fulfillmentPreviewShipments: fulfillable ? [shipmentOf(world.clock.nowMs(), body.items)] : [],
    unfulfillablePreviewItems: failing.map(({ line, reason }) => ({
      ...lineOf(line),
      itemUnfulfillableReasons: [reason],
    })),
    orderUnfulfillableReasons: [...new Set(failing.map(({ reason }) => reason))],
    marketplaceId: body.marketplaceId ?? world.marketplaceId,
    ...(body.featureConstraints && { featureConstraints: body.featureConstraints }),
  };
};

/** POST /fulfillmentOrders/preview: judged by today's stock, with no effect. */
export const previewOrder = (world: World, request: SandboxRequest): Reply => {
  settle(world);
  const checked = checkPreview(bodyOf(request));
  if (!checked.ok) {
    violate(world, 'preview', 'schema', checked.message);
    return badRequest(checked.message);
  }
  const speeds = checked.body.shippingSpeedCategories ?? ['Standard', 'Expedited'];
  return jsonReply(200, {
    payload: { fulfillmentPreviews: speeds.map((speed) => previewOf(world, checked.body, speed)) },
  });
};
