import type { OrderSnapshot } from '../amazon/index.ts';
import type { ShipReport } from '../tiktok-shop/index.ts';
import type { InventoryRow } from './api.ts';
import { componentsOf, LISTINGS, LIVES, type LifeName } from './cast.ts';
import { type Placed, type Scene, sumUnits, unitsText } from './scene.ts';

const sameUnits = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([sku, quantity]) => b[sku] === quantity);

/** The MCF order of an order, as Amazon has it. */
export const fulfillmentOf = ({ world }: Scene, { orderId }: Placed): OrderSnapshot | undefined =>
  world.amazon.order(`TTS-${orderId}`);

/** The numbers TikTok was given for an order. */
export const reportsOf = ({ world }: Scene, { orderId }: Placed): ShipReport[] =>
  world.tiktok.reports.filter((report) => report.orderId === orderId);

const skuOfLine = ({ world }: Scene, { orderId }: Placed, lineId: string): string =>
  world.tiktok.order(orderId).lines.find(({ id }) => id === lineId)?.sellerSku ?? 'unknown';

const checkStage = (scene: Scene, { orderId, life }: Placed): string[] => {
  const { stage, reason } = life.ends;
  const detail = scene.details.get(orderId);
  if (!detail) return ['the connector does not know it'];
  return detail.stage === stage && detail.reason === reason
    ? []
    : [`is ${detail.stage} (${detail.reason}) and not ${stage} (${reason})`];
};

const checkCreates = (scene: Scene, order: Placed): string[] => {
  const { fulfillment: wanted } = order.life.ends;
  const { creates, duplicateCreates } = scene.world.amazon;
  const isItsOwn = ({ fulfillmentId }: { fulfillmentId: string }): boolean =>
    fulfillmentId.startsWith(`TTS-${order.orderId}`);
  const count = creates.filter(isItsOwn).length + duplicateCreates.filter(isItsOwn).length;
  if (count !== (wanted ? 1 : 0)) return [`Amazon was asked ${count} times to ship it`];
  const made = fulfillmentOf(scene, order);
  if (!wanted || !made) return [];
  const faults = made.state === 'Complete' ? [] : [`is ${made.state} at Amazon`];
  const units = sumUnits(made.items);
  return sameUnits(units, wanted) ? faults : [...faults, `Amazon has ${unitsText(units)}`];
};

/** The Amazon units that lines of these SKUs stand for. */
const componentUnits = (skus: readonly string[]): Record<string, number> =>
  sumUnits(
    skus.flatMap((sku) => componentsOf(sku).map(({ amazonSku, quantity }) => ({ sku: amazonSku, quantity }))),
  );

const checkReports = (scene: Scene, order: Placed): string[] => {
  const reports = reportsOf(scene, order);
  const wanted = order.life.ends.reports.map((skus) => [...skus].sort().join('+')).sort();
  const skus = reports.map(({ lineIds }) => lineIds.map((id) => skuOfLine(scene, order, id)).sort());
  const found = skus.map((names) => names.join('+')).sort();
  const faults =
    found.join() === wanted.join()
      ? []
      : [`TikTok has numbers for [${found.join()}] and not [${wanted.join()}]`];
  const lineIds = reports.flatMap((report) => report.lineIds);
  if (new Set(lineIds).size !== lineIds.length) faults.push('a line was reported twice');
  for (const [index, { trackingNumber }] of reports.entries()) {
    const parcel = fulfillmentOf(scene, order)?.parcels.find((one) => one.trackingNumber === trackingNumber);
    const inside = parcel && sumUnits(parcel.items);
    if (!inside || !sameUnits(inside, componentUnits(skus[index] ?? [])))
      faults.push(`${trackingNumber} is reported under lines that do not lie in that parcel`);
  }
  return faults;
};

const deliveriesOf = ({ world }: Scene, { orderId }: Placed) =>
  world.tiktok.deliveries.filter((delivery) => delivery.orderId === orderId);

const happened = (scene: Scene, { orderId }: Placed, event: string): boolean =>
  scene.details.get(orderId)?.timeline.some((entry) => entry.event === event) ?? false;

/** That the life was really lived: what makes it more than a plain order. */
const WITNESSES: Readonly<Partial<Record<LifeName, (scene: Scene, order: Placed) => string | null>>> = {
  lost: (scene, order) =>
    deliveriesOf(scene, order).filter(({ status }) => status === 'lost').length === 3
      ? null
      : 'its webhooks were not lost',
  twice: (scene, order) => {
    const ids = deliveriesOf(scene, order)
      .filter(({ status }) => status === 'delivered')
      .map(({ notificationId }) => notificationId);
    return ids.length === new Set(ids).size + 1 ? null : 'no webhook of it was delivered twice';
  },
  cancelled: ({ world }, { orderId }) =>
    world.tiktok.order(orderId).status === 'CANCELLED' ? null : 'it is not cancelled at TikTok',
  unclear: (scene, order) => (happened(scene, order, 'adopted') ? null : 'it was not adopted'),
};

/** What is not as it should be with one order; empty when all is well. */
export const faultsOf = (scene: Scene, order: Placed): string[] => {
  const witness = WITNESSES[order.life.name]?.(scene, order) ?? null;
  return [
    ...checkStage(scene, order),
    ...checkCreates(scene, order),
    ...checkReports(scene, order),
    ...(witness === null ? [] : [witness]),
  ];
};

export type StockLine = {
  sku: string;
  amazon: string;
  promised: string;
  before: number;
  after: number;
  asExpected: boolean;
};

/** Units of orders that wait for a person: sold, and still to be shipped. */
const openUnits = (): Record<string, number> =>
  componentUnits(
    LIVES.filter(({ ends }) => ends.stage === 'review').flatMap(({ lines }) =>
      lines.flatMap(({ sku, units }) => Array.from({ length: units }, () => sku)),
    ),
  );

/** Each listing's figures, judged by what the simulators hold and not by what the service says. */
export const stockLines = ({ world }: Scene, rows: readonly InventoryRow[]): StockLine[] => {
  const open = openUnits();
  return LISTINGS.map(({ sku, shown, components }) => {
    const parts = components.map(({ amazonSku, quantity }) => {
      const promised = rows.find((row) => row.amazonSku === amazonSku)?.promised ?? Number.NaN;
      const fulfillable = world.amazon.stockOf(amazonSku)?.fulfillable ?? 0;
      return { amazonSku, quantity, promised, fulfillable, right: promised === (open[amazonSku] ?? 0) };
    });
    const sets = parts.map(({ fulfillable, promised, quantity }) =>
      Math.floor((fulfillable - promised) / quantity),
    );
    const after = world.tiktok.stockOf(sku).available;
    const name = (figure: number, amazonSku: string): string =>
      components.length > 1 ? `${figure} ${amazonSku}` : String(figure);
    return {
      sku,
      amazon: parts.map((part) => name(part.fulfillable, part.amazonSku)).join(', '),
      promised: parts.map((part) => name(part.promised, part.amazonSku)).join(', '),
      before: shown,
      after,
      asExpected: parts.every(({ right }) => right) && after === Math.min(...sets),
    };
  });
};

/** What the simulators noted that a correct client never does. */
export const violationsOf = ({ world }: Scene): string[] => [
  ...world.tiktok.violations.map(({ operation, message }) => `TikTok, ${operation}: ${message}`),
  ...world.amazon.violations.map(({ operation, rule, detail }) => `Amazon, ${operation}: ${rule} ${detail}`),
];
