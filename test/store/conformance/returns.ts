import { describe, expect, it } from 'vitest';
import type { ReturnReading } from '../../../src/orders/model.ts';
import type { ReturnChange } from '../../../src/store/store.ts';
import { keyOf } from '../fixtures.ts';
import type { World } from './world.ts';

const SHOP = { channel: 'tiktok-shop', shopId: 'shop-1' };

const readingOf = (over: Partial<ReturnReading> = {}): ReturnReading => ({
  key: keyOf('1'),
  returnId: 'r1',
  type: 'return_and_refund',
  state: 'pending',
  rawStatus: 'PENDING',
  reasonCode: 'code',
  lineIds: ['l1', 'l2'],
  buyerKeepsItem: true,
  respondByMs: 9,
  updatedAtMs: 5,
  ...over,
});
const review = { returnId: 'r1', reason: 'return_needs_action', detail: 'd', respondByMs: 9 } as const;

/** Returns, and what orders show of them. */
export const describeReturns = (world: World): void => {
  describe('returns', () => {
    const only = async () => {
      const [record] = await world.store.returns.unsettled(SHOP);
      if (!record) throw new Error('no return is to be decided about');
      return record;
    };
    const events = async () => (await world.store.orders.events(keyOf('1'))).map(({ event }) => event);

    it('come back field by field, each state once on the timeline', async () => {
      await world.known('1');
      await world.store.returns.takeIn(readingOf(), world.now());
      await world.store.returns.takeIn(readingOf(), world.now());

      expect(await world.store.returns.unsettled(SHOP)).toEqual([
        { ...readingOf(), seq: 1, amazonState: null, requestedAtMs: null, rmaIds: [], askedFor: null },
      ]);
      await world.store.returns.takeIn(readingOf({ respondByMs: 10, updatedAtMs: 6 }), world.now());
      await world.store.returns.takeIn(readingOf({ state: 'completed', updatedAtMs: 7 }), world.now());

      expect(await world.store.orders.events(keyOf('1'))).toMatchObject([
        { event: 'return_pending', detail: 'r1: lines l1, l2' },
        { event: 'return_completed' },
      ]);
      expect(await only()).toMatchObject({ seq: 3, state: 'completed' });
    });

    it('of unknown orders, and readings older than the one kept, change nothing', async () => {
      await world.store.returns.takeIn(readingOf(), world.now());
      expect(await world.store.returns.ofOrder(keyOf('1'))).toEqual([]);
      await world.known('1');
      await world.store.returns.takeIn(readingOf({ state: 'completed', updatedAtMs: 7 }), world.now());

      await world.store.returns.takeIn(readingOf({ state: 'pending', updatedAtMs: 6 }), world.now());

      expect(await world.store.returns.ofOrder(keyOf('1'))).toMatchObject([{ state: 'completed' }]);
      expect(await events()).toEqual(['return_completed']);
    });

    it('two states that this version does not know are told apart', async () => {
      await world.known('1');
      await world.store.returns.takeIn(readingOf({ state: 'unknown', rawStatus: 'X' }), world.now());
      await world.store.returns.takeIn(readingOf({ state: 'unknown', rawStatus: 'Y' }), world.now());

      expect(await events()).toEqual(['return_unknown', 'return_unknown']);
    });

    it('are settled as of what was seen: a change that came meanwhile is decided about again', async () => {
      await world.known('1');
      await world.store.returns.takeIn(readingOf(), world.now());
      const seen = await only();
      await world.store.returns.takeIn(readingOf({ state: 'cancelled', updatedAtMs: 6 }), world.now());

      expect(await world.store.returns.commit(seen, { isSettled: true }, world.now())).toBe(true);
      expect(await only()).toMatchObject({ state: 'cancelled' });
      expect(await world.store.returns.commit(await only(), { isSettled: true }, world.now())).toBe(true);

      expect(await world.store.returns.unsettled(SHOP)).toEqual([]);
      expect(await world.store.returns.commit(seen, { isSettled: true }, world.now())).toBe(false);
    });

    it('are asked of Amazon by one of two runners only', async () => {
      await world.known('1');
      await world.store.returns.takeIn(readingOf(), world.now());
      const seen = await only();
      const intent = { amazonState: 'requested', requestedAtMs: 3, isSettled: false } as const;
      const event = { atMs: 4, event: 'sent', detail: '' };

      const won = await Promise.all([
        world.store.returns.commit(seen, { ...intent, event }, world.now()),
        world.store.returns.commit(seen, { ...intent, event }, world.now()),
      ]);

      expect(won).toEqual([true, false]);
      expect(await events()).toEqual(['return_pending', 'sent']);
      const created: ReturnChange = { amazonState: 'created', rmaIds: ['R'], isSettled: true };
      expect(await world.store.returns.commit(await only(), created, world.now())).toBe(true);
      expect(await world.store.returns.ofOrder(keyOf('1'))).toMatchObject([
        { amazonState: 'created', requestedAtMs: 3, rmaIds: ['R'] },
      ]);
    });

    it('show on their order and make it due, each beside the others', async () => {
      await world.known('1');
      const leased = await world.store.orders.lease(keyOf('1'), 'a', world.now());
      const rest = { patch: { nextAttemptAtMs: null } };
      await world.store.orders.release(keyOf('1'), 'a', leased?.hintSeq ?? 0, rest, world.now());
      await world.store.returns.takeIn(readingOf({ returnId: 'r2' }), world.now());
      const other = { ...review, returnId: 'r2' };
      await world.store.returns.commit(await only(), { review: other, isSettled: true }, world.now());
      await world.store.returns.takeIn(readingOf(), world.now());
      await world.store.returns.commit(await only(), { review, isSettled: false }, world.now());

      expect(await world.recordOf('1')).toMatchObject({
        returnReviews: [other, review],
        nextAttemptAtMs: world.now(),
      });
      await world.store.returns.commit(await only(), { review: null, isSettled: true }, world.now());
      expect((await world.recordOf('1')).returnReviews).toEqual([other]);
    });
  });
};
