import { isoTime } from '../lib/clock.ts';
import { riskOf } from '../orders/deadlines.ts';
import type { Decision } from '../orders/decision.ts';
import type { OrderCall, OrderEvent, OrderRecord, ReturnRecord } from '../orders/model.ts';
import { REASONS, reasonMessage } from '../orders/reasons.ts';

const time = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

/** What is at stake: how long there is until which deadline. Seconds are negative once it is breached. */
const riskView = (record: OrderRecord, nowMs: number) => {
  const { state, deadline, atMs } = riskOf(record, nowMs);
  return {
    state,
    deadline,
    at: time(atMs),
    secondsLeft: atMs === null ? null : Math.floor((atMs - nowMs) / 1000),
  };
};

/** An order as lists show it. All fields are present, null where there is nothing. */
export const orderSummary = (record: OrderRecord, nowMs: number) => ({
  channel: record.key.channel,
  shopId: record.key.shopId,
  orderId: record.key.orderId,
  stage: record.stage,
  reason: record.reason,
  title: record.reason ? REASONS[record.reason].title : null,
  message: record.reason ? reasonMessage(record.reason, record.detail) : null,
  whatToDo: record.reason ? REASONS[record.reason].whatToDo : null,
  retryHelps: record.reason ? REASONS[record.reason].retryHelps : null,
  fulfillmentId: record.fulfillmentId,
  total: record.snapshot?.total ?? null,
  shipBy: time(record.shipByMs),
  collectBy: time(record.collectByMs),
  autoCancelAt: time(record.autoCancelMs),
  expectedShipAt: time(record.expectedShipAtMs),
  expectedArrivalAt: time(record.expectedArrivalAtMs),
  risk: riskView(record, nowMs),
  nextAttemptAt: time(record.nextAttemptAtMs),
});

/** An order with its lines, parcels and timeline. */
export const orderDetail = (record: OrderRecord, timeline: readonly OrderEvent[], nowMs: number) => ({
  ...orderSummary(record, nowMs),
  lines: (record.snapshot?.lines ?? []).map(({ lineId, sku, units, status, components }) => ({
    lineId,
    sku,
    units,
    status,
    components,
  })),
  packages: record.packages.map((parcel) => ({
    carrier: parcel.reportedCarrier ?? parcel.carrierCode,
    trackingNumber: parcel.reportedNumber ?? parcel.carrierTracking ?? parcel.amazonTracking,
    carrierTrackingNumber: parcel.carrierTracking,
    amazonTrackingNumber: parcel.amazonTracking,
    lineIds: parcel.lineIds,
    reportedAt: time(parcel.reportedAtMs),
    correctedAt: time(parcel.correctedAtMs),
    warning: parcel.warning,
  })),
  timeline: timeline.map(({ atMs, event, detail }) => ({ at: isoTime(atMs), event, detail })),
});

/** A return of an order: where it stands at the channel and at Amazon. */
export const returnView = (returned: ReturnRecord) => ({
  returnId: returned.returnId,
  type: returned.type,
  state: returned.state,
  lineIds: returned.lineIds,
  respondBy: time(returned.respondByMs),
  amazonState: returned.amazonState,
  rmaIds: returned.rmaIds,
});

/** A call to another side about an order. */
export const callView = ({ atMs, ...call }: OrderCall) => ({ at: isoTime(atMs), ...call });

/** What would be done about an order. */
export const decisionView = (decision: Decision) =>
  'stage' in decision
    ? {
        decision: decision.kind,
        stage: decision.stage,
        reason: decision.reason,
        message: reasonMessage(decision.reason, decision.detail),
        nextAttemptAt: time(decision.nextAttemptAtMs),
      }
    : { decision: decision.kind, stage: null, reason: null, message: null, nextAttemptAt: null };
