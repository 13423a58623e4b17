import { describe, expect, it } from 'vitest';
import type { OrderPatch } from '../../../src/store/store.ts';
import { FULL_PATCH, hintOf, keyOf, notificationOf, packageOf } from '../fixtures.ts';
import type { World } from './world.ts';

const DAY_MS = 24 * 3_600_000;
const LONG = 500 * DAY_MS;

const { snapshot } = FULL_PATCH;
const atChannel = (status: string): OrderPatch => ({ snapshot: snapshot && { ...snapshot, status } });
const over = {
  stage: 'completed',
  reason: 'completed',
  nextAttemptAtMs: null,
  ...atChannel('completed'),
} as const;

const returnOf = (orderId: string, state: 'pending' | 'completed') => ({
  key: keyOf(orderId),
  returnId: 'r1',
  type: 'return_and_refund' as const,
  state,
  rawStatus: 'RAW',
  reasonCode: null,
  lineIds: ['l1'],
  buyerKeepsItem: false,
  respondByMs: null,
  updatedAtMs: 1,
});

/** What goes after a while, and what never does. */
export const describeRetention = (world: World): void => {
  describe('retention', () => {
    /** An order received now whose last step is this. */
    const put = async (orderId: string, patch: OrderPatch, eventAtMs = world.now()): Promise<void> => {
      const { store, now } = world;
      await store.orders.hint([hintOf(orderId)], now());
      await store.orders.lease(keyOf(orderId), 'run', now());
      const change = {
        patch: { orderUpdatedAtMs: now(), ...patch },
        events: [{ atMs: eventAtMs, event: 'e', detail: '' }],
        packages: [packageOf('p1')],
        calls: [
          { atMs: 1, upstream: 'u', operation: 'o', status: 200, durationMs: 1, requestId: null, orders: 1 },
        ],
        promised: [{ amazonSku: 'A', units: 1 }],
      };
      await store.orders.release(keyOf(orderId), 'run', Number.MAX_SAFE_INTEGER, change, now());
    };
    const prune = (limit = 10, position = 0, keptMs = LONG) =>
      world.store.retention.pruneOrders(world.now() - keptMs, position, limit);
    const isKept = async (orderId: string): Promise<boolean> =>
      (await world.store.orders.get(keyOf(orderId))) !== null;

    it('an order that is over goes with all that is kept of it', async () => {
      await put('1', over);
      await world.store.returns.takeIn(returnOf('1', 'completed'), world.now());
      const [record] = await world.store.returns.ofOrder(keyOf('1'));
      if (!record) throw new Error('no return');
      await world.store.returns.commit(record, { isSettled: true }, world.now());
      await world.clock.advance(LONG + 1);

      expect(await prune()).toEqual({ pruned: 1, position: null });
      expect(await isKept('1')).toBe(false);
      expect(await world.store.orders.events(keyOf('1'))).toEqual([]);
      expect(await world.store.returns.ofOrder(keyOf('1'))).toEqual([]);
      await world.known('1');
      expect(await world.recordOf('1')).toMatchObject({ packages: [], snapshot: null });
    });

    it.each<[string, OrderPatch]>([
      ['in review', { ...over, stage: 'review', reason: 'mcf_no_stock' }],
      ['not over', { ...over, stage: 'shipped', reason: 'shipped' }],
      ['over here and open at the channel', { ...over, ...atChannel('awaiting_shipment') }],
      ['never read', { ...over, snapshot: null }],
      ['still looked at', { ...over, nextAttemptAtMs: 1 }],
      [
        'shown with a return to decide about',
        {
          ...over,
          returnReviews: [{ returnId: 'r', reason: 'return_needs_action', detail: '', respondByMs: null }],
        },
      ],
    ])('an order that is %s stays', async (_, patch) => {
      await put('1', patch);
      await world.clock.advance(LONG + 1);

      expect(await prune()).toMatchObject({ pruned: 0 });
      expect(await isKept('1')).toBe(true);
    });

    it.each([
      ['open', 'pending', true],
      ['not decided about', 'completed', false],
    ] as const)('an order with a return that is %s stays', async (_, state, isSettled) => {
      await put('1', over);
      await world.store.returns.takeIn(returnOf('1', state), 1);
      const [record] = await world.store.returns.ofOrder(keyOf('1'));
      if (record && isSettled) await world.store.returns.commit(record, { isSettled }, 1);
      await world.clock.advance(LONG + 1);

      expect(await prune()).toMatchObject({ pruned: 0 });
    });

    it('an order stays for as long after its last change as after its arrival', async () => {
      await put('1', { ...over, orderUpdatedAtMs: world.now() + LONG });
      await put('2', over, world.now() + LONG);
      await world.clock.advance(LONG + 1);

      expect(await prune()).toMatchObject({ pruned: 0 });
      await world.clock.advance(LONG + 1);
      expect(await prune()).toMatchObject({ pruned: 2 });
    });

    it('an order that somebody holds stays', async () => {
      await put('1', over);
      await world.clock.advance(LONG + 1);
      await world.store.orders.lease(keyOf('1'), 'other', world.now());

      expect(await prune()).toMatchObject({ pruned: 0 });
    });

    it('goes through the orders page by page, and stops where they are young', async () => {
      for (const id of ['1', '2', '3']) await put(id, id === '2' ? { ...over, stage: 'review' } : over);
      await world.clock.advance(LONG + 1);
      for (const id of ['4', '5', '6', '7', '8']) await put(id, over);

      const first = await prune(2);
      const second = await prune(2, first.position ?? 0);
      const third = await prune(2, second.position ?? 0);

      expect([first.pruned, second.pruned, third.pruned]).toEqual([1, 1, 0]);
      expect(third.position).toBeNull();
      expect(await isKept('2')).toBe(true);
      expect((await world.store.orders.stageCounts(null)).completed).toBe(5);
    });

    it('deletes the oldest notifications, a bounded number at a time', async () => {
      for (const id of ['a', 'b', 'c'])
        await world.store.notifications.accept(notificationOf(id), [], world.now());
      await world.clock.advance(DAY_MS);
      await world.store.notifications.accept(notificationOf('d'), [], world.now());

      expect(await world.store.retention.pruneNotifications(world.now(), 2)).toBe(2);
      expect(await world.store.retention.pruneNotifications(world.now(), 2)).toBe(1);
      expect(await world.store.retention.pruneNotifications(world.now(), 2)).toBe(0);
      expect(await world.store.notifications.accept(notificationOf('d'), [], world.now())).toBe('duplicate');
      expect(await world.store.notifications.accept(notificationOf('a'), [], world.now())).toBe('stored');
    });
  });
};
