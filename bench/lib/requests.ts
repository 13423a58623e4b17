import { createHmac } from 'node:crypto';
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

/** Every request of a run as its bytes, signed and distinct, made before the clock starts. */
export const buildRequests = (plan: Plan): Buffer[] =>
  Array.from({ length: plan.count }, (_, index) => {
    const body = bodyOf(plan, index);
    const signature = createHmac('sha256', plan.appSecret).update(plan.appKey).update(body).digest('hex');
    return Buffer.from(
      `POST /webhooks/tiktok HTTP/1.1\r\nhost: 127.0.0.1:${plan.port}\r\ncontent-type: application/json\r\n` +
        `authorization: ${signature}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
