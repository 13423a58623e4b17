import { liveLines, nowSeconds, requireOrder, type World } from './state.ts';
import type { ReturnRequest, ReturnStatus, ReturnType } from './types.ts';

/** The hands of the buyer, of the carrier and of a person in Seller Center. */
export type ReturnDriver = {
  /** The buyer asks for a return, refund or replacement. Answers its id. */
  openReturn(orderId: string, wish?: NewReturn): string;
  approveReturn(returnId: string): void;
  /** The buyer hands the parcel over. */
  sendReturn(returnId: string): void;
  /** The parcel is back, and the seller has to say whether it is all right. */
  returnArrives(returnId: string): void;
  completeReturn(returnId: string): void;
  /** The buyer takes the request back, or the seller rejects it. */
  closeReturn(returnId: string, how: 'cancelled' | 'rejected'): void;
  returnOf(returnId: string): ReturnRequest;
};

export type NewReturn = {
  /** Default: every line that was not cancelled. */
  lineIds?: string[];
  /** Default: `RETURN_AND_REFUND`. */
  type?: ReturnType;
  reason?: string;
  reasonText?: string;
  buyerKeepsItem?: boolean;
};

const PENDING: Record<ReturnType, ReturnStatus> = {
  REFUND: 'RETURN_OR_REFUND_REQUEST_PENDING',
  RETURN_AND_REFUND: 'RETURN_OR_REFUND_REQUEST_PENDING',
  REPLACEMENT: 'REPLACEMENT_REQUEST_PENDING',
};

const ACTION: Record<ReturnType, string> = {
  REFUND: 'SELLER_RESPOND_REFUND',
  RETURN_AND_REFUND: 'SELLER_RESPOND_RETURN',
  REPLACEMENT: 'SELLER_RESPOND_REPLACEMENT',
};

/** The return a test talks about; a wrong id is the test's mistake. */
const requireReturn = (world: World, returnId: string): ReturnRequest => {
  const request = world.returns.get(returnId);
  if (request === undefined) throw new Error(`the sandbox has no return ${returnId}`);
  return request;
};

const announceReturn = (world: World, request: ReturnRequest): void => {
  const data = {
    order_id: request.orderId,
    return_role: 'BUYER',
    return_type: request.type,
    return_status: request.status,
    return_id: request.id,
    create_time: request.createTime,
    update_time: request.updateTime,
  };
  world.announce(12, data, request.orderId);
};

const move = (
  world: World,
  request: ReturnRequest,
  status: ReturnStatus,
  nextAction: ReturnRequest['nextAction'] = null,
  at = nowSeconds(world),
): void => {
  request.status = status;
  request.nextAction = nextAction;
  request.updateTime = at;
  announceReturn(world, request);
};

export const isPending = (request: ReturnRequest): boolean => request.status === PENDING[request.type];

/** The request is granted: money goes back at once, or the buyer has to send the goods. */
export const grantReturn = (world: World, request: ReturnRequest, at?: number): void => {
  const goodsComeBack = request.type !== 'REFUND' && !request.buyerKeepsItem;
  move(world, request, goodsComeBack ? 'AWAITING_BUYER_SHIP' : 'RETURN_OR_REFUND_REQUEST_SUCCESS', null, at);
};

/** The buyer asks. TikTok grants what the seller does not answer in time. */
const openReturn = (world: World, orderId: string, wish: NewReturn): string => {
  const order = requireOrder(world, orderId);
  const lineIds = wish.lineIds ?? liveLines(order).map(({ id }) => id);
  if (!lineIds.every((id) => order.lines.some((line) => line.id === id && line.packageId !== null)))
    throw new Error(`a line of order ${orderId} has not shipped`);
  const at = nowSeconds(world);
  const type = wish.type ?? 'RETURN_AND_REFUND';
  const { returnAnswerSeconds, replacementAnswerSeconds } = world.settings;
  const answerSeconds = type === 'REPLACEMENT' ? replacementAnswerSeconds : returnAnswerSeconds;
  const deadlineMs = world.clock.nowMs() + answerSeconds * 1000;
  const request: ReturnRequest = {
    id: world.nextId.return(),
    orderId,
    type,
    status: PENDING[type],
    reason: wish.reason ?? 'ecom_order_delivered_refund_and_return_reason_wrong_product',
    reasonText: wish.reasonText ?? 'Wrong item was sent',
    buyerKeepsItem: wish.buyerKeepsItem ?? false,
    createTime: at,
    updateTime: at,
    nextAction: { action: ACTION[type], deadlineMs },
    lineIds,
    idempotencyKeys: [],
  };
  world.returns.set(request.id, request);
  announceReturn(world, request);
  world.timers.at(deadlineMs, (dueMs) => {
    if (isPending(request)) grantReturn(world, request, Math.floor(dueMs / 1000));
  });
  return request.id;
};

const CLOSED = {
  cancelled: { other: 'RETURN_OR_REFUND_REQUEST_CANCEL', replacement: 'REPLACEMENT_REQUEST_CANCEL' },
  rejected: { other: 'REFUND_OR_RETURN_REQUEST_REJECT', replacement: 'REPLACEMENT_REQUEST_REJECT' },
} as const;

/** It ends without a refund. */
export const closeReturn = (world: World, request: ReturnRequest, how: keyof typeof CLOSED): void =>
  move(world, request, CLOSED[how][request.type === 'REPLACEMENT' ? 'replacement' : 'other']);

export const createReturnDriver = (world: World): ReturnDriver => {
  const inState = (returnId: string, ...statuses: ReturnStatus[]): ReturnRequest => {
    const request = requireReturn(world, returnId);
    if (!statuses.includes(request.status)) throw new Error(`return ${returnId} is ${request.status}`);
    return request;
  };
  return {
    openReturn: (orderId, wish = {}) => openReturn(world, orderId, wish),
    approveReturn: (returnId) => grantReturn(world, inState(returnId, ...Object.values(PENDING))),
    sendReturn: (returnId) => move(world, inState(returnId, 'AWAITING_BUYER_SHIP'), 'BUYER_SHIPPED_ITEM'),
    returnArrives(returnId) {
      const request = inState(returnId, 'BUYER_SHIPPED_ITEM');
      const deadlineMs = world.clock.nowMs() + world.settings.returnAnswerSeconds * 1000;
      const action = 'SELLER_RESPOND_RECEIVE_PACKAGE';
      move(world, request, 'BUYER_SHIPPED_ITEM', { action, deadlineMs });
    },
    completeReturn(returnId) {
      const request = requireReturn(world, returnId);
      const isReplacement = request.type === 'REPLACEMENT';
      move(
        world,
        request,
        isReplacement ? 'REPLACEMENT_REQUEST_COMPLETE' : 'RETURN_OR_REFUND_REQUEST_COMPLETE',
      );
    },
    closeReturn: (returnId, how) => closeReturn(world, requireReturn(world, returnId), how),
    returnOf(returnId) {
      world.timers.settle();
      return requireReturn(world, returnId);
    },
  };
};
