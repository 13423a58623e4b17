import type { InventoryRow } from './api.ts';
import { componentsOf, LISTINGS } from './cast.ts';
import { LIVES } from './lives.ts';
import { mcfOrdersOf, type Placed, type Scene, sumUnits, unitsText } from './scene.ts';
import { witnessOf } from './witnesses.ts';

const sameUnits = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([sku, quantity]) => b[sku] === quantity);

export type Reported = { lineIds: string[]; first: string; now: string };

/** What TikTok was told of an order: under each set of lines the number it was given first, and has now. */
export const reportsOf = ({ world }: Scene, { orderId }: Placed): Reported[] =>
  world.tiktok.reports
    .filter((report) => report.orderId === orderId)
    .map(({ lineIds, trackingNumber, packageId }) => ({
      lineIds,
      first: trackingNumber,
      now: world.tiktok.package(packageId)?.trackingNumber ?? 'none',
    }));

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

const checkCreates = (scene: Scene, { orderId, life }: Placed): string[] => {
  const { mcf, units } = life.ends;
  const { creates, duplicateCreates } = scene.world.amazon;
  const count = [...creates, ...duplicateCreates].filter(({ fulfillmentId }) =>
    fulfillmentId.startsWith(`TTS-${orderId}`),
  ).length;
  if (count !== mcf.length) return [`Amazon was asked ${count} times to ship it`];
  const made = mcfOrdersOf(scene, orderId);
  const states = made.map(({ state }) => state);
  const faults = states.join() === mcf.join() ? [] : [`is ${states.join(', ')} at Amazon`];
  const others = made.map(({ items }) => sumUnits(items)).filter((there) => !sameUnits(there, units));
  return [...faults, ...others.map((there) => `Amazon has ${unitsText(there)}`)];
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
  const parcels = mcfOrdersOf(scene, order.orderId).flatMap((made) => made.parcels);
  for (const [index, { now }] of reports.entries()) {
    const parcel = parcels.find(({ trackingNumber }) => trackingNumber === now);
    const inside = parcel && sumUnits(parcel.items);
    if (!inside || !sameUnits(inside, componentUnits(skus[index] ?? [])))
      faults.push(`${now} is reported under lines that do not lie in that parcel`);
  }
  return faults;
};

/** What is not as it should be with one order; empty when all is well. */
export const faultsOf = (scene: Scene, order: Placed): string[] => {
  const witness = witnessOf(scene, order);
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

/** Units of orders that wait for a person and are not at Amazon: sold, and still to be shipped. */
const openUnits = (): Record<string, number> =>
  componentUnits(
    LIVES.filter(({ ends }) => ends.stage === 'review' && ends.mcf.length === 0).flatMap(({ lines }) =>
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
