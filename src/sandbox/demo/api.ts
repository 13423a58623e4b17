import { z } from 'zod';
import { ADMIN_TOKEN } from './cast.ts';

const Summary = z.object({
  orderId: z.string(),
  stage: z.string(),
  reason: z.string().nullable(),
  message: z.string().nullable(),
  fulfillmentId: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
});
const OrderList = z.object({ orders: z.array(Summary) });
const Detail = Summary.extend({
  whatToDo: z.string().nullable(),
  packages: z.array(z.object({ trackingNumber: z.string().nullable(), lineIds: z.array(z.string()) })),
  timeline: z.array(z.object({ at: z.string(), event: z.string(), detail: z.string() })),
});
const Inventory = z.object({
  skus: z.array(
    z.object({ amazonSku: z.string(), fulfillable: z.number(), promised: z.number(), available: z.number() }),
  ),
});
const Health = z.object({
  status: z.string(),
  lastReconcile: z.object({ startedAt: z.string(), orders: z.object({ discovered: z.number() }) }).nullable(),
});

export type OrderSummary = z.infer<typeof Summary>;
export type OrderDetail = z.infer<typeof Detail>;
export type InventoryRow = z.infer<typeof Inventory>['skus'][number];

/** The service's own API, as an operator uses it. */
export type Api = {
  orders(): Promise<OrderSummary[]>;
  order(orderId: string): Promise<OrderDetail>;
  inventory(): Promise<InventoryRow[]>;
  lastPass(): Promise<{ startedAtMs: number; discovered: number } | null>;
  putSkuMap(entries: unknown): Promise<void>;
  retry(orderId: string): Promise<void>;
};

/** Calls the service over HTTP with the demo's admin token; an answer that is not a 200 is an error. */
export const createApi = (baseUrl: string): Api => {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== 200)
      throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  return {
    orders: async () => OrderList.parse(await call('GET', '/api/orders?limit=200')).orders,
    order: async (orderId) => Detail.parse(await call('GET', `/api/orders/${orderId}`)),
    inventory: async () => Inventory.parse(await call('GET', '/api/inventory')).skus,
    async lastPass() {
      const { lastReconcile } = Health.parse(await call('GET', '/health'));
      if (!lastReconcile) return null;
      return {
        startedAtMs: Date.parse(lastReconcile.startedAt),
        discovered: lastReconcile.orders.discovered,
      };
    },
    async retry(orderId) {
      await call('POST', `/api/orders/${orderId}/retry`, {});
    },
    async putSkuMap(entries) {
      await call('PUT', '/api/sku-map', { entries });
    },
  };
};
