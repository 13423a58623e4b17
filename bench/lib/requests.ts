import { createHmac, type Hmac } from 'node:crypto';
import type { Plan } from './plan.ts';

const INDEX_DIGITS = 10;

/** The id of a notification says which request of the run it was. */
export const notificationId = (index: number): string =>
  `732711239${String(index).padStart(INDEX_DIGITS, '0')}`;

/** The request that a stored key came from. */
export const indexOfKey = (key: string): number => Number(key.slice(-INDEX_DIGITS));

const ownOrderId = (index: number): string => `57690${String(index).padStart(13, '0')}`;

const bodyOf = (plan: Plan, index: number): string => {
  const seconds = Math.floor(Date.now() / 1000);
  return JSON.stringify({
    type: 1,
    tts_notification_id: notificationId(index),
    shop_id: plan.shopId,
    timestamp: seconds,
    data: {
      order_id: plan.orderIds[index] ?? ownOrderId(index),
      order_status: 'AWAITING_SHIPMENT',
      is_on_hold_order: true,
      update_time: seconds,
    },
  });
};

const hmac = (secret: string): Hmac => createHmac('sha256', secret);

const HEADS: Record<Plan['dialect'], (plan: Plan, body: string, id: string) => string> = {
  tiktok: ({ appKey, appSecret }, body) =>
    `POST /webhooks/tiktok HTTP/1.1\r\nauthorization: ${hmac(appSecret).update(appKey).update(body).digest('hex')}\r\n`,
  github: ({ appSecret }, body, id) =>
    `POST /api/github/webhooks HTTP/1.1\r\nx-github-event: push\r\nx-github-delivery: ${id}\r\n` +
    `x-hub-signature-256: sha256=${hmac(appSecret).update(body).digest('hex')}\r\n`,
};

/** Every request of a run as its bytes, signed and distinct, made before the clock starts. */
export const buildRequests = (plan: Plan): Buffer[] =>
  Array.from({ length: plan.count }, (_, index) => {
    const body = bodyOf(plan, index);
    return Buffer.from(
      `${HEADS[plan.dialect](plan, body, notificationId(index))}host: 127.0.0.1:${plan.port}\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
