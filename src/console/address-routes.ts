import type { FastifyInstance } from 'fastify';
import { AppError, describeError } from '../lib/errors.ts';
import type { SeenAddress } from '../orders/address-desk.ts';
import type { OrderKey } from '../orders/model.ts';
import { ADDRESS_SHOWN_SECONDS, addressRead } from './address-panel.ts';
import { contextOf, isFragment, sendHtml } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { noteLook } from './fix-routes.ts';
import { html } from './html.ts';
import { page } from './layout.ts';
import { findOrder } from './order-routes.ts';
import { orderHref } from './orders.ts';
import { notice } from './parts.ts';

/** What TikTok Shop answered, or in words why it did not. */
const readNow = async (deps: ConsoleDeps, key: OrderKey): Promise<SeenAddress | string> => {
  try {
    return await deps.addresses.read(key);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    const { code, message } = describeError(error);
    if (code === 'internal_error') throw error;
    return `The address could not be read: ${message}. Try again in a minute.`;
  }
};

/** A buyer's address, read live for the person who asks: their look is in the audit log before it is read. */
export const addressRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const path = '/console/orders/:orderId/address';
  app.get(path, { config: { needs: 'operator' } }, async (request, reply) => {
    const record = await findOrder(deps, request);
    await noteLook(deps, request, record);
    const seen = await readNow(deps, record.key);
    const shown = typeof seen === 'string' ? notice(seen, 'bad') : addressRead(record, seen);
    reply.header('cache-control', 'no-store');
    if (isFragment(request)) return sendHtml(reply, shown);
    // Without a script this page leaves by itself.
    reply.header('refresh', `${ADDRESS_SHOWN_SECONDS};url=${orderHref(record.key.orderId)}`);
    const title = `Address of order ${record.key.orderId}`;
    return sendHtml(
      reply,
      page(await contextOf(deps, request), title, html`<div class="card">${shown}</div>`),
    );
  });
};
