import { describe, expect, it } from 'vitest';
import {
  found,
  HOUR,
  linesOf,
  NOW,
  numberedParcelOf,
  orderOf,
  packageRecordOf,
  placedRecordOf,
  recordOf,
} from '../../test/fakes.ts';
import type { ChannelOrder } from '../channels/channel.ts';
import type { OrderChange, Store } from '../store/store.ts';
import type { FulfillmentSight } from './decision.ts';
import { createDraft, LeaseLost } from './draft.ts';
import { settleIntent, sightAfterSettling } from './intents.ts';
import type { Intent, OrderRecord } from './model.ts';
import { createSkuMap } from './sku-map.ts';
import { promisedUnits, takeIn } from './take-in.ts';

const identity = createSkuMap([], 'identity');
const NONE: FulfillmentSight = { kind: 'none' };

const draftOf = (record: OrderRecord, commit: () => boolean = () => true) => {
  const commits: OrderChange[] = [];
  const orders = {
    commit: (_key: unknown, _owner: unknown, change: OrderChange) => {
      commits.push(change);
      return Promise.resolve(commit());
    },
  } as unknown as Store['orders'];
  const draft = createDraft({ record, store: { orders }, owner: 'run', nowMs: () => NOW });
  return { draft, commits };
};

const take = (
  record: OrderRecord,
  order: ChannelOrder | null,
  sight: FulfillmentSight = NONE,
  skuMap = identity,
) => {
  const { draft } = draftOf(record);
  takeIn(draft, { order, sight, carriers: null, cancellation: null }, skuMap, NOW);
  return { record: draft.record, change: draft.take() };
};

describe('units promised to an order', () => {
  const two = orderOf({ lines: linesOf('A', 'B') });
  const snapshotted = take(recordOf(), two).record;

  it('are those of its open and unpaid lines before it is at Amazon', () => {
    const [first, second] = two.lines;
    const unpaid = {
      ...two,
      status: 'unpaid' as const,
      lines: [{ ...first!, status: 'unpaid' as const }, second!],
    };

    expect(promisedUnits(unpaid, snapshotted, NONE)).toEqual([
      { amazonSku: 'A', units: 1 },
      { amazonSku: 'B', units: 1 },
    ]);
  });

  it('leave out lines that were shipped by hand or cancelled', () => {
    const [first, second] = two.lines;
    const partly = { ...two, lines: [{ ...first!, status: 'shipped' as const }, second!] };

    expect(promisedUnits(partly, snapshotted, NONE)).toEqual([{ amazonSku: 'B', units: 1 }]);
  });

  it.each([{ fulfilledBy: 'platform' as const }, { shippedBy: 'platform' as const }])(
    'are none when the order is not ours: %j',
    (foreign) => {
      expect(promisedUnits({ ...two, ...foreign }, snapshotted, NONE)).toEqual([]);
    },
  );

  it('are what was sent while Amazon does not show the order', () => {
    expect(promisedUnits(two, placedRecordOf(two), { kind: 'missing' })).toEqual([
      { amazonSku: 'A', units: 1 },
      { amazonSku: 'B', units: 1 },
    ]);
  });

  it('are what was sent while the outcome of the create is not known', () => {
    const intent: Intent = { kind: 'create', fulfillmentId: 'x', atMs: NOW, inFlight: true };
    const record = placedRecordOf(two, { acceptedAtMs: null, intent });

    expect(promisedUnits(two, record, NONE)).toHaveLength(2);
  });

  it('are what Amazon still means to ship once it shows the order', () => {
    const sight = found({ state: 'partial' }, { A: 3, B: 2 });
    Object.assign(sight.fulfillment.items[0]!, { cancelledQuantity: 1, unfulfillableQuantity: 1 });
    Object.assign(sight.fulfillment.items[1]!, { cancelledQuantity: 9 });

    expect(promisedUnits(two, placedRecordOf(two), sight)).toEqual([
      { amazonSku: 'A', units: 1 },
      { amazonSku: 'B', units: 0 },
    ]);
  });

  it.each(['cancelled', 'unfulfillable', 'invalid'] as const)(
    'are those of its open lines again after %s',
    (state) => {
      const [first, second] = two.lines;
      const partly = { ...two, lines: [{ ...first!, status: 'shipped' as const }, second!] };

      expect(promisedUnits(partly, placedRecordOf(two), found({ state }, { A: 1, B: 1 }))).toEqual([
        { amazonSku: 'B', units: 1 },
      ]);
    },
  );
});

describe('what is taken in', () => {
  it('is nothing of an order that TikTok does not return', () => {
    expect(take(recordOf(), null).change).toEqual({ patch: {}, events: [], packages: [] });
  });

  it('follows the SKU map until the order is at Amazon, and then stays as it was sent', () => {
    const order = orderOf();
    const other = createSkuMap(
      [{ shopId: null, channelSku: 'A', components: [{ amazonSku: 'Z', quantity: 1 }] }],
      'none',
    );

    const before = take(recordOf(), order, NONE, other).record.snapshot?.lines;
    const after = take(placedRecordOf(order), order, found(), other).record.snapshot?.lines;

    expect(before).toMatchObject([{ components: [{ amazonSku: 'Z' }] }]);
    expect(after).toMatchObject([{ components: [{ amazonSku: 'A' }] }]);
  });

  it('gives a line that came after the create no components', () => {
    const sent = orderOf();
    const more = orderOf({ lines: linesOf('A', 'B') });

    expect(take(placedRecordOf(sent), more, found()).record.snapshot?.lines).toMatchObject([
      { components: [{ amazonSku: 'A' }] },
      { components: [] },
    ]);
  });

  it('keeps deadlines and times, and no word of the address', () => {
    const { record } = take(recordOf(), orderOf());

    expect(record).toMatchObject({
      orderUpdatedAtMs: NOW - HOUR,
      shipByMs: NOW + 48 * HOUR,
      autoCancelMs: NOW + 96 * HOUR,
    });
    expect(JSON.stringify(record)).not.toMatch(/Jane|Example Street|62701/);
  });

  it('keeps when Amazon means to ship and deliver the last unit', () => {
    const sight = found({}, { A: 1, B: 1 });
    Object.assign(sight.fulfillment.items[0]!, {
      expectedShipAtMs: NOW + HOUR,
      expectedArrivalAtMs: NOW + 9 * HOUR,
    });
    Object.assign(sight.fulfillment.items[1]!, { expectedShipAtMs: NOW + 2 * HOUR });
    const order = orderOf({ lines: linesOf('A', 'B') });

    expect(take(placedRecordOf(order), order, sight).record).toMatchObject({
      expectedShipAtMs: NOW + 2 * HOUR,
      expectedArrivalAtMs: NOW + 9 * HOUR,
    });
  });

  it('adopts a fulfillment whose create’s answer was lost, as of the time Amazon received it', () => {
    const order = orderOf();
    const { record, change } = take(
      placedRecordOf(order, { acceptedAtMs: null }),
      order,
      found({ receivedAtMs: NOW - 7 }),
    );

    expect(record.acceptedAtMs).toBe(NOW - 7);
    expect(change.events).toMatchObject([{ event: 'adopted' }]);
    expect(
      take(placedRecordOf(order, { acceptedAtMs: null }), order, found({ receivedAtMs: null })).record
        .acceptedAtMs,
    ).toBe(NOW);
  });
});

describe('reports that TikTok shows and we never saw the answer of', () => {
  const shipped = orderOf({
    lines: linesOf('A', 'A').map((line) => ({
      ...line,
      status: 'shipped' as const,
      trackingNumber: '1Z0000000000000001',
      packageId: 'channel-7',
    })),
  });
  const sight = found({ packages: [numberedParcelOf(1)] }, { A: 2 });

  it('are adopted with their lines, units and TikTok’s package id', () => {
    const { record } = take(placedRecordOf(shipped), shipped, sight);

    expect(record.packages).toMatchObject([
      {
        lineIds: ['101', '102'],
        reportedNumber: '1Z0000000000000001',
        reportedAtMs: NOW,
        channelPackageId: 'channel-7',
        allocations: [{ lineId: '101', amazonSku: 'A', quantity: 1 }],
      },
    ]);
  });

  it('are not taken from lines that another parcel was reported with', () => {
    const other = packageRecordOf({ packageKey: 'p9', lineIds: ['101'] });

    const { record } = take(placedRecordOf(shipped, { packages: [other] }), shipped, sight);

    expect(record.packages.find((parcel) => parcel.packageKey === 'p1')?.lineIds).toEqual(['102']);
  });

  it('are not taken from lines with somebody else’s number', () => {
    const foreign = {
      ...shipped,
      lines: shipped.lines.map((line) => ({ ...line, trackingNumber: 'BY-HAND' })),
    };

    expect(take(placedRecordOf(shipped), foreign, sight).record.packages).toMatchObject([
      { reportedAtMs: null, lineIds: [] },
    ]);
  });

  it('are taken once', () => {
    const first = take(placedRecordOf(shipped), shipped, sight);

    expect(take(first.record, shipped, sight).change).toMatchObject({ events: [], packages: [] });
  });

  it('show a parcel’s new numbers beside the one that was reported', () => {
    const record = placedRecordOf(shipped, { packages: [packageRecordOf({ lineIds: ['101', '102'] })] });
    const renumbered = found({ packages: [numberedParcelOf(2, { packageKey: 'p1' })] }, { A: 2 });

    expect(take(record, shipped, renumbered).record.packages).toMatchObject([
      { carrierTracking: '1Z0000000000000002', reportedNumber: '1Z0000000000000001' },
    ]);
  });
});

describe('an intent whose outcome is not known', () => {
  const seen = (sight: FulfillmentSight) => ({ order: orderOf(), sight, carriers: null, cancellation: null });
  const settle = (intent: Intent, sight: FulfillmentSight = NONE, overrides: Partial<OrderRecord> = {}) => {
    const { draft } = draftOf(placedRecordOf(orderOf(), { intent, ...overrides }));
    const rest = settleIntent(draft, seen(sight), NOW);
    return { rest, intent: draft.record.intent, events: draft.take().events?.map(({ event }) => event) };
  };

  it('is settled when Amazon shows the create', () => {
    expect(settle({ kind: 'create', fulfillmentId: 'x', atMs: NOW, inFlight: true }, found())).toEqual({
      rest: null,
      intent: null,
      events: [],
    });
  });

  it('is waited for while it may be on its way', () => {
    const intent: Intent = { kind: 'create', fulfillmentId: 'x', atMs: NOW - 19_999, inFlight: true };

    expect(settle(intent, { kind: 'missing' })).toMatchObject({
      rest: { kind: 'wait', stage: 'routing', reason: 'create_unclear', nextAttemptAtMs: NOW + 1 },
      intent,
    });
  });

  it('did not happen when it is not there after the time it may be on its way', () => {
    const intent: Intent = { kind: 'create', fulfillmentId: 'x', atMs: NOW - 20_000, inFlight: true };

    expect(settle(intent, { kind: 'missing' })).toEqual({
      rest: null,
      intent: null,
      events: ['create_outcome_looked_up'],
    });
  });

  it('did not happen when it is not there a while after its exchange had ended', () => {
    expect(settle({ kind: 'cancelOrder', atMs: NOW, inFlight: false }).rest).toMatchObject({ kind: 'wait' });
    expect(settle({ kind: 'cancelOrder', atMs: NOW - 10_000, inFlight: false })).toMatchObject({
      rest: null,
      events: ['cancelOrder_outcome_looked_up'],
    });
  });

  it('of a report is settled when the parcel shows as reported', () => {
    const intent: Intent = {
      kind: 'ship',
      packageKey: 'p1',
      lineIds: ['101'],
      trackingNumber: '1Z',
      atMs: NOW,
      inFlight: true,
    };

    expect(settle(intent, found(), { packages: [packageRecordOf()] })).toMatchObject({
      rest: null,
      intent: null,
      events: [],
    });
    expect(settle(intent, found())).toMatchObject({
      rest: { stage: 'fulfilling', nextAttemptAtMs: NOW + 20_000 },
    });
  });

  it.each(['cancel', 'approve', 'reject'] as const)(
    'of a %s is judged by what both sides show, without a wait',
    (kind) => {
      const intent = { kind, fulfillmentId: 'x', cancelId: 'c', atMs: NOW, inFlight: true } as Intent;

      expect(settle(intent)).toEqual({ rest: null, intent: null, events: [] });
    },
  );

  it('leaves an order with nothing at Amazon when it was never accepted', () => {
    const { draft } = draftOf(recordOf());

    expect(sightAfterSettling(draft, seen({ kind: 'missing' }))).toEqual(NONE);
    expect(sightAfterSettling(draftOf(placedRecordOf(orderOf())).draft, seen({ kind: 'missing' }))).toEqual({
      kind: 'missing',
    });
  });
});

describe('the draft of an order', () => {
  it('commits everything once, together', async () => {
    const { draft, commits } = draftOf(recordOf());
    draft.set({ stage: 'routing' });
    draft.set({ failures: 2 });
    draft.putPackage(packageRecordOf({ reportedNumber: 'old' }));
    draft.putPackage(packageRecordOf({ reportedNumber: 'new' }));
    draft.promise([{ amazonSku: 'A', units: 1 }]);
    draft.note('noted');

    await draft.flush();
    await draft.flush();

    expect(commits).toEqual([
      {
        patch: { stage: 'routing', failures: 2 },
        packages: [packageRecordOf({ reportedNumber: 'new' })],
        events: [{ atMs: NOW, event: 'noted', detail: '' }],
        promised: [{ amazonSku: 'A', units: 1 }],
      },
      { patch: {}, packages: [], events: [] },
    ]);
    expect(draft.record).toMatchObject({
      stage: 'routing',
      failures: 2,
      packages: [{ reportedNumber: 'new' }],
    });
  });

  it('stops its runner when the lease is gone', async () => {
    const { draft } = draftOf(recordOf(), () => false);

    await expect(draft.flush()).rejects.toBeInstanceOf(LeaseLost);
  });
});
