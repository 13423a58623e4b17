import type { OrderSnapshot } from '../../src/sandbox/amazon/index.ts';
import type { Order } from '../../src/sandbox/tiktok-shop/types.ts';
import { componentsOf, type Facts, familyOf, isLive, type OrderFacts } from './facts.ts';
import { Broken } from './invariants.ts';
import { PERSONAL, type Plan } from './plan.ts';
import { SECRETS, type Simulation } from './simulation.ts';

type Scene = {
  plan: Plan;
  facts: Facts;
  known: OrderFacts;
  order: Order;
  /** Its fulfillments at Amazon, oldest first, and the last of them. */
  family: OrderSnapshot[];
  last: OrderSnapshot | undefined;
  isAsked: boolean;
  parcels: OrderSnapshot['parcels'];
  unknownSkus: string[];
};

const BEYOND = new Set(['Processing', 'Complete', 'CompletePartialled']);
const isBeyond = ({ last }: Scene): boolean => last !== undefined && BEYOND.has(last.state);
const hasLostLines = ({ order }: Scene): boolean =>
  order.lines.some((line) => line.status === 'CANCELLED') ||
  order.lines.some((line) => line.packageId !== null);
const carriers = ({ parcels }: Scene): string[] => parcels.map(({ carrier }) => carrier);

/**
 * What makes each reason of a review true, by the state of both sides and what the plan did. A reason that is not
 * here is never true at the end of a run.
 */
const TRUE_WHEN: Readonly<Record<string, (scene: Scene) => boolean>> = {
  buyer_cancel_requested: ({ plan, isAsked }) =>
    isAsked && plan.settings.env['CANCELLATION_POLICY'] === 'manual',
  address_masked: ({ known }) => known.address === 'masked',
  address_missing: ({ known }) => known.address === 'empty',
  address_incomplete: ({ known }) => known.address === 'incomplete' || known.address === 'empty',
  address_invalid: ({ known }) => known.address === 'bad-state' || known.address === 'foreign',
  destination_unsupported: ({ known }) => known.address === 'foreign',
  address_too_long: ({ known }) => known.address === 'too-long',
  sku_unmapped: ({ facts, order }) =>
    order.lines.some((line) => line.status !== 'CANCELLED' && componentsOf(facts, line.sellerSku) === null),
  sku_unknown: ({ unknownSkus }) => unknownSkus.length > 0,
  mcf_unfulfillable: ({ last }) => last?.state === 'Unfulfillable',
  mcf_invalid: ({ last }) => last?.state === 'Invalid',
  mcf_cancelled: ({ known, last }) =>
    known.operatorCancelled
      ? last === undefined || !isLive(last)
      : last?.state === 'Cancelled' && (known.amazonCancelledByHand || known.buyerWithdrew),
  mcf_partial: ({ last }) =>
    last?.state === 'CompletePartialled' ||
    (last?.state === 'Complete' && last.items.some((item) => item.cancelled + item.unfulfillable > 0)),
  mcf_stuck: ({ known, last }) => known.wish.amazon?.stuck === true && last?.state === 'Planning',
  cancelled_but_shipped: (scene) => scene.order.status === 'CANCELLED' && isBeyond(scene),
  cancel_requested_too_late: (scene) => (scene.isAsked || scene.known.operatorCancelled) && isBeyond(scene),
  lines_cancelled_too_late: (scene) => hasLostLines(scene) && (isBeyond(scene) || scene.parcels.length > 0),
  address_changed_after_create: (scene) =>
    scene.known.addressChanged && (isBeyond(scene) || scene.parcels.length > 0),
  tracking_conflict: ({ known }) => known.handShipped,
  tracking_changed: ({ known }) => known.numberReplaced,
  usps_not_accepted: (scene) => carriers(scene).includes('USPS'),
};

const rowsQuery = {
  sql: 'select order_id as orderId, stage, reason, detail, next_attempt_at as nextMs from orders',
  bind: (): never[] => [],
  rows: (raw: readonly unknown[]) =>
    raw as { orderId: string; stage: string; reason: string; detail: string | null; nextMs: number | null }[],
};

const sceneOf = (plan: Plan, sim: Simulation, facts: Facts, known: OrderFacts): Scene => {
  const order = sim.tiktok.order(known.orderId);
  const family = familyOf(sim.amazon, known.orderId);
  const skus = order.lines.flatMap((line) => componentsOf(facts, line.sellerSku) ?? []);
  return {
    plan,
    facts,
    known,
    order,
    family,
    last: family.findLast(isLive) ?? family.at(-1),
    isAsked: sim.tiktok
      .cancellationsOf(known.orderId)
      .some((one) => one.status === 'CANCELLATION_REQUEST_PENDING'),
    parcels: family.flatMap(({ parcels }) => parcels),
    unknownSkus: skus
      .map(({ amazonSku }) => amazonSku)
      .filter((sku) => sim.amazon.stockOf(sku) === undefined),
  };
};

const tell = (
  { known, order, last }: Scene,
  row: { stage: string; reason: string; detail: string | null },
): string =>
  `${known.name} ${row.stage}/${row.reason} (${row.detail ?? ''}); TikTok ${order.status}, Amazon ${last?.state ?? 'none'}`;

/** Every order is in a stage that both sides bear out. */
const checkStages = (plan: Plan, sim: Simulation, facts: Facts): void => {
  const rows = new Map(sim.database.connection.all(rowsQuery, {}).map((row) => [row.orderId, row]));
  for (const known of facts.byId.values()) {
    const scene = sceneOf(plan, sim, facts, known);
    const row = rows.get(known.orderId);
    const { status } = scene.order;
    // Its webhooks were lost, and it was over before a pass could list it: nothing was promised about it.
    if (!row && status === 'CANCELLED' && scene.family.length === 0) continue;
    if (!row) throw new Broken('an order that was never seen', known.name);
    const isTrue = ((): boolean => {
      switch (row.stage) {
        case 'completed':
          return status === 'COMPLETED' || known.resolved;
        case 'cancelled':
          return status === 'CANCELLED' && !scene.family.some(isLive);
        case 'ignored':
          return known.wish.kind === 'platform' || known.wish.kind === 'tiktok-shipping';
        case 'review':
          return (TRUE_WHEN[row.reason] ?? (() => false))(scene);
        default:
          return false;
      }
    })();
    if (!isTrue) throw new Broken('an order ends in a stage that is not true', tell(scene, row));
  }
};

/** Every unit that left Amazon is reported under a number of ours, once. */
const checkUnits = (plan: Plan, sim: Simulation, facts: Facts): void => {
  for (const known of facts.byId.values()) {
    const scene = sceneOf(plan, sim, facts, known);
    const { order } = scene;
    if (known.resolved || known.handShipped || known.linesCancelled || order.status === 'CANCELLED') continue;
    const bundled = order.lines.some((line) => {
      const parts = facts.skuMap.get(line.sellerSku);
      return parts !== undefined && (parts.length > 1 || parts[0]?.quantity !== 1);
    });
    if (bundled || facts.mapChanges > 2) continue;
    for (const parcel of scene.parcels) {
      if (parcel.status !== 'SHIPPED') continue;
      const numbers = new Set([parcel.trackingNumber, parcel.aftn]);
      const reports = sim.tiktok.reports.filter(
        (report) =>
          report.orderId === order.id && (numbers.has(report.trackingNumber) || known.numberReplaced),
      );
      const reported = reports.reduce((sum, report) => sum + report.lineIds.length, 0);
      const units = parcel.items.reduce((sum, item) => sum + item.quantity, 0);
      const isExcused = parcel.carrier === 'USPS' && reported === 0;
      if (!isExcused && !known.numberReplaced && reported !== units)
        throw new Broken(
          'a parcel is not reported with its units',
          `${known.name} ${parcel.packageNumber}: ${units} left, ${reported} reported`,
        );
    }
  }
};

const tablesQuery = {
  sql: "select name from sqlite_master where type = 'table' and name not like 'sqlite%'",
  bind: (): never[] => [],
  rows: (raw: readonly unknown[]) => raw as { name: string }[],
};

const contentsOf = (sim: Simulation): string => {
  const { connection } = sim.database;
  return connection
    .all(tablesQuery, {})
    .map(({ name }) =>
      JSON.stringify(
        connection.all({ sql: `select * from "${name}"`, bind: () => [], rows: (raw) => [...raw] }, {}),
      ),
    )
    .join('\n');
};

/** No buyer in the database or the log, no secret in either. */
const checkPrivacy = (sim: Simulation): void => {
  const kept = contentsOf(sim);
  const logged = sim.logs.join('');
  for (const text of PERSONAL) {
    if (kept.includes(text)) throw new Broken('a buyer is in the database', text);
    if (logged.includes(text)) throw new Broken('a buyer is in the log', text);
  }
  for (const [index, secret] of SECRETS.entries()) {
    if (logged.includes(secret)) throw new Broken('a secret is in the log', `secret ${index}`);
    if (kept.includes(secret)) throw new Broken('a secret is in the database', `secret ${index}`);
  }
};

const THROTTLED_AT_MOST = 5;

/** Where nothing made our count of the quota wrong, it keeps us from being throttled. */
const checkQuotas = (plan: Plan, sim: Simulation): void => {
  const isDisturbed =
    plan.settings.createQuota !== null ||
    plan.events.some((event) =>
      ['crash', 'restart', 'storm', 'skew', 'slow', 'outage', 'fault'].includes(event.do),
    ) ||
    plan.events.some((event) => event.do === 'tokens');
  if (isDisturbed) return;
  const throttled = [...sim.amazon.calls, ...sim.tiktok.calls].filter((call) => call.status === 429).length;
  if (throttled > THROTTLED_AT_MOST) throw new Broken('throttled outside of storms', String(throttled));
};

/** What must hold when the world has come to its end. Throws `Broken`. */
export const checkEnd = (plan: Plan, sim: Simulation, facts: Facts): void => {
  checkStages(plan, sim, facts);
  checkUnits(plan, sim, facts);
  checkPrivacy(sim);
  checkQuotas(plan, sim);
};
