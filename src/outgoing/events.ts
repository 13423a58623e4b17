import { z } from 'zod';
import { isoTime } from '../lib/clock.ts';
import { STAGES } from '../orders/model.ts';
import { isReasonCode, reasonMessage } from '../orders/reasons.ts';
import { type DeliveryRow, OUTGOING_EVENTS, TEST_EVENT } from './records.ts';

const Parcel = z.object({
  carrier: z.string().nullable(),
  trackingNumber: z.string(),
  lineIds: z.array(z.string()),
});

/** What an event says of its order. No buyer's data. */
export const OrderEventData = z.object({
  channel: z.string(),
  shopId: z.string(),
  orderId: z.string(),
  stage: z.enum(STAGES).describe('Where the order stood when this happened'),
  reason: z.string().nullable().describe('A code of the catalogue of reasons'),
  message: z.string().nullable().describe('The reason in words'),
  fulfillmentId: z.string().nullable().describe('The id of the order at Amazon'),
  packages: z
    .array(Parcel)
    .describe('In `order.shipped` the parcel whose number TikTok was given; empty in the others'),
});

/** The body of a delivery about an order. */
export const OrderEventMessage = z
  .object({ type: z.enum(OUTGOING_EVENTS), timestamp: z.iso.datetime(), data: OrderEventData })
  .meta({ id: 'OrderEventMessage', description: 'The body of a delivery (Standard Webhooks)' });

/** What each event tells, for people. */
export const EVENT_SUMMARIES: Record<(typeof OUTGOING_EVENTS)[number], string> = {
  'order.routed': 'Amazon accepted the order',
  'order.shipped':
    'TikTok was given a parcel’s number; once for each parcel, and again when a number is corrected',
  'order.review': 'The order waits for a person; again when the reason becomes another one',
  'order.review_resolved': 'The order no longer waits for a person; `stage` says where it stands now',
  'order.cancelled': 'The order is cancelled and nothing of it is live at Amazon',
  'order.completed': 'The order is completed at TikTok, or closed by hand (reason `resolved`)',
};

/** As the database wrote it down. */
const Kept = z.object({
  channel: z.string(),
  shopId: z.string(),
  orderId: z.string(),
  stage: z.string(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  fulfillmentId: z.string().nullable(),
  packages: z.array(Parcel),
});

/** The body of a delivery, the same in every attempt. */
export const bodyOf = ({ type, atMs, data }: Pick<DeliveryRow, 'type' | 'atMs' | 'data'>): string => {
  const timestamp = isoTime(atMs);
  if (type === TEST_EVENT) return JSON.stringify({ type, timestamp, data: {} });
  const { detail, packages, fulfillmentId, reason, ...order } = Kept.parse(JSON.parse(data));
  const message = reason !== null && isReasonCode(reason) ? reasonMessage(reason, detail) : null;
  return JSON.stringify({ type, timestamp, data: { ...order, reason, message, fulfillmentId, packages } });
};
