import { z } from 'zod';

import { badParameter, type Outcome, success } from './outcome.ts';
import { type Call, get, post, type Route, withMethod } from './route.ts';
import { nowSeconds } from './state.ts';

/** The topics of the Event API, by their number in webhooks. */
export const EVENT_TYPES: Readonly<Record<number, string>> = {
  1: 'ORDER_STATUS_CHANGE',
  2: 'REVERSE_STATUS_UPDATE',
  3: 'RECIPIENT_ADDRESS_UPDATE',
  4: 'PACKAGE_UPDATE',
  5: 'PRODUCT_STATUS_CHANGE',
  6: 'SELLER_DEAUTHORIZATION',
  7: 'UPCOMING_AUTHORIZATION_EXPIRATION',
  11: 'CANCELLATION_STATUS_CHANGE',
  12: 'RETURN_STATUS_CHANGE',
  13: 'NEW_CONVERSATION',
  14: 'NEW_MESSAGE',
  15: 'PRODUCT_INFORMATION_CHANGE',
  16: 'PRODUCT_CREATION',
  18: 'PRODUCT_CATEGORY_CHANGE',
  36: 'INVOICE_STATUS_CHANGE',
  37: 'PRODUCT_AUDIT_STATUS_CHANGE',
};
const KNOWN = new Set([...Object.values(EVENT_TYPES), 'NEW_MESSAGE_LISTENER']);

const MAX_ADDRESS = 255;
const PATH = '/event/202309/webhooks';

/** `https`, a domain name, no port. */
const isAddress = (text: string): boolean => {
  if (text.length > MAX_ADDRESS || !URL.canParse(text)) return false;
  const { protocol, host, hostname } = new URL(text);
  return protocol === 'https:' && host === hostname && /[a-z]/i.test(hostname.split('.').at(-1) ?? '');
};

const list = ({ world }: Call): Outcome => {
  const webhooks = [...world.registrations].map(([event_type, { address, createTime, updateTime }]) => ({
    event_type,
    address,
    create_time: createTime,
    update_time: updateTime,
  }));
  return success({ webhooks, total_count: webhooks.length });
};

const putBody = z.looseObject({ address: z.string(), event_type: z.string() });

const put = ({ world }: Call, { address, event_type }: z.infer<typeof putBody>): Outcome => {
  if (!KNOWN.has(event_type)) return badParameter('param body.event_type is invalid');
  if (!isAddress(address)) return badParameter('param body.address is invalid');
  const at = nowSeconds(world);
  const createTime = world.registrations.get(event_type)?.createTime ?? at;
  world.registrations.set(event_type, { address, createTime, updateTime: at });
  return success();
};

const deleteBody = z.looseObject({ event_type: z.string() });

const remove = ({ world }: Call, { event_type }: z.infer<typeof deleteBody>): Outcome => {
  world.registrations.delete(event_type);
  return success();
};

/** Webhook addresses of the shop, a topic each. */
export const eventRoutes: Route[] = [
  get('webhooks.list', PATH, list),
  withMethod('PUT', post('webhooks.put', PATH, putBody, put)),
  withMethod('DELETE', post('webhooks.delete', PATH, deleteBody, remove)),
];
