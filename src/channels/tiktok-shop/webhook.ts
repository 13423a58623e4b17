import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { secondsToMs } from '../../lib/clock.ts';
import { parseJson } from '../../lib/json.ts';
import { ok, type Result, refuse } from '../../lib/result.ts';
import type { ChannelNotification, WebhookReader } from '../channel.ts';
import { isUnixSecond } from './schema.ts';
import { webhookSigner } from './signing.ts';

const PACKAGE_UPDATE = 4;
const RETURN_STATUS_CHANGE = 12;
/** Topics whose `data.order_id` names an order: status, reverse (legacy), address, cancellation, return. */
const ORDER_TYPES = new Set([1, 2, 3, 11, 12]);
/** Topics whose documented payload holds ids, states and times only. Messages of buyers (13, 14) are none of them. */
const KEEPABLE_TYPES = new Set([1, 2, 3, 4, 5, 6, 7, 11, 12, 15, 16, 18, 27, 36, 37]);

const DIGITS = /^\d{1,15}$/;

const toWholeNumber = (value: unknown): number | null => {
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
};

const wholeNumber = z.transform((value: unknown, { issues }): number => {
  const number = toWholeNumber(value);
  if (number === null) issues.push({ code: 'custom', message: 'not a whole number', input: value });
  return number ?? Number.NaN;
});
/** A plain transform, not a union with a `catch`: every webhook passes here, and absent is ordinary. */
const optionalId = z.transform((value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '',
);
const optionalSeconds = z.transform((value: unknown): number | null => {
  const number = toWholeNumber(value);
  return number !== null && isUnixSecond(number) ? number : null;
});

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

/** TikTok's are digits. An id becomes part of addresses, lists and Amazon's ids, so nothing that means something there. */
const ORDER_ID = /^[A-Za-z0-9][\w-]{0,63}$/;

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

type Envelope = z.infer<typeof envelope>;

const parseEnvelope = (rawBody: Uint8Array): Result<{ text: string; envelope: Envelope }, string> => {
  let text: string;
  let parsed: unknown;
  try {
    text = UTF_8.decode(rawBody);
    parsed = parseJson(text);
  } catch {
    return refuse('the body is not JSON in UTF-8');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return refuse('the body is not a JSON object');
  const result = envelope.safeParse(parsed);
  return result.success ? ok({ text, envelope: result.data }) : refuse('the body has no numeric type');
};

/** What a delivery without an id is known by: its content, or its bytes when that is nested too deeply to be written. */
const contentHash = (content: readonly unknown[], rawBody: Uint8Array): string => {
  const hash = createHash('sha256');
  try {
    return hash.update(JSON.stringify(content)).digest('hex');
  } catch {
    return hash.update(rawBody).digest('hex');
  }
};

/** A SHA-256, and its hex. */
const DIGEST_BYTES = 32;
const SIGNATURE_LENGTH = 2 * DIGEST_BYTES;

const readNotification = (rawBody: Uint8Array): Result<ChannelNotification, string> => {
  const parsed = parseEnvelope(rawBody);
  if (!parsed.ok) return parsed;
  const { type, data, timestamp, tts_notification_id, shop_id, seller_open_id } = parsed.value.envelope;
  const shopId = shop_id || seller_open_id;
  const { ids, updatedSeconds } = namedOrders(type, data);
  const updatedAtMs = updatedSeconds === null ? null : secondsToMs(updatedSeconds);
  return ok({
    type,
    shopId,
    dedupeKey:
      tts_notification_id === ''
        ? contentHash([type, shopId, data ?? null], rawBody)
        : `${shopId}/${tts_notification_id}`,
    sentAtMs: timestamp === null ? null : secondsToMs(timestamp),
    orders: (ids.length > 1 ? [...new Set(ids)] : ids)
      .filter((orderId) => ORDER_ID.test(orderId))
      .map((orderId) => ({ orderId, updatedAtMs })),
    isAboutReturns: type === RETURN_STATUS_CHANGE,
    body: KEEPABLE_TYPES.has(type) ? parsed.value.text : null,
  });
};

/**
 * Verifies and reads TikTok Shop's webhooks. Any of `secrets` may have signed, which serves a rotation. An envelope
 * is readable when it is a JSON object with a numeric `type`; everything else in it may be absent.
 */
export const createWebhookReader = (options: { appKey: string; secrets: string[] }): WebhookReader => {
  const signers = options.secrets.map((secret) => webhookSigner(options.appKey, secret));
  const digest = Buffer.alloc(DIGEST_BYTES);
  const given = Buffer.alloc(SIGNATURE_LENGTH);
  const expected = Buffer.alloc(SIGNATURE_LENGTH);
  return {
    verify(rawBody, authorization) {
      const text = (authorization ?? '').trim();
      // Writes as much as is hex; an expression over 64 characters takes five times as long.
      if (text.length !== SIGNATURE_LENGTH || digest.write(text, 'hex') !== DIGEST_BYTES) return false;
      given.write(text, 'latin1');
      let isGenuine = false;
      for (const sign of signers) {
        expected.write(sign(rawBody), 'latin1');
        // Every secret is tried, so that the time does not tell which one fits.
        isGenuine = timingSafeEqual(expected, given) || isGenuine;
      }
      return isGenuine;
    },
    read: readNotification,
  };
};
