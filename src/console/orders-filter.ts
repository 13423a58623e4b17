import { z } from 'zod';
import { STAGES } from '../orders/model.ts';
import { REASON_CODES } from '../orders/reasons.ts';
import { type Principal, sees } from '../people/principal.ts';
import type { OrderQuery } from '../store/store.ts';

const DAY_MS = 24 * 3_600_000;

const text = z.string().trim().max(200).catch('').default('');
const day = z.iso.date().catch('').default('');
/** What is not understood narrows nothing: a link of yesterday still leads to a list. */
const Filter = z.object({
  stage: z
    .enum(['', ...STAGES])
    .catch('')
    .default(''),
  reason: z
    .enum(['', ...REASON_CODES])
    .catch('')
    .default(''),
  risk: z.enum(['', 'at_risk', 'breached']).catch('').default(''),
  shopId: text,
  from: day,
  to: day,
  q: text,
});

/** What the list is narrowed to; empty texts narrow nothing. Days are days of UTC, the last one included. */
export type OrdersFilter = z.output<typeof Filter>;

export const filterOf = (query: unknown): OrdersFilter => Filter.parse(query);

/** The address of the list, with some of the filter changed. */
export const listUrl = (filter: OrdersFilter, more: Record<string, string> = {}): string => {
  const query = new URLSearchParams(
    Object.entries({ ...filter, ...more }).filter(([, value]) => value !== ''),
  );
  const shown = query.toString();
  return shown === '' ? '/console/orders' : `/console/orders?${shown}`;
};

/** The store's question behind a filter, as far as the reader may see its answer. */
export const queryOf = (
  { stage, reason, risk, shopId, from, to, q }: OrdersFilter,
  principal: Principal,
  nowMs: number,
): Omit<OrderQuery, 'limit' | 'cursor'> => ({
  shopIds: shopId === '' ? principal.shopIds : [shopId].filter((id) => sees(principal, id)),
  stage: stage === '' ? undefined : stage,
  reason: reason === '' ? undefined : reason,
  risk: risk === '' ? undefined : { state: risk, nowMs },
  receivedFromMs: from === '' ? undefined : Date.parse(from),
  receivedBeforeMs: to === '' ? undefined : Date.parse(to) + DAY_MS,
  q: q === '' ? undefined : q,
});
