import { isoTime } from '../lib/clock.ts';
import { partsOfSide, type SideState } from '../lib/side.ts';
import { REASONS } from '../orders/reasons.ts';
import type { AlertFacts, OrderGroup } from '../store/store.ts';

/** Everything that alerts are derived from. */
export type Facts = AlertFacts & { sides: readonly SideState[] };

export type Severity = 'warning' | 'critical';

/** Something that is wrong now. Holds ids and our own words, no personal data and no secrets. */
export type Condition = {
  /** Stable: the same fault has the same key as long as it lasts. */
  key: string;
  severity: Severity;
  title: string;
  /** What happened and what to do. */
  text: string;
  /** Of orders, parcels or accounts. */
  count: number;
  /** The sides whose state this is: it is over only when each of them is known to be well. */
  sides: string[];
};

/** A side that fails for a shorter time mends itself as a rule. */
const FAILING_FOR_MS = 15 * 60_000;

const several = (count: number, noun: string): string => (count === 1 ? `1 ${noun}` : `${count} ${noun}s`);

const describeGroup = ({ count, orderIds }: OrderGroup, noun = 'order'): string => {
  if (orderIds.length === 0) return `${several(count, noun)}.`;
  const ids = orderIds.join(', ');
  if (noun !== 'order') return `${several(count, noun)}, newest orders: ${ids}.`;
  return count > orderIds.length
    ? `${several(count, noun)}, among them ${ids}.`
    : `${several(count, noun)}: ${ids}.`;
};

const findReviews = ({ reviews }: Facts): Condition[] =>
  [...reviews].map(([code, group]) => ({
    key: `review/${code}`,
    severity: 'warning',
    title: `In review: ${REASONS[code].title}`,
    text: `${describeGroup(group)} ${REASONS[code].whatHappened} ${REASONS[code].whatToDo}`,
    count: group.count,
    sides: [],
  }));

const findDeadlines = ({ atRisk, breached, soonestDeadlineMs }: Facts): Condition[] => {
  const soonest = soonestDeadlineMs === null ? '' : ` The nearest deadline is ${isoTime(soonestDeadlineMs)}.`;
  const conditions: Condition[] = [
    {
      key: 'deadline/breached',
      severity: 'critical',
      title: 'Deadline missed',
      text: `${describeGroup(breached)} Not shipped by TikTok’s deadline. Ship by hand or cancel in Seller Center at once: TikTok counts late orders against the shop and may cancel them.`,
      count: breached.count,
      sides: [],
    },
    {
      key: 'deadline/at_risk',
      severity: 'warning',
      title: 'Deadline at risk',
      text: `${describeGroup(atRisk)}${soonest} Not shipped yet, or Amazon means to ship too late. Look at the orders; ship by hand or ask the buyer to agree to a later date.`,
      count: atRisk.count,
      sides: [],
    },
  ];
  return conditions.filter(({ count }) => count > 0);
};

const findWarnings = ({ warnings }: Facts): Condition[] =>
  warnings.count === 0
    ? []
    : [
        {
          key: 'tracking_warning',
          severity: 'warning',
          title: 'TikTok doubts a tracking number',
          text: `${describeGroup(warnings, 'parcel')} TikTok took the number with a warning; the order shows its text. Check number and carrier in Seller Center and correct them there if they are wrong.`,
          count: warnings.count,
          sides: [],
        },
      ];

const areasOf = (sides: readonly SideState[]): string =>
  sides.map(({ name }) => partsOfSide(name).area).join(', ');

const stoppedAccount = (account: string, stopped: readonly SideState[]): Condition => {
  const { whatHappened, whatToDo } = REASONS.credentials_refused;
  const stopsOrders = stopped.some(({ name }) => name === account);
  return {
    key: `side/${account}`,
    severity: stopsOrders ? 'critical' : 'warning',
    title: `${account} is stopped: ${REASONS.credentials_refused.title.toLowerCase()}`,
    text: `Stopped: ${areasOf(stopped)}. ${whatHappened} ${whatToDo}`,
    count: 1,
    sides: stopped.map(({ name }) => name),
  };
};

const failingAccount = (account: string, failing: readonly SideState[]): Condition => ({
  key: `side/${account}`,
  severity: 'warning',
  title: `${account} does not answer`,
  text: `Failing for ${FAILING_FOR_MS / 60_000} minutes or longer: ${areasOf(failing)}. ${REASONS.upstream_failing.whatHappened} ${REASONS.upstream_failing.whatToDo}`,
  count: 1,
  sides: failing.map(({ name }) => name),
});

/** One condition for an account, however many of its areas are struck: they share their credentials. */
const findSides = ({ sides }: Facts, nowMs: number): Condition[] => {
  const byAccount = Map.groupBy(sides, ({ name }) => partsOfSide(name).account);
  return [...byAccount].flatMap(([account, ofAccount]) => {
    const stopped = ofAccount.filter(({ state }) => state === 'stopped');
    if (stopped.length > 0) return [stoppedAccount(account, stopped)];
    const failing = ofAccount.filter(
      ({ state, sinceMs }) => state === 'failing' && sinceMs !== null && nowMs - sinceMs >= FAILING_FOR_MS,
    );
    return failing.length > 0 ? [failingAccount(account, failing)] : [];
  });
};

/** What looks for one kind of fault; a new kind is one more line here. */
const FINDERS: readonly ((facts: Facts, nowMs: number) => Condition[])[] = [
  findDeadlines,
  findSides,
  findReviews,
  findWarnings,
];

/** All that is wrong by these facts, the most urgent kinds first. Pure. */
export const findConditions = (facts: Facts, nowMs: number): Condition[] =>
  FINDERS.flatMap((find) => find(facts, nowMs));
