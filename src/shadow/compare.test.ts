import { describe, expect, it } from 'vitest';
import { HOUR, KEY, NOW } from '../../test/fakes.ts';
import type { ShadowAction, ShadowOrder } from '../store/store.ts';
import { compareOrder, type Difference, summarise } from './compare.ts';

const seen = (overrides: Partial<ShadowOrder> = {}): ShadowOrder => ({
  key: KEY,
  status: 'AWAITING_SHIPMENT',
  firstSeenAtMs: NOW - 10 * HOUR,
  seenAtMs: NOW,
  shipByMs: NOW + 10 * HOUR,
  shippedByMs: null,
  cancelledByMs: null,
  parcels: [],
  ...overrides,
});
const would = (kind: string, hoursAgo = 8): ShadowAction => ({
  key: KEY,
  kind,
  subject: '',
  atMs: NOW - hoursAgo * HOUR,
  what: {},
});
const differences = (order: ShadowOrder, ...actions: ShadowAction[]): Difference[] =>
  compareOrder(order, actions, NOW).differences;
const shipped = (overrides: Partial<ShadowOrder> = {}) => seen({ shippedByMs: NOW - HOUR, ...overrides });

describe('what we would have done beside what happened', () => {
  it('agrees where we would have sent what was shipped in time, and says how long that took', () => {
    expect(compareOrder(shipped(), [would('create')], NOW)).toMatchObject({
      outcome: 'shipped',
      sentToShippedMs: 7 * HOUR,
      differences: [],
    });
  });

  it('names an order that a person would have been asked about and that was shipped', () => {
    expect(differences(shipped(), would('review'))).toEqual(['reviewed_what_shipped']);
  });

  it('does not blame a review that ended before we would have sent the order', () => {
    expect(differences(shipped(), would('review', 9), would('create', 8))).toEqual([]);
  });

  it('names an order that went to review after we would have sent it', () => {
    expect(differences(shipped(), would('create', 9), would('review', 8))).toEqual(['reviewed_what_shipped']);
  });

  it('names an order that was shipped while we were still waiting', () => {
    expect(differences(shipped())).toEqual(['shipped_before_we_would']);
  });

  it('names a shipped order whose cancellation we would have approved', () => {
    expect(differences(shipped(), would('approveCancellation'))).toEqual(['approved_what_shipped']);
  });

  it('names an order that we would have sent and that was cancelled', () => {
    expect(differences(seen({ cancelledByMs: NOW - HOUR }), would('create'))).toEqual([
      'sent_what_was_cancelled',
    ]);
  });

  it('names an order shipped after its ship-by time although we would have sent it before', () => {
    const late = shipped({ shipByMs: NOW - 2 * HOUR });
    expect(differences(late, would('create'))).toEqual(['shipped_late']);
    expect(differences(late, would('create', 1))).toEqual([]);
  });

  it('names an order that is open after its ship-by time, and not one whose time has not come', () => {
    expect(compareOrder(seen({ shipByMs: NOW - 1 }), [would('create')], NOW)).toMatchObject({
      outcome: 'overdue',
      differences: ['open_after_ship_by'],
    });
    expect(compareOrder(seen({ shipByMs: null }), [would('create')], NOW)).toMatchObject({
      outcome: 'open',
      differences: [],
    });
  });

  it('claims nothing of orders that were over before they were first seen', () => {
    expect(differences(shipped({ firstSeenAtMs: NOW }))).toEqual([]);
    expect(differences(seen({ firstSeenAtMs: NOW, cancelledByMs: NOW - HOUR }), would('create'))).toEqual([]);
  });

  it('counts every order once by its outcome, and every difference', () => {
    const compared = [
      compareOrder(shipped(), [would('create')], NOW),
      compareOrder(shipped(), [would('review')], NOW),
      compareOrder(seen(), [would('create'), would('review')], NOW),
    ];
    const listing = { channel: 'tiktok-shop', shopId: '1', skuId: 's', sellerSku: 'A', atMs: NOW };
    const stock = [
      { ...listing, ours: 3, shown: 3 },
      { ...listing, ours: 3, shown: 4 },
    ];

    expect(summarise(compared, stock)).toMatchObject({
      orders: 3,
      outcomes: { open: 1, overdue: 0, shipped: 2, cancelled: 0 },
      wouldHaveSent: 2,
      wouldHaveReviewed: 2,
      differing: 1,
      differences: { reviewed_what_shipped: 1, shipped_late: 0 },
      listings: { same: 1, differing: 1 },
    });
  });
});
