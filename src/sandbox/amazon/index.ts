import type { Clock } from '../../lib/clock.ts';
import { createFaults, type Faults } from '../faults.ts';
import { type Reply, type SandboxRequest, startSandboxServer } from '../http.ts';
import { createDriver, type Driver } from './driver.ts';
import { createGate, type Rates } from './gate.ts';
import { INVENTORY_TOKEN_LIFE_MS } from './inventory.ts';
import { createLwa } from './lwa.ts';
import { createPages } from './pages.ts';
import { handleRequest, type Parts } from './server.ts';
import type { AwsKey } from './sigv4.ts';
import {
  type AcceptedCreate,
  type Call,
  DEFAULT_DELAYS,
  type Delays,
  type Operation,
  putStock,
  type ReturnCall,
  type Violation,
  type World,
} from './state.ts';

export type { Driver, HandParcel, MoreStock, OrderSnapshot } from './driver.ts';
export type { Rate, Rates } from './gate.ts';
export type { AwsKey } from './sigv4.ts';
export type { Call, Delays, Operation, OrderPlan, OrderState, ParcelPlan, Violation } from './state.ts';

export type AmazonSandboxOptions = {
  clock: Clock;
  /** 0, the default, takes a free one. */
  port?: number;
  host?: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  /** Tells the tokens of several sellers apart. */
  seller?: string;
  /** Default: the United States. */
  marketplaceId?: string;
  /** The SKUs Amazon knows: a list (100 of each) or what can be shipped of each. */
  sellerSkus?: readonly string[] | Readonly<Record<string, number>>;
  /** When set, every SP-API call must carry a right Signature Version 4. */
  aws?: AwsKey | null;
  rates?: Rates;
  delays?: Partial<Delays>;
  /** False: orders move only by `advanceOrder` and `addParcel` (a cancel still takes effect). */
  automatic?: boolean;
  /** US orders of a single unit get an Amazon Fulfillment Tracking Number. */
  aftn?: boolean;
  listPageSize?: number;
  inventoryPageSize?: number;
};

/** Amazon in process: nothing listens. */
export type AmazonWorld = Driver & {
  /** Answers one request, as it would come over the wire. */
  handle: (request: SandboxRequest) => Promise<Reply>;
  faults: Faults;
  /** Accepted creates, in order. */
  creates: readonly AcceptedCreate[];
  /** Creates of an id that already existed. */
  duplicateCreates: readonly AcceptedCreate[];
  cancels: readonly { fulfillmentId: string; at: number }[];
  updates: readonly { fulfillmentId: string; body: unknown; at: number }[];
  /** Calls of createFulfillmentReturn that were answered with 200. */
  returns: readonly ReturnCall[];
  /** Every request, noted as it comes in; `status` stays null while, or for ever if, no answer goes out. */
  calls: readonly Call[];
  countCalls(operation: Operation): number;
  /** What a correct client never does. */
  violations: readonly Violation[];
  /** Every access token is expired from now on. */
  expireTokens(): void;
  /** The seller withdraws the authorization: tokens die, `invalid_grant` from now on. */
  revoke(): void;
  restore(): void;
  /** A code as consent brings it: single use, five minutes. */
  issueConsentCode(): string;
};

export type AmazonSandbox = Omit<AmazonWorld, 'handle'> & {
  /** Base of both LWA (`/auth/o2/token`) and SP-API, without a trailing slash. */
  url: string;
  close(): Promise<void>;
};

const US_MARKETPLACE = 'ATVPDKIKX0DER';
const DEFAULT_STOCK = 100;
const DEFAULT_PAGE_SIZE = 50;

const createWorld = (options: AmazonSandboxOptions): World => {
  const world: World = {
    clock: options.clock,
    marketplaceId: options.marketplaceId ?? US_MARKETPLACE,
    automatic: options.automatic ?? true,
    aftn: options.aftn ?? false,
    delays: { ...DEFAULT_DELAYS, ...options.delays },
    orders: new Map(),
    families: new Map(),
    stock: new Map(),
    plans: [],
    dueMs: Number.POSITIVE_INFINITY,
    counter: 0,
    creates: [],
    duplicateCreates: [],
    cancels: [],
    updates: [],
    returns: [],
    calls: [],
    violations: [],
  };
  const skus = options.sellerSkus ?? [];
  const stock = Array.isArray(skus) ? skus.map((sku) => [sku, DEFAULT_STOCK]) : Object.entries(skus);
  for (const [sku, fulfillable] of stock) putStock(world, String(sku), Number(fulfillable));
  return world;
};

const createParts = (options: AmazonSandboxOptions): Parts => {
  const world = createWorld(options);
  const lwa = createLwa(world, options);
  const listSize = options.listPageSize ?? DEFAULT_PAGE_SIZE;
  const inventorySize = options.inventoryPageSize ?? DEFAULT_PAGE_SIZE;
  return {
    world,
    lwa,
    faults: createFaults(),
    gate: createGate(world, lwa, { aws: options.aws ?? null, rates: options.rates ?? {} }),
    account: options.clientId,
    listPages: createPages(world, listSize, Number.POSITIVE_INFINITY),
    inventoryPages: createPages(world, inventorySize, INVENTORY_TOKEN_LIFE_MS),
  };
};

/** Makes Amazon: LWA, Fulfillment Outbound 2020-07-01 and FBA Inventory, with state. */
export const createAmazonWorld = (options: AmazonSandboxOptions): AmazonWorld => {
  const parts = createParts(options);
  const { world, lwa } = parts;
  return {
    ...createDriver(world),
    handle: (request) => handleRequest(parts, request),
    faults: parts.faults,
    creates: world.creates,
    duplicateCreates: world.duplicateCreates,
    cancels: world.cancels,
    updates: world.updates,
    returns: world.returns,
    calls: world.calls,
    countCalls: (operation) => world.calls.filter((call) => call.operation === operation).length,
    violations: world.violations,
    expireTokens: () => lwa.expireTokens(),
    revoke: () => lwa.revoke(),
    restore: () => lwa.restore(),
    issueConsentCode: () => lwa.issueCode(),
  };
};

/** Starts Amazon on one real port. */
export const startAmazonSandbox = async (options: AmazonSandboxOptions): Promise<AmazonSandbox> => {
  const { handle, ...world } = createAmazonWorld(options);
  const server = await startSandboxServer({ host: options.host, port: options.port, handle });
  return { ...world, url: server.url, close: () => server.close() };
};
