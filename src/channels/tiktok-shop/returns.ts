import { secondsToMs } from '../../lib/clock.ts';
import type { ChannelReturn, ReturnState, SalesChannel } from '../channel.ts';
import type { TikTokClient } from './client.ts';
import { MAX_ORDERS_PER_RETURN_SEARCH } from './limits.ts';
import { chunksOf, eachPage } from './pages.ts';
import type { RemoteReturn } from './schema.ts';
import type { ShopDirectory } from './shops.ts';

/** The names of the calls' specs first, then those that the overview and the webhook pages print for the same. */
const STATES: ReadonlyMap<string, ReturnState> = new Map([
  ['RETURN_OR_REFUND_REQUEST_PENDING', 'pending'],
  ['REPLACEMENT_REQUEST_PENDING', 'pending'],
  ['AWAITING_BUYER_SHIP', 'awaiting_parcel'],
  ['BUYER_SHIPPED_ITEM', 'parcel_sent'],
  ['REFUND_OR_RETURN_REQUEST_REJECT', 'rejected'],
  ['REJECT_RECEIVE_PACKAGE', 'rejected'],
  ['REPLACEMENT_REQUEST_REJECT', 'rejected'],
  ['RETURN_OR_REFUND_REQUEST_SUCCESS', 'succeeded'],
  ['REPLACEMENT_REQUEST_REFUND_SUCCESS', 'succeeded'],
  ['RETURN_OR_REFUND_REQUEST_CANCEL', 'cancelled'],
  ['REPLACEMENT_REQUEST_CANCEL', 'cancelled'],
  ['RETURN_OR_REFUND_REQUEST_COMPLETE', 'completed'],
  ['REPLACEMENT_REQUEST_COMPLETE', 'completed'],
  ['REQUEST_REJECTED', 'rejected'],
  ['RECEIVE_REJECTED', 'rejected'],
  ['REQUEST_SUCCESS', 'succeeded'],
  ['RETURN_OR_REFUND_CANCEL', 'cancelled'],
  ['RETURN_OR_REFUND_REQUEST_CANCELLED', 'cancelled'],
]);

const TYPES: ReadonlyMap<string, ChannelReturn['type']> = new Map([
  ['REFUND', 'refund'],
  ['RETURN_AND_REFUND', 'return_and_refund'],
  ['REPLACEMENT', 'replacement'],
]);

const CODE = /^\w{1,120}$/;

/** The soonest deadline among the seller's next actions. */
const respondBy = (remote: RemoteReturn): number | null => {
  const deadlines = remote.seller_next_action_response
    .filter((next) => next.action.startsWith('SELLER_RESPOND_'))
    .flatMap((next) => (next.deadline === null ? [] : [next.deadline]));
  return deadlines.length === 0 ? null : secondsToMs(Math.min(...deadlines));
};

/**
 * A return in the words of the port (partner docs, 2025-12). One page of them prints a status with a doubled
 * underscore. Only a reason in the form of a code is kept: anything else may be the buyer's own words.
 */
export const mapReturn = (remote: RemoteReturn): ChannelReturn => ({
  returnId: remote.return_id,
  orderId: remote.order_id,
  type: TYPES.get(remote.return_type) ?? 'unknown',
  state: STATES.get(remote.return_status.replaceAll(/_+/g, '_')) ?? 'unknown',
  rawStatus: remote.return_status,
  reasonCode: CODE.test(remote.return_reason) ? remote.return_reason : null,
  lineIds: [...new Set(remote.return_line_items.map((line) => line.order_line_item_id))].filter(
    (lineId) => lineId !== '',
  ),
  buyerKeepsItem: remote.can_buyer_keep_item,
  respondByMs: respondBy(remote),
  updatedAtMs: secondsToMs(remote.update_time ?? remote.create_time ?? 0),
});

export const createReturnReads = (parts: {
  client: TikTokClient;
  directory: ShopDirectory;
}): Pick<SalesChannel, 'searchReturns' | 'fetchReturns'> => {
  const { client, directory } = parts;
  return {
    async *searchReturns(shop, search) {
      const target = await directory.targetOf(shop);
      const filter = { update_time_ge: Math.floor(search.updatedFromMs / 1000) };
      const pages = eachPage('searchReturns', (token) => client.searchReturns(target, filter, token));
      for await (const page of pages) yield page.return_orders.map(mapReturn);
    },
    async fetchReturns(shop, orderIds) {
      const target = await directory.targetOf(shop);
      const returns: ChannelReturn[] = [];
      for (const order_ids of chunksOf([...new Set(orderIds)], MAX_ORDERS_PER_RETURN_SEARCH)) {
        const pages = eachPage('searchReturns', (token) =>
          client.searchReturns(target, { order_ids }, token),
        );
        for await (const page of pages) returns.push(...page.return_orders.map(mapReturn));
      }
      return returns;
    },
  };
};
