import { describe, expect, it } from 'vitest';
import { type DayOrder, type DifferenceKind, differencesOf, totalsOf } from './compare-day.ts';

const NOW = 1_767_225_600_000;
const HOUR = 3_600_000;

const channel = (status: NonNullable<DayOrder['atChannel']>['status'], hoursAgo = 8) => ({
  status,
  rawStatus: status.toUpperCase(),
  updatedAtMs: NOW - hoursAgo * HOUR,
});
const here = (
  stage: NonNullable<DayOrder['here']>['stage'],
  rawStatus: string | null,
  over: Partial<NonNullable<DayOrder['here']>> = {},
) => ({ stage, rawStatus, reason: null, isResolvedByHand: false, ...over });
const there = (state: DayOrder['atProvider'][number]['state'], hoursAgo = 8, fulfillmentId = 'TTS-1') => ({
  fulfillmentId,
  state,
  updatedAtMs: NOW - hoursAgo * HOUR,
});
const order = (over: Partial<DayOrder>): DayOrder => ({
  channel: 'tiktok-shop',
  shopId: 'shop-1',
  orderId: '1',
  atChannel: null,
  here: null,
  atProvider: [],
  ...over,
});

const FITS: [string, Partial<DayOrder>][] = [
  [
    'shipped everywhere',
    {
      atChannel: channel('in_transit'),
      here: here('shipped', 'IN_TRANSIT'),
      atProvider: [there('complete')],
    },
  ],
  ['just placed, its webhook on its way', { atChannel: channel('awaiting_shipment', 0.5), here: null }],
  ['just changed', { atChannel: channel('in_transit', 0.5), here: here('fulfilling', 'AWAITING_SHIPMENT') }],
  [
    'shipped three hours ago, not reported yet',
    {
      atChannel: channel('awaiting_shipment'),
      here: here('fulfilling', 'AWAITING_SHIPMENT'),
      atProvider: [there('complete', 3)],
    },
  ],
  [
    'cancelled everywhere, made anew once',
    {
      atChannel: channel('cancelled'),
      here: here('cancelled', 'CANCELLED'),
      atProvider: [there('cancelled'), there('cancelled', 7, 'TTS-1-2')],
    },
  ],
  [
    'made anew after an unfulfillable one',
    {
      atChannel: channel('in_transit'),
      here: here('shipped', 'IN_TRANSIT'),
      atProvider: [there('unfulfillable'), there('complete', 7, 'TTS-1-2')],
    },
  ],
  [
    'cancelled a moment ago, Amazon about to stop',
    {
      atChannel: channel('cancelled', 0.2),
      here: here('cancelled', 'CANCELLED'),
      atProvider: [there('accepted', 0.2)],
    },
  ],
  [
    'shipped by hand, and known to be',
    {
      atChannel: channel('in_transit'),
      here: here('shipped', 'IN_TRANSIT', { reason: 'shipped_elsewhere' }),
      atProvider: [there('cancelled')],
    },
  ],
  [
    'closed by hand',
    {
      atChannel: channel('in_transit'),
      here: here('completed', 'IN_TRANSIT', { isResolvedByHand: true }),
      atProvider: [there('unfulfillable')],
    },
  ],
  ['named by Amazon only, known here', { here: here('fulfilling', 'X'), atProvider: [there('processing')] }],
];

const DIFFERS: [DifferenceKind, string, Partial<DayOrder>][] = [
  ['unknown_here', 'an order whose webhook and sweep were lost', { atChannel: channel('awaiting_shipment') }],
  [
    'status_differs',
    'an order read too long ago',
    { atChannel: channel('in_transit'), here: here('fulfilling', 'AWAITING_SHIPMENT') },
  ],
  [
    'status_differs',
    'an order never read',
    { atChannel: channel('awaiting_shipment'), here: here('waiting', null) },
  ],
  [
    'cancelled_but_shipped',
    'TikTok cancelled, Amazon shipped all',
    {
      atChannel: channel('cancelled'),
      here: here('review', 'CANCELLED'),
      atProvider: [there('complete')],
    },
  ],
  [
    'cancelled_but_shipped',
    'cancelled here, not named by TikTok, Amazon shipped a part',
    { here: here('cancelled', 'CANCELLED'), atProvider: [there('partial')] },
  ],
  [
    'cancelled_not_stopped',
    'cancelled long ago, Amazon still at work',
    {
      atChannel: channel('cancelled'),
      here: here('cancelled', 'CANCELLED'),
      atProvider: [there('processing')],
    },
  ],
  [
    'shipped_not_reported',
    'Amazon done for hours, TikTok waits',
    {
      atChannel: channel('awaiting_shipment'),
      here: here('review', 'AWAITING_SHIPMENT'),
      atProvider: [there('complete', 5)],
    },
  ],
  [
    'reported_not_shipped',
    'TikTok shipped, Amazon unfulfillable',
    {
      atChannel: channel('in_transit'),
      here: here('shipped', 'IN_TRANSIT'),
      atProvider: [there('unfulfillable')],
    },
  ],
  ['fulfillment_unknown_here', 'an id of ours that we do not know', { atProvider: [there('processing')] }],
  [
    'two_live',
    'two fulfillments that both ship',
    {
      atChannel: channel('in_transit'),
      here: here('shipped', 'IN_TRANSIT'),
      atProvider: [there('complete'), there('processing', 7, 'TTS-1-2')],
    },
  ],
];

describe('the comparison of a day', () => {
  it.each(FITS)('fits: %s', (_name, over) => {
    expect(differencesOf(order(over), NOW)).toEqual([]);
  });

  it.each(DIFFERS)('%s: %s', (kind, _name, over) => {
    expect(differencesOf(order(over), NOW).map((difference) => difference.kind)).toEqual([kind]);
  });

  it('names the order and, where there is one, the fulfillment', () => {
    const twins = order({
      here: here('shipped', 'X'),
      atProvider: [there('complete'), there('processing', 7, 'TTS-1-2')],
    });

    expect(differencesOf(twins, NOW)).toEqual([
      { kind: 'two_live', channel: 'tiktok-shop', shopId: 'shop-1', orderId: '1', fulfillmentId: 'TTS-1-2' },
    ]);
  });

  it('counts each shop for itself, an order once for each that tells of it', () => {
    const shipped = { atChannel: channel('in_transit'), here: here('shipped', 'X') };
    const totals = totalsOf([
      order({ ...shipped, atProvider: [there('complete'), there('cancelled')] }),
      order({ ...shipped, orderId: '2' }),
      order({ ...shipped, shopId: 'shop-2', here: null }),
    ]);

    expect(totals).toEqual([
      {
        channel: 'tiktok-shop',
        shopId: 'shop-1',
        atChannel: { in_transit: 2 },
        here: { shipped: 2 },
        atProvider: { complete: 1, cancelled: 1 },
      },
      {
        channel: 'tiktok-shop',
        shopId: 'shop-2',
        atChannel: { in_transit: 1 },
        here: {},
        atProvider: {},
      },
    ]);
  });
});
