import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OrderRecord } from '../orders/model.ts';
import { contextOf, isFragment, sendBack, sendHtml } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { html } from './html.ts';
import { reviewCount } from './layout.ts';
import { standing } from './order-routes.ts';
import { notice } from './parts.ts';
import { doneItem, reviewItem } from './review.ts';
import { REVIEW } from './review-words.ts';

/**
 * What came of an action on an order in the queue: its item as it stands now, with the count in the navigation; or
 * back to the queue where there is no script.
 */
export const sendOutcome = async (
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  after: OrderRecord,
): Promise<FastifyReply> => {
  const { orderId } = after.key;
  const isLeft = after.stage !== 'review';
  const said = isLeft ? `Done. ${standing(after)}` : `Still in review. ${standing(after)}`;
  if (!isFragment(request)) {
    const path = after.resolvedAtMs === null ? REVIEW : `${REVIEW}?closed=${encodeURIComponent(orderId)}`;
    return sendBack(reply, path, `${orderId}: ${said}`, isLeft ? 'good' : 'warn');
  }
  const context = await contextOf(deps, request);
  const item = isLeft ? doneItem(context, after, said) : reviewItem(context, after, notice(said, 'warn'));
  // The form stands inside of what is to be replaced.
  reply.headers({ 'hx-retarget': `#item-${orderId}`, 'hx-reswap': 'outerHTML' });
  return sendHtml(reply, html`${item}${reviewCount(context, true)}`);
};
