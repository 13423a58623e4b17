import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/store/store.ts';
import { describeAlertFacts } from './conformance/alerts.ts';
import { describeConnect } from './conformance/connect.ts';
import { describeConnections } from './conformance/connections.ts';
import { describeOrders } from './conformance/orders.ts';
import { describeOtherAggregates } from './conformance/other.ts';
import { describePeople } from './conformance/people.ts';
import { describeRetention } from './conformance/retention.ts';
import { describeReturns } from './conformance/returns.ts';
import { describeShadow } from './conformance/shadow.ts';
import { describeWork } from './conformance/work.ts';
import { createWorld, type TestDatabase } from './conformance/world.ts';
import { changeOf, hintOf, keyOf, notificationOf } from './fixtures.ts';

/** What every store guarantees, whatever database lies under it. */
export const describeStore = (name: string, createDatabase: () => TestDatabase): void => {
  describe(`store on ${name}`, () => {
    const world = createWorld(createDatabase);
    describeWork(world);
    describeOrders(world);
    describeAlertFacts(world);
    describeReturns(world);
    describeRetention(world);
    describeShadow(world);
    describeConnections(world);
    describeConnect(world);
    describeOtherAggregates(world);
    describePeople(world);

    it('answers a ping while it can write, and refuses everything once closed', async () => {
      await world.store.ping();
      const written = world.store.orders.hint([hintOf('1')], world.now());
      const closed = world.store.close();

      expect(await written).toBe(1);
      await closed;
      await expect(world.store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(world.store.orders.get(keyOf('1'))).rejects.toBeInstanceOf(StoreUnavailable);
    });

    it('keeps what it promised over a restart, and frees the leases of the stopped process', async () => {
      if (!world.persistent()) return;
      await world.store.notifications.accept(notificationOf('n1'), [hintOf('1')], world.now());
      await world.store.orders.lease(keyOf('1'), 'a', world.now());
      await world.store.orders.commit(
        keyOf('1'),
        'a',
        changeOf({ detail: 'kept', nextAttemptAtMs: world.now() + 999_999 }),
        world.now(),
      );
      const hash = world.store.keyedHash('street');

      await world.reopen();

      expect(world.store.keyedHash('street')).toBe(hash);
      expect(await world.store.notifications.accept(notificationOf('n1'), [], world.now())).toBe('duplicate');
      expect(await world.store.orders.claimDue('b', world.now(), 1, 'new', 'shop-1')).toMatchObject([
        { detail: 'kept' },
      ]);
    });
  });
};
