import type { Clock } from '../../lib/clock.ts';
import { type RetryAnswer, UpstreamError, type UpstreamErrorCode } from '../../lib/errors.ts';
import { type HttpClient, quotaKey } from '../../lib/http-client.ts';
import type { Quota } from '../../lib/quota.ts';
import type { Result } from '../../lib/result.ts';
import type { Side, SideArea } from '../../lib/side.ts';
import type {
  ChangedFulfillment,
  Fulfillment,
  FulfillmentProvider,
  FulfillmentRequest,
  ProviderRefusal,
  ReturnItem,
  ReturnOutcome,
  StockLevel,
  SubmitOutcome,
} from '../provider.ts';
import { createLwa } from './auth.ts';
import { type AmazonClient, createAmazonClient } from './client.ts';
import { type AmazonRefusal, toProviderRefusal, UPSTREAM } from './errors.ts';
import { type AmazonOperation, LIMITS } from './limits.ts';
import {
  isoSeconds,
  toChanged,
  toCreateBody,
  toFulfillment,
  toPreview,
  toPreviewBody,
  toStockLevel,
} from './map.ts';
import { type AmazonRegion, REGIONS } from './regions.ts';
import { toReturnBody, toReturnOutcome } from './returns.ts';
import type { AwsCredentials } from './signing.ts';

export type AmazonMcfOptions = {
  http: HttpClient;
  /** The one `http` waits on. */
  quota: Quota;
  clock: Clock;
  sideFor: (area: SideArea) => Side;
  /** Names the seller account in quotas, metrics and logs. */
  account: string;
  region: AmazonRegion;
  marketplaceId: string;
  /** Base addresses without a trailing slash. */
  spApiUrl: string;
  lwaUrl: string;
  clientId: string;
  clientSecret: string;
  /** Asked before every login. Rejects with an `UpstreamError` of stage `before` where there is none. */
  refreshToken: () => Promise<string>;
  /** When set, calls are signed with SigV4 as well. */
  aws: AwsCredentials | null;
  version: string;
};

/** Published maximum of getInventorySummaries. */
const SKUS_PER_CALL = 50;

/** A read that was refused is a fault: there is no order to put into review for it. */
const valueOf = <T>(
  operation: AmazonOperation,
  result: Result<T, AmazonRefusal>,
  retry: RetryAnswer = 'never',
): T => {
  if (result.ok) return result.value;
  const refusal = result.problem;
  const code: UpstreamErrorCode = refusal.class === 'config' ? 'upstream_config_refused' : 'upstream_refused';
  throw new UpstreamError({
    upstream: UPSTREAM,
    operation,
    code,
    stage: 'before',
    retry,
    message: `Amazon ${operation}: ${refusal.message}`,
    httpStatus: refusal.httpStatus,
    remoteCode: refusal.remoteCode,
    requestId: refusal.requestId,
  });
};

/** A token that comes back would page for ever. */
const repeatedToken = (operation: AmazonOperation): UpstreamError =>
  new UpstreamError({
    upstream: UPSTREAM,
    operation,
    code: 'upstream_malformed',
    stage: 'before',
    retry: 'later',
    message: `Amazon ${operation}: the same page came twice`,
  });

/** Walks pages to the end; an empty token ends them like an absent one. */
async function* pagesOf<T extends { nextToken: string | null }>(
  operation: AmazonOperation,
  load: (nextToken: string | null) => Promise<Result<T, AmazonRefusal>>,
): AsyncGenerator<T> {
  const seen = new Set<string>();
  let nextToken: string | null = null;
  do {
    // A later page is refused when its token has died (30 s in inventory); a walk from the start can succeed.
    const page: T = valueOf(operation, await load(nextToken), nextToken === null ? 'never' : 'later');
    yield page;
    nextToken = page.nextToken;
    if (nextToken && seen.has(nextToken)) throw repeatedToken(operation);
    if (nextToken) seen.add(nextToken);
  } while (nextToken);
}

/** SKUs with a comma cannot stand in a list. */
const batchesOf = (amazonSkus: readonly string[]): string[][] => {
  const distinct = [...new Set(amazonSkus)];
  const listable = distinct.filter((sku) => !sku.includes(','));
  const batches = distinct.filter((sku) => sku.includes(',')).map((sku) => [sku]);
  for (let start = 0; start < listable.length; start += SKUS_PER_CALL)
    batches.push(listable.slice(start, start + SKUS_PER_CALL));
  return batches;
};

const fetchStock = async (client: AmazonClient, amazonSkus: readonly string[]) => {
  const levels = new Map<string, StockLevel>();
  for (const batch of batchesOf(amazonSkus)) {
    // Page after page without other work between: a token dies 30 s after it was made.
    const pages = pagesOf('getInventorySummaries', (token) => client.inventory(batch, token));
    for await (const page of pages) {
      for (const level of page.summaries.map(toStockLevel)) {
        if (!level || !batch.includes(level.amazonSku)) continue;
        const known = levels.get(level.amazonSku);
        // Listed twice, the smaller figure can be wrong only to the safe side.
        if (!known || level.fulfillable < known.fulfillable) levels.set(level.amazonSku, level);
      }
    }
  }
  return levels;
};

async function* listStock(client: AmazonClient): AsyncGenerator<StockLevel[]> {
  const pages = pagesOf('getInventorySummaries', (token) => client.inventory(null, token));
  for await (const page of pages) yield page.summaries.flatMap((summary) => toStockLevel(summary) ?? []);
}

/** In `Processing` and later cancel answers a 400 whose text Amazon does not document. */
const cancelRefusal = (refusal: AmazonRefusal): ProviderRefusal => {
  const told = toProviderRefusal(refusal);
  return refusal.class === 'unknown' ? { ...told, reason: 'too_late' } : told;
};

async function* listChanged(client: AmazonClient, sinceMs: number): AsyncGenerator<ChangedFulfillment[]> {
  const since = isoSeconds(sinceMs);
  const pages = pagesOf('listAllFulfillmentOrders', (token) => client.list(since, token));
  for await (const page of pages) yield toChanged(page.orders);
}

const submit = async (
  client: AmazonClient,
  marketplaceId: string,
  request: FulfillmentRequest,
): Promise<SubmitOutcome> => {
  const result = await client.create(toCreateBody(marketplaceId, request));
  if (result.ok) return { kind: 'accepted' };
  if (result.problem.class === 'duplicate') return { kind: 'already_exists' };
  return { kind: 'refused', refusal: toProviderRefusal(result.problem) };
};

const fetchOrder = async (client: AmazonClient, fulfillmentId: string): Promise<Fulfillment | null> => {
  const result = await client.get(fulfillmentId);
  if (!result.ok && result.problem.class === 'notFound') return null;
  return toFulfillment(valueOf('getFulfillmentOrder', result));
};

const cancel = async (client: AmazonClient, fulfillmentId: string) => {
  const result = await client.cancel(fulfillmentId);
  if (result.ok || result.problem.class === 'cancelAlreadyRequested') return { kind: 'requested' } as const;
  return { kind: 'refused', refusal: cancelRefusal(result.problem) } as const;
};

const release = async (client: AmazonClient, fulfillmentId: string) => {
  const result = await client.update(fulfillmentId, { fulfillmentAction: 'Ship' });
  if (result.ok) return { kind: 'released' } as const;
  return { kind: 'refused', refusal: toProviderRefusal(result.problem) } as const;
};

const returnReasons = async (client: AmazonClient, amazonSku: string): Promise<string[]> =>
  valueOf('listReturnReasonCodes', await client.returnReasons(amazonSku)).flatMap(
    ({ returnReasonCode: code }) => (code ? [code] : []),
  );

const createReturn = async (
  client: AmazonClient,
  fulfillmentId: string,
  items: readonly ReturnItem[],
): Promise<ReturnOutcome> => {
  const result = await client.createReturn(fulfillmentId, toReturnBody(items));
  if (result.ok) return toReturnOutcome(result.value);
  return { kind: 'refused', refusal: toProviderRefusal(result.problem) };
};

/** Amazon Multi-Channel Fulfillment for one seller account, by Fulfillment Outbound 2020-07-01. */
export const createAmazonMcf = (options: AmazonMcfOptions): FulfillmentProvider => {
  const { account, marketplaceId, quota } = options;
  const client = createAmazonClient({
    ...options,
    lwa: createLwa({ ...options, url: options.lwaUrl }),
    awsRegion: REGIONS[options.region].awsRegion,
  });
  const capacity = (operation: AmazonOperation, withinMs = 0): number => {
    const key = quotaKey({ upstream: UPSTREAM, account, operation });
    return Math.min(options.sideFor('orders').admits(), quota.available(key, LIMITS[operation], withinMs));
  };

  return {
    name: UPSTREAM,
    async preview(request) {
      const result = await client.preview(toPreviewBody(marketplaceId, request));
      return valueOf('getFulfillmentPreview', result).map(toPreview);
    },
    submit: (request) => submit(client, marketplaceId, request),
    fetch: (fulfillmentId) => fetchOrder(client, fulfillmentId),
    listChanged: (sinceMs) => listChanged(client, sinceMs),
    cancel: (fulfillmentId) => cancel(client, fulfillmentId),
    release: (fulfillmentId) => release(client, fulfillmentId),
    returnReasons: (amazonSku) => returnReasons(client, amazonSku),
    createReturn: (fulfillmentId, items) => createReturn(client, fulfillmentId, items),
    fetchStock: (amazonSkus) => fetchStock(client, amazonSkus),
    listStock: () => listStock(client),
    createCapacity: (withinMs) => capacity('createFulfillmentOrder', withinMs),
    readCapacity: (withinMs) => capacity('getFulfillmentOrder', withinMs),
  };
};
