import type { WebhookRegistry } from '../authorizer.ts';
import type { Shop } from '../channel.ts';
import type { Call, CallTarget } from './call.ts';
import { IgnoredData, Webhooks } from './schema.ts';

const PATH = '/event/202309/webhooks';

/** Of the topics that the Event API knows, those that lead to something here (partner docs, 2025-12). */
export const TOPICS = [
  'ORDER_STATUS_CHANGE',
  'RECIPIENT_ADDRESS_UPDATE',
  'PACKAGE_UPDATE',
  'SELLER_DEAUTHORIZATION',
  'UPCOMING_AUTHORIZATION_EXPIRATION',
  'CANCELLATION_STATUS_CHANGE',
  'RETURN_STATUS_CHANGE',
];

/** Webhook addresses of a shop. Its breaker is left out: a missing scope here must not stop the orders. */
export const createWebhookRegistry = (
  call: Call,
  targetOf: (shop: Shop) => Promise<CallTarget>,
): WebhookRegistry => {
  const target = async (shop: Shop): Promise<CallTarget> => ({ ...(await targetOf(shop)), side: null });
  return {
    topics: TOPICS,
    async list(shop) {
      const answer = await call(await target(shop), {
        operation: 'getWebhooks',
        method: 'GET',
        path: PATH,
        effect: 'read',
        data: Webhooks,
      });
      return answer.webhooks.map(({ event_type, address }) => ({ topic: event_type, address }));
    },
    async register(shop, topic, address) {
      await call(await target(shop), {
        operation: 'updateWebhook',
        method: 'PUT',
        path: PATH,
        body: { address, event_type: topic },
        effect: 'write',
        data: IgnoredData,
      });
    },
    async unregister(shop, topic) {
      await call(await target(shop), {
        operation: 'deleteWebhook',
        method: 'DELETE',
        path: PATH,
        body: { event_type: topic },
        effect: 'write',
        data: IgnoredData,
      });
    },
  };
};
