import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Clock, isoTime } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { keyText } from '../orders/model.ts';
import { type Principal, sees } from '../people/principal.ts';
import { type Comparison, compareOrder, DIFFERENCES, isDifference, summarise } from '../shadow/compare.ts';
import type { ModeState } from '../shadow/mode.ts';
import type { ShadowStock, Store } from '../store/store.ts';
import { typed } from './route-docs.ts';

export type ShadowRoutesDeps = { store: Pick<Store, 'shadow'>; mode: ModeState; clock: Clock };

const Codes = z.enum(Object.keys(DIFFERENCES).filter(isDifference));
const Query = z.object({
  shopId: z.string().trim().min(1).max(64).optional(),
  difference: z
    .union([z.literal('any'), Codes])
    .optional()
    .describe('Only orders that differ so; any: somehow'),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const Time = z.iso.datetime();
const count = z.int();
const Action = z.object({
  kind: z.string().describe('create, review, ship, cancel, approveCancellation, …'),
  at: Time.describe('When we would first have done it'),
  items: z.array(z.object({ amazonSku: z.string(), quantity: count })).optional(),
  speed: z.string().optional(),
  reason: z.string().optional(),
  trackingNumber: z.string().optional(),
  carrier: z.string().optional(),
});
const Parcel = z.object({
  trackingNumber: z.string(),
  carrierId: z.string().nullable(),
  carrier: z.string().nullable(),
  lines: count,
});
const Order = z.object({
  shopId: z.string(),
  orderId: z.string(),
  firstSeenAt: Time,
  shipBy: Time.nullable(),
  wouldHave: z.array(Action),
  happened: z.object({
    outcome: z.enum(['open', 'overdue', 'shipped', 'cancelled']),
    status: z.string().describe('TikTok’s own word'),
    shippedBy: Time.nullable().describe('Shipped at this time or before'),
    cancelledBy: Time.nullable(),
    parcels: z.array(Parcel),
  }),
  sentToShippedSeconds: count
    .nullable()
    .describe('From when we would have sent it to when TikTok showed it shipped'),
  differences: z.array(z.object({ code: Codes, message: z.string() })),
});
const Listing = z.object({
  shopId: z.string(),
  skuId: z.string(),
  sellerSku: z.string(),
  ours: count.describe('Units that we would have shown'),
  shown: count.describe('Units that the listing showed'),
  at: Time,
});
const Answer = z.object({
  mode: z.enum(['live', 'shadow']),
  liveFrom: Time.nullable().describe('Orders placed before then wait for a person'),
  summary: z.object({
    orders: count,
    outcomes: z.object({ open: count, overdue: count, shipped: count, cancelled: count }),
    wouldHaveSent: count,
    wouldHaveReviewed: count,
    differing: count,
    differences: z.record(z.string(), count),
    listings: z.object({ same: count, differing: count }),
  }),
  orders: z.array(Order),
  nextCursor: z.string().nullable(),
  stock: z.array(Listing).describe('Listings that differ'),
});

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

const orderView = ({ order, wouldHave, outcome, sentToShippedMs, differences }: Comparison) => ({
  shopId: order.key.shopId,
  orderId: order.key.orderId,
  firstSeenAt: isoTime(order.firstSeenAtMs),
  shipBy: timeOrNull(order.shipByMs),
  wouldHave: wouldHave.map(({ kind, atMs, what }) => ({ kind, at: isoTime(atMs), ...what })),
  happened: {
    outcome,
    status: order.status,
    shippedBy: timeOrNull(order.shippedByMs),
    cancelledBy: timeOrNull(order.cancelledByMs),
    parcels: order.parcels,
  },
  sentToShippedSeconds: sentToShippedMs === null ? null : Math.round(sentToShippedMs / 1000),
  differences: differences.map((code) => ({ code, message: DIFFERENCES[code] })),
});

const stockView = ({ shopId, skuId, sellerSku, ours, shown, atMs }: ShadowStock) => ({
  shopId,
  skuId,
  sellerSku,
  ours,
  shown,
  at: isoTime(atMs),
});

const compareAll = async ({ store, clock }: ShadowRoutesDeps, isShown: (shopId: string) => boolean) => {
  const [orders, actions, stock] = await Promise.all([
    store.shadow.orders(),
    store.shadow.actions(),
    store.shadow.stock(),
  ]);
  const byOrder = Map.groupBy(actions, ({ key }) => keyText(key));
  const nowMs = clock.nowMs();
  return {
    comparisons: orders
      .filter(({ key }) => isShown(key.shopId))
      .map((order) => compareOrder(order, byOrder.get(keyText(order.key)) ?? [], nowMs)),
    stock: stock.filter(({ shopId }) => isShown(shopId)),
  };
};

const differs = ({ differences }: Comparison, wanted: z.output<typeof Query>['difference']): boolean =>
  wanted === undefined || (wanted === 'any' ? differences.length > 0 : differences.includes(wanted));

const cursorOf = ({ order }: Comparison): string => `${order.key.shopId}/${order.key.orderId}`;

/** Where the page after the cursor's order begins. */
const startOf = (comparisons: readonly Comparison[], cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  const index = comparisons.findIndex((entry) => cursorOf(entry) === cursor);
  if (index === -1) throw new AppError('cursor_invalid', 400, 'cursor is not one that this list gave out.');
  return index + 1;
};

const shownShops =
  (principal: Principal, shopId: string | undefined) =>
  (candidate: string): boolean =>
    sees(principal, candidate) && (shopId === undefined || shopId === candidate);

/** `GET /api/shadow`: what this service would have done beside what happened, newest order first. */
export const shadowRoutes = (app: FastifyInstance, deps: ShadowRoutesDeps): void => {
  const route = {
    config: { needs: 'viewer', problems: ['cursor_invalid'] },
    schema: {
      operationId: 'compareShadow',
      tags: ['Change-over'],
      summary: 'What MODE=shadow would have done, and what happened instead',
      querystring: Query,
      response: { 200: Answer },
    },
  } as const;
  typed(app).get('/api/shadow', route, async (request) => {
    const { shopId, difference, cursor, limit } = request.query;
    const { comparisons, stock } = await compareAll(deps, shownShops(request.principal, shopId));
    const rest = comparisons
      .slice(startOf(comparisons, cursor))
      .filter((entry) => differs(entry, difference));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return {
      mode: deps.mode.mode,
      liveFrom: timeOrNull(deps.mode.liveFromMs),
      summary: summarise(comparisons, stock),
      orders: page.map(orderView),
      nextCursor: last && rest.length > limit ? cursorOf(last) : null,
      stock: stock.filter(({ ours, shown }) => ours !== shown).map(stockView),
    };
  });
};
