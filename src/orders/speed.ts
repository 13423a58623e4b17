import type { Preview, ShippingSpeed } from '../fulfillment/provider.ts';

/** How the speed of an order is chosen: a fixed one, by the name of its delivery option, or by asking Amazon. */
export type SpeedRule = {
  fallback: ShippingSpeed | 'auto';
  /** Delivery option name, lower-case, to speed. */
  byDeliveryOption: ReadonlyMap<string, ShippingSpeed>;
};

/** Speeds worth asking for: US sellers have two, Priority exists elsewhere (MCF fact sheet 2026-08, 2.1). */
export const speedsOf = (marketplaceCountry: string): ShippingSpeed[] =>
  marketplaceCountry === 'US' ? ['Standard', 'Expedited'] : ['Standard', 'Expedited', 'Priority'];

/** Slower is cheaper where Amazon gives no fee. */
const RANK: Readonly<Record<string, number>> = { Standard: 0, Expedited: 1, Priority: 2 };

/** The rule's answer for an order of this delivery option. */
export const speedFor = (rule: SpeedRule, deliveryOptionName: string | null): ShippingSpeed | 'auto' =>
  rule.byDeliveryOption.get((deliveryOptionName ?? '').trim().toLowerCase()) ?? rule.fallback;

/** Digits of a decimal string scaled to six places, so that fees compare without floats. */
const scaled = (value: string): bigint => {
  const [whole = '0', fraction = ''] = value.split('.');
  return BigInt(`${whole}${fraction.slice(0, 6).padEnd(6, '0')}`);
};

const isSpeed = (speed: string): speed is ShippingSpeed => Object.hasOwn(RANK, speed);

const byCost = (a: Preview, b: Preview): number => {
  if (a.fee && b.fee && a.fee.currency === b.fee.currency) {
    const difference = scaled(a.fee.value) - scaled(b.fee.value);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return (RANK[a.speed] ?? 9) - (RANK[b.speed] ?? 9);
};

/**
 * The cheapest speed that ships before `shipByMs` and arrives before `arriveByMs`; when none does, the one that
 * arrives first. A preview is advice, never a lock: without a usable one the answer is Standard.
 */
export const chooseSpeed = (
  previews: readonly Preview[],
  shipByMs: number | null,
  arriveByMs: number | null,
): { speed: ShippingSpeed; fee: Preview['fee'] } => {
  const possible = previews
    .filter((preview) => preview.isFulfillable && isSpeed(preview.speed))
    .toSorted(byCost);
  const inTime = possible.filter(
    ({ latestShipAtMs, latestArrivalAtMs }) =>
      (shipByMs === null || latestShipAtMs === null || latestShipAtMs <= shipByMs) &&
      (arriveByMs === null || latestArrivalAtMs === null || latestArrivalAtMs <= arriveByMs),
  );
  const soonest = possible.toSorted(
    (a, b) => (a.latestArrivalAtMs ?? Infinity) - (b.latestArrivalAtMs ?? Infinity),
  );
  const best = inTime[0] ?? soonest[0];
  if (!best || !isSpeed(best.speed)) return { speed: 'Standard', fee: null };
  return { speed: best.speed, fee: best.fee };
};
