import { randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import { type DeliverDeps, sendOnce } from './deliver.ts';
import { type DeliveryRow, type EndpointRow, TEST_EVENT } from './records.ts';

/** Deliveries that a person asks for. */
export type ByHand = {
  /** Sends `endpoint.test` once, and answers what came of it. Throws `endpoint_unknown`. */
  test(endpointId: string): Promise<DeliveryRow>;
  /** Sends a delivery again, under the same message id. Throws `delivery_unknown`. */
  replay(messageId: string): Promise<DeliveryRow>;
};

type ByHandDeps = DeliverDeps & { store: Pick<Store, 'outgoing'>; clock: Clock; wake(): void };

const unknownDelivery = (): AppError => new AppError('delivery_unknown', 404, 'There is no such delivery.');

export const createByHand = (
  deps: ByHandDeps,
  find: (endpointId: string) => Promise<EndpointRow>,
): ByHand => {
  const { clock } = deps;
  const { outgoing } = deps.store;
  const findDelivery = async (messageId: string): Promise<DeliveryRow> => {
    const delivery = await outgoing.findDelivery(messageId);
    if (!delivery) throw unknownDelivery();
    return delivery;
  };

  return {
    async test(endpointId) {
      const endpoint = await find(endpointId);
      const messageId = `msg_${randomBytes(16).toString('hex')}`;
      const message = { messageId, type: TEST_EVENT, atMs: clock.nowMs(), data: '{}' };
      const result = await sendOnce(deps, endpoint, message);
      const error = result ? result.error : 'Not sent: too much goes there at the moment.';
      await outgoing.addDelivery({
        ...message,
        endpointId,
        shopId: null,
        orderId: null,
        status: error === null ? 'delivered' : 'failed',
        attempts: 1,
        nextAttemptAtMs: null,
        lastAttemptAtMs: result?.atMs ?? clock.nowMs(),
        lastStatus: result?.status ?? null,
        lastError: error,
      });
      return findDelivery(messageId);
    },
    async replay(messageId) {
      if (!(await outgoing.replay(messageId, clock.nowMs()))) throw unknownDelivery();
      deps.wake();
      return findDelivery(messageId);
    },
  };
};
