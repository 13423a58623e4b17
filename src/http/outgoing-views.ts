import { z } from 'zod';
import { isoTime } from '../lib/clock.ts';
import {
  DELIVERY_STATUSES,
  type DeliveryRow,
  DISABLED_WHY,
  type EndpointRow,
  OUTGOING_EVENTS,
} from '../outgoing/records.ts';

export const Time = z.iso.datetime();
const ShopId = z.string().trim().min(1).max(64);

const settings = {
  url: z.string().trim().min(1).max(2_000).describe('Takes a POST; `https`, reached from everywhere'),
  description: z.string().trim().min(1).max(200).nullable(),
  events: z.array(z.enum(OUTGOING_EVENTS)).min(1),
  shopIds: z.array(ShopId).min(1).max(1_000).nullable().describe('Null: all shops there are and will be'),
};

export const NewEndpoint = z.strictObject({
  ...settings,
  description: settings.description.default(null),
  events: settings.events.default([...OUTGOING_EVENTS]),
  shopIds: settings.shopIds.default(null),
});

export const ChangedEndpoint = z
  .strictObject({
    url: settings.url.optional(),
    description: settings.description.optional(),
    events: settings.events.optional(),
    shopIds: settings.shopIds.optional(),
    enabled: z.boolean().optional().describe('Enabled again, it gets what waited meanwhile'),
  })
  .describe('What is left out stays');

export const Endpoint = z
  .object({
    endpointId: z.string(),
    url: z.string(),
    description: z.string().nullable(),
    events: z.array(z.enum(OUTGOING_EVENTS)),
    shopIds: z.array(z.string()).nullable(),
    enabled: z.boolean(),
    disabledAt: Time.nullable(),
    disabledWhy: z
      .enum(DISABLED_WHY)
      .nullable()
      .describe('`gone`: it answered 410. `failing`: it took nothing for three days'),
    failingSince: Time.nullable().describe('The first failure since it last took something'),
    lastError: z.string().nullable(),
    createdAt: Time,
  })
  .meta({ id: 'OutgoingEndpoint' });

export const Secret = z.string().describe('`whsec_…`, shown this once');

export const Delivery = z
  .object({
    id: z.string().describe('The `webhook-id` of every attempt'),
    endpointId: z.string(),
    type: z.string(),
    timestamp: Time,
    shopId: z.string().nullable(),
    orderId: z.string().nullable(),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.int().min(0),
    nextAttemptAt: Time.nullable(),
    lastAttemptAt: Time.nullable(),
    lastStatus: z.int().nullable().describe('The HTTP status of the last answer'),
    lastError: z.string().nullable(),
  })
  .meta({ id: 'OutgoingDelivery' });

const timeOf = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

export const endpointView = (row: EndpointRow): z.output<typeof Endpoint> => ({
  endpointId: row.endpointId,
  url: row.url,
  description: row.description,
  events: row.events,
  shopIds: row.shopIds,
  enabled: row.disabledAtMs === null,
  disabledAt: timeOf(row.disabledAtMs),
  disabledWhy: row.disabledWhy,
  failingSince: timeOf(row.failingSinceMs),
  lastError: row.lastError,
  createdAt: isoTime(row.createdAtMs),
});

export const deliveryView = (row: DeliveryRow): z.output<typeof Delivery> => ({
  id: row.messageId,
  endpointId: row.endpointId,
  type: row.type,
  timestamp: isoTime(row.atMs),
  shopId: row.shopId,
  orderId: row.orderId,
  status: row.status,
  attempts: row.attempts,
  nextAttemptAt: timeOf(row.nextAttemptAtMs),
  lastAttemptAt: timeOf(row.lastAttemptAtMs),
  lastStatus: row.lastStatus,
  lastError: row.lastError,
});
