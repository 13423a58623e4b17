import { daysToMs, isoTime } from '../lib/clock.ts';
import { partsOfSide, type SideState } from '../lib/side.ts';
import { REASONS } from '../orders/reasons.ts';
import type { AlertFacts, OrderGroup, ShopRow, Store } from '../store/store.ts';

type Endpoint = Awaited<ReturnType<Store['outgoing']['endpoints']>>[number];

/** Everything that alerts are derived from. */
export type Facts = AlertFacts & {
  sides: readonly SideState[];
  /** Shops that are in service. */
  shops: readonly Pick<ShopRow, 'shopId' | 'name' | 'authorization' | 'authorizationExpiresAtMs'>[];
  /** What the newest daily report found; null or absent: there is none. */
  dailyReport?: { date: string; differences: OrderGroup } | null | undefined;
  /** Of outgoing webhooks; absent: there are none. */
  endpoints?: readonly Pick<Endpoint, 'endpointId' | 'url' | 'disabledWhy' | 'failingSinceMs'>[];
};

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
  if (noun === 'parcel') return `${several(count, noun)}, newest orders: ${ids}.`;
  if (noun !== 'order') return `${several(count, noun)}, orders: ${ids}.`;
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

const findDifferences = ({ dailyReport }: Facts): Condition[] =>
  !dailyReport || dailyReport.differences.count === 0
    ? []
    : [
        {
          key: `daily_report/${dailyReport.date}`,
          severity: 'warning',
          title: `The daily report of ${dailyReport.date} found differences`,
          text: `${describeGroup(dailyReport.differences, 'difference')} TikTok, this service and Amazon do not tell the same of them. \`GET /api/reports/daily?date=${dailyReport.date}\` names each, and what to do.`,
          count: dailyReport.differences.count,
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

const EXPIRY_WARNINGS = [
  { withinMs: daysToMs(7), label: '7d', severity: 'critical' },
  { withinMs: daysToMs(30), label: '30d', severity: 'warning' },
] as const;

/** One condition for an authorisation, however many shops it acts for; the nearer one is told anew. */
const findExpiring = ({ shops }: Facts, nowMs: number): Condition[] =>
  [...Map.groupBy(shops, ({ authorization }) => authorization)].flatMap(([authorization, ofOne]) => {
    const expiresAtMs = ofOne[0]?.authorizationExpiresAtMs ?? null;
    const warning = EXPIRY_WARNINGS.find(
      ({ withinMs }) => expiresAtMs !== null && expiresAtMs - nowMs <= withinMs,
    );
    if (expiresAtMs === null || !warning) return [];
    const names = ofOne.map(({ name, shopId }) => name ?? shopId).join(', ');
    const isOver = expiresAtMs <= nowMs;
    return [
      {
        key: `authorization/${authorization}/${warning.label}`,
        severity: warning.severity,
        title: `The TikTok authorisation of ${names} ${isOver ? 'has ended' : 'ends soon'}`,
        text: `It ${isOver ? 'ended' : 'ends'} on ${isoTime(expiresAtMs)}; from then on no order of these shops is seen or shipped. Open /connect/tiktok-shop and let the seller authorise again.`,
        count: ofOne.length,
        sides: [],
      },
    ];
  });

/** A receiver that is updated or started anew is back sooner. */
const REFUSING_FOR_MS = 60 * 60_000;

/** Of its address only the host is named: paths of webhooks are often keys. */
const findEndpoints = ({ endpoints = [] }: Facts, nowMs: number): Condition[] =>
  endpoints.flatMap(({ endpointId, url, disabledWhy, failingSinceMs }) => {
    if (disabledWhy === 'person') return [];
    if (disabledWhy === null && (failingSinceMs === null || nowMs - failingSinceMs < REFUSING_FOR_MS))
      return [];
    const to = `The outgoing webhook to ${new URL(url).host}`;
    const since = failingSinceMs === null ? '' : ` since ${isoTime(failingSinceMs)}`;
    const fix = `See its last error in \`GET /api/outgoing-webhooks/${endpointId}\`, mend the receiver`;
    return [
      {
        key: `endpoint/${endpointId}`,
        severity: 'warning',
        title: disabledWhy === null ? `${to} takes nothing` : `${to} is disabled`,
        text:
          disabledWhy === null
            ? `It has taken no delivery${since}; they are repeated with growing pauses. ${fix}, and they arrive.`
            : `It ${disabledWhy === 'gone' ? 'answered that it is gone' : `took no delivery${since}`}, so no event is written down for it any more. ${fix} and enable it again, or delete it.`,
        count: 1,
        sides: [],
      },
    ];
  });

/** What looks for one kind of fault; a new kind is one more line here. */
const FINDERS: readonly ((facts: Facts, nowMs: number) => Condition[])[] = [
  findDeadlines,
  findSides,
  findExpiring,
  findReviews,
  findWarnings,
  findDifferences,
  findEndpoints,
];

/** All that is wrong by these facts, the most urgent kinds first. Pure. */
export const findConditions = (facts: Facts, nowMs: number): Condition[] =>
  FINDERS.flatMap((find) => find(facts, nowMs));
