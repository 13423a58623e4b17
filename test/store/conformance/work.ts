import { describe, expect, it } from 'vitest';
import type { Hint, Lane, OrderPatch } from '../../../src/store/store.ts';
import { changeOf, hintOf, keyOf, notificationOf, packageOf } from '../fixtures.ts';
import { LEASE_MS, type World } from './world.ts';

const SHOP = 'shop-1';

/** Deliveries, hints, leases, and what is due. */
export const describeWork = (world: World): void => {
  describe('notifications', () => {
    it('stores a delivery and its hints together', async () => {
      const outcome = await world.store.notifications.accept(
        notificationOf('n1'),
        [hintOf('1', 7)],
        world.now(),
      );

      expect(outcome).toBe('stored');
      expect(await world.store.notifications.count()).toBe(1);
      expect(await world.recordOf('1')).toMatchObject({
        stage: 'waiting',
        reason: 'received',
        hintSeq: 1,
        hintUpdatedAtMs: 7,
        nextAttemptAtMs: world.now(),
        snapshot: null,
        fulfillmentCount: 0,
        items: [],
        packages: [],
      });
    });

    it('changes nothing for a delivery that is already known', async () => {
      await world.store.notifications.accept(notificationOf('n1'), [hintOf('1', 7)], world.now());
      const before = await world.recordOf('1');
      await world.clock.advance(1_000);

      const outcome = await world.store.notifications.accept(
        notificationOf('n1'),
        [hintOf('1', 99), hintOf('2')],
        world.now(),
      );

      expect(outcome).toBe('duplicate');
      expect(await world.recordOf('1')).toEqual(before);
      expect(await world.store.orders.get(keyOf('2'))).toBeNull();
    });

    it('stores exactly one of many simultaneous copies', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () =>
          world.store.notifications.accept(notificationOf('n1'), [hintOf('1')], world.now()),
        ),
      );

      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
      expect((await world.recordOf('1')).hintSeq).toBe(1);
    });

    it('hints the orders of every delivery, be they one, several, of another shop or none', async () => {
      const elsewhere = { key: { ...keyOf('5'), shopId: 'shop-2' }, updatedAtMs: null };
      const nowMs = world.now();
      const accept = (id: string, hints: Hint[]) =>
        world.store.notifications.accept(notificationOf(id), hints, nowMs);

      await Promise.all([
        accept('n1', [hintOf('1', 7)]),
        accept('n2', []),
        accept('n3', [hintOf('1', 9), hintOf('3')]),
        accept('n4', [hintOf('1', 8)]),
        accept('n1', [hintOf('4')]),
        accept('n5', [elsewhere]),
      ]);

      expect(await world.recordOf('1')).toMatchObject({ hintSeq: 3, hintUpdatedAtMs: 9 });
      expect(await world.recordOf('3')).toMatchObject({ hintSeq: 1, nextAttemptAtMs: nowMs });
      expect(await world.store.orders.get(keyOf('4'))).toBeNull();
      expect(await world.store.orders.get(elsewhere.key)).toMatchObject({ hintSeq: 1 });
      expect((await world.store.orders.stageCounts(null)).waiting).toBe(3);
    });

    it('tells news from repeats among deliveries of one turn, old and new', async () => {
      const accept = (id: string) => world.store.notifications.accept(notificationOf(id), [], world.now());
      await accept('n1');

      const outcomes = await Promise.all(['n2', 'n1', 'n3', 'n2', 'n3'].map(accept));

      expect(outcomes).toEqual(['stored', 'duplicate', 'stored', 'duplicate', 'duplicate']);
      expect(await world.store.notifications.count()).toBe(3);
    });

    it('keeps a crowd of one turn, and brings each to its order', async () => {
      const ids = Array.from({ length: 1_100 }, (_, at) => String(at));

      const outcomes = await Promise.all(
        ids.map((id) => world.store.notifications.accept(notificationOf(id), [hintOf(id)], world.now())),
      );

      expect(new Set(outcomes)).toEqual(new Set(['stored']));
      expect(await world.store.notifications.count()).toBe(1_100);
      expect((await world.store.orders.stageCounts(null)).waiting).toBe(1_100);
    });

    it('shows the orders of a delivery to the writes that come right behind it', async () => {
      const [, order] = await Promise.all([
        world.store.notifications.accept(notificationOf('n1'), [hintOf('1')], world.now()),
        world.store.orders.lease(keyOf('1'), 'runner', world.now()),
        world.store.notifications.accept(notificationOf('n2'), [hintOf('1')], world.now()),
      ]);

      // Those of the same turn that come later too: they are kept together.
      expect(order).toMatchObject({ hintSeq: 2 });
      expect((await world.recordOf('1')).hintSeq).toBe(2);
    });

    it('loses no order when another write of the same turn fails', async () => {
      const { notifications, orders } = world.store;
      const broken = { ...notificationOf('n2'), type: 0.5 };

      const outcomes = await Promise.allSettled([
        notifications.accept(notificationOf('n1'), [hintOf('1')], world.now()),
        notifications.accept(broken, [hintOf('2')], world.now()),
        notifications.accept(notificationOf('n3'), [hintOf('3')], world.now()),
      ]);

      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await world.recordOf('1')).hintSeq).toBe(1);
      expect(await orders.get(keyOf('2'))).toBeNull();
      expect((await world.recordOf('3')).hintSeq).toBe(1);
    });

    it('keeps every one of 500 simultaneous deliveries', async () => {
      const ids = Array.from({ length: 500 }, (_, index) => `${index}`);

      await Promise.all(
        ids.map((id) => world.store.notifications.accept(notificationOf(id), [hintOf(id)], world.now())),
      );

      expect(await world.store.notifications.count()).toBe(500);
      expect((await world.store.orders.stageCounts(null)).waiting).toBe(500);
    });
  });

  describe('hints', () => {
    it('answers how many orders were not known', async () => {
      expect(await world.store.orders.hint([hintOf('1'), hintOf('2')], world.now())).toBe(2);
      expect(await world.store.orders.hint([hintOf('2'), hintOf('3'), hintOf('3')], world.now())).toBe(1);
    });

    it('wakes an order that had no next attempt', async () => {
      await world.known('1');
      await world.store.orders.amend(keyOf('1'), changeOf({ stage: 'completed' }), world.now());
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.store.orders.release(keyOf('1'), 'a', 2, changeOf({ nextAttemptAtMs: null }), world.now());

      await world.store.orders.hint([hintOf('1')], world.now());

      expect(await world.recordOf('1')).toMatchObject({
        stage: 'completed',
        nextAttemptAtMs: world.now(),
        hintSeq: 3,
      });
    });

    it('keeps the newest update time that a hint named', async () => {
      await world.store.orders.hint([hintOf('1', 10)], world.now());
      await world.store.orders.hint([hintOf('1', 30)], world.now());
      await world.store.orders.hint([hintOf('1', 20)], world.now());
      await world.store.orders.hint([hintOf('1', null)], world.now());

      expect(await world.recordOf('1')).toMatchObject({ hintSeq: 4, hintUpdatedAtMs: 30 });
    });

    it('does not push back an order that is already due', async () => {
      await world.known('1');
      const dueMs = world.now();
      await world.clock.advance(5_000);

      await world.store.orders.hint([hintOf('1')], world.now());

      expect((await world.recordOf('1')).nextAttemptAtMs).toBe(dueMs);
    });

    it('keeps orders of the same id in two shops apart', async () => {
      await world.known('1');
      await world.store.orders.hint([{ key: keyOf('1', 'shop-2'), updatedAtMs: null }], world.now());

      expect((await world.store.orders.stageCounts(null)).waiting).toBe(2);
      expect((await world.store.orders.findByOrderId('1', null))?.key.shopId).toBe('shop-2');
    });
  });

  describe('leases', () => {
    it('gives an order to one runner at a time', async () => {
      await world.known('1');

      const leases = await Promise.all(
        ['a', 'b', 'c'].map((owner) => world.store.orders.lease(keyOf('1'), owner, world.now())),
      );

      expect(leases.filter((record) => record !== null)).toHaveLength(1);
      expect(await world.store.orders.claimDue('d', world.now(), 10, 'new', SHOP)).toEqual([]);
    });

    it('knows no lease of an unknown order', async () => {
      expect(await world.store.orders.lease(keyOf('none'), 'a', world.now())).toBeNull();
    });

    it('can be taken over once it ran out, and the first runner then changes nothing', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.clock.advance(LEASE_MS - 1);
      expect(await world.store.orders.lease(keyOf('1'), 'b', world.now())).toBeNull();
      await world.clock.advance(1);

      expect(await world.store.orders.lease(keyOf('1'), 'b', world.now())).not.toBeNull();
      expect(await world.store.orders.commit(keyOf('1'), 'a', changeOf({ failures: 9 }), world.now())).toBe(
        false,
      );
      expect(
        await world.store.orders.release(keyOf('1'), 'a', 1, changeOf({ failures: 9 }), world.now()),
      ).toEqual({
        outcome: 'lost',
      });
      expect((await world.recordOf('1')).failures).toBe(0);
    });

    it('is prolonged by a commit', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.clock.advance(LEASE_MS - 1);
      await world.store.orders.commit(keyOf('1'), 'a', changeOf({}), world.now());
      await world.clock.advance(LEASE_MS - 1);

      expect(await world.store.orders.lease(keyOf('1'), 'b', world.now())).toBeNull();
    });

    it('that ran out makes its order due, whatever its next attempt was', async () => {
      await world.known('1');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.store.orders.commit(keyOf('1'), 'a', changeOf({ nextAttemptAtMs: null }), world.now());
      await world.clock.advance(LEASE_MS);

      expect(await world.store.orders.claimDue('b', world.now(), 10, 'new', SHOP)).toHaveLength(1);
      expect(await world.store.orders.commit(keyOf('1'), 'a', changeOf({}), world.now())).toBe(false);
    });

    it('is given back with the next attempt that the last step chose', async () => {
      await world.known('1');
      const record = await world.store.orders.lease(keyOf('1'), 'a', world.now());
      const nextMs = world.now() + 60_000;

      const released = await world.store.orders.release(
        keyOf('1'),
        'a',
        record?.hintSeq ?? 0,
        changeOf({ nextAttemptAtMs: nextMs }),
        world.now(),
      );

      expect(released).toEqual({ outcome: 'released' });
      expect((await world.recordOf('1')).nextAttemptAtMs).toBe(nextMs);
      expect(await world.store.orders.lease(keyOf('1'), 'b', world.now())).not.toBeNull();
    });

    it('is kept when a hint came meanwhile, with the step applied and the order due', async () => {
      await world.known('1');
      const record = await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.store.orders.hint([hintOf('1', 50)], world.now());

      const change = {
        patch: { detail: 'step', nextAttemptAtMs: world.now() + 60_000 },
        packages: [packageOf('p')],
      };
      const released = await world.store.orders.release(
        keyOf('1'),
        'a',
        record?.hintSeq ?? 0,
        change,
        world.now(),
      );

      expect(released).toMatchObject({
        outcome: 'hinted',
        record: { detail: 'step', hintSeq: 2, nextAttemptAtMs: world.now(), packages: [{ packageKey: 'p' }] },
      });
      expect(await world.store.orders.lease(keyOf('1'), 'b', world.now())).toBeNull();
      expect(await world.store.orders.release(keyOf('1'), 'a', 2, changeOf({}), world.now())).toEqual({
        outcome: 'released',
      });
    });
  });

  describe('what is due', () => {
    const claim = async (lane: Lane) =>
      (await world.store.orders.claimDue('a', world.now(), 9, lane, SHOP)).map(
        (record) => record.key.orderId,
      );
    /** The order comes to rest as a look leaves it. */
    const rest = async (orderId: string, patch: OrderPatch): Promise<void> => {
      const record = await world.store.orders.lease(keyOf(orderId), 'x', world.now());
      await world.store.orders.release(keyOf(orderId), 'x', record?.hintSeq ?? 0, { patch }, world.now());
    };

    it('is claimed longest due first, as many as asked for, each once', async () => {
      for (const orderId of ['a', 'b', 'c']) {
        await world.known(orderId);
        await world.clock.advance(10);
      }
      await world.known('later');
      await world.store.orders.lease(keyOf('later'), 'x', world.now());
      await world.store.orders.release(
        keyOf('later'),
        'x',
        1,
        changeOf({ nextAttemptAtMs: world.now() + 1 }),
        world.now(),
      );

      const ids = async (owner: string) =>
        (await world.store.orders.claimDue(owner, world.now(), 2, 'new', SHOP)).map(
          (record) => record.key.orderId,
        );

      expect(await ids('one')).toEqual(['a', 'b']);
      expect(await ids('two')).toEqual(['c']);
      expect(await ids('three')).toEqual([]);
    });

    it('is claimed shop by shop', async () => {
      await world.known('1');
      await world.store.orders.hint([{ key: keyOf('2', 'shop-2'), updatedAtMs: null }], world.now());

      const claimed = await world.store.orders.claimDue('a', world.now(), 9, 'new', 'shop-2');

      expect(claimed.map((record) => record.key.orderId)).toEqual(['2']);
    });

    it('is claimed lane by lane: orders the provider has apart from the others', async () => {
      await world.known('new-1', 'placed-1', 'new-2', 'placed-2');
      for (const orderId of ['placed-1', 'placed-2'])
        await world.store.orders.amend(keyOf(orderId), changeOf({ acceptedAtMs: 1 }), world.now());

      expect(await claim('placed')).toEqual(['placed-1', 'placed-2']);
      expect(await claim('new')).toEqual(['new-1', 'new-2']);
    });

    it('tells placed orders that something happened to from those that are polled', async () => {
      await world.known('polled', 'hinted', 'failed', 'stopping');
      for (const [orderId, patch] of [
        ['polled', {}],
        ['hinted', {}],
        ['failed', { failures: 1 }],
        ['stopping', { stage: 'routing' as const }],
      ] as const)
        await rest(orderId, { stage: 'fulfilling', acceptedAtMs: 1, nextAttemptAtMs: world.now(), ...patch });
      await world.store.orders.hint([hintOf('hinted')], world.now());

      expect(await claim('moved')).toEqual(['hinted', 'failed', 'stopping']);
      expect(await claim('placed')).toEqual(['polled']);
    });

    it('is taken from the queue for quota by the nearest deadline, whatever its next look is', async () => {
      const waiting = { stage: 'routing', reason: 'awaiting_quota' } as const;
      const laterMs = world.now() + 900_000;
      await world.known('unknown', 'late', 'soon', 'cancelled soonest', 'elsewhere');
      await rest('unknown', { ...waiting, nextAttemptAtMs: laterMs });
      await rest('late', { ...waiting, nextAttemptAtMs: laterMs, shipByMs: 30, autoCancelMs: 40 });
      await rest('soon', { ...waiting, nextAttemptAtMs: laterMs, shipByMs: 20 });
      await rest('cancelled soonest', {
        ...waiting,
        nextAttemptAtMs: laterMs,
        shipByMs: 50,
        autoCancelMs: 10,
      });
      await rest('elsewhere', { stage: 'routing', reason: 'creating', nextAttemptAtMs: laterMs });

      expect(await claim('ready')).toEqual(['cancelled soonest', 'soon', 'late', 'unknown']);
      expect(await claim('ready')).toEqual([]);
    });

    it('names each shop with its first due time, leaving out what is being worked on', async () => {
      expect(await world.store.orders.dueShops('new')).toEqual([]);
      const firstMs = world.now();
      await world.known('1');
      await world.clock.advance(10);
      await world.known('2');
      await world.store.orders.hint([{ key: keyOf('3', 'shop-2'), updatedAtMs: null }], world.now());
      const shopOf = (shopId: string, dueMs: number) => ({ channel: 'tiktok-shop', shopId, dueMs });

      expect(await world.store.orders.dueShops('new')).toEqual([
        shopOf(SHOP, firstMs),
        shopOf('shop-2', firstMs + 10),
      ]);
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      expect(await world.store.orders.dueShops('new')).toContainEqual(shopOf(SHOP, firstMs + 10));
      await world.store.orders.lease(keyOf('2'), 'a', world.now());
      expect(await world.store.orders.dueShops('new')).toEqual([shopOf('shop-2', firstMs + 10)]);
      expect(await world.store.orders.dueShops('ready')).toEqual([]);
    });

    it('comes back once its lease ran out, and the next one to run out is told', async () => {
      await world.known('1', '2');
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.clock.advance(LEASE_MS / 2);
      await world.store.orders.lease(keyOf('2'), 'b', world.now());
      const nextMs = world.now() + LEASE_MS;

      expect(await world.store.orders.takeBackExpired(world.now())).toBe(nextMs - LEASE_MS / 2);
      expect(await world.store.orders.dueShops('new')).toEqual([]);
      await world.clock.advance(LEASE_MS / 2);
      expect(await world.store.orders.takeBackExpired(world.now())).toBe(nextMs);
      expect(await claim('new')).toEqual(['1']);
      await world.clock.advance(LEASE_MS);
      expect(await world.store.orders.takeBackExpired(world.now())).toBeNull();
    });
  });
};
