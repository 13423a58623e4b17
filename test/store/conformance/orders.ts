import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/lib/errors.ts';
import { STAGES } from '../../../src/orders/model.ts';
import type { OrderPatch, OrderQuery } from '../../../src/store/store.ts';
import { changeOf, FULL_PATCH, hintOf, keyOf, packageOf } from '../fixtures.ts';
import type { World } from './world.ts';

/** How orders change and how they are found again. */
export const describeOrders = (world: World): void => {
  describe('changes of an order', () => {
    it('come back field by field', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());

      expect(await world.store.orders.commit(keyOf('1'), 'a', changeOf(FULL_PATCH), world.now())).toBe(true);

      expect(await world.recordOf('1')).toEqual({
        ...FULL_PATCH,
        key: keyOf('1'),
        hintSeq: 1,
        hintUpdatedAtMs: null,
        packages: [],
      });
    });

    it('leave absent fields alone, and null takes a value away', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.store.orders.commit(keyOf('1'), 'a', changeOf(FULL_PATCH), world.now());

      await world.store.orders.commit(
        keyOf('1'),
        'a',
        changeOf({ intent: null, recreate: false, detail: null }),
        world.now(),
      );

      expect(await world.recordOf('1')).toMatchObject({
        ...FULL_PATCH,
        intent: null,
        recreate: false,
        detail: null,
      });
    });

    it('keep the last 50 calls made for each order, newest first, and those alone', async () => {
      const callOf = (number: number) => ({
        atMs: number,
        upstream: 'amazon-mcf',
        operation: `call-${number}`,
        status: number === 1 ? null : 200,
        durationMs: 12,
        requestId: number === 1 ? null : `id-${number}`,
        orders: 1,
      });
      for (const orderId of ['1', '2']) {
        await world.known(orderId);
        await world.store.orders.lease(keyOf(orderId), 'a', world.now());
      }
      const commit = (orderId: string, from: number, to: number) => {
        const calls = Array.from({ length: to - from + 1 }, (_, index) => callOf(from + index));
        return world.store.orders.commit(keyOf(orderId), 'a', { patch: {}, calls }, world.now());
      };
      await commit('2', 1, 2);
      for (const from of [1, 21, 41]) await commit('1', from, from + 19);

      const calls = await world.store.orders.calls(keyOf('1'));
      expect(calls).toEqual(Array.from({ length: 50 }, (_, index) => callOf(60 - index)));
      expect(await world.store.orders.calls(keyOf('2'))).toEqual([callOf(2), callOf(1)]);
      await commit('1', 100, 220);
      expect(await world.store.orders.calls(keyOf('1'))).toEqual(
        Array.from({ length: 50 }, (_, index) => callOf(220 - index)),
      );
    });

    it('keep every kind of intent', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      const sent = { atMs: 1, inFlight: false };
      const intents = [
        { ...sent, kind: 'create', fulfillmentId: 'TTS-1' },
        { ...sent, kind: 'cancel', fulfillmentId: 'TTS-1' },
        { ...sent, kind: 'correct', packageKey: 'p', trackingNumber: 'n' },
        { ...sent, kind: 'approve', cancelId: 'c' },
        { ...sent, kind: 'reject', cancelId: 'c' },
        { ...sent, kind: 'cancelOrder' },
      ] as const;
      for (const intent of intents) {
        await world.store.orders.commit(keyOf('1'), 'a', changeOf({ intent }), world.now());
        expect((await world.recordOf('1')).intent).toEqual(intent);
      }
    });

    it('append events in order', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      const events = ['x', 'y', 'z'].map((event, atMs) => ({ atMs, event, detail: `${event}!` }));

      await world.store.orders.commit(
        keyOf('1'),
        'a',
        { patch: {}, events: events.slice(0, 2) },
        world.now(),
      );
      await world.store.orders.release(
        keyOf('1'),
        'a',
        1,
        { patch: {}, events: events.slice(2) },
        world.now(),
      );

      expect(await world.store.orders.events(keyOf('1'))).toEqual(events);
      expect(await world.store.orders.events(keyOf('none'))).toEqual([]);
    });

    it('insert packages and replace those of the same key', async () => {
      await world.known('1');
      const first = packageOf('p1');
      const second = packageOf('p2', { amazonTracking: 'TBA1' });
      const replaced = packageOf('p1', {
        carrierTracking: '1Z',
        reportedNumber: '1Z',
        reportedCarrier: 'c',
        reportedAtMs: 4,
        correctedAtMs: 5,
        refusal: { requestHash: '1Z', reason: 'tracking_rejected', detail: 'n' },
        channelPackageId: 'cp',
        warning: 'w',
        lineIds: ['l1', 'l2'],
      });

      await world.store.orders.amend(keyOf('1'), { patch: {}, packages: [first, second] }, world.now());
      await world.store.orders.amend(keyOf('1'), { patch: {}, packages: [replaced] }, world.now());

      expect((await world.recordOf('1')).packages).toEqual([replaced, second]);
    });

    it('by a person need no lease, leave a mark and make the order due', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.clock.advance(10);

      expect(await world.store.orders.amend(keyOf('1'), changeOf({ detail: 'mine' }), world.now())).toBe(
        true,
      );
      expect(await world.recordOf('1')).toMatchObject({
        detail: 'mine',
        hintSeq: 2,
        nextAttemptAtMs: world.now(),
      });
      expect(await world.store.orders.release(keyOf('1'), 'a', 1, changeOf({}), world.now())).toMatchObject({
        outcome: 'hinted',
      });
      expect(await world.store.orders.amend(keyOf('none'), changeOf({}), world.now())).toBe(false);
    });

    it('replace the promised units', async () => {
      await world.known('1');
      const promised = [
        { amazonSku: 'A', units: 1 },
        { amazonSku: 'B', units: 2 },
        { amazonSku: 'A', units: 3 },
      ];
      const of = { shopId: 'shop-1', amazonAccount: null };
      await world.store.orders.amend(keyOf('1'), { patch: {}, promised }, world.now());
      expect(await world.store.orders.promisedUnits()).toEqual([
        { amazonSku: 'A', units: 4, acceptedAtMs: null, ...of, reserved: false },
        { amazonSku: 'B', units: 2, acceptedAtMs: null, ...of, reserved: false },
      ]);

      await world.store.orders.amend(
        keyOf('1'),
        {
          patch: { acceptedAtMs: 8, fulfillmentState: 'planning' },
          promised: [{ amazonSku: 'C', units: 1 }],
        },
        world.now(),
      );
      expect(await world.store.orders.promisedUnits()).toEqual([
        { amazonSku: 'C', units: 1, acceptedAtMs: 8, ...of, reserved: true },
      ]);
    });
  });

  describe('promised units', () => {
    it('bind stock in every stage but cancelled, completed and ignored', async () => {
      for (const stage of STAGES) {
        await world.known(stage);
        await world.store.orders.amend(
          keyOf(stage),
          { patch: { stage }, promised: [{ amazonSku: stage, units: 1 }] },
          world.now(),
        );
      }

      const bound = (await world.store.orders.promisedUnits()).map((units) => units.amazonSku);

      expect(bound.sort()).toEqual(['fulfilling', 'review', 'routing', 'shipped', 'waiting']);
    });

    it('are reserved once Amazon plans the order', async () => {
      const states = ['submitted', 'accepted', 'planning', 'processing', 'complete', 'partial', 'cancelled'];
      for (const state of states) {
        await world.known(state);
        await world.store.orders.amend(
          keyOf(state),
          {
            patch: { fulfillmentState: state as 'planning' },
            promised: [{ amazonSku: state, units: 1 }],
          },
          world.now(),
        );
      }

      const units = await world.store.orders.promisedUnits();

      expect(units.filter((unit) => unit.reserved).map((unit) => unit.amazonSku)).toEqual(states.slice(2, 6));
    });
  });

  describe('what was done in each hour', () => {
    const HOUR_MS = 3_600_000;
    const atMs = 100 * HOUR_MS;

    it('is counted by shop, of what was accepted and reported since', async () => {
      await world.known('1', '2', '3', '4', '5');
      const acceptedAtMs = [atMs, atMs + HOUR_MS - 1, atMs + HOUR_MS, atMs - 1, null];
      for (const [index, accepted] of acceptedAtMs.entries())
        await world.store.orders.amend(
          keyOf(String(index + 1)),
          {
            patch: { acceptedAtMs: accepted },
            packages: [packageOf('p1', { reportedAtMs: accepted }), packageOf('p2', { reportedAtMs: null })],
          },
          world.now(),
        );

      const shopId = keyOf('1').shopId;
      const hours = [
        { shopId, hourMs: atMs, count: 2 },
        { shopId, hourMs: atMs + HOUR_MS, count: 1 },
      ];
      expect(await world.store.orders.perHour(atMs, 100)).toEqual({ routed: hours, reported: hours });
    });

    it('is looked for among the newest only', async () => {
      await world.known('1', '2');
      for (const [id, accepted] of [
        ['1', atMs],
        ['2', atMs + HOUR_MS],
      ] as const)
        await world.store.orders.amend(
          keyOf(id),
          { patch: { acceptedAtMs: accepted }, packages: [packageOf('p1', { reportedAtMs: accepted })] },
          world.now(),
        );

      const newest = [{ shopId: keyOf('2').shopId, hourMs: atMs + HOUR_MS, count: 1 }];
      expect(await world.store.orders.perHour(0, 1)).toEqual({ routed: newest, reported: newest });
    });
  });

  describe('looking orders up', () => {
    it('finds by order id and by fulfillment id', async () => {
      await world.known('1', '2', '3');
      await world.store.orders.amend(
        keyOf('2'),
        changeOf({ fulfillmentId: 'TTS-2', amazonAccount: 'a' }),
        world.now(),
      );
      await world.store.orders.amend(
        keyOf('3'),
        changeOf({ fulfillmentId: 'TTS-3', amazonAccount: 'a' }),
        world.now(),
      );

      expect((await world.store.orders.findByOrderId('2', null))?.key).toEqual(keyOf('2'));
      expect(await world.store.orders.findByOrderId('none', null)).toBeNull();
      const found = await world.store.orders.findByFulfillmentIds(['TTS-3', 'none', 'TTS-2'], 'a');
      expect(found.map((record) => record.key.orderId)).toEqual(['3', '2']);
    });

    it('tells which listed orders are unknown, newer, or in another status than last read', async () => {
      await world.known('read', 'unread');
      const snapshot = {
        status: 'unpaid',
        rawStatus: 'UNPAID',
        total: null,
        deliveryOptionName: null,
        lines: [],
      };
      await world.store.orders.amend(
        keyOf('read'),
        changeOf({ orderUpdatedAtMs: 10, snapshot }),
        world.now(),
      );
      const listed = [
        { ...hintOf('read', 10), rawStatus: 'UNPAID' },
        { ...hintOf('read', 11), rawStatus: 'UNPAID' },
        { ...hintOf('read', 10), rawStatus: 'CANCELLED' },
        { ...hintOf('unread', 1), rawStatus: 'UNPAID' },
        { ...hintOf('unknown', 1), rawStatus: 'UNPAID' },
      ];

      expect(await world.store.orders.unseen(listed)).toEqual(listed.slice(1));
    });

    it('lists orders that were never read, oldest first', async () => {
      await world.known('1', '2', '3', '4');
      await world.store.orders.amend(keyOf('1'), changeOf({ snapshot: FULL_PATCH.snapshot }), world.now());
      await world.store.orders.amend(keyOf('2'), changeOf({ stage: 'review' }), world.now());

      expect(await world.store.orders.unread(10)).toEqual([keyOf('3'), keyOf('4')]);
      expect(await world.store.orders.unread(1)).toEqual([keyOf('3')]);
    });

    it('lists fulfillments that may still move by the time they were last read, never read first', async () => {
      const orders = {
        a: { stage: 'fulfilling', fulfillmentReadAtMs: 30, fulfillmentState: 'planning' },
        b: { stage: 'fulfilling', fulfillmentReadAtMs: null, fulfillmentState: null },
        c: { stage: 'review', fulfillmentReadAtMs: 10, fulfillmentState: 'processing' },
        ended: { stage: 'shipped', fulfillmentReadAtMs: 5, fulfillmentState: 'complete' },
        elsewhere: { stage: 'completed', fulfillmentReadAtMs: 1, fulfillmentState: 'processing' },
      } as const;
      for (const [orderId, patch] of Object.entries(orders)) {
        await world.known(orderId);
        await world.store.orders.amend(
          keyOf(orderId),
          changeOf({ ...patch, amazonAccount: 'a', acceptedAtMs: 1 }),
          world.now(),
        );
      }

      const found = await world.store.orders.openFulfillments(9, 'a');

      expect(found.map((record) => record.key.orderId)).toEqual(['b', 'c', 'a']);
    });

    it('makes orders due that rest for one of the reasons, and no others', async () => {
      await world.known('1', '2');
      const later = { nextAttemptAtMs: world.now() + 9_000_000 };
      for (const [orderId, reason] of [
        ['1', 'sku_unmapped'],
        ['2', 'unpaid'],
      ] as const) {
        const leased = await world.store.orders.lease(keyOf(orderId), orderId, world.now());
        await world.store.orders.release(
          keyOf(orderId),
          orderId,
          leased?.hintSeq ?? 0,
          changeOf({ ...later, reason }),
          world.now(),
        );
      }

      await world.store.orders.wake(['sku_unmapped'], world.now());

      expect((await world.recordOf('1')).nextAttemptAtMs).toBe(world.now());
      expect((await world.recordOf('2')).nextAttemptAtMs).toBe(later.nextAttemptAtMs);
    });

    it('wakes orders whose last look failed, whatever they rest for', async () => {
      await world.known('1', '2', '3');
      const later = { nextAttemptAtMs: world.now() + 3_600_000, reason: 'sku_unknown' } as const;
      for (const [orderId, patch] of [
        ['1', { ...later, failures: 1 }],
        ['2', { ...later, failures: 0 }],
        ['3', { nextAttemptAtMs: null, stage: 'cancelled', reason: 'cancelled', failures: 1 }],
      ] as const) {
        const leased = await world.store.orders.lease(keyOf(orderId), orderId, world.now());
        const seen = leased?.hintSeq ?? 0;
        await world.store.orders.release(keyOf(orderId), orderId, seen, changeOf(patch), world.now());
      }

      await world.store.orders.wake([], world.now());

      expect((await world.recordOf('1')).nextAttemptAtMs).toBe(world.now());
      expect((await world.recordOf('2')).nextAttemptAtMs).toBe(later.nextAttemptAtMs);
      expect((await world.recordOf('3')).nextAttemptAtMs).toBeNull();
    });

    it('counts every stage, zero where there is none', async () => {
      await world.known('1', '2', '3');
      await world.store.orders.amend(keyOf('3'), changeOf({ stage: 'review' }), world.now());

      expect(await world.store.orders.stageCounts(null)).toEqual({
        waiting: 2,
        routing: 0,
        fulfilling: 0,
        shipped: 0,
        completed: 0,
        cancelled: 0,
        review: 1,
        ignored: 0,
      });
    });

    it('counts an order in its stage only, wherever it goes, read or not', async () => {
      const { snapshot } = FULL_PATCH;
      await world.known('1', '2');
      const steps: OrderPatch[] = [
        { snapshot },
        { stage: 'routing' },
        { stage: 'routing', detail: 'again' },
        { stage: 'waiting' },
        { snapshot: null },
        { stage: 'review' },
        { stage: 'completed', snapshot },
      ];

      for (const patch of steps) {
        await world.store.orders.amend(keyOf('1'), changeOf(patch), world.now());
        const { stage } = await world.recordOf('1');
        const expected = { waiting: 1, [stage]: stage === 'waiting' ? 2 : 1 };
        const counts = Object.entries(await world.store.orders.stageCounts(null));
        expect(Object.fromEntries(counts.filter(([, count]) => count !== 0))).toEqual(expected);
      }
    });
  });

  describe('the list', () => {
    const idsOf = async (query: Omit<OrderQuery, 'shopIds'> & Partial<OrderQuery>) => {
      const { orders, nextCursor } = await world.store.orders.list({ shopIds: null, ...query });
      return { ids: orders.map((record) => record.key.orderId), cursor: nextCursor };
    };

    it('is newest first, and its pages stay the same while orders arrive', async () => {
      await world.known('1', '2', '3', '4', '5');

      const first = await idsOf({ limit: 2 });
      await world.known('6');
      const second = await idsOf({ limit: 2, cursor: first.cursor ?? '' });
      const third = await idsOf({ limit: 2, cursor: second.cursor ?? '' });

      expect([first.ids, second.ids, third.ids]).toEqual([['5', '4'], ['3', '2'], ['1']]);
      expect(third.cursor).toBeNull();
    });

    it('of reviews is soonest deadline first, without a deadline last, page by page', async () => {
      const deadlines = { a: null, b: 30, c: 10, d: null, e: 30 };
      for (const [orderId, shipByMs] of Object.entries(deadlines)) {
        await world.known(orderId);
        await world.store.orders.amend(
          keyOf(orderId),
          changeOf({ stage: 'review', reason: 'sku_unmapped', shipByMs }),
          world.now(),
        );
      }
      await world.known('elsewhere');

      const pages: string[] = [];
      let page = await idsOf({ stage: 'review', reason: 'sku_unmapped', limit: 1 });
      pages.push(...page.ids);
      while (page.cursor !== null) {
        page = await idsOf({ stage: 'review', reason: 'sku_unmapped', limit: 1, cursor: page.cursor });
        pages.push(...page.ids);
      }

      expect(pages).toEqual(['c', 'b', 'e', 'a', 'd']);
    });

    it('filters by stage and reason', async () => {
      await world.known('1', '2', '3');
      await world.store.orders.amend(
        keyOf('2'),
        changeOf({ stage: 'cancelled', reason: 'cancelled' }),
        world.now(),
      );

      expect((await idsOf({ stage: 'cancelled', limit: 9 })).ids).toEqual(['2']);
      expect((await idsOf({ reason: 'received', limit: 9 })).ids).toEqual(['3', '1']);
      expect((await idsOf({ stage: 'waiting', reason: 'cancelled', limit: 9 })).ids).toEqual([]);
    });

    it('of a stage or a reason merges orders that were read and orders never read, page by page', async () => {
      await world.known('1', '2', '3', '4', '5');
      for (const id of ['2', '4'])
        await world.store.orders.amend(keyOf(id), changeOf({ snapshot: FULL_PATCH.snapshot }), world.now());

      for (const filter of [{ stage: 'waiting' }, { reason: 'received' }] as const) {
        const first = await idsOf({ ...filter, limit: 3 });
        const second = await idsOf({ ...filter, limit: 3, cursor: first.cursor ?? '' });
        expect([first.ids, second.ids]).toEqual([
          ['5', '4', '3'],
          ['2', '1'],
        ]);
      }
    });

    it('finds by order id, fulfillment id and any tracking number', async () => {
      await world.known('1', '2');
      const parcel = packageOf('p', {
        carrierTracking: 'CARRIER',
        amazonTracking: 'TBA',
        reportedNumber: 'REPORTED',
      });
      await world.store.orders.amend(
        keyOf('1'),
        { patch: { stage: 'review', fulfillmentId: 'TTS-1' }, packages: [parcel] },
        world.now(),
      );

      for (const q of ['1', 'TTS-1', 'CARRIER', 'TBA', 'REPORTED']) {
        expect((await idsOf({ q, limit: 9 })).ids).toEqual(['1']);
        expect((await idsOf({ q, stage: 'review', limit: 9 })).ids).toEqual(['1']);
      }
      expect((await idsOf({ q: 'nothing', limit: 9 })).ids).toEqual([]);
    });

    it('refuses a cursor that it did not give out', async () => {
      await expect(
        world.store.orders.list({ shopIds: null, limit: 1, cursor: 'garbage' }),
      ).rejects.toBeInstanceOf(AppError);
    });
  });
};
