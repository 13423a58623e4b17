import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { visibleStock } from '../http/inventory.ts';
import { AppError, UpstreamError } from '../lib/errors.ts';
import type { SeenAddress } from '../orders/address-desk.ts';
import type { OrderKey, OrderRecord } from '../orders/model.ts';
import { readSkuMapJson } from '../orders/sku-map-csv.ts';
import {
  type AddressForm,
  addressFix,
  addressSeal,
  addressUnavailable,
  correctionOf,
} from './address-fix.ts';
import { contextOf, isFragment, sendHtml } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';
import { findOrder } from './order-routes.ts';
import { notice } from './parts.ts';
import { sendOutcome } from './review-outcome.ts';
import { faultPlace, REVIEW } from './review-words.ts';
import { skuFix } from './sku-fix.ts';
import { stockFix } from './stock-fix.ts';

const part = z.string().trim().max(200).optional();
const AddressStep = z.object({
  name: part,
  line1: part,
  line2: part,
  line3: part,
  city: part,
  state: part,
  postalCode: part,
  step: z.enum(['preview', 'send']).default('preview'),
  seal: z.string().max(100).default(''),
});
const list = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform((value) => [value].flat());
const SkuForm = z.object({
  channelSku: z.string().trim().min(1, 'is missing').max(200),
  amazonSku: z.string().trim().min(1, 'say which Amazon SKU ships it').max(50),
  quantity: z.coerce.number().int().min(1).max(250),
  partSku: list,
  partQuantity: list,
});

/** A look at a buyer's address is written down before it is made. */
export const noteLook = (
  deps: ConsoleDeps,
  { principal }: FastifyRequest,
  { key }: OrderRecord,
): Promise<void> =>
  deps.people.audit.record({ principal, action: 'address.look', target: key.orderId, shopId: key.shopId });

/** The fix in its place in the queue, or on a page of its own where there is no script. */
const sendFix = async (
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { key: { orderId } }: OrderRecord,
  fix: Html,
): Promise<FastifyReply> =>
  sendHtml(
    reply,
    isFragment(request)
      ? fix
      : page(
          await contextOf(deps, request),
          'Fix an order',
          html`<div class="card" id="item-${orderId}">${faultPlace(orderId)}${fix}<p><a href="${REVIEW}">Back to the queue</a></p></div>`,
        ),
  );

/** What TikTok Shop answered, or in words why it did not. */
const readNow = async (deps: ConsoleDeps, key: OrderKey): Promise<SeenAddress | string> => {
  try {
    return await deps.addresses.read(key);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    if (!(error instanceof UpstreamError)) throw error;
    return `The address could not be read: ${error.message}. Nothing was sent; try again in a minute.`;
  }
};

const MOVED = 'This is not what you looked at: it was changed here or at TikTok Shop. Look again, then send.';

type Posted = { form: AddressForm; step: 'preview' | 'send'; seal: string };

/** Sends what was looked at, and nothing else; shows what would be sent where that is not known yet. */
const takeAddress = async (
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  record: OrderRecord,
  { form, step, seal }: Posted,
): Promise<FastifyReply> => {
  const { key } = record;
  const seen = await readNow(deps, key);
  if (typeof seen === 'string') return sendFix(deps, request, reply, record, addressUnavailable(seen));
  const correction = correctionOf(form, seen);
  const preview = deps.addresses.preview(key, seen, correction);
  if (step === 'send' && preview.destination !== null && seal === addressSeal(preview)) {
    const { principal } = request;
    const target = { target: key.orderId, shopId: key.shopId };
    await deps.people.audit.record({ principal, action: 'order.fix_address', ...target });
    const isCorrected = Object.keys(correction).length > 0;
    const after = await deps.operator.retry(key, principal.name, isCorrected ? correction : undefined);
    return sendOutcome(deps, request, reply, after);
  }
  const said = step === 'send' ? notice(MOVED, 'warn') : null;
  const context = await contextOf(deps, request);
  return sendFix(deps, request, reply, record, addressFix(context, record, seen, { form, preview, said }));
};

const addressRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const path = `${REVIEW}/:orderId/address`;
  const config = { needs: 'operator' as const, audit: false as const };
  app.get(path, { config }, async (request, reply) => {
    const record = await findOrder(deps, request);
    await noteLook(deps, request, record);
    const seen = await readNow(deps, record.key);
    const isRead = typeof seen !== 'string';
    const context = await contextOf(deps, request);
    const fix = isRead ? addressFix(context, record, seen, null) : addressUnavailable(seen);
    return sendFix(deps, request, reply, record, fix);
  });

  app.post(path, { config }, async (request, reply) => {
    const record = await findOrder(deps, request);
    const { step, seal, ...form } = AddressStep.parse(request.body);
    await noteLook(deps, request, record);
    return takeAddress(deps, request, reply, record, { form, step, seal });
  });
};

/** The stock that this person may learn of. */
const stockFor = async ({ store }: ConsoleDeps, { principal }: FastifyRequest) => {
  const { inventory, shops } = store;
  const [stock, listings, rows] = await Promise.all([inventory.stock(), inventory.listings(), shops.all()]);
  return visibleStock(principal, stock, listings, rows);
};

const MOST_KNOWN = 500;

const skuRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const path = `${REVIEW}/:orderId/sku`;
  const config = { needs: 'operator' as const, audit: 'order.map_sku' };

  app.get(path, { config }, async (request, reply) => {
    const record = await findOrder(deps, request);
    const stock = await stockFor(deps, request);
    const known = [...new Set(stock.map((row) => row.stock.amazonSku))].slice(0, MOST_KNOWN);
    return sendFix(deps, request, reply, record, skuFix(await contextOf(deps, request), record, known));
  });

  app.post(path, { config }, async (request, reply) => {
    const record = await findOrder(deps, request);
    const { channelSku, amazonSku, quantity, partSku, partQuantity } = SkuForm.parse(request.body);
    const more = partSku.map((sku, index) => ({ amazonSku: sku, quantity: Number(partQuantity[index]) }));
    const components = [{ amazonSku, quantity }, ...more.filter((one) => one.amazonSku.trim() !== '')];
    const read = readSkuMapJson({ entries: [{ shopId: record.key.shopId, channelSku, components }] });
    if (!read.ok) throw new AppError('sku_map_invalid', 400, 'The row cannot be taken.', read.problem);
    await deps.skuMap.put(read.value);
    // All orders that wait for it go on by themselves; this one is answered for here.
    deps.wake();
    return sendOutcome(deps, request, reply, await deps.operator.retry(record.key, request.principal.name));
  });
};

const stockRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  app.get(`${REVIEW}/:orderId/stock`, { config: { needs: 'operator' } }, async (request, reply) => {
    const record = await findOrder(deps, request);
    return sendFix(deps, request, reply, record, stockFix(record, await stockFor(deps, request)));
  });
};

/** The fixes in place: the address, the SKU, and what Amazon has. */
export const fixRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  addressRoutes(app, deps);
  skuRoutes(app, deps);
  stockRoutes(app, deps);
};
