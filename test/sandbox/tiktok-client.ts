import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';

import type { Clock } from '../../src/lib/clock.ts';
import type { TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { requestSignature } from '../../src/sandbox/tiktok-shop/signing.ts';

export const APP = { appKey: '6examplekey1', appSecret: '0123456789abcdef0123456789abcdef01234567' };

export type ManualClock = Clock & { advance(seconds: number): void };

/** A clock that stands still until it is told to move; sleepers wake when their time has come. */
export const manualClock = (startMs = 1_764_000_000_000): ManualClock => {
  let now = startMs;
  const sleepers = new Set<{ dueMs: number; wake: () => void }>();
  return {
    nowMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { dueMs: now + ms, wake: resolve };
        if (signal?.aborted || ms <= 0) return resolve();
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          resolve();
        });
      }),
    advance(seconds) {
      now += seconds * 1000;
      for (const sleeper of sleepers) {
        if (sleeper.dueMs > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
};

type LineView = {
  id: string;
  seller_sku: string;
  display_status: string;
  package_id?: string;
  tracking_number?: string;
  is_gift: boolean;
  combined_listing_skus?: Array<{ seller_sku: string; sku_count: number }>;
};

export type OrderView = {
  id: string;
  status: string;
  update_time: number;
  is_on_hold_order: boolean;
  is_buyer_request_cancel: boolean;
  tracking_number: string;
  recipient_address: Record<'name' | 'address_line1' | 'postal_code' | 'phone_number', string> & {
    district_info: Array<{ address_level: string; address_name: string }>;
  };
  line_items: LineView[];
};

/** The fields these tests look at, over all endpoints; which of them are there depends on the call. */
export type Data = {
  total_count: number;
  next_page_token: string;
  orders: OrderView[];
  order_line_item_ids: string[];
  package_id: string;
  warning: { message: string };
  shops: Array<{ id: string; cipher: string }>;
  shipping_providers: Array<{ id: string; name: string }>;
  cancellations: Array<{ cancel_status: string; seller_next_action_response: unknown[] }>;
  cancel_status: string;
  products: Array<{ skus: Array<{ seller_sku: string }> }>;
  errors: Array<{ code: number }>;
  inventory: Array<{ skus: unknown[] }>;
  access_token: string;
  access_token_expire_in: number;
  refresh_token: string;
  user_type: number;
};

export type Envelope = { code: number; message: string; request_id: string; data: Data };

export type CallOptions = {
  query?: Record<string, string>;
  body?: unknown;
  method?: string;
  token?: string | null;
  cipher?: string | null;
  timestamp?: number;
  sign?: string;
  contentType?: string;
  signal?: AbortSignal;
};

/** A correct signed call by default; every part of it can be made wrong. */
export const createClient = (sandbox: TikTokSandbox, clock: Clock) => {
  const raw = async (path: string, options: CallOptions = {}): Promise<Response> => {
    const body = options.body === undefined ? '' : JSON.stringify(options.body);
    const contentType = options.contentType ?? 'application/json';
    const cipher = options.cipher === undefined ? sandbox.shop.cipher : options.cipher;
    const query = new URLSearchParams({
      app_key: APP.appKey,
      timestamp: String(options.timestamp ?? Math.floor(clock.nowMs() / 1000)),
      ...(cipher === null ? {} : { shop_cipher: cipher }),
      ...options.query,
    });
    query.set('sign', options.sign ?? requestSignature(APP.appSecret, { path, query, body, contentType }));
    const token = options.token === undefined ? sandbox.tokens().accessToken : options.token;
    return fetch(`${sandbox.url}${path}?${query.toString()}`, {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      headers: {
        'content-type': contentType,
        ...(token === null ? {} : { 'x-tts-access-token': token }),
      },
      ...(body === '' ? {} : { body }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  };
  const call = async (path: string, options: CallOptions = {}): Promise<Envelope> =>
    (await (await raw(path, options)).json()) as Envelope;
  return {
    raw,
    call,
    order: async (orderId: string): Promise<OrderView> => {
      const { data } = await call('/order/202507/orders', { query: { ids: orderId } });
      const order = data.orders[0];
      if (order === undefined) throw new Error(`no order ${orderId}`);
      return order;
    },
    ship: (orderId: string, lineIds: string[] | undefined, trackingNumber: string, providerId = AMAZON) =>
      call(`/fulfillment/202309/orders/${orderId}/packages`, {
        body: {
          ...(lineIds === undefined ? {} : { order_line_item_ids: lineIds }),
          tracking_number: trackingNumber,
          shipping_provider_id: providerId,
        },
      }),
  };
};

export const AMAZON = '7248600717110282027';

export type Hit = { authorization: string | undefined; headers: IncomingHttpHeaders; body: string };

/** Something that receives webhooks and answers them as it is told. */
export const startReceiver = async (answer: { status: number; body?: string } = { status: 200 }) => {
  const hits: Hit[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      hits.push({ authorization: request.headers.authorization, headers: request.headers, body });
      response.writeHead(answer.status).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/webhooks/tiktok`,
    hits,
    answer,
    messages: () => hits.map(({ body }) => JSON.parse(body)),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
