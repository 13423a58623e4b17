import type { ExpectedReturn, ReturnItem, ReturnItemRefusal, ReturnOutcome } from '../provider.ts';
import type { ReturnAnswer, ReturnParts } from './schema.ts';

/** The codes of the published model, 2020-07-01. */
const REASONS: ReadonlyMap<string, ReturnItemRefusal['reason']> = new Map([
  ['DuplicateRequest', 'already_there'],
  ['NoCompletedShipItems', 'not_shipped'],
  ['NoReturnableQuantity', 'nothing_returnable'],
  ['InvalidValues', 'values'],
]);

const CODE = /^\w{1,60}$/;

/** Body of createFulfillmentReturn. No comment: the buyer's words stay at the channel. Pure. */
export const toReturnBody = (items: readonly ReturnItem[]) => ({
  items: items.map((item) => ({
    sellerReturnItemId: item.returnItemId,
    sellerFulfillmentOrderItemId: item.itemId,
    amazonShipmentId: item.shipmentId,
    returnReasonCode: item.reasonCode,
  })),
});

/** The units Amazon expects back, each with the RMA of its authorization. Pure. */
export const toExpectedReturns = (parts: ReturnParts): ExpectedReturn[] => {
  const rmaOf = new Map(
    parts.returnAuthorizations.map((authorization) => [
      authorization.returnAuthorizationId,
      authorization.amazonRmaId,
    ]),
  );
  return parts.returnItems.map((item) => ({
    returnItemId: item.sellerReturnItemId,
    rmaId: rmaOf.get(item.returnAuthorizationId) ?? null,
  }));
};

/** An HTTP 200 may hold nothing but refused units (MCF fact sheet 2026-08, 2.11). Pure. */
export const toReturnOutcome = (answer: ReturnAnswer): ReturnOutcome => ({
  kind: 'answered',
  accepted: toExpectedReturns(answer),
  refused: answer.invalidReturnItems.map((item) => {
    const code = item.invalidItemReason?.invalidItemReasonCode ?? '';
    return {
      returnItemId: item.sellerReturnItemId,
      reason: REASONS.get(code) ?? 'unknown',
      remoteCode: CODE.test(code) ? code : 'no code',
    };
  }),
});
