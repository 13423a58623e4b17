import { describeError } from '../lib/errors.ts';
import type { OrderRecord, ReturnRecord } from '../orders/model.ts';
import type { Store } from '../store/store.ts';
import { type CreateDeps, createAtAmazon } from './create-at-amazon.ts';
import { decideReturn, type ReturnDecision, type ReturnSetting } from './decide-return.ts';

export type SettleDeps = CreateDeps & {
  store: Pick<Store, 'returns' | 'orders'>;
  settingOf(shopId: string): ReturnSetting;
};

/** What could not be done now; it is tried again with the next trigger or pass. */
export type ReturnFailure = { code: string; message: string; orderId: string };

/** Puts a question to a person, once: the same one is not put again after it was resolved. */
const putQuestion = async (
  { store, clock }: SettleDeps,
  record: ReturnRecord,
  order: OrderRecord,
  { review, askedFor }: Extract<ReturnDecision, { kind: 'review' }>,
): Promise<void> => {
  const isShown = order.returnReviews.some((shown) => shown.returnId === record.returnId);
  const isNew = record.askedFor !== askedFor;
  const change = isNew || isShown ? { askedFor, review, isSettled: true } : { isSettled: true };
  await store.returns.commit(record, change, clock.nowMs());
};

const settleReturn = async (deps: SettleDeps, record: ReturnRecord): Promise<void> => {
  const order = await deps.store.orders.get(record.key);
  if (!order) return;
  const decision = decideReturn(record, order, deps.settingOf(record.key.shopId));
  switch (decision.kind) {
    case 'wait':
      return;
    case 'nothing':
      await deps.store.returns.commit(record, { review: null, isSettled: true }, deps.clock.nowMs());
      return;
    case 'review':
      return putQuestion(deps, record, order, decision);
    case 'createAtAmazon': {
      const created = await createAtAmazon(deps, record, order, decision);
      if (created) await settleReturn(deps, created);
    }
  }
};

/** Decides and acts on every return of a shop that changed. One that fails does not keep the others. */
export const settleReturns = async (
  deps: SettleDeps,
  shop: { channel: string; shopId: string },
): Promise<ReturnFailure[]> => {
  const failures: ReturnFailure[] = [];
  for (const record of await deps.store.returns.unsettled(shop)) {
    try {
      await settleReturn(deps, record);
    } catch (error) {
      failures.push({ ...describeError(error), orderId: record.key.orderId });
    }
  }
  return failures;
};
