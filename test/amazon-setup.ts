import { readFileSync } from 'node:fs';
import { type AmazonMcfOptions, createAmazonMcf } from '../src/fulfillment/amazon-mcf/index.ts';
import type { FulfillmentRequest } from '../src/fulfillment/provider.ts';
import { createHttpClient } from '../src/lib/http-client.ts';
import { createQuota } from '../src/lib/quota.ts';
import { createSide } from '../src/lib/side.ts';
import { createHeldClock } from './held-clock.ts';

export const SP_API = 'https://sellingpartnerapi-na.amazon.com';
export const LWA = 'https://api.amazon.com';
export const ORDERS = '/fba/outbound/2020-07-01/fulfillmentOrders';
export const MARKETPLACE = 'ATVPDKIKX0DER';
/** 2026-01-15T12:00:00Z */
export const NOON_MS = 1_768_478_400_000;

export const amazonFixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/amazon/${name}.json`, import.meta.url), 'utf8'));

/** The real provider on the real HTTP client, with the time held. */
export const amazonSetup = (changes: Partial<AmazonMcfOptions> = {}, timeoutMs = 5000) => {
  const clock = createHeldClock(NOON_MS);
  const quota = createQuota(clock);
  const http = createHttpClient({ quota, timeoutMs });
  const side = createSide('amazon-mcf', clock);
  const options: AmazonMcfOptions = {
    http,
    quota,
    clock,
    sideFor: () => side,
    account: 'seller-1',
    region: 'na',
    marketplaceId: MARKETPLACE,
    spApiUrl: SP_API,
    lwaUrl: LWA,
    clientId: 'client-1',
    clientSecret: 'secret-1',
    refreshToken: () => Promise.resolve('Atzr|refresh+1'),
    aws: null,
    version: '1.2.3',
    ...changes,
  };
  return { provider: createAmazonMcf(options), clock, quota, http, side, options };
};

export const fulfillmentRequest = (changes: Partial<FulfillmentRequest> = {}): FulfillmentRequest => ({
  fulfillmentId: 'TTS-576461413038785752',
  displayOrderId: '576461413038785752',
  orderedAtMs: NOON_MS,
  speed: 'Standard',
  policy: 'FillOrKill',
  blockAmzl: false,
  unbranded: false,
  destination: {
    name: 'Jamie Example',
    addressLine1: '1234 Example Ave',
    city: 'Austin',
    stateOrRegion: 'TX',
    postalCode: '78701',
    countryCode: 'US',
  },
  items: [{ itemId: '577086512123755123', amazonSku: 'MUG-BLUE-12OZ', quantity: 2 }],
  ...changes,
});

/** All that an async iterable gives, in order. */
export const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
};
