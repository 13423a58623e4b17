import type { ChannelRefusal } from '../channels/channel.ts';
import type { ProviderRefusal } from '../fulfillment/provider.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { Result } from '../lib/result.ts';
import type { Decision, Observation, Rest } from './decision.ts';
import type { Draft } from './draft.ts';
import type { Intent, PackageRecord } from './model.ts';
import type { Sides } from './observe.ts';
import type { ReasonCode } from './reasons.ts';

/** Counts of effects, for the report of a pass. */
export type Tally = { created: number; reported: number; cancelled: number };

export type ActContext = { sides: Sides; draft: Draft; nowMs: () => number; tally: Tally };

/** An effect: every decision that is not rest. */
export type Effect = Exclude<Decision, Rest>;
type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;

/** How to go on: with what was seen, changed by the effect, or by reading both sides anew. */
export type ActOutcome = { sight?: Observation['sight'] } | 'look';

type IntentBody = Intent extends infer I ? (I extends Intent ? Omit<I, 'atMs' | 'inFlight'> : never) : never;

/**
 * Commits the intent, makes the call, takes the intent away with its outcome. When the call fails, `before` proves
 * that nothing happened; otherwise the intent stays and the next step is a look.
 */
const withIntent = async <T>(context: ActContext, body: IntentBody, call: () => Promise<T>): Promise<T> => {
  const { draft } = context;
  draft.set({ intent: { ...body, atMs: context.nowMs(), inFlight: true } });
  await draft.flush();
  try {
    const answer = await call();
    draft.set({ intent: null });
    return answer;
  } catch (error) {
    const { intent } = draft.record;
    if (error instanceof UpstreamError && intent) {
      const ended = error.code !== 'upstream_timeout' && error.code !== 'upstream_unreachable';
      draft.set({ intent: error.stage === 'before' ? null : { ...intent, inFlight: !ended } });
    }
    throw error;
  }
};

const REFUSAL_REASONS: Readonly<Record<ProviderRefusal['reason'], ReasonCode>> = {
  sku_unknown: 'sku_unknown',
  address_refused: 'address_refused',
  no_stock: 'mcf_no_stock',
  value_refused: 'mcf_refused',
  too_late: 'mcf_refused',
  config: 'mcf_config',
  opaque: 'mcf_refused',
};

const refusalDetail = (effect: EffectOf<'create'>, refusal: ProviderRefusal): string => {
  const item = effect.request.items.find((candidate) => candidate.itemId === refusal.itemId);
  return item ? `Amazon SKU: ${item.amazonSku}.` : refusal.message;
};

const create = async (context: ActContext, effect: EffectOf<'create'>): Promise<ActOutcome> => {
  const { draft, sides, tally } = context;
  const { request } = effect;
  const routed = new Map(effect.lines.map((line) => [line.lineId, line.components]));
  const { snapshot } = draft.record;
  draft.set({
    stage: 'routing',
    reason: 'creating',
    detail: null,
    fulfillmentId: request.fulfillmentId,
    fulfillmentCount: effect.fulfillmentCount,
    fulfillmentState: null,
    fulfillmentUpdatedAtMs: null,
    fulfillmentReadAtMs: null,
    expectedShipAtMs: null,
    expectedArrivalAtMs: null,
    acceptedAtMs: null,
    requestHash: effect.requestHash,
    addressHash: effect.addressHash,
    items: request.items,
    refusal: null,
    recreate: false,
    stop: null,
    snapshot: snapshot && {
      ...snapshot,
      lines: snapshot.lines.map((line) => ({ ...line, components: routed.get(line.lineId) ?? [] })),
    },
  });
  draft.promise(request.items.map(({ amazonSku, quantity }) => ({ amazonSku, units: quantity })));
  draft.note('create_sent', request.fulfillmentId);
  const intent = { kind: 'create', fulfillmentId: request.fulfillmentId } as const;
  const outcome = await withIntent(context, intent, () => sides.provider.submit(request));
  switch (outcome.kind) {
    case 'accepted':
      draft.set({ acceptedAtMs: context.nowMs() });
      draft.note('created', request.fulfillmentId);
      tally.created += 1;
      return { sight: { kind: 'accepted' } };
    case 'already_exists':
      draft.set({ acceptedAtMs: context.nowMs() });
      draft.note('create_found_existing', request.fulfillmentId);
      return 'look';
    case 'refused': {
      const { refusal } = outcome;
      const reason = REFUSAL_REASONS[refusal.reason];
      const detail = refusalDetail(effect, refusal);
      draft.set({ refusal: { requestHash: effect.requestHash, reason, detail } });
      draft.note('create_refused', detail);
      return { sight: { kind: 'none' } };
    }
  }
};

const cancel = async (context: ActContext, effect: EffectOf<'cancel'>): Promise<ActOutcome> => {
  const { draft, sides } = context;
  const { fulfillmentId } = effect;
  draft.note('cancel_sent', `${fulfillmentId}: ${effect.why}`);
  draft.set({ stage: 'routing', reason: 'cancelling', detail: null });
  draft.set({ stop: { fulfillmentId, triedAtMs: context.nowMs(), refused: false } });
  const outcome = await withIntent(context, { kind: 'cancel', fulfillmentId }, () =>
    sides.provider.cancel(fulfillmentId),
  );
  if (outcome.kind === 'refused') {
    draft.set({ stop: { fulfillmentId, triedAtMs: context.nowMs(), refused: true } });
    draft.note('cancel_refused', outcome.refusal.message);
  }
  return 'look';
};

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

const ship = async (context: ActContext, effect: EffectOf<'ship'>): Promise<ActOutcome> => {
  const { draft, sides, tally } = context;
  const { parcel, request, carrier } = effect;
  const { lineIds, trackingNumber } = request;
  const intent = { kind: 'ship', packageKey: parcel.packageKey, lineIds, trackingNumber } as const;
  const outcome = await withIntent(context, intent, () => sides.channel.ship(sides.shop, request));
  if (!outcome.ok) {
    const unreported = { ...parcel, lineIds: [], allocations: [] };
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

const correctTracking = async (
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

/** Makes exactly one outside effect. Throws `UpstreamError`, with the intent left where the outcome is unknown. */
export const act = (context: ActContext, effect: Effect): Promise<ActOutcome> => {
  const { sides, draft, tally } = context;
  const { channel, shop } = sides;
  switch (effect.kind) {
    case 'create':
      return create(context, effect);
    case 'cancel':
      return cancel(context, effect);
    case 'ship':
      return ship(context, effect);
    case 'correctTracking':
      return correctTracking(context, effect);
    case 'approveCancellation': {
      const { cancelId } = effect;
      return answer(context, 'cancellation_approved', { kind: 'approve', cancelId }, () =>
        channel.approveCancellation(shop, cancelId, `approve-${cancelId}`),
      );
    }
    case 'rejectCancellation': {
      const { cancelId } = effect;
      return answer(context, 'cancellation_rejected', { kind: 'reject', cancelId }, () =>
        channel.rejectCancellation(shop, cancelId, `reject-${cancelId}`, effect.rejectReason),
      );
    }
    case 'cancelOrder':
      return answer(context, 'order_cancelled', { kind: 'cancelOrder' }, async () => {
        const outcome = await channel.cancelOrder(shop, draft.record.key.orderId, effect.reason);
        if (outcome.ok) tally.cancelled += 1;
        return outcome;
      });
  }
};
