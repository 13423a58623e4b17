import { z } from 'zod';
import type { WebhookDelivery } from '../tiktok-shop/index.ts';
import { nameOf, type Scene } from './scene.ts';

const Body = z.object({
  timestamp: z.number(),
  data: z.object({ order_status: z.string().optional(), cancel_status: z.string().optional() }),
});

const MEANINGS: Readonly<Record<string, string>> = {
  ON_HOLD: 'is paid and on hold: for an hour the buyer may cancel freely, so nobody may ship it',
  AWAITING_SHIPMENT: 'may ship now: the hold is over',
  AWAITING_COLLECTION: 'has a number on every line now; the buyer can follow the parcel',
  CANCEL: 'is cancelled',
  CANCELLATION_REQUEST_PENDING: 'may be cancelled only with a yes: its buyer asks for one',
  'type 3': 'has another address now',
};

const fateOf = (delivery: WebhookDelivery): string | null => {
  switch (delivery.status) {
    case 'sending':
      return null;
    case 'lost':
      return 'LOST on the way';
    case 'delivered':
      return 'answered with 200';
    case 'refused':
    case 'waiting':
    case 'dropped':
      return `not taken (${delivery.lastStatus ?? 'no answer'})`;
  }
};

/** Webhooks as they end: delivered, lost or refused. */
export const watchTikTok = (scene: Scene): (() => void) => {
  const told = new Set<WebhookDelivery>();
  const tell = (delivery: WebhookDelivery, fate: string): void => {
    const { timestamp, data } = Body.parse(JSON.parse(delivery.body));
    const status = data.order_status ?? data.cancel_status ?? `type ${delivery.type}`;
    const meaning = MEANINGS[status];
    // An unpaid order says nothing new, unless the story is that nobody heard of it.
    if (!meaning && delivery.status === 'delivered') return;
    const again = [...told].some(({ notificationId }) => notificationId === delivery.notificationId);
    const what = again ? 'sends the very same notification a second time' : (meaning ?? 'is placed');
    const text = `${nameOf(scene, delivery.orderId)} ${what}; webhook ${status} ${fate}`;
    scene.story.tell(timestamp * 1000, 'TikTok', text);
  };
  return () => {
    for (const delivery of scene.world.tiktok.deliveries) {
      const fate = fateOf(delivery);
      if (fate === null || told.has(delivery)) continue;
      tell(delivery, fate);
      told.add(delivery);
    }
  };
};
