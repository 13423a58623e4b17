import type { ChannelReturn, Money } from '../channels/channel.ts';
import type { FulfillmentItem, FulfillmentState } from '../fulfillment/provider.ts';
import type { ReasonCode } from './reasons.ts';

export type OrderKey = { channel: string; shopId: string; orderId: string };

/** Where an order stands. Every order is in exactly one. */
export const STAGES = [
  'waiting',
  'routing',
  'fulfilling',
  'shipped',
  'completed',
  'cancelled',
  'review',
  'ignored',
] as const;
export type Stage = (typeof STAGES)[number];

/** Units of one Amazon SKU that one unit of a channel SKU consists of. */
export type Component = { amazonSku: string; quantity: number };

/** A line as kept: no personal data. */
export type LineSnapshot = {
  lineId: string;
  skuId: string;
  sku: string;
  units: number;
  status: string;
  /** Empty while the SKU map has no answer. */
  components: Component[];
};

/** What is kept of the channel's order. No personal data. */
export type OrderSnapshot = {
  status: string;
  rawStatus: string;
  total: Money | null;
  deliveryOptionName: string | null;
  lines: LineSnapshot[];
};

/**
 * An outside effect about to be made. Committed before the call; taken away with the call's outcome. One that is
 * still there when the order is looked at again has an unknown outcome, which only a read can settle.
 */
export type Intent = {
  atMs: number;
  /** False once an answer ended the exchange, so that the request cannot still be on its way. */
  inFlight: boolean;
} & (
  | { kind: 'create'; fulfillmentId: string }
  | { kind: 'cancel'; fulfillmentId: string }
  | { kind: 'ship'; packageKey: string; lineIds: string[]; trackingNumber: string }
  | { kind: 'correct'; packageKey: string; trackingNumber: string }
  | { kind: 'approve'; cancelId: string }
  | { kind: 'reject'; cancelId: string }
  | { kind: 'cancelOrder' }
);

/** Units of a line's components that lie in one package. */
export type Allocation = { lineId: string; amazonSku: string; quantity: number };

/** One parcel of ours. `lineIds` are the lines reported with its number, fixed once it was reported. */
export type PackageRecord = {
  fulfillmentId: string;
  packageKey: string;
  carrierCode: string | null;
  carrierTracking: string | null;
  amazonTracking: string | null;
  lineIds: string[];
  allocations: Allocation[];
  /** The number and carrier that the channel was given. */
  reportedNumber: string | null;
  reportedCarrier: string | null;
  reportedAtMs: number | null;
  /** When the channel's single correction was spent on this package. */
  correctedAtMs: number | null;
  channelPackageId: string | null;
  warning: string | null;
  /** The channel's refusal of this parcel's report; `requestHash` is the number that was refused. */
  refusal: Refusal | null;
};

/** A refusal that stands until the request changes or a person retries. */
export type Refusal = { requestHash: string; reason: ReasonCode; detail: string };

/** What was done to stop the live fulfillment, and who asked for it. */
export type Stop = {
  fulfillmentId: string;
  /** When the provider was last asked to cancel; null: not yet. */
  triedAtMs: number | null;
  /** The provider refused, so only a read tells how it ends. */
  refused: boolean;
  /** Proven stopped, it is made anew under the next id. */
  remake: boolean;
};

/** A person asked to stop the order; `keepOrder` leaves it open at the channel. */
export type CancelRequest = {
  reason: string;
  keepOrder: boolean;
  /** When the channel was last asked to cancel the order. */
  sentAtMs: number | null;
};

/** Why a return of the order waits for a person. */
export type ReturnReview = {
  returnId: string;
  reason: 'return_needs_action' | 'return_refused';
  detail: string;
  respondByMs: number | null;
};

/** A return as the channel told it last. */
export type ReturnReading = Omit<ChannelReturn, 'orderId'> & { key: OrderKey };

/** A return, and what became of it. No personal data. */
export type ReturnRecord = ReturnReading & {
  /** Grows with every change at the channel. */
  seq: number;
  /** `requested` is the intent, committed before the call: only a read tells what became of it. */
  amazonState: 'requested' | 'created' | 'refused' | null;
  requestedAtMs: number | null;
  /** Return authorizations, ids only. */
  rmaIds: string[];
  /** What a person was last asked about it, so that the same is not asked again once it is resolved. */
  askedFor: string | null;
};

/** The order's row. Times are Unix milliseconds. */
export type OrderRecord = {
  key: OrderKey;
  stage: Stage;
  reason: ReasonCode | null;
  /** Completes the reason's text with names and codes; no personal data. */
  detail: string | null;
  /** The fulfillment that is live, or was last. */
  fulfillmentId: string | null;
  /** The Amazon account that was asked to create it; whatever its shop ships from later, it is looked for there. */
  amazonAccount: string | null;
  /** How many fulfillment ids were used: 1 is `TTS-<id>`, 2 is `TTS-<id>-2`. */
  fulfillmentCount: number;
  fulfillmentState: FulfillmentState | null;
  fulfillmentUpdatedAtMs: number | null;
  /** When the provider accepted the create, or was found to have it. */
  acceptedAtMs: number | null;
  /** When the fulfillment was last read. */
  fulfillmentReadAtMs: number | null;
  /** Hash of the last request sent, without its id. */
  requestHash: string | null;
  /** Keyed hash of the address that was sent. */
  addressHash: string | null;
  items: FulfillmentItem[];
  refusal: Refusal | null;
  intent: Intent | null;
  /** A person asked for a new fulfillment after one that ended badly. */
  recreate: boolean;
  /** A person let an order go that a rule holds. */
  released: boolean;
  /** A person let an order go that was placed before this service went live. */
  takenOver: boolean;
  /** The speed that was sent, and Amazon's estimate of its fees where it gave one. */
  speed: string | null;
  fee: Money | null;
  stop: Stop | null;
  cancelRequest: CancelRequest | null;
  /** Returns that wait for a person. Shown once nothing else is to be done about the order. */
  returnReviews: ReturnReview[];
  /** When a person closed the order by hand. */
  resolvedAtMs: number | null;
  /** Failed looks in a row. */
  failures: number;
  nextAttemptAtMs: number | null;
  /** Grows with every trigger, so that a busy runner notices. */
  hintSeq: number;
  /** The newest `update_time` that a trigger named. */
  hintUpdatedAtMs: number | null;
  orderCreatedAtMs: number | null;
  orderUpdatedAtMs: number | null;
  shipByMs: number | null;
  collectByMs: number | null;
  autoCancelMs: number | null;
  /** When the provider means to ship and deliver the last unit. */
  expectedShipAtMs: number | null;
  expectedArrivalAtMs: number | null;
  snapshot: OrderSnapshot | null;
  packages: PackageRecord[];
};

/** One line of an order's timeline. `detail` holds names and codes, no personal data. */
export type OrderEvent = { atMs: number; event: string; detail: string };

/**
 * One finished call to another side about an order: names and numbers, never a body or an address. `status`: null where
 * no answer came; `orders`: for how many orders it was made.
 */
export type OrderCall = {
  atMs: number;
  upstream: string;
  operation: string;
  status: number | null;
  durationMs: number;
  requestId: string | null;
  orders: number;
};

/** The first fulfillment id of an order is `TTS-<order id>`, the n-th `TTS-<order id>-n`. */
export const fulfillmentIdFor = (orderId: string, count: number): string =>
  count <= 1 ? `TTS-${orderId}` : `TTS-${orderId}-${count}`;

export const keyText = (key: OrderKey): string => `${key.channel}/${key.shopId}/${key.orderId}`;
