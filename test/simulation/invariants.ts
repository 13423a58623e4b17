import { isReasonCode } from '../../src/orders/reasons.ts';
import type { Reply, SandboxRequest } from '../../src/sandbox/http.ts';
import type { Order } from '../../src/sandbox/tiktok-shop/types.ts';
import { type Facts, familyOf, isLive, obstacleOf, unitsNeeded, unitsText } from './facts.ts';
import type { SideName } from './network.ts';
import type { Simulation } from './simulation.ts';
import { createStockWatch } from './stock.ts';

export type Violation = { rule: string; detail: string };

/** Thrown at the first thing that must never happen. */
export class Broken extends Error {
  readonly violation: Violation;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.name = 'Broken';
    this.violation = { rule, detail };
  }
}

export type Watch = {
  onExchange(exchange: { side: SideName; request: SandboxRequest; reply: Reply }): void;
  onQuiet(changed: boolean): void;
  onAcknowledged(body: string): void;
  /** The first thing that was seen to be broken. */
  broken(): Broken | null;
};

/**
 * From the read that a create rests on until its effect: the wait for create quota and for a token (10 s each) and
 * the slowest way there.
 */
const FLIGHT_MS = 40_000;

type Reading = { atMs: number; obstacle: string | null; units: string; mapChanges: number };

type OrderRow = { orderId: string; stage: string; reason: string | null };

const reasonsQuery = {
  sql: 'select order_id as orderId, stage, reason from orders group by reason',
  bind: (): never[] => [],
  rows: (raw: readonly unknown[]) => raw as OrderRow[],
};

/** Orders that nothing would ever look at again, although something is still to happen. */
const forgottenQuery = {
  sql: `select order_id as orderId, stage, reason from orders
    where next_attempt_at is null and lease_until is null
      and stage not in ('completed', 'cancelled', 'ignored', 'shipped')`,
  bind: (): never[] => [],
  rows: (raw: readonly unknown[]) => raw as OrderRow[],
};

const knownQuery = {
  sql: `select (select count(*) from notifications where dedupe_key = ?) as notified,
    (select count(*) from orders where order_id = ?) as ordered,
    (select count(*) from shops where shop_id = ? and stopped_at is not null) as stopped`,
  bind: ({ key, orderId, shopId }: { key: string; orderId: string; shopId: string }) => [
    key,
    orderId,
    shopId,
  ],
  rows: (raw: readonly unknown[]) => raw as { notified: number; ordered: number; stopped: number }[],
};

/** What the simulators call a violation although a plan provokes it. */
const isProvoked = (text: string): boolean => /not acknowledged within 3 seconds/.test(text);

const isAnswer = (reply: Reply): boolean =>
  reply.kind === 'answer' && reply.status === 200 && reply.body.endsWith('}');

/** Looks at every effect as it happens and at the state each time the world is quiet. */
export const createWatch = (sim: Simulation, facts: Facts, env: Record<string, string>): Watch => {
  const stock = createStockWatch(sim, facts, env);
  const readings = new Map<string, Reading>();
  let broken: Broken | null = null;
  let creates = 0;
  let reports = 0;
  let amazonViolations = 0;
  let tiktokViolations = 0;

  const guard = (look: () => void): void => {
    if (broken) return;
    try {
      look();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      broken = error;
    }
  };

  const readingOf = (order: Order): Reading => ({
    atMs: sim.time.nowMs(),
    obstacle: obstacleOf(sim.tiktok, facts, order),
    units: unitsText(unitsNeeded(facts, order)),
    mapChanges: facts.mapChanges,
  });

  const noteReads = (request: SandboxRequest): void => {
    for (const id of (request.query.get('ids') ?? '').split(',')) {
      if (facts.byId.has(id)) readings.set(id, readingOf(sim.tiktok.order(id)));
    }
  };

  const checkCreate = (create: { fulfillmentId: string; body: unknown }): void => {
    const orderId = /^TTS-(\d+)/.exec(create.fulfillmentId)?.[1] ?? '';
    const what = create.fulfillmentId;
    if (!facts.byId.has(orderId)) throw new Broken('create of an unknown order', what);
    const now = readingOf(sim.tiktok.order(orderId));
    const read = readings.get(orderId);
    if (!read) throw new Broken('create without a read', what);
    const isInFlight = now.atMs - read.atMs <= FLIGHT_MS;
    if (now.obstacle !== null && !(isInFlight && read.obstacle === null))
      throw new Broken(
        'create of an order that must not ship',
        `${what}: ${now.obstacle}, read ${now.atMs - read.atMs} ms ago: ${read.obstacle}`,
      );
    const body = create.body as { items: { sellerSku: string; quantity: number }[] };
    const sent = new Map<string, number>();
    for (const { sellerSku, quantity } of body.items)
      sent.set(sellerSku, (sent.get(sellerSku) ?? 0) + quantity);
    const fits = [now.units, isInFlight ? read.units : now.units].includes(unitsText(sent));
    if (!fits && read.mapChanges === now.mapChanges && now.mapChanges % 2 === 0)
      throw new Broken(
        'create of other units than are open',
        `${what}: ${unitsText(sent)}, open ${now.units}`,
      );
    const live = familyOf(sim.amazon, orderId).filter(isLive);
    if (live.length > 1)
      throw new Broken('two live fulfillments of one order', live.map((one) => one.fulfillmentId).join(' '));
  };

  const checkReport = (report: {
    orderId: string;
    lineIds: string[];
    trackingNumber: string;
    packageId: string;
  }): void => {
    const what = `${report.orderId} ${report.trackingNumber}`;
    const parcels = familyOf(sim.amazon, report.orderId).flatMap((order) => order.parcels);
    const known = facts.byId.get(report.orderId);
    const parcel = parcels.find((one) => [one.trackingNumber, one.aftn].includes(report.trackingNumber));
    if (!parcel && !known?.numberReplaced) throw new Broken('a number that is not of our fulfillment', what);
    const again = sim.tiktok.reports.filter(
      (one) => one.orderId === report.orderId && one.lineIds.some((id) => report.lineIds.includes(id)),
    );
    if (again.length > 1) throw new Broken('a line reported twice', what);
    if (!parcel) return;
    const inside = new Set(parcel.items.map(({ sku }) => sku));
    const lines = sim.tiktok.order(report.orderId).lines.filter((line) => report.lineIds.includes(line.id));
    for (const line of lines) {
      const parts = routedComponents(line.sellerSku).map(({ amazonSku }) => amazonSku);
      if (facts.mapChanges <= 2 && !parts.some((sku) => inside.has(sku)))
        throw new Broken(
          'a line reported with a parcel that has nothing of it',
          `${what}: ${line.sellerSku}`,
        );
    }
  };

  const routedComponents = (sellerSku: string) =>
    facts.skuMap.get(sellerSku) ?? [{ amazonSku: sellerSku, quantity: 1 }];

  const checkViolations = (): void => {
    const { amazon, tiktok } = sim;
    const [duplicate] = amazon.duplicateCreates;
    if (duplicate) throw new Broken('a second create of one id', duplicate.fulfillmentId);
    for (const one of amazon.violations.slice(amazonViolations))
      throw new Broken('Amazon objects', `${one.operation}: ${one.rule} ${one.detail}`);
    for (const one of tiktok.violations.slice(tiktokViolations)) {
      const text = `${one.operation}: ${one.message}`;
      if (!isProvoked(text)) throw new Broken('TikTok objects', text);
    }
    amazonViolations = amazon.violations.length;
    tiktokViolations = tiktok.violations.length;
  };

  return {
    broken: () => broken,
    onExchange: ({ side, request, reply }) =>
      guard(() => {
        if (side === 'tiktok' && request.path === '/order/202507/orders' && isAnswer(reply))
          noteReads(request);
        checkViolations();
        const oversold = stock.look(request);
        if (oversold) throw new Broken('stock that cannot be shipped is shown', oversold);
        for (const create of sim.amazon.creates.slice(creates)) checkCreate(create);
        creates = sim.amazon.creates.length;
        for (const report of sim.tiktok.reports.slice(reports)) checkReport(report);
        reports = sim.tiktok.reports.length;
      }),
    onQuiet: (changed) =>
      guard(() => {
        if (!changed) return;
        const { connection } = sim.database;
        for (const { orderId, stage, reason } of connection.all(reasonsQuery, {}))
          if (reason === null || !isReasonCode(reason))
            throw new Broken('a stage without a reason', `${orderId} ${stage} ${reason}`);
        const [forgotten] = connection.all(forgottenQuery, {});
        if (forgotten)
          throw new Broken('an order that nobody looks at again', `${forgotten.orderId} ${forgotten.stage}`);
      }),
    onAcknowledged: (body) =>
      guard(() => {
        const sent = JSON.parse(body) as {
          tts_notification_id: string;
          shop_id: string;
          data: { order_id?: string };
        };
        const key = `${sent.shop_id}/${sent.tts_notification_id}`;
        const orderId = sent.data.order_id ?? '';
        const found = sim.database.connection.get(knownQuery, { key, orderId, shopId: sent.shop_id });
        if (found?.notified !== 1) throw new Broken('an acknowledged webhook is not stored', key);
        // Of a shop that withdrew its authorisation webhooks are kept without effect; a sweep finds the orders later.
        if (orderId !== '' && found.stopped === 0 && found.ordered !== 1)
          throw new Broken('an acknowledged order is not known', orderId);
      }),
  };
};
