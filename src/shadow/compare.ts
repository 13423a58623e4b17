import type { ShadowAction, ShadowOrder, ShadowStock } from '../store/store.ts';

/** Where the two ways part, as far as the channel's own data proves it. */
export const DIFFERENCES = {
  reviewed_what_shipped: 'We would have asked a person first; the order was shipped.',
  shipped_before_we_would: 'The order was shipped before we would have sent it to Amazon.',
  approved_what_shipped: 'We would have approved the buyer’s wish to cancel; the order was shipped.',
  sent_what_was_cancelled: 'We would have sent the order to Amazon; it was cancelled.',
  shipped_late: 'We would have sent the order to Amazon in time; it was shipped after its ship-by time.',
  open_after_ship_by: 'We would have sent the order to Amazon; its ship-by time passed and it is still open.',
} as const;
export type Difference = keyof typeof DIFFERENCES;

export const isDifference = (code: string): code is Difference => Object.hasOwn(DIFFERENCES, code);

/** What became of an order, by what the channel shows. `overdue` is open after its ship-by time. */
export type Outcome = 'open' | 'overdue' | 'shipped' | 'cancelled';

export type Comparison = {
  order: ShadowOrder;
  /** First things first. */
  wouldHave: ShadowAction[];
  outcome: Outcome;
  /** From when we would have sent it to Amazon to when the channel showed it as shipped. */
  sentToShippedMs: number | null;
  differences: Difference[];
};

const outcomeOf = (order: ShadowOrder, nowMs: number): Outcome => {
  if (order.cancelledByMs !== null) return 'cancelled';
  if (order.shippedByMs !== null) return 'shipped';
  return order.shipByMs !== null && order.shipByMs < nowMs ? 'overdue' : 'open';
};

/**
 * Of an order that was already shipped when it was first seen nothing can be said: what we would have done before is
 * not known.
 */
const isComparable = ({ firstSeenAtMs, shippedByMs, cancelledByMs }: ShadowOrder): boolean =>
  (shippedByMs === null || shippedByMs > firstSeenAtMs) &&
  (cancelledByMs === null || cancelledByMs > firstSeenAtMs);

const differencesOf = (
  order: ShadowOrder,
  outcome: Outcome,
  { create, review, approve }: Record<'create' | 'review' | 'approve', ShadowAction | undefined>,
): Difference[] => {
  const { shippedByMs, shipByMs } = order;
  const found: Difference[] = [];
  if (outcome === 'shipped') {
    const last = Math.max(review?.atMs ?? 0, create?.atMs ?? 0);
    if (review && last === review.atMs) found.push('reviewed_what_shipped');
    if (!review && !create && !approve) found.push('shipped_before_we_would');
    if (approve) found.push('approved_what_shipped');
    if (
      create &&
      shippedByMs !== null &&
      shipByMs !== null &&
      create.atMs < shipByMs &&
      shippedByMs > shipByMs
    )
      found.push('shipped_late');
  }
  if (outcome === 'cancelled' && create && !approve) found.push('sent_what_was_cancelled');
  if (outcome === 'overdue' && create) found.push('open_after_ship_by');
  return found;
};

/** One order: what we would have done beside what happened. Pure. */
export const compareOrder = (
  order: ShadowOrder,
  actions: readonly ShadowAction[],
  nowMs: number,
): Comparison => {
  const wouldHave = actions.toSorted((a, b) => a.atMs - b.atMs);
  const last = (kind: string): ShadowAction | undefined =>
    wouldHave.findLast((action) => action.kind === kind);
  const outcome = outcomeOf(order, nowMs);
  const create = last('create');
  const known = { create, review: last('review'), approve: last('approveCancellation') };
  return {
    order,
    wouldHave,
    outcome,
    sentToShippedMs:
      create && order.shippedByMs !== null ? Math.max(0, order.shippedByMs - create.atMs) : null,
    differences: isComparable(order) ? differencesOf(order, outcome, known) : [],
  };
};

export type Summary = {
  orders: number;
  outcomes: Record<Outcome, number>;
  /** Orders that we would have sent to Amazon, and those that a person would have been asked about. */
  wouldHaveSent: number;
  wouldHaveReviewed: number;
  differing: number;
  differences: Record<Difference, number>;
  listings: { same: number; differing: number };
};

const count = <T>(items: readonly T[], test: (item: T) => boolean): number => items.filter(test).length;

export const summarise = (comparisons: readonly Comparison[], stock: readonly ShadowStock[]): Summary => {
  const withOutcome = (outcome: Outcome): number => count(comparisons, (entry) => entry.outcome === outcome);
  const withDifference = (code: Difference): number =>
    count(comparisons, ({ differences }) => differences.includes(code));
  const withAction = (kind: string): number =>
    count(comparisons, ({ wouldHave }) => wouldHave.some((action) => action.kind === kind));
  return {
    orders: comparisons.length,
    outcomes: {
      open: withOutcome('open'),
      overdue: withOutcome('overdue'),
      shipped: withOutcome('shipped'),
      cancelled: withOutcome('cancelled'),
    },
    wouldHaveSent: withAction('create'),
    wouldHaveReviewed: withAction('review'),
    differing: count(comparisons, ({ differences }) => differences.length > 0),
    differences: {
      reviewed_what_shipped: withDifference('reviewed_what_shipped'),
      shipped_before_we_would: withDifference('shipped_before_we_would'),
      approved_what_shipped: withDifference('approved_what_shipped'),
      sent_what_was_cancelled: withDifference('sent_what_was_cancelled'),
      shipped_late: withDifference('shipped_late'),
      open_after_ship_by: withDifference('open_after_ship_by'),
    },
    listings: {
      same: count(stock, ({ ours, shown }) => ours === shown),
      differing: count(stock, ({ ours, shown }) => ours !== shown),
    },
  };
};
