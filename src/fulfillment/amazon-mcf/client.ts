import type { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { type EffectStage, UpstreamError } from '../../lib/errors.ts';
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts';
import { parseJson } from '../../lib/json.ts';
import { ok, type Result, refuse } from '../../lib/result.ts';
import type { Side, SideArea } from '../../lib/side.ts';
import type { Lwa } from './auth.ts';
import {
  type AmazonFault,
  type AmazonRefusal,
  faultOf,
  refusalOf,
  remoteErrors,
  UPSTREAM,
} from './errors.ts';
import { type AmazonOperation, areaOf, LIMITS } from './limits.ts';
import {
  InventoryAnswer,
  ListAnswer,
  OrderAnswer,
  PreviewAnswer,
  type PreviewEntry,
  ReasonCodesAnswer,
  ReturnAnswer,
  WriteAnswer,
} from './schema.ts';
import { type AwsCredentials, signSigV4 } from './signing.ts';

const OUTBOUND_PATH = '/fba/outbound/2020-07-01/fulfillmentOrders';
const REASON_CODES_PATH = '/fba/outbound/2020-07-01/returnReasonCodes';
const INVENTORY_PATH = '/fba/inventory/v1/summaries';

export type AmazonClientOptions = {
  http: HttpClient;
  clock: Clock;
  sideFor: (area: SideArea) => Side;
  lwa: Lwa;
  account: string;
  marketplaceId: string;
  /** Base address without a trailing slash. */
  spApiUrl: string;
  awsRegion: string;
  aws: AwsCredentials | null;
  /** Ours, for the user agent. */
  version: string;
};

type Answered<T> = Promise<Result<T, AmazonRefusal>>;

/**
 * One method per remote operation. A refusal of the request is a value; everything else that goes wrong is an
 * `UpstreamError`. Nothing is repeated, except once after a refused token.
 */
export type AmazonClient = {
  preview(body: unknown): Answered<PreviewEntry[]>;
  create(body: unknown): Answered<null>;
  get(id: string): Answered<OrderAnswer>;
  /** `queryStartDate` goes with every page. */
  list(queryStartDate: string, nextToken: string | null): Answered<ListAnswer>;
  update(id: string, body: unknown): Answered<null>;
  cancel(id: string): Answered<null>;
  returnReasons(sellerSku: string): Answered<ReasonCodesAnswer>;
  createReturn(id: string, body: unknown): Answered<ReturnAnswer>;
  /** At most 50 SKUs, none with a comma unless it is the only one. Null: all there are. */
  inventory(sellerSkus: readonly string[] | null, nextToken: string | null): Answered<InventoryAnswer>;
};

type Call<T> = {
  operation: AmazonOperation;
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  query?: readonly (readonly [string, string])[];
  body?: unknown;
  answer: z.ZodType<T>;
  hasEffect: boolean;
};

/** RFC 3986, once: SigV4 counts on it, and `'` would otherwise be rewritten by the URL parser after signing. */
const encode = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const queryText = (query: readonly (readonly [string, string])[]): string =>
  query.map(([name, value], index) => `${index === 0 ? '?' : '&'}${name}=${encode(value)}`).join('');

const readJson = (body: string): unknown => {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
};

/** Undocumented by Amazon, honoured if seen. */
const retryAfterMs = (response: HttpResponse): number | undefined => {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
};

const stageOf = (code: AmazonFault['code'], hasEffect: boolean): EffectStage =>
  hasEffect && (code === 'upstream_unavailable' || code === 'upstream_malformed') ? 'during' : 'before';

const faultError = (call: Call<unknown>, response: HttpResponse, fault: AmazonFault): UpstreamError =>
  new UpstreamError({
    upstream: UPSTREAM,
    operation: call.operation,
    code: fault.code,
    stage: stageOf(fault.code, call.hasEffect),
    retry: 'later',
    message: `Amazon ${call.operation}: ${fault.message}`,
    httpStatus: response.status,
    remoteCode: fault.remoteCode,
    requestId: response.headers['x-amzn-requestid'],
    retryAfterMs: retryAfterMs(response),
  });

const malformed = (call: Call<unknown>, response: HttpResponse, where: string): UpstreamError =>
  new UpstreamError({
    upstream: UPSTREAM,
    operation: call.operation,
    code: 'upstream_malformed',
    stage: call.hasEffect ? 'after' : 'before',
    retry: 'later',
    message: `Amazon ${call.operation}: the answer does not have the documented form (${where})`,
    httpStatus: response.status,
    requestId: response.headers['x-amzn-requestid'],
  });

/** Reads an answer by status, then body. Throws for all that is neither success nor refusal. */
const interpret = <T>(call: Call<T>, response: HttpResponse): Result<T, AmazonRefusal> => {
  const body = readJson(response.text);
  const errors = remoteErrors(body);
  const fault = faultOf(response.status, errors);
  if (fault) throw faultError(call, response, fault);
  if (response.status >= 400 || errors.length > 0) return refuse(refusalOf(call.operation, response, errors));
  const answer = call.answer.safeParse(body);
  if (answer.success) return ok(answer.data);
  throw malformed(call, response, answer.error.issues[0]?.path.join('.') || 'body');
};

/** Sends one call with a token, and once more with a fresh one when the first was refused. */
const createTransport = (options: AmazonClientOptions) => {
  const nodeMajor = process.versions.node.split('.')[0];
  const userAgent = `mcf-connector/${options.version} (Language=TypeScript; Platform=Node.js/${nodeMajor})`;

  const send = (call: Call<unknown>, token: string): Promise<HttpResponse> => {
    const url = `${options.spApiUrl}${call.path}${queryText(call.query ?? [])}`;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      accept: 'application/json',
      'user-agent': userAgent,
      'x-amz-access-token': token,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return options.http.send({
      upstream: UPSTREAM,
      account: options.account,
      operation: call.operation,
      limit: LIMITS[call.operation],
      method: call.method,
      url,
      headers: {},
      sign: () => ({
        headers: signSigV4(
          { method: call.method, url, headers, body },
          options.aws,
          options.awsRegion,
          options.clock.nowMs(),
        ),
      }),
      ...(body === undefined ? {} : { body }),
    });
  };

  return async <T>(call: Call<T>): Answered<T> => {
    const token = await options.lwa.accessToken();
    const first = await send(call, token);
    const fault = faultOf(first.status, remoteErrors(readJson(first.text)));
    if (fault?.freshTokenMayHelp !== true) return interpret(call, first);
    options.lwa.drop(token);
    return interpret(call, await send(call, await options.lwa.accessToken()));
  };
};

type Run = <T>(call: Call<T>) => Answered<T>;

const orderPath = (id: string): string => `${OUTBOUND_PATH}/${encode(id)}`;
const nextPage = (nextToken: string | null): [string, string][] =>
  nextToken ? [['nextToken', nextToken]] : [];

// A list is split at commas, so such a SKU goes by the name that takes it whole.
const skuFilter = (sellerSkus: readonly string[] | null): [string, string][] =>
  sellerSkus ? [[sellerSkus[0]?.includes(',') ? 'sellerSku' : 'sellerSkus', sellerSkus.join(',')]] : [];

const inventoryQuery = (
  marketplaceId: string,
  sellerSkus: readonly string[] | null,
  nextToken: string | null,
): [string, string][] => [
  ['details', 'true'],
  ['granularityType', 'Marketplace'],
  ['granularityId', marketplaceId],
  ...skuFilter(sellerSkus),
  ['marketplaceIds', marketplaceId],
  ...nextPage(nextToken),
];

const READ = { method: 'GET', hasEffect: false } as const;
const WRITE = { answer: WriteAnswer, hasEffect: true } as const;

const createReads = (
  run: Run,
  marketplaceId: string,
): Pick<AmazonClient, 'preview' | 'get' | 'list' | 'inventory'> => ({
  preview: (body) =>
    run({
      operation: 'getFulfillmentPreview',
      method: 'POST',
      path: `${OUTBOUND_PATH}/preview`,
      body,
      answer: PreviewAnswer,
      hasEffect: false,
    }),
  get: (id) => run({ ...READ, operation: 'getFulfillmentOrder', path: orderPath(id), answer: OrderAnswer }),
  list: (queryStartDate, nextToken) =>
    run({
      ...READ,
      operation: 'listAllFulfillmentOrders',
      path: OUTBOUND_PATH,
      query: [['queryStartDate', queryStartDate], ...nextPage(nextToken)],
      answer: ListAnswer,
    }),
  inventory: (sellerSkus, nextToken) =>
    run({
      ...READ,
      operation: 'getInventorySummaries',
      path: INVENTORY_PATH,
      query: inventoryQuery(marketplaceId, sellerSkus, nextToken),
      answer: InventoryAnswer,
    }),
});

const createWrites = (run: Run): Pick<AmazonClient, 'create' | 'update' | 'cancel'> => ({
  create: (body) =>
    run({ ...WRITE, operation: 'createFulfillmentOrder', method: 'POST', path: OUTBOUND_PATH, body }),
  update: (id, body) =>
    run({ ...WRITE, operation: 'updateFulfillmentOrder', method: 'PUT', path: orderPath(id), body }),
  cancel: (id) =>
    run({ ...WRITE, operation: 'cancelFulfillmentOrder', method: 'PUT', path: `${orderPath(id)}/cancel` }),
});

const createReturns = (
  run: Run,
  marketplaceId: string,
): Pick<AmazonClient, 'returnReasons' | 'createReturn'> => ({
  returnReasons: (sellerSku) =>
    run({
      ...READ,
      operation: 'listReturnReasonCodes',
      path: REASON_CODES_PATH,
      query: [
        ['sellerSku', sellerSku],
        ['marketplaceId', marketplaceId],
      ],
      answer: ReasonCodesAnswer,
    }),
  createReturn: (id, body) =>
    run({
      operation: 'createFulfillmentReturn',
      method: 'PUT',
      path: `${orderPath(id)}/return`,
      body,
      answer: ReturnAnswer,
      hasEffect: true,
    }),
});

/** The two APIs we use of Amazon's Selling Partner API: Fulfillment Outbound 2020-07-01 and FBA Inventory v1. */
export const createAmazonClient = (options: AmazonClientOptions): AmazonClient => {
  const transport = createTransport(options);
  const run: Run = (call) =>
    options.sideFor(areaOf(call.operation)).guard(call.operation, () => transport(call));
  return {
    ...createReads(run, options.marketplaceId),
    ...createWrites(run),
    ...createReturns(run, options.marketplaceId),
  };
};
