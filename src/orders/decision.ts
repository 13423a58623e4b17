import type {
  Cancellation,
  Carrier,
  ChannelOrder,
  RecipientAddress,
  ShipRequest,
} from '../channels/channel.ts';
import type { Fulfillment, FulfillmentRequest, ShippingSpeed } from '../fulfillment/provider.ts';
import type { LineSnapshot, OrderRecord, PackageRecord, Stage } from './model.ts';
import type { Policy } from './policy.ts';
import type { ReasonCode } from './reasons.ts';

/**
 * What the provider says about the order's fulfillment. `missing`: it does not know the id. `accepted`: it took the
 * create a moment ago, so nothing was read yet.
 */
export type FulfillmentSight =
  | { kind: 'none' }
  | { kind: 'missing' }
  | { kind: 'accepted' }
  | { kind: 'found'; fulfillment: Fulfillment };

/** Both sides as read a moment ago. */
export type Observation = {
  /** Null: the channel does not know the order. */
  order: ChannelOrder | null;
  sight: FulfillmentSight;
  /** Carriers of the order's delivery option; null when nothing is to be reported. */
  carriers: Carrier[] | null;
  /** The buyer's open request to cancel. */
  cancellation: Cancellation | null;
  /** Repeated refusals of this shop's reports: none goes out until a person has looked. */
  reportsStopped?: boolean;
  /** The channel's own address, where a person corrected `order.recipient` for this attempt. */
  correctedFrom?: RecipientAddress;
  /** A person chose it for this attempt. */
  chosenSpeed?: ShippingSpeed;
};

export type DecideInput = Observation & { record: OrderRecord; policy: Policy; nowMs: number };

/** `DecideInput` of an order that the channel knows. */
export type KnownInput = DecideInput & { order: ChannelOrder };

/** Nothing to do now. `nextAttemptAtMs` is null only where a trigger alone can change anything. */
export type Rest = {
  kind: 'wait' | 'ignore' | 'review' | 'done';
  stage: Stage;
  reason: ReasonCode;
  detail: string | null;
  nextAttemptAtMs: number | null;
};

/** Exactly one outside effect, or rest. A closed union: every order's next step is one of these. */
export type Decision =
  | Rest
  | {
      kind: 'create';
      request: FulfillmentRequest;
      /** Set where the speed is to be chosen by asking the provider; `request.speed` is then the fallback. */
      chooseFrom: ShippingSpeed[] | null;
      shipByMs: number | null;
      arriveByMs: number | null;
      fulfillmentCount: number;
      requestHash: string;
      addressHash: string;
      lines: LineSnapshot[];
    }
  | { kind: 'cancel'; fulfillmentId: string; why: string; remake: boolean }
  | { kind: 'cancelOrder'; reason: string }
  | { kind: 'approveCancellation'; cancelId: string }
  | { kind: 'rejectCancellation'; cancelId: string; rejectReason: string }
  | { kind: 'ship'; parcel: PackageRecord; request: ShipRequest; carrier: Carrier }
  | {
      kind: 'correctTracking';
      parcel: PackageRecord;
      channelPackageId: string;
      trackingNumber: string;
      carrier: Carrier;
    };

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Looks at an open fulfillment: soon while it is new, then hourly at most (design: tracking within four hours). */
const POLL_AFTER_MS = [2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS];

export const nextPollMs = (acceptedAtMs: number | null, nowMs: number): number => {
  const since = acceptedAtMs ?? nowMs;
  const next = POLL_AFTER_MS.map((afterMs) => since + afterMs).find((atMs) => atMs > nowMs);
  return next ?? nowMs + HOUR_MS;
};

export const wait = (
  stage: Stage,
  reason: ReasonCode,
  nextAttemptAtMs: number | null,
  detail: string | null = null,
): Rest => ({ kind: 'wait', stage, reason, detail, nextAttemptAtMs });

/** For a person; the watching goes on, so that what clears by itself is noticed. */
export const review = (reason: ReasonCode, nextAttemptAtMs: number, detail: string | null = null): Rest => ({
  kind: 'review',
  stage: 'review',
  reason,
  detail,
  nextAttemptAtMs,
});

export const ignore = (reason: ReasonCode): Rest => ({
  kind: 'ignore',
  stage: 'ignored',
  reason,
  detail: null,
  nextAttemptAtMs: null,
});

export const done = (
  stage: 'shipped' | 'completed' | 'cancelled',
  reason: ReasonCode,
  nextAttemptAtMs: number | null = null,
): Rest => ({ kind: 'done', stage, reason, detail: null, nextAttemptAtMs });
