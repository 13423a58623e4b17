import type { FulfillmentRequest, ProviderRefusal, SubmitOutcome } from '../fulfillment/provider.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { ReasonCode } from './reasons.ts';
import { chooseSpeed } from './speed.ts';
import { type ActContext, type ActOutcome, type EffectOf, withIntent } from './with-intent.ts';

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

/** Asks which speed is cheapest and in time. A preview is advice: without an answer the fallback goes. */
const withSpeed = async (context: ActContext, effect: EffectOf<'create'>) => {
  const { request, chooseFrom } = effect;
  if (!chooseFrom) return { request, fee: null };
  const { destination, items, blockAmzl, unbranded } = request;
  const asked = { destination, items, blockAmzl, unbranded, speeds: chooseFrom };
  try {
    const previews = await context.sides.provider.preview(asked);
    const chosen = chooseSpeed(previews, effect.shipByMs, effect.arriveByMs);
    return { request: { ...request, speed: chosen.speed }, fee: chosen.fee };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    context.draft.note('preview_failed', error.message);
    return { request, fee: null };
  }
};

/** A create that surely did not happen binds the order to no account. */
const submit = async ({ draft, sides }: ActContext, request: FulfillmentRequest): Promise<SubmitOutcome> => {
  try {
    return await sides.provider.submit(request);
  } catch (error) {
    if (error instanceof UpstreamError && error.stage === 'before') draft.set({ amazonAccount: null });
    throw error;
  }
};

/** Creates the fulfillment order; a refusal is remembered with the request it was about. */
export const create = async (context: ActContext, effect: EffectOf<'create'>): Promise<ActOutcome> => {
  const { draft, sides, tally } = context;
  const { request, fee } = await withSpeed(context, effect);
  const routed = new Map(effect.lines.map((line) => [line.lineId, line.components]));
  const { snapshot } = draft.record;
  draft.set({
    stage: 'routing',
    reason: 'creating',
    detail: null,
    fulfillmentId: request.fulfillmentId,
    fulfillmentCount: effect.fulfillmentCount,
    amazonAccount: sides.amazonAccount,
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
    speed: request.speed,
    fee,
    stop: null,
    snapshot: snapshot && {
      ...snapshot,
      lines: snapshot.lines.map((line) => ({ ...line, components: routed.get(line.lineId) ?? [] })),
    },
  });
  draft.promise(request.items.map(({ amazonSku, quantity }) => ({ amazonSku, units: quantity })));
  draft.note('create_sent', `${request.fulfillmentId}, ${request.speed}`);
  const intent = { kind: 'create', fulfillmentId: request.fulfillmentId } as const;
  const outcome = await withIntent(context, intent, () => submit(context, request));
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
      draft.set({ refusal: { requestHash: effect.requestHash, reason, detail }, amazonAccount: null });
      draft.note('create_refused', detail);
      return { sight: { kind: 'none' } };
    }
  }
};

/** Asks the provider to cancel; only the next look proves it. */
export const cancel = async (context: ActContext, effect: EffectOf<'cancel'>): Promise<ActOutcome> => {
  const { draft, sides } = context;
  const { fulfillmentId, remake } = effect;
  draft.note('cancel_sent', `${fulfillmentId}: ${effect.why}`);
  draft.set({ stage: 'routing', reason: 'cancelling', detail: null });
  draft.set({ stop: { fulfillmentId, triedAtMs: context.nowMs(), refused: false, remake } });
  const outcome = await withIntent(context, { kind: 'cancel', fulfillmentId }, () =>
    sides.provider.cancel(fulfillmentId),
  );
  if (outcome.kind === 'refused') {
    draft.set({ stop: { fulfillmentId, triedAtMs: context.nowMs(), refused: true, remake } });
    draft.note('cancel_refused', outcome.refusal.message);
  }
  return 'look';
};
