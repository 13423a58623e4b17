import type { AmazonSandboxOptions } from '../../src/sandbox/amazon/index.ts';
import type { Facts, OrderFacts } from './facts.ts';
import { familyOf, isLive } from './facts.ts';
import type { SideName, Weather } from './network.ts';
import { addressOf, type Happening, type Plan, type PlanEvent } from './plan.ts';
import { createRandom, hashOf } from './random.ts';
import type { Fate, Simulation } from './simulation.ts';

const HOUR_MS = 3_600_000;
const FIRST_ORDER_ID = 576_900_000_000_001_000n;

/** What the weather is like, as the plan made it last. */
export type Sky = {
  storm: Record<SideName, { untilMs: number; status: number }>;
  outage: Record<SideName, { untilMs: number; how: 'refused' | 'reset' | 'hang' }>;
  slow: Record<SideName, { untilMs: number; latencyMs: number }>;
  webhooks: { untilMs: number; how: 'lost' | 'late' | 'twice' | 'reordered' };
};

export const clearSky = (): Sky => ({
  storm: { amazon: { untilMs: 0, status: 503 }, tiktok: { untilMs: 0, status: 503 } },
  outage: { amazon: { untilMs: 0, how: 'reset' }, tiktok: { untilMs: 0, how: 'reset' } },
  slow: { amazon: { untilMs: 0, latencyMs: 0 }, tiktok: { untilMs: 0, latencyMs: 0 } },
  webhooks: { untilMs: 0, how: 'late' },
});

export const createWeather = (plan: Plan, sky: Sky, nowMs: () => number): ((side: SideName) => Weather) => {
  const random = createRandom(`${plan.seed}/weather`);
  return (side) => {
    const base = plan.settings.latencyMs * (0.5 + random.next());
    const slow = sky.slow[side];
    const latencyMs = Math.round(nowMs() < slow.untilMs ? slow.latencyMs : base);
    if (nowMs() < sky.outage[side].untilMs) return { latencyMs, trouble: sky.outage[side].how };
    if (nowMs() < sky.storm[side].untilMs) return { latencyMs, trouble: { status: sky.storm[side].status } };
    return { latencyMs, trouble: null };
  };
};

export const createFate = (plan: Plan, sky: Sky, nowMs: () => number): ((deliveryId: string) => Fate) => {
  return (deliveryId) => {
    const random = createRandom(`${plan.seed}/${deliveryId}`);
    const soon = random.int(10, 400);
    if (nowMs() >= sky.webhooks.untilMs) return random.chance(0.05) ? [soon, random.int(0, 60_000)] : [soon];
    switch (sky.webhooks.how) {
      case 'lost':
        return [];
      case 'late':
        return [random.int(60_000, 4 * HOUR_MS)];
      case 'twice':
        return [soon, random.int(0, 2_000), random.int(0, HOUR_MS)];
      case 'reordered':
        return [random.int(0, 30_000)];
    }
  };
};

/** Amazon as the plan has it. */
export const amazonOptions = ({ settings }: Plan): Partial<AmazonSandboxOptions> => {
  const pace = (ms: number): number => Math.round(ms * settings.amazonPace);
  return {
    sellerSkus: settings.stock,
    aftn: settings.aftn,
    delays: {
      receivedMs: pace(5_000),
      planningMs: pace(60_000),
      aftnMs: pace(180_000),
      processingMs: pace(20 * 60_000),
      packedMs: pace(30 * 60_000),
      shippedMs: pace(2 * HOUR_MS),
    },
    ...(settings.createQuota ? { rates: { create: settings.createQuota } } : {}),
  };
};

export type HappenContext = {
  plan: Plan;
  sim: Simulation;
  facts: Facts;
  sky: Sky;
  track(work: Promise<unknown>): void;
};

/** An event that no longer fits, as a person would be told by a greyed-out button. */
const tryTo = (context: HappenContext, name: string, doing: () => void): boolean => {
  try {
    doing();
    context.sim.count(`did ${name}`);
    return true;
  } catch {
    context.sim.count('did nothing');
    return false;
  }
};

const placeOrder = ({ sim, facts }: HappenContext, event: Extract<Happening, { do: 'order' }>): void => {
  const { do: _do, name, ...wish } = event;
  const orderId = String(FIRST_ORDER_ID + BigInt(Number(name.slice(1))));
  if (wish.amazon) sim.amazon.planFor({ orderId }, wish.amazon);
  const known: OrderFacts = {
    name,
    orderId,
    wish,
    address: wish.address,
    addressChanged: false,
    handShipped: false,
    linesCancelled: false,
    amazonCancelledByHand: false,
    numberReplaced: false,
    operatorCancelled: false,
    buyerWithdrew: false,
    resolved: false,
    retried: false,
  };
  facts.orders.set(name, known);
  facts.byId.set(orderId, known);
  sim.tiktok.placeOrder({
    orderId,
    lines: wish.lines,
    address: addressOf(wish.address),
    paid: wish.paid,
    hold: wish.hold,
    ready: wish.ready,
    oversell: true,
    ...(wish.kind === 'platform' ? { fulfillmentType: 'FULFILLMENT_BY_TIKTOK' } : {}),
    ...(wish.kind === 'tiktok-shipping' ? { shippingType: 'TIKTOK' as const } : {}),
    ...(wish.kind === 'sample' ? { overrides: { is_sample_order: true } } : {}),
  });
  sim.count('did order');
};

type OrderEvent = Extract<Happening, { name: string }>;

/** A parcel of the order whose number people can see, at Amazon. */
const numberedParcel = (context: HappenContext, orderId: string) =>
  familyOf(context.sim.amazon, orderId)
    .filter(isLive)
    .flatMap((order) => order.parcels.map((parcel) => ({ order, parcel })))
    .find(({ parcel }) => parcel.trackingNumber !== undefined);

const replaceNumber = (context: HappenContext, known: OrderFacts): void => {
  const found = numberedParcel(context, known.orderId);
  if (!found) throw new Error('no number yet');
  const { order, parcel } = found;
  const serial = String(hashOf(`${known.name}/${context.sim.time.nowMs()}`)).padStart(10, '0');
  context.sim.amazon.setTracking(order.fulfillmentId, parcel.packageNumber, {
    carrier: 'UPS',
    trackingNumber: `1Z50V742${serial}`,
  });
  known.numberReplaced = true;
};

/** What happens to an order at the two sides. */
const onSides = (context: HappenContext, event: OrderEvent, known: OrderFacts): void => {
  const { tiktok, amazon } = context.sim;
  const { orderId } = known;
  switch (event.do) {
    case 'pay':
      tiktok.pay(orderId);
      return;
    case 'buyerCancel':
      tiktok.buyerCancel(orderId);
      return;
    case 'buyerWithdraw':
      tiktok.buyerWithdraw(orderId);
      known.buyerWithdrew = true;
      return;
    case 'sellerCancel': {
      const order = tiktok.order(orderId);
      const open = order.lines.filter((line) => line.status !== 'CANCELLED' && line.packageId === null);
      if (open.length === 0 || order.status === 'UNPAID') throw new Error('nothing to cancel');
      const first = open.slice(0, 1).map(({ id }) => id);
      tiktok.sellerCancel(orderId, event.lines === 'first' ? { lineIds: first } : {});
      known.linesCancelled = true;
      return;
    }
    case 'sellerShip': {
      const open = tiktok
        .order(orderId)
        .lines.filter((line) => line.packageId === null && line.status !== 'CANCELLED');
      const lineIds = open.slice(0, 1).map(({ id }) => id);
      const serial = String(hashOf(orderId)).padStart(10, '0');
      tiktok.sellerShip(orderId, { trackingNumber: `TBA99${serial}`, lineIds });
      known.handShipped = true;
      return;
    }
    case 'changeAddress': {
      const { status } = tiktok.order(orderId);
      if (status !== 'ON_HOLD' && status !== 'AWAITING_SHIPMENT') throw new Error('too late to edit');
      tiktok.changeAddress(orderId, addressOf(event.address, event.street));
      known.address = event.address;
      known.addressChanged = true;
      return;
    }
    case 'advance': {
      const order = tiktok.order(orderId);
      const isShipped = ['AWAITING_COLLECTION', 'IN_TRANSIT', 'DELIVERED'].includes(order.status);
      if (!isShipped || order.status === event.to) throw new Error('not on its way');
      tiktok.advance(orderId, event.to);
      return;
    }
    case 'amazonCancel': {
      const live = familyOf(amazon, orderId).find((one) =>
        ['New', 'Received', 'Planning'].includes(one.state),
      );
      if (!live) throw new Error('nothing to cancel');
      amazon.advanceOrder(live.fulfillmentId, 'Cancelled');
      known.amazonCancelledByHand = true;
      return;
    }
    case 'replaceNumber':
      replaceNumber(context, known);
      return;
    case 'order':
    case 'retry':
    case 'resolve':
    case 'operatorCancel':
      throw new Error('not at a side');
  }
};

const onOrder = (context: HappenContext, event: OrderEvent): void => {
  const { sim, facts } = context;
  if (event.do === 'order') {
    placeOrder(context, event);
    return;
  }
  const known = facts.orders.get(event.name);
  if (!known) return;
  const url = `/api/orders/${known.orderId}`;
  switch (event.do) {
    case 'retry':
      known.retried = true;
      context.track(sim.api('POST', `${url}/retry`, {}));
      sim.count('did retry');
      return;
    case 'resolve':
      known.resolved = true;
      context.track(sim.api('POST', `${url}/resolve`, { note: 'settled' }));
      sim.count('did resolve');
      return;
    case 'operatorCancel':
      known.operatorCancelled = true;
      context.track(sim.api('POST', `${url}/cancel`, { keepOrder: event.keepOrder }));
      sim.count('did operatorCancel');
      return;
    default:
      tryTo(context, event.do, () => onSides(context, event, known));
  }
};

/** The seller authorises the app again, and the operator starts the service with the new tokens. */
export const reauthorise = async ({ sim }: HappenContext): Promise<void> => {
  const { tiktok } = sim;
  const query = new URLSearchParams({
    app_key: 'appkeysim',
    app_secret: 'app-secret-of-the-simulation',
    auth_code: tiktok.issueAuthCode(),
    grant_type: 'authorized_code',
  });
  const path = '/api/v2/token/get';
  await tiktok.handle({
    method: 'GET',
    target: `${path}?${query.toString()}`,
    path,
    query,
    headers: {},
    body: '',
  });
  const { accessToken, refreshToken } = tiktok.tokens();
  await sim.restart({ TIKTOK_ACCESS_TOKEN: accessToken, TIKTOK_REFRESH_TOKEN: refreshToken });
};

const onTokens = (context: HappenContext, what: Extract<Happening, { do: 'tokens' }>['what']): void => {
  const { amazon, tiktok } = context.sim;
  switch (what) {
    case 'amazon-expire':
      amazon.expireTokens();
      return;
    case 'amazon-revoke':
      amazon.revoke();
      return;
    case 'amazon-restore':
      amazon.restore();
      return;
    case 'tiktok-expire':
      tiktok.expireAccessToken();
      return;
    case 'tiktok-revoke':
      tiktok.revoke();
      return;
    case 'tiktok-reauthorise':
      context.track(reauthorise(context));
      return;
  }
};

const storedMapQuery = {
  sql: 'select channel_sku as channelSku, components from sku_map order by id',
  bind: (): never[] => [],
  rows: (raw: readonly unknown[]) => raw as { channelSku: string; components: string }[],
};

const isStored = (sim: Simulation, entries: Extract<Happening, { do: 'skuMap' }>['entries']): boolean => {
  const stored = sim.database.connection.all(storedMapQuery, {});
  const wanted = entries.map(({ channelSku, components }) => [channelSku, JSON.stringify(components)]);
  return JSON.stringify(stored.map((row) => [row.channelSku, row.components])) === JSON.stringify(wanted);
};

const putSkuMap = async (
  { sim, facts }: HappenContext,
  event: Extract<Happening, { do: 'skuMap' }>,
): Promise<void> => {
  const entries = event.entries.map((entry) => ({ shopId: null, ...entry }));
  // From here on either map may be the one in force, until the answer.
  facts.mapChanges += 1;
  const answer = await sim.api('PUT', '/api/sku-map', { entries });
  facts.mapChanges += 1;
  // A crash may have come between the commit and the answer: what is stored is in force from the next start.
  const isInForce = answer?.status === 200 || isStored(sim, event.entries);
  if (isInForce) facts.skuMap = new Map(event.entries.map((entry) => [entry.channelSku, entry.components]));
};

/** Makes one event of a plan happen. */
export const happen = (context: HappenContext, event: PlanEvent): void => {
  const { sim, sky } = context;
  const untilMs = (forMs: number): number => sim.time.nowMs() + forMs;
  sim.trace.note(`* ${JSON.stringify(event)}`);
  switch (event.do) {
    case 'stock':
      sim.amazon.setStock(event.sku, event.fulfillable);
      break;
    case 'sellerStock':
      tryTo(context, 'sellerStock', () => sim.tiktok.setStock(event.sku, event.available));
      break;
    case 'skuMap':
      context.track(putSkuMap(context, event));
      break;
    case 'pass':
      context.track(sim.api('POST', `/reconcile${event.only === 'all' ? '' : `?only=${event.only}`}`));
      break;
    case 'tokens':
      onTokens(context, event.what);
      break;
    case 'fault':
      sim[event.side].faults.next(event.operation, event.fault, event.times);
      break;
    case 'storm':
      sky.storm[event.side] = { untilMs: untilMs(event.forMs), status: event.status };
      break;
    case 'outage':
      sky.outage[event.side] = { untilMs: untilMs(event.forMs), how: event.how };
      break;
    case 'slow':
      sky.slow[event.side] = { untilMs: untilMs(event.forMs), latencyMs: event.latencyMs };
      break;
    case 'webhooks':
      sky.webhooks = { untilMs: untilMs(event.forMs), how: event.how };
      break;
    case 'skew':
      sim.setSkew(event.skewMs);
      break;
    case 'restart':
      context.track(sim.restart());
      break;
    case 'crash':
      sim.armCrash(event.point, event.after, 1_000 + (hashOf(JSON.stringify(event)) % 60_000));
      break;
    default:
      onOrder(context, event);
      return;
  }
  sim.count(`did ${event.do}`);
};
