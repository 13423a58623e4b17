import type {
  ExpectedReturn,
  FulfillmentProvider,
  ReturnItem,
  ReturnOutcome,
} from '../fulfillment/provider.ts';
import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from '../lib/errors.ts';
import { IN_FLIGHT_MS } from '../orders/intents.ts';
import type { ReturnRecord } from '../orders/model.ts';
import type { OrderSource } from '../orders/observe.ts';
import type { ReturnChange, Store } from '../store/store.ts';
import type { ReturnDecision } from './decide-return.ts';
import { chooseReasonCode } from './reason-codes.ts';

export type CreateDeps = {
  store: Pick<Store, 'returns'>;
  /** Who shipped the order. */
  providerFor: (order: OrderSource) => FulfillmentProvider;
  clock: Clock;
};

/** The same, for one order. */
type OneDeps = Pick<CreateDeps, 'store' | 'clock'> & { provider: FulfillmentProvider };

type Plan = Extract<ReturnDecision, { kind: 'createAtAmazon' }>;

/** Null when Amazon offers no reason for a SKU. */
const itemsOf = async (
  provider: FulfillmentProvider,
  record: ReturnRecord,
  plan: Plan,
): Promise<ReturnItem[] | null> => {
  const codes = new Map<string, string>();
  for (const sku of new Set(plan.units.map((unit) => unit.amazonSku))) {
    const code = chooseReasonCode(record.reasonCode, await provider.returnReasons(sku));
    if (code === null) return null;
    codes.set(sku, code);
  }
  return plan.units.map(({ amazonSku, ...unit }) => ({ ...unit, reasonCode: codes.get(amazonSku) ?? '' }));
};

const rmaIdsOf = (expected: readonly ExpectedReturn[]): string[] => [
  ...new Set(expected.flatMap(({ rmaId }) => (rmaId === null ? [] : [rmaId]))),
];

const createdChange = (record: ReturnRecord, expected: readonly ExpectedReturn[], nowMs: number) => {
  const rmaIds = rmaIdsOf(expected);
  const authorization = rmaIds.length > 0 ? `: RMA ${rmaIds.join(', ')}` : '';
  return {
    amazonState: 'created',
    rmaIds,
    event: { atMs: nowMs, event: 'return_created_at_amazon', detail: `${record.returnId}${authorization}` },
    isSettled: false,
  } as const satisfies ReturnChange;
};

const refusedChange = (record: ReturnRecord, why: string, nowMs: number): ReturnChange => {
  const { returnId, respondByMs } = record;
  const detail = `Return ${returnId}: ${why}`;
  return {
    amazonState: 'refused',
    askedFor: 'refused',
    review: { returnId, reason: 'return_refused', detail, respondByMs },
    event: { atMs: nowMs, event: 'return_refused_at_amazon', detail: `${returnId}: ${why}` },
    isSettled: true,
  };
};

/** What an answer means. A unit that is there already was asked for by a call whose answer was lost. */
const changeOf = (
  record: ReturnRecord,
  items: readonly ReturnItem[],
  outcome: ReturnOutcome,
  nowMs: number,
): ReturnChange => {
  if (outcome.kind === 'refused') return refusedChange(record, outcome.refusal.message, nowMs);
  const { accepted, refused } = outcome;
  const lasting = refused.filter(({ reason }) => reason !== 'already_there');
  const answered = accepted.length + refused.length;
  if (lasting.length === 0 && answered >= items.length) return createdChange(record, accepted, nowMs);
  const codes = lasting.map((item) => `${item.returnItemId} ${item.remoteCode}`);
  const why = codes.length > 0 ? codes.join(', ') : 'Amazon did not answer for every unit';
  return { ...refusedChange(record, why, nowMs), rmaIds: rmaIdsOf(accepted) };
};

/** The units that a lost call asked for, when Amazon shows them all. */
const findExpected = async (provider: FulfillmentProvider, plan: Plan): Promise<ExpectedReturn[] | null> => {
  const fulfillment = await provider.fetch(plan.fulfillmentId);
  const ids = new Set(plan.units.map((unit) => unit.returnItemId));
  const there = (fulfillment?.expectedReturns ?? []).filter((unit) => ids.has(unit.returnItemId));
  return there.length === ids.size ? there : null;
};

/** Sends the call under the intent that `record` holds. Throws `UpstreamError` when a later try may help. */
const send = async (
  { store, provider, clock }: OneDeps,
  record: ReturnRecord,
  plan: Plan,
  items: readonly ReturnItem[],
): Promise<ReturnChange> => {
  try {
    return changeOf(record, items, await provider.createReturn(plan.fulfillmentId, items), clock.nowMs());
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.stage !== 'before') throw error;
    if (error.retry === 'never') return refusedChange(record, error.message, clock.nowMs());
    await store.returns.commit(record, { amazonState: null, isSettled: false }, clock.nowMs());
    throw error;
  }
};

/** Commits what became of it. Answers the record when Amazon now expects the goods, else null. */
const conclude = async (
  { store, clock }: OneDeps,
  record: ReturnRecord,
  change: ReturnChange,
): Promise<ReturnRecord | null> => {
  const held = await store.returns.commit(record, change, clock.nowMs());
  if (!held || change.amazonState !== 'created') return null;
  return { ...record, amazonState: 'created', rmaIds: change.rmaIds ?? record.rmaIds };
};

/**
 * Makes an approved return known to Amazon, once: the intent is committed before the call, a call whose answer was
 * lost is looked up before it is repeated, and the units' ids are the same every time. Answers the record once
 * Amazon expects the goods; null when it refused, when the outcome is still open or another runner was faster.
 * Throws `UpstreamError`.
 */
export const createAtAmazon = async (
  { store, clock, providerFor }: CreateDeps,
  record: ReturnRecord,
  order: OrderSource,
  plan: Plan,
): Promise<ReturnRecord | null> => {
  const provider = providerFor(order);
  const deps: OneDeps = { store, clock, provider };
  if (record.amazonState === 'requested') {
    const expected = await findExpected(provider, plan);
    if (expected) return conclude(deps, record, createdChange(record, expected, clock.nowMs()));
    if (clock.nowMs() < (record.requestedAtMs ?? 0) + IN_FLIGHT_MS) return null;
  }
  const items = await itemsOf(provider, record, plan);
  const nowMs = clock.nowMs();
  if (!items) return conclude(deps, record, refusedChange(record, 'Amazon offers no reason code', nowMs));
  const intent = { amazonState: 'requested', requestedAtMs: nowMs } as const;
  const detail = `${record.returnId}: ${items.length} unit(s) of ${plan.fulfillmentId}`;
  const event = { atMs: nowMs, event: 'return_create_sent', detail };
  if (!(await store.returns.commit(record, { ...intent, event, isSettled: false }, nowMs))) return null;
  const requested = { ...record, ...intent };
  return conclude(deps, requested, await send(deps, requested, plan, items));
};
