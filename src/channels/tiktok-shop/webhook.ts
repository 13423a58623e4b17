import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { secondsToMs } from '../../lib/clock.ts';
import { parseJson } from '../../lib/json.ts';
import { ok, type Result, refuse } from '../../lib/result.ts';
import type { ChannelNotification, WebhookReader } from '../channel.ts';
import { webhookSignature } from './signing.ts';

const PACKAGE_UPDATE = 4;
const RETURN_STATUS_CHANGE = 12;
/** Topics whose `data.order_id` names an order: status, reverse (legacy), address, cancellation, return. */
const ORDER_TYPES = new Set([1, 2, 3, 11, 12]);
/** Topics whose documented payload holds ids, states and times only. Messages of buyers (13, 14) are none of them. */
const KEEPABLE_TYPES = new Set([1, 2, 3, 4, 5, 6, 7, 11, 12, 15, 16, 18, 27, 36, 37]);

const wholeNumber = z.union([
  z.number().int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
/** Absent is ordinary, and `catch` is dear: it makes an error first. */
const optionalId = z
  .union([z.string(), z.number(), z.undefined()])
  .transform((value) => String(value ?? '').trim())
  .catch('');
const optionalSeconds = wholeNumber.nullable().catch(null);

const envelope = z.object({
  type: wholeNumber,
  tts_notification_id: optionalId,
  shop_id: optionalId,
  seller_open_id: optionalId,
  timestamp: optionalSeconds,
  data: z.unknown().optional(),
});
const orderData = z.object({ order_id: optionalId, update_time: optionalSeconds });
const packageData = z.object({
  package_list: z.array(z.object({ order_id_list: z.array(optionalId).catch([]) })).catch([]),
  update_time: optionalSeconds,
});

const namedOrders = (type: number, data: unknown): { ids: string[]; updatedSeconds: number | null } => {
  if (ORDER_TYPES.has(type)) {
    const parsed = orderData.safeParse(data);
    if (parsed.success) return { ids: [parsed.data.order_id], updatedSeconds: parsed.data.update_time };
  }
  if (type === PACKAGE_UPDATE) {
    const parsed = packageData.safeParse(data);
    if (parsed.success) {
      const ids = parsed.data.package_list.flatMap((entry) => entry.order_id_list);
      return { ids, updatedSeconds: parsed.data.update_time };
    }
  }
  return { ids: [], updatedSeconds: null };
};

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

const parseEnvelope = (rawBody: Uint8Array): Result<z.infer<typeof envelope>, string> => {
  let parsed: unknown;
  try {
    parsed = parseJson(UTF_8.decode(rawBody));
  } catch {
    return refuse('the body is not JSON in UTF-8');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return refuse('the body is not a JSON object');
  const result = envelope.safeParse(parsed);
  return result.success ? ok(result.data) : refuse('the body has no numeric type');
};

const readNotification = (rawBody: Uint8Array): Result<ChannelNotification, string> => {
  const parsed = parseEnvelope(rawBody);
  if (!parsed.ok) return parsed;
  const { type, data, timestamp, tts_notification_id, shop_id, seller_open_id } = parsed.value;
  const shopId = shop_id || seller_open_id;
  const { ids, updatedSeconds } = namedOrders(type, data);
  const updatedAtMs = updatedSeconds === null ? null : secondsToMs(updatedSeconds);
  const fallbackKey = (): string =>
    createHash('sha256')
      .update(JSON.stringify([type, shopId, data ?? null]))
      .digest('hex');
  return ok({
    type,
    shopId,
    dedupeKey: tts_notification_id === '' ? fallbackKey() : `${shopId}/${tts_notification_id}`,
    sentAtMs: timestamp === null ? null : secondsToMs(timestamp),
    orders: [...new Set(ids)]
      .filter((orderId) => orderId !== '')
      .map((orderId) => ({ orderId, updatedAtMs })),
    isAboutReturns: type === RETURN_STATUS_CHANGE,
    mayKeepBody: KEEPABLE_TYPES.has(type),
  });
};

/**
 * Verifies and reads TikTok Shop's webhooks. Any of `secrets` may have signed, which serves a rotation. An envelope
 * is readable when it is a JSON object with a numeric `type`; everything else in it may be absent.
 */
export const createWebhookReader = (options: { appKey: string; secrets: string[] }): WebhookReader => ({
  verify(rawBody, authorization) {
    const given = (authorization ?? '').trim();
    if (!/^[0-9a-f]{64}$/.test(given)) return false;
    let isGenuine = false;
    for (const secret of options.secrets) {
      const expected = webhookSignature(options.appKey, secret, rawBody);
      // Every secret is tried, so that the time does not tell which one fits.
      isGenuine = timingSafeEqual(Buffer.from(expected), Buffer.from(given)) || isGenuine;
    }
    return isGenuine;
  },
  read: readNotification,
});
