import { randomUUID } from 'node:crypto';
import { type Faults, underFault } from '../faults.ts';
import type { Reply, SandboxRequest } from '../http.ts';
import type { Gate } from './gate.ts';
import { inventorySummaries } from './inventory.ts';
import type { Lwa } from './lwa.ts';
import { cancelOrder, createOrder, getOrder, listOrders, updateOrder } from './outbound.ts';
import type { Pages } from './pages.ts';
import { previewOrder } from './preview.ts';
import { createReturn, listReturnReasons } from './returns.ts';
import { type Call, type Operation, violate, type World } from './state.ts';
import { errorReply, headerOf } from './wire.ts';

export type Parts = {
  world: World;
  lwa: Lwa;
  gate: Gate;
  faults: Faults;
  account: string;
  listPages: Pages<object>;
  inventoryPages: Pages<string>;
};

type Route = { operation: Operation; answer(): Reply };

const OUTBOUND = '/fba/outbound/2020-07-01/fulfillmentOrders';
const RETURN_REASONS = '/fba/outbound/2020-07-01/returnReasonCodes';
const RATE_HEADER_STATUSES = new Set([200, 400, 404]);

const notFoundReply = (): Reply => errorReply(404, 'NotFound', 'The requested resource was not found.');

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

const collectionRoute = (parts: Parts, request: SandboxRequest): Route | undefined => {
  const { world } = parts;
  if (request.method === 'POST') {
    return { operation: 'create', answer: () => createOrder(world, request) };
  }
  if (request.method !== 'GET') return undefined;
  return { operation: 'list', answer: () => listOrders(world, parts.listPages, request) };
};

const orderRoute = (parts: Parts, request: SandboxRequest, path: string): Route | undefined => {
  const { world } = parts;
  const [segment = '', action, ...rest] = path.slice(OUTBOUND.length + 1).split('/');
  const id = decoded(segment);
  if (id === '' || rest.length > 0) return undefined;
  if (action === undefined && request.method === 'GET') {
    return { operation: 'get', answer: () => getOrder(world, id) };
  }
  if (request.method !== 'PUT') return undefined;
  if (action === undefined) return { operation: 'update', answer: () => updateOrder(world, id, request) };
  if (action === 'return')
    return { operation: 'createReturn', answer: () => createReturn(world, id, request) };
  if (action !== 'cancel') return undefined;
  const answer = (): Reply => {
    if (request.body !== '') violate(world, 'cancel', 'body on cancel');
    return cancelOrder(world, id);
  };
  return { operation: 'cancel', answer };
};

const routeOf = (parts: Parts, request: SandboxRequest): Route | undefined => {
  const { world } = parts;
  const path = request.target.split('?')[0] ?? '';
  const is = (method: string, wanted: string): boolean => request.method === method && path === wanted;
  if (is('POST', '/auth/o2/token')) return { operation: 'token', answer: () => parts.lwa.token(request) };
  if (is('POST', `${OUTBOUND}/preview`)) {
    return { operation: 'preview', answer: () => previewOrder(world, request) };
  }
  if (is('GET', '/fba/inventory/v1/summaries')) {
    return {
      operation: 'inventory',
      answer: () => inventorySummaries(world, parts.inventoryPages, request),
    };
  }
  if (is('GET', RETURN_REASONS)) {
    return { operation: 'returnReasons', answer: () => listReturnReasons(world, request) };
  }
  if (path === OUTBOUND) return collectionRoute(parts, request);
  return path.startsWith(`${OUTBOUND}/`) ? orderRoute(parts, request, path) : undefined;
};

const withHeaders = (parts: Parts, operation: Operation, reply: Reply): Reply => {
  if (reply.kind !== 'answer') return reply;
  const rate = RATE_HEADER_STATUSES.has(reply.status) ? parts.gate.rateHeader(operation) : undefined;
  return {
    ...reply,
    headers: {
      'x-amzn-RequestId': randomUUID(),
      ...(rate !== undefined && operation !== 'token' ? { 'x-amzn-RateLimit-Limit': rate } : {}),
      ...reply.headers,
    },
  };
};

const accountOf = (parts: Parts, request: SandboxRequest): string => {
  const token = headerOf(request, 'x-amz-access-token');
  return token !== undefined && parts.lwa.check(token) === 'good' ? parts.account : '';
};

/** Answers one request: noted when it comes in, then met by a planned fault or let through the gate. */
export const handleRequest = async (parts: Parts, request: SandboxRequest): Promise<Reply> => {
  const { world } = parts;
  const route = routeOf(parts, request);
  const operation = route?.operation ?? 'unknown';
  const call: Call = {
    operation,
    at: world.clock.nowMs(),
    status: null,
    account: accountOf(parts, request),
  };
  world.calls.push(call);
  const answer = (): Reply => {
    if (!route) return notFoundReply();
    const refusal = operation === 'token' ? undefined : parts.gate.refuse(request, operation);
    return withHeaders(parts, operation, refusal ?? route.answer());
  };
  const reply = await underFault(parts.faults.take(operation), async () => answer());
  if (reply.kind === 'answer') call.status = reply.status;
  return withHeaders(parts, operation, reply);
};
