import type { OrderRecord } from '../orders/model.ts';
import { REASONS, type ReasonCode } from '../orders/reasons.ts';
import { type Html, html } from './html.ts';

export const REVIEW = '/console/review';

/** Where an item tells why something was not done, so that nothing of it is lost. */
export const faultPlace = (orderId: string): Html =>
  html`<div id="fault-${orderId}" aria-live="polite"></div>`;

/** Sends refusals of a form there. */
export const faultsGoThere = (orderId: string): Html =>
  html`hx-status:4xx="target:#fault-${orderId} swap:innerHTML" hx-status:5xx="target:#fault-${orderId} swap:innerHTML"`;

/** What can be mended on the spot, beside looking again, cancelling and closing. */
export type Fix = 'address' | 'sku' | 'stock' | null;

const FIXES: Readonly<Partial<Record<ReasonCode, Fix>>> = {
  sku_unmapped: 'sku',
  sku_unknown: 'sku',
  mcf_no_stock: 'stock',
  mcf_unfulfillable: 'stock',
  sold_by_other_shop: 'stock',
  // Amazon names either as the reason.
  mcf_invalid: 'address',
};

/** Which of the fixes in place fits an order in review. */
export const fixFor = ({ reason }: Pick<OrderRecord, 'reason'>): Fix => {
  if (reason === null) return null;
  return reason.startsWith('address_') && reason !== 'address_changed_after_create'
    ? 'address'
    : (FIXES[reason] ?? null);
};

const RETRY_TITLES: Readonly<Partial<Record<ReasonCode, { one: string; all: string; asks: string }>>> = {
  held_by_rule: { one: 'Let it go', all: 'Let all go', asks: 'It is sent to Amazon at once. Let it go?' },
  before_live: {
    one: 'Take it over and send',
    all: 'Take all over and send',
    asks: 'Another connector may have sent it. Is it surely not in Seller Central?',
  },
  mcf_stuck: {
    one: 'Cancel at Amazon and make anew',
    all: 'Make all anew',
    asks: 'It is cancelled at Amazon and made anew. Go on?',
  },
};

/** What trying again means for a cause, in words; `asks` is asked before. */
export const retryWords = (reason: ReasonCode | null): { one: string; all: string; asks: string | null } => {
  const special = reason === null ? undefined : RETRY_TITLES[reason];
  if (special) return special;
  const helps = reason !== null && REASONS[reason].retryHelps;
  return {
    one: helps ? 'Try again' : 'Look again',
    all: helps ? 'Try all again' : 'Look at all again',
    asks: null,
  };
};
