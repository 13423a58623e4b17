import { z } from 'zod';
import { STAGES } from '../orders/model.ts';
import { isReasonCode } from '../orders/reasons.ts';

export const Reason = z.string().refine(isReasonCode, 'is not a reason of the catalogue');

/** Where a day begins is the caller's to say, so that a time without an offset is not guessed at. */
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const ListQuery = z.object({
  stage: z.enum(STAGES).optional(),
  reason: Reason.optional().describe('A code of the catalogue of reasons'),
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('Order id, fulfillment id or tracking number, exactly'),
  shopId: z.string().min(1).max(64).optional(),
  risk: z.enum(['at_risk', 'breached']).optional().describe('How close it is to a deadline of TikTok'),
  from: time.optional().describe('Received at this time or later'),
  to: time.optional().describe('Received before this time'),
  cursor: z.string().max(1_000).optional().describe('`nextCursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const Params = z.object({ orderId: z.string().min(1).max(64) });

const part = z.string().trim().min(1).max(200).optional();
const Address = z.strictObject({
  name: part,
  line1: part,
  line2: part,
  line3: part,
  city: part,
  state: part,
  postalCode: part,
  phone: part,
});
const Sku = z.strictObject({
  channelSku: z.string().trim().min(1).max(200),
  amazonSku: z.string().trim().min(1).max(50),
  quantity: z.int().min(1).max(250).default(1),
});
export const RetryBody = z
  .strictObject({
    address: Address.optional().describe('Used for this attempt, and kept nowhere'),
    speed: z
      .enum(['Standard', 'Expedited', 'Priority'])
      .optional()
      .describe('For this attempt, in the place of what the rules choose'),
    sku: z
      .union([Sku.transform((sku) => [sku]), z.array(Sku).min(1)])
      .optional()
      .describe('Goes into the SKU map of the order’s shop'),
  })
  .meta({ id: 'Corrections' });
export const BulkRetryBody = z.strictObject({ reason: Reason });
export const CancelBody = z.object({
  reason: z.string().trim().min(1).max(100).default('seller_cancel_reason_out_of_stock'),
  keepOrder: z.boolean().default(false).describe('True: only Amazon’s part is stopped'),
});
export const ResolveBody = z.object({ note: z.string().trim().min(1, 'say why').max(500) });

/** The parts of an address as the sides name them; undefined when nothing is corrected. */
export const correctionOf = ({
  address = {},
  speed,
}: Pick<z.output<typeof RetryBody>, 'address' | 'speed'>) => {
  const { line1, line2, line3, ...rest } = address;
  const lines = [line1, line2, line3].filter((line) => line !== undefined);
  return { ...rest, lines: lines.length > 0 ? lines : undefined, speed };
};

const text = z.string().nullable();
const when = z.iso.datetime().nullable();

const Summary = z.object({
  channel: z.string(),
  shopId: z.string(),
  orderId: z.string(),
  stage: z.enum(STAGES),
  reason: text.describe('Why it is there: a code of the catalogue'),
  title: text,
  message: text,
  whatToDo: text,
  retryHelps: z.boolean().nullable(),
  fulfillmentId: text.describe('Of the order at Amazon'),
  total: z.object({ currency: z.string(), value: z.string() }).nullable(),
  shipBy: when,
  collectBy: when,
  autoCancelAt: when,
  expectedShipAt: when,
  expectedArrivalAt: when,
  risk: z.object({
    state: z.enum(['none', 'at_risk', 'breached']),
    deadline: z.enum(['ship_by', 'auto_cancel']).nullable(),
    at: when,
    secondsLeft: z.int().nullable().describe('Negative once the deadline is breached'),
  }),
  nextAttemptAt: when,
});

const Line = z.object({
  lineId: z.string(),
  sku: z.string(),
  units: z.int(),
  status: z.string(),
  components: z.array(z.object({ amazonSku: z.string(), quantity: z.int() })),
});
const Parcel = z.object({
  carrier: text,
  trackingNumber: text,
  carrierTrackingNumber: text,
  amazonTrackingNumber: text,
  lineIds: z.array(z.string()),
  reportedAt: when,
  correctedAt: when,
  warning: text,
});
const Return = z.object({
  returnId: z.string(),
  type: z.string(),
  state: z.string(),
  lineIds: z.array(z.string()),
  respondBy: when,
  amazonState: text,
  rmaIds: z.array(z.string()),
});

const Call = z.object({
  at: z.iso.datetime(),
  upstream: z.string(),
  operation: z.string(),
  status: z.int().nullable().describe('Null: no answer came'),
  durationMs: z.int(),
  requestId: text.describe('What the other side’s support asks for'),
  orders: z.int().describe('For how many orders the call was made'),
});

/** An order as lists show it. */
export const OrderSummary = Summary.meta({ id: 'OrderSummary' });
/** An order with its lines, parcels, timeline and returns. */
export const OrderDetail = Summary.extend({
  lines: z.array(Line),
  packages: z.array(Parcel),
  timeline: z.array(z.object({ at: z.iso.datetime(), event: z.string(), detail: z.string() })),
  returns: z.array(Return),
  calls: z.array(Call).describe('The last 50, newest first'),
}).meta({ id: 'Order', description: 'The order as it stands now' });
/** What a dry run came to. */
export const DryRunResult = z
  .object({
    decision: z.string().describe('wait, ignore, review and done do nothing; any other is an effect'),
    stage: z.enum(STAGES).nullable().describe('Null with an effect'),
    reason: text,
    message: text,
    nextAttemptAt: when,
  })
  .describe('What would be done now');
/** A page of the list. */
export const OrderPage = z
  .object({ orders: z.array(OrderSummary), nextCursor: text.describe('Null: there are no more') })
  .describe('One page');
export const Retried = z.object({ retried: z.int() }).describe('How many orders were retried');
export const StageCounts = z
  .object({ stages: z.record(z.enum(STAGES), z.int()) })
  .describe('How many orders are in each stage');
