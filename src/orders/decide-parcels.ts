import type { ChannelLine } from '../channels/channel.ts';
import type { Fulfillment, FulfillmentPackage } from '../fulfillment/provider.ts';
import { chooseNumber, isUsps, resolveCarrier } from './carriers.ts';
import { type Decision, HOUR_MS, type KnownInput, type Rest, review } from './decision.ts';
import { isOpenLine } from './lines.ts';
import type { LineSnapshot, PackageRecord } from './model.ts';
import { type ParcelPlan, planParcels } from './parcels.ts';

/** TikTok takes one correction per order, within 72 h of shipping (partner docs 2025-12). */
const CORRECTION_WINDOW_MS = 72 * HOUR_MS;
const AMAZON_NUMBER = /^AFTN\d+$/;

type Step = Decision | null;

/** Lines that went to Amazon, with their components as sent. */
export const routedLines = (input: KnownInput): LineSnapshot[] =>
  (input.record.snapshot?.lines ?? []).filter((line) => line.components.length > 0);

const samePackage = (record: PackageRecord, fulfillmentId: string, parcel: FulfillmentPackage): boolean =>
  record.fulfillmentId === fulfillmentId && record.packageKey === parcel.packageKey;

/** AFTN first where TikTok takes it: US, one unit (Amazon changelog 2025-08-27); and where the carrier is USPS. */
const prefersAmazonNumber = (input: KnownInput, parcel: FulfillmentPackage): boolean => {
  if (input.policy.marketplaceCountry !== 'US') return false;
  const units = routedLines(input).reduce((sum, line) => sum + line.units, 0);
  return units === 1 || isUsps(parcel.carrierCode, parcel.carrierTracking ?? '');
};

const carrierFor = (input: KnownInput, carrierCode: string | null, trackingNumber: string) => {
  if (!input.order.deliveryOptionId) {
    return { ok: false as const, problem: review('delivery_option_missing', input.nowMs + HOUR_MS) };
  }
  if (input.policy.marketplaceCountry === 'US' && isUsps(carrierCode, trackingNumber)) {
    const problem = review('usps_not_accepted', input.nowMs + HOUR_MS, `Number: ${trackingNumber}.`);
    return { ok: false as const, problem };
  }
  const carrier = resolveCarrier(carrierCode, trackingNumber, input.carriers ?? []);
  if (carrier.ok) return carrier;
  return {
    ok: false as const,
    problem: review(carrier.problem.reason, input.nowMs + HOUR_MS, carrier.problem.detail),
  };
};

/** A reported number that Amazon has really replaced: one correction, or a person. */
const checkReported = (input: KnownInput, reported: PackageRecord, parcel: FulfillmentPackage): Step => {
  const number = parcel.carrierTracking;
  const known = [parcel.carrierTracking, parcel.amazonTracking].includes(reported.reportedNumber);
  if (!number || known || AMAZON_NUMBER.test(reported.reportedNumber ?? '')) return null;
  // Corrected already, by a person or by a call of ours whose answer was lost.
  const lines = input.order.lines.filter((line) => reported.lineIds.includes(line.lineId));
  if (lines.some((line) => isOurNumber(line, parcel))) return null;
  const expired = input.nowMs > (reported.reportedAtMs ?? 0) + CORRECTION_WINDOW_MS;
  const spent = input.record.packages.some((other) => other.correctedAtMs !== null);
  if (expired || spent || !reported.channelPackageId) {
    const detail = `Reported ${reported.reportedNumber}, now ${number}.`;
    return review('tracking_changed', input.nowMs + HOUR_MS, detail);
  }
  const carrier = carrierFor(input, parcel.carrierCode, number);
  if (!carrier.ok) return carrier.problem;
  return {
    kind: 'correctTracking',
    parcel: reported,
    channelPackageId: reported.channelPackageId,
    trackingNumber: number,
    carrier: carrier.value,
  };
};

/** What to do about a parcel that is not reported yet; null when nothing is, or nothing can be, reported of it. */
const checkNew = (
  input: KnownInput,
  fulfillmentId: string,
  parcel: FulfillmentPackage,
  known: PackageRecord | undefined,
  plan: ParcelPlan,
): Step => {
  const number = chooseNumber(parcel, prefersAmazonNumber(input, parcel));
  if (!number || plan.lineIds.length === 0) return null;
  const lines = plan.lineIds.flatMap((id) => input.order.lines.filter((line) => line.lineId === id));
  const foreign = lines.find((line) => line.status === 'shipped' && !isOurNumber(line, parcel));
  if (foreign) {
    const detail = `Line ${foreign.lineId} has ${foreign.trackingNumber ?? 'no number'}, Amazon ${number.trackingNumber}.`;
    return review('tracking_conflict', input.nowMs + HOUR_MS, detail);
  }
  const open = lines.filter(isOpenLine);
  if (open.length === 0) return null;
  const refusal = known?.refusal;
  if (refusal?.requestHash === number.trackingNumber) {
    return review(refusal.reason, input.nowMs + HOUR_MS, refusal.detail);
  }
  if (input.reportsStopped) return review('reporting_stopped', input.nowMs + HOUR_MS);
  const carrier = carrierFor(input, number.carrierCode, number.trackingNumber);
  if (!carrier.ok) return carrier.problem;
  const lineIds = open.map((line) => line.lineId);
  return {
    kind: 'ship',
    parcel: {
      ...newPackage(fulfillmentId, parcel),
      lineIds,
      allocations: plan.allocations,
    },
    request: {
      orderId: input.order.orderId,
      lineIds,
      trackingNumber: number.trackingNumber,
      carrierId: carrier.value.carrierId,
    },
    carrier: carrier.value,
  };
};

export const isOurNumber = (line: ChannelLine, parcel: FulfillmentPackage): boolean =>
  line.trackingNumber !== null &&
  [parcel.carrierTracking, parcel.amazonTracking].includes(line.trackingNumber);

export const newPackage = (fulfillmentId: string, parcel: FulfillmentPackage): PackageRecord => ({
  fulfillmentId,
  packageKey: parcel.packageKey,
  carrierCode: parcel.carrierCode,
  carrierTracking: parcel.carrierTracking,
  amazonTracking: parcel.amazonTracking,
  lineIds: [],
  allocations: [],
  reportedNumber: null,
  reportedCarrier: null,
  reportedAtMs: null,
  correctedAtMs: null,
  channelPackageId: null,
  warning: null,
  refusal: null,
});

/**
 * The next step about parcels: the first report or correction that can be made, else the first problem. A problem
 * of one parcel never keeps another from being reported. A number is reported as soon as it exists, whatever the
 * shipment's state (MCF fact sheet 2026-08, pitfall 11).
 */
export const decideParcels = (
  input: KnownInput,
  fulfillment: Fulfillment,
): { act: Step; problem: Rest | null } => {
  const cancelled = new Set(
    input.order.lines.filter((line) => line.status === 'cancelled').map((line) => line.lineId),
  );
  const lines = routedLines(input).filter((line) => !cancelled.has(line.lineId));
  const plans = planParcels(lines, input.record.packages, fulfillment);
  let problem: Rest | null = null;
  for (const parcel of fulfillment.packages) {
    if (parcel.shipmentState === 'cancelled') continue;
    const known = input.record.packages.find((record) =>
      samePackage(record, fulfillment.fulfillmentId, parcel),
    );
    const plan = plans.get(parcel.packageKey) ?? { lineIds: [], allocations: [] };
    const step =
      known && known.reportedAtMs !== null
        ? checkReported(input, known, parcel)
        : checkNew(input, fulfillment.fulfillmentId, parcel, known, plan);
    if (!step) continue;
    if (step.kind === 'ship' || step.kind === 'correctTracking') return { act: step, problem };
    if (step.kind === 'review') problem ??= step;
  }
  return { act: null, problem };
};

/** Every line that went to Amazon is reported, shipped otherwise or cancelled. */
export const allReported = (input: KnownInput): boolean => {
  const reported = new Set(
    input.record.packages
      .filter((parcel) => parcel.reportedAtMs !== null)
      .flatMap((parcel) => parcel.lineIds),
  );
  return routedLines(input).every((routed) => {
    const line = input.order.lines.find((candidate) => candidate.lineId === routed.lineId);
    return reported.has(routed.lineId) || !line || line.status === 'shipped' || line.status === 'cancelled';
  });
};
