import type { WebhookReader } from '../channels/channel.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';

export const WEBHOOK_OUTCOMES = [
  'accepted',
  'duplicate',
  'signature_refused',
  'unreadable',
  'store_unavailable',
] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

export type WebhookCounts = Record<WebhookOutcome, number>;

/** What the webhook's route works with. */
export type WebhookParts = { reader: WebhookReader; store: Pick<Store, 'notifications'> };

export const noWebhooks = (): WebhookCounts => ({
  accepted: 0,
  duplicate: 0,
  signature_refused: 0,
  unreadable: 0,
  store_unavailable: 0,
});

/** The same reader and store, which also count into `counts`. Plain numbers: this is every webhook's path. */
export const countWebhooks = ({ reader, store }: WebhookParts, counts: WebhookCounts): WebhookParts => {
  const { notifications } = store;
  return {
    reader: {
      verify(rawBody, authorization) {
        const isGenuine = reader.verify(rawBody, authorization);
        if (!isGenuine) counts.signature_refused += 1;
        return isGenuine;
      },
      read(rawBody) {
        const notification = reader.read(rawBody);
        if (!notification.ok) counts.unreadable += 1;
        return notification;
      },
    },
    store: {
      notifications: {
        ...notifications,
        async accept(notification, hints, nowMs) {
          try {
            const outcome = await notifications.accept(notification, hints, nowMs);
            counts[outcome === 'stored' ? 'accepted' : 'duplicate'] += 1;
            return outcome;
          } catch (error) {
            if (error instanceof StoreUnavailable) counts.store_unavailable += 1;
            throw error;
          }
        },
      },
    },
  };
};
