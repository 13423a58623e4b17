import { request as httpRequest } from 'node:http';
import { onTestFinished } from 'vitest';
import {
  type AmazonSandbox,
  type AmazonSandboxOptions,
  startAmazonSandbox,
} from '../../src/sandbox/amazon/index.ts';
import { createHeldClock, type HeldClock } from '../held-clock.ts';

export const OUTBOUND = '/fba/outbound/2020-07-01/fulfillmentOrders';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const CREDENTIALS = {
  clientId: 'amzn1.application-oa2-client.TEST',
  clientSecret: 'amzn1.oa2-cs.v1.TEST',
  refreshToken: 'Atzr|TEST+/=',
};
export const USER_AGENT = 'mcf-connector/0.1 (Language=TypeScript/7; Platform=Node/24)';

/** Answers are probed field by field; what is not there fails the assertion. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;
export type Answer = { status: number; headers: Record<string, string>; text: string; json: Json };

export type Send = {
  method?: string;
  path: string;
  headers?: Record<string, string | undefined>;
  body?: string;
};

/** One exchange over a real socket, sending exactly these headers and bytes. */
export const exchange = (url: string, send: Send): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const headers = Object.entries(send.headers ?? {}).filter((entry) => entry[1] !== undefined);
    const request = httpRequest({
      hostname,
      port,
      path: send.path,
      method: send.method ?? 'GET',
      headers: Object.fromEntries(headers),
      agent: false,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          json = undefined;
        }
        const names = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(names), text, json });
      });
    });
    request.end(send.body);
  });

export type Rig = {
  clock: HeldClock;
  amazon: AmazonSandbox;
  /** A call with a good token and user agent; a body is sent as JSON unless it is text. */
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string | undefined>,
  ) => Promise<Answer>;
  create: (body: unknown) => Promise<Answer>;
  get: (id: string) => Promise<Answer>;
  cancel: (id: string) => Promise<Answer>;
  token: (fields?: Record<string, string>) => Promise<Answer>;
};

/** A simulator of its own for one test, closed when the test ends. */
export const startRig = async (options: Partial<AmazonSandboxOptions> = {}): Promise<Rig> => {
  const clock = createHeldClock(Date.parse('2026-01-15T12:00:00Z'));
  const amazon = await startAmazonSandbox({
    clock,
    ...CREDENTIALS,
    sellerSkus: { 'MUG-BLUE-12OZ': 41, 'TEE-BLK-M': 10 },
    ...options,
  });
  onTestFinished(() => amazon.close());
  const token: Rig['token'] = (fields) =>
    exchange(amazon.url, {
      method: 'POST',
      path: '/auth/o2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
      body: new URLSearchParams(
        fields ?? {
          grant_type: 'refresh_token',
          refresh_token: CREDENTIALS.refreshToken,
          client_id: CREDENTIALS.clientId,
          client_secret: CREDENTIALS.clientSecret,
        },
      ).toString(),
    });
  let accessToken = '';
  let renewAtMs = 0;
  const call: Rig['call'] = async (method, path, body, headers = {}) => {
    if (clock.nowMs() >= renewAtMs) {
      accessToken = (await token()).json.access_token;
      renewAtMs = clock.nowMs() + 59 * MINUTE;
    }
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return exchange(amazon.url, {
      method,
      path,
      headers: {
        'user-agent': USER_AGENT,
        'x-amz-access-token': accessToken,
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
  };
  return {
    clock,
    amazon,
    call,
    token,
    create: (body) => call('POST', OUTBOUND, body),
    get: (id) => call('GET', `${OUTBOUND}/${encodeURIComponent(id)}`),
    cancel: (id) => call('PUT', `${OUTBOUND}/${encodeURIComponent(id)}/cancel`),
  };
};

export const ORDER_ID = 'TTS-576461413038785752';

/** A whole create body, as the published example has it. */
export const createBody = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  marketplaceId: 'ATVPDKIKX0DER',
  sellerFulfillmentOrderId: ORDER_ID,
  displayableOrderId: '576461413038785752',
  displayableOrderDate: '2026-08-18T15:04:05Z',
  displayableOrderComment: 'Thank you for your order!',
  shippingSpeedCategory: 'Standard',
  destinationAddress: {
    name: 'Jamie Example',
    addressLine1: '1234 Example Ave',
    addressLine2: 'Apt 5B',
    city: 'Austin',
    stateOrRegion: 'TX',
    postalCode: '78701',
    countryCode: 'US',
    phone: '5125550100',
  },
  fulfillmentAction: 'Ship',
  fulfillmentPolicy: 'FillOrKill',
  shipFromCountryCode: 'US',
  featureConstraints: [
    { featureName: 'BLANK_BOX', featureFulfillmentPolicy: 'Required' },
    { featureName: 'BLOCK_AMZL', featureFulfillmentPolicy: 'NotRequired' },
  ],
  items: [
    {
      sellerSku: 'MUG-BLUE-12OZ',
      sellerFulfillmentOrderItemId: '577086512123755123',
      quantity: 2,
      perUnitDeclaredValue: { currencyCode: 'USD', value: '14.99' },
    },
    {
      sellerSku: 'TEE-BLK-M',
      sellerFulfillmentOrderItemId: '577086512123755124',
      quantity: 1,
      perUnitDeclaredValue: { currencyCode: 'USD', value: '22.00' },
    },
  ],
  ...changes,
});

export const addressWith = (changes: Record<string, unknown>): Record<string, unknown> => ({
  destinationAddress: { ...(createBody()['destinationAddress'] as object), ...changes },
});

export const oneUnit = (sku = 'MUG-BLUE-12OZ'): unknown[] => [
  { sellerSku: sku, sellerFulfillmentOrderItemId: '577086512123755123', quantity: 1 },
];
