import { z } from 'zod';
import type { Money } from '../channels/channel.ts';
import type { FulfillmentItem } from '../fulfillment/provider.ts';
import type {
  Allocation,
  CancelRequest,
  Component,
  Intent,
  OrderSnapshot,
  Refusal,
  ReturnReview,
  Stop,
} from '../orders/model.ts';
import { isReasonCode } from '../orders/reasons.ts';

/*
 * What JSON columns hold, read again: a row may have been written by an older or newer version, so keys we do not
 * know are dropped and keys that came later have defaults.
 */
const nullableText = z.string().nullable().default(null);

const component = z.object({ amazonSku: z.string(), quantity: z.number() });

const line = z.object({
  lineId: z.string(),
  skuId: z.string(),
  sku: z.string(),
  units: z.number(),
  status: z.string(),
  components: z.array(component).default([]),
});

export const components: z.ZodType<Component[]> = z.array(component);

export const money: z.ZodType<Money> = z.object({ currency: z.string(), value: z.string() });

export const snapshot: z.ZodType<OrderSnapshot> = z.object({
  status: z.string(),
  rawStatus: z.string(),
  total: z.object({ currency: z.string(), value: z.string() }).nullable().default(null),
  deliveryOptionName: nullableText,
  lines: z.array(line),
});

export const items: z.ZodType<FulfillmentItem[]> = z.array(
  z.object({ itemId: z.string(), amazonSku: z.string(), quantity: z.number() }),
);

export const allocations: z.ZodType<Allocation[]> = z.array(
  z.object({ lineId: z.string(), amazonSku: z.string(), quantity: z.number() }),
);

export const lineIds: z.ZodType<string[]> = z.array(z.string());

export const refusal: z.ZodType<Refusal> = z.object({
  requestHash: z.string(),
  reason: z.string().refine(isReasonCode),
  detail: z.string(),
});

export const stop: z.ZodType<Stop> = z.object({
  fulfillmentId: z.string(),
  triedAtMs: z.number().nullable().default(null),
  refused: z.boolean().default(false),
  remake: z.boolean().default(false),
});

export const cancelRequest: z.ZodType<CancelRequest> = z.object({
  reason: z.string(),
  keepOrder: z.boolean().default(false),
  sentAtMs: z.number().nullable().default(null),
});

export const returnReviews: z.ZodType<ReturnReview[]> = z.array(
  z.object({
    returnId: z.string(),
    reason: z.enum(['return_needs_action', 'return_refused']),
    detail: z.string(),
    respondByMs: z.number().nullable().default(null),
  }),
);

export const rmaIds: z.ZodType<string[]> = z.array(z.string());

/** An exchange not known to be over counts as under way: then only a read can settle it. */
const sent = { atMs: z.number(), inFlight: z.boolean().default(true) };

export const intent: z.ZodType<Intent> = z.discriminatedUnion('kind', [
  z.object({ ...sent, kind: z.literal('create'), fulfillmentId: z.string() }),
  z.object({ ...sent, kind: z.literal('cancel'), fulfillmentId: z.string() }),
  z.object({
    ...sent,
    kind: z.literal('ship'),
    packageKey: z.string(),
    lineIds: z.array(z.string()),
    trackingNumber: z.string(),
  }),
  z.object({ ...sent, kind: z.literal('correct'), packageKey: z.string(), trackingNumber: z.string() }),
  z.object({ ...sent, kind: z.literal('approve'), cancelId: z.string() }),
  z.object({ ...sent, kind: z.literal('reject'), cancelId: z.string() }),
  z.object({ ...sent, kind: z.literal('cancelOrder') }),
]);

/**
 * Reads a JSON column. What does not fit throws, naming the column: a lost intent or refusal would let an effect be
 * sent again.
 */
export const readColumn = <T>(type: z.ZodType<T>, text: string, column: string): T => {
  const parsed = type.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`The column ${column} holds something that this version cannot read.`);
  return parsed.data;
};

export const readNullableColumn = <T>(type: z.ZodType<T>, text: string | null, column: string): T | null =>
  text === null ? null : readColumn(type, text, column);
