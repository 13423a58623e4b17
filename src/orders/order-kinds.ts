import type { ChannelOrder } from '../channels/channel.ts';
import { isOpenLine } from './lines.ts';

/** Kinds of orders that a seller may want to look at before they ship. An order can be of several. */
export const ORDER_KINDS = [
  'sample',
  'gift',
  'replacement',
  'exchange',
  'pre_order',
  'made_to_order',
  'back_order',
  'lottery',
] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

/** TikTok `order_type` (partner docs 2025-12, 4.3). */
const BY_ORDER_TYPE: ReadonlyMap<string, OrderKind> = new Map([
  ['PRE_ORDER', 'pre_order'],
  ['MADE_TO_ORDER', 'made_to_order'],
  ['BACK_ORDER', 'back_order'],
  ['ZERO_LOTTERY', 'lottery'],
]);

/** What the order is besides an ordinary one. */
export const kindsOf = (order: ChannelOrder): OrderKind[] => {
  const kinds: OrderKind[] = [];
  if (order.isSample) kinds.push('sample');
  if (order.lines.some((line) => line.isGift && isOpenLine(line))) kinds.push('gift');
  if (order.isReplacement) kinds.push('replacement');
  if (order.isExchange) kinds.push('exchange');
  const byType = BY_ORDER_TYPE.get(order.orderType.toUpperCase());
  if (byType) kinds.push(byType);
  return kinds;
};
