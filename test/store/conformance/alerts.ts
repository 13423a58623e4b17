import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT_RISK_MS, riskOf } from '../../../src/orders/deadlines.ts';
import { STAGES } from '../../../src/orders/model.ts';
import type { OrderPatch } from '../../../src/store/store.ts';
import { keyOf, packageOf } from '../fixtures.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;
const NOTHING = { count: 0, orderIds: [] };

/** What alerts are derived from. */
export const describeAlertFacts = (world: World): void => {
  describe('facts for alerts', () => {
    const facts = () => world.store.orders.alertFacts(world.now(), AT_RISK_MS);
    const amend = (orderId: string, patch: OrderPatch) =>
      world.store.orders.amend(keyOf(orderId), { patch }, world.now());
    const warn = (orderId: string, ...packageKeys: string[]) =>
      world.store.orders.amend(
        keyOf(orderId),
        { patch: {}, packages: packageKeys.map((key) => packageOf(key, { warning: 'doubtful' })) },
        world.now(),
      );

    it('are empty when nothing is wrong', async () => {
      await world.known('1');

      expect(await facts()).toEqual({
        reviews: new Map(),
        atRisk: NOTHING,
        breached: NOTHING,
        soonestDeadlineMs: null,
        warnings: NOTHING,
      });
    });

    it('count orders in review by reason, with five ids, nearest ship-by time first', async () => {
      const shipBy = world.now() + 100 * HOUR_MS;
      for (const orderId of ['a', 'b', 'c', 'd', 'e', 'f']) {
        await world.known(orderId);
        await amend(orderId, { stage: 'review', reason: 'sku_unmapped' });
      }
      await amend('f', { shipByMs: shipBy });
      await amend('e', { shipByMs: shipBy + 1 });
      await world.known('other', 'moving');
      await amend('other', { stage: 'review', reason: 'mcf_no_stock' });
      await amend('moving', { stage: 'routing', reason: 'mcf_no_stock' });

      expect((await facts()).reviews).toEqual(
        new Map([
          ['sku_unmapped', { count: 6, orderIds: ['f', 'e', 'a', 'b', 'c'] }],
          ['mcf_no_stock', { count: 1, orderIds: ['other'] }],
        ]),
      );
    });

    it('count warned parcels until their order is completed or cancelled, and name each order once', async () => {
      await world.known('1', '2', '3', '4');
      await warn('1', 'p1', 'p2');
      await warn('2', 'p1');
      await warn('3', 'p1');
      await amend('1', { stage: 'shipped' });
      await amend('3', { stage: 'completed' });

      expect((await facts()).warnings).toEqual({ count: 3, orderIds: ['2', '1'] });
      await amend('2', { stage: 'cancelled' });
      expect((await facts()).warnings).toEqual({ count: 2, orderIds: ['1'] });
    });

    it('agree with riskOf about every order', async () => {
      const ids = Array.from({ length: 12 }, (_, index) => `r${index}`);
      await world.known(...ids);
      const aroundNow = fc.option(
        fc
          .constantFrom(-AT_RISK_MS, -1, 0, 1, AT_RISK_MS - 1, AT_RISK_MS, AT_RISK_MS + 1, 3 * AT_RISK_MS)
          .map((offsetMs) => world.now() + offsetMs),
      );
      const patch = fc.record({
        stage: fc.constantFrom(...STAGES),
        shipByMs: aroundNow,
        autoCancelMs: aroundNow,
        expectedShipAtMs: aroundNow,
      });

      await fc.assert(
        fc.asyncProperty(
          fc.array(patch, { minLength: ids.length, maxLength: ids.length }),
          async (patches) => {
            await Promise.all(patches.map((one, index) => amend(ids[index]!, one)));
            const risks = patches.map((one, index) => ({ id: ids[index]!, ...riskOf(one, world.now()) }));
            const inState = (state: string) => risks.filter((risk) => risk.state === state);
            const { atRisk, breached, soonestDeadlineMs } = await facts();

            for (const [group, expected] of [
              [atRisk, inState('at_risk')],
              [breached, inState('breached')],
            ] as const) {
              expect(group.count).toBe(expected.length);
              expect(group.orderIds).toHaveLength(Math.min(5, expected.length));
              expect(expected.map(({ id }) => id)).toEqual(expect.arrayContaining(group.orderIds));
            }
            const deadlines = inState('at_risk').flatMap(({ atMs }) => (atMs === null ? [] : [atMs]));
            expect(soonestDeadlineMs).toBe(deadlines.length > 0 ? Math.min(...deadlines) : null);
          },
        ),
      );
    });
  });
};
