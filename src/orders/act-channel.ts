import type { ChannelRefusal } from '../channels/channel.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { Result } from '../lib/result.ts';
import { rejectKey } from './decide-stop.ts';
import type { PackageRecord } from './model.ts';
import type { ReasonCode } from './reasons.ts';
import {
  type ActContext,
  type ActOutcome,
  type EffectOf,
  type IntentBody,
  withIntent,
} from './with-intent.ts';

const SHIP_REASONS: Readonly<Partial<Record<ChannelRefusal['reason'], ReasonCode>>> = {
  tracking_rejected: 'tracking_rejected',
  duplicate_tracking: 'tracking_rejected',
};

/** Refusals that only say the order is not as it was read: look again. */
const isStale = (refusal: ChannelRefusal): boolean =>
  refusal.reason === 'already_done' || refusal.reason === 'state_changed';

const refusedParcel = (
  context: ActContext,
  parcel: PackageRecord,
  number: string,
  refusal: ChannelRefusal,
): void => {
  const { draft } = context;
  const detail = `${number}: TikTok ${refusal.remoteCode}, ${refusal.message}`;
  const reason = SHIP_REASONS[refusal.reason] ?? 'channel_refused';
  draft.putPackage({ ...parcel, refusal: { requestHash: number, reason, detail } });
  draft.note('report_refused', detail);
};

/** Clears by itself: outside the US an open request of the buyer keeps an order from being shipped. */
const conflict = (context: ActContext, operation: string, problem: ChannelRefusal): UpstreamError =>
  new UpstreamError({
    upstream: context.sides.channel.name,
    operation,
    code: 'upstream_conflict',
    stage: 'before',
    retry: 'later',
    message: `TikTok refuses ${operation} for now: ${problem.remoteCode} ${problem.message}`,
    remoteCode: problem.remoteCode,
  });

/** Reports one parcel. */
export const ship = async (context: ActContext, effect: EffectOf<'ship'>): Promise<ActOutcome> => {
  const { draft, sides, tally } = context;
  const { parcel, request, carrier } = effect;
  const { lineIds, trackingNumber } = request;
  const intent = { kind: 'ship', packageKey: parcel.packageKey, lineIds, trackingNumber } as const;
  const outcome = await withIntent(context, intent, () => sides.channel.ship(sides.shop, request));
  if (!outcome.ok) {
    const unreported = { ...parcel, lineIds: [], allocations: [] };
    if (outcome.problem.reason === 'after_sale_pending') throw conflict(context, 'ship', outcome.problem);
    if (!isStale(outcome.problem)) {
      refusedParcel(context, unreported, trackingNumber, outcome.problem);
      return {};
    }
    draft.note('report_refused', `${trackingNumber}: TikTok ${outcome.problem.remoteCode}`);
    return 'look';
  }
  const { packageId, warning } = outcome.value;
  draft.putPackage({
    ...parcel,
    reportedNumber: trackingNumber,
    reportedCarrier: carrier.name,
    reportedAtMs: context.nowMs(),
    channelPackageId: packageId,
    warning,
    refusal: null,
  });
  draft.note('tracking_reported', `${trackingNumber} by ${carrier.name}: ${lineIds.length} line(s)`);
  if (warning) draft.note('tracking_warning', warning);
  tally.reported += 1;
  return {};
};

/** Spends the order's single correction. */
export const correctTracking = async (
  context: ActContext,
  effect: EffectOf<'correctTracking'>,
): Promise<ActOutcome> => {
  const { draft, sides } = context;
  const { parcel, trackingNumber, carrier, channelPackageId } = effect;
  // Marked before the call: an unclear answer must not spend a second correction.
  draft.putPackage({ ...parcel, correctedAtMs: context.nowMs() });
  const outcome = await withIntent(
    context,
    { kind: 'correct', packageKey: parcel.packageKey, trackingNumber },
    () =>
      sides.channel.correctTracking(sides.shop, {
        orderId: draft.record.key.orderId,
        packageId: channelPackageId,
        trackingNumber,
        carrierId: carrier.carrierId,
      }),
  );
  if (!outcome.ok) {
    draft.note('correction_refused', `${trackingNumber}: TikTok ${outcome.problem.remoteCode}`);
    return {};
  }
  const corrected = {
    correctedAtMs: context.nowMs(),
    reportedNumber: trackingNumber,
    reportedCarrier: carrier.name,
  };
  draft.putPackage({ ...parcel, ...corrected });
  draft.note('tracking_corrected', `${trackingNumber} by ${carrier.name}`);
  return {};
};

/** An answer to a cancellation, or a cancellation of ours: the order is read anew to see what became of it. */
const answer = async (
  context: ActContext,
  event: string,
  intent: IntentBody,
  call: () => Promise<Result<true, ChannelRefusal>>,
): Promise<ActOutcome> => {
  const outcome = await withIntent(context, intent, call);
  if (outcome.ok) {
    context.draft.note(event);
    return 'look';
  }
  const { problem } = outcome;
  context.draft.note(`${event}_refused`, `TikTok ${problem.remoteCode}`);
  if (isStale(problem)) return 'look';
  if (intent.kind === 'reject') {
    const detail = `TikTok ${problem.remoteCode}: ${problem.message}`;
    const requestHash = rejectKey(intent.cancelId);
    context.draft.set({ refusal: { requestHash, reason: 'channel_refused', detail } });
    return 'look';
  }
  throw new UpstreamError({
    upstream: context.sides.channel.name,
    operation: intent.kind,
    code: 'upstream_refused',
    stage: 'before',
    retry: 'never',
    message: `TikTok refused ${intent.kind}: ${problem.remoteCode} ${problem.message}`,
    remoteCode: problem.remoteCode,
  });
};

/** Approves the buyer's request: Amazon's side is proven stopped, or never had anything. */
export const approve = (
  context: ActContext,
  { cancelId }: EffectOf<'approveCancellation'>,
): Promise<ActOutcome> =>
  answer(context, 'cancellation_approved', { kind: 'approve', cancelId }, () =>
    context.sides.channel.approveCancellation(context.sides.shop, cancelId, `approve-${cancelId}`),
  );

/** Rejects the buyer's request: Amazon can no longer stop. */
export const reject = (context: ActContext, effect: EffectOf<'rejectCancellation'>): Promise<ActOutcome> => {
  const { cancelId, rejectReason } = effect;
  return answer(context, 'cancellation_rejected', { kind: 'reject', cancelId }, () =>
    context.sides.channel.rejectCancellation(
      context.sides.shop,
      cancelId,
      `reject-${cancelId}`,
      rejectReason,
    ),
  );
};

/** Cancels the order at the channel, as a person asked. */
export const cancelOrder = (
  context: ActContext,
  { reason }: EffectOf<'cancelOrder'>,
): Promise<ActOutcome> => {
  const { draft, sides, tally } = context;
  const { cancelRequest, key } = draft.record;
  if (cancelRequest) draft.set({ cancelRequest: { ...cancelRequest, sentAtMs: context.nowMs() } });
  return answer(context, 'order_cancelled', { kind: 'cancelOrder' }, async () => {
    const outcome = await sides.channel.cancelOrder(sides.shop, key.orderId, reason);
    if (outcome.ok) tally.cancelled += 1;
    return outcome;
  });
};
