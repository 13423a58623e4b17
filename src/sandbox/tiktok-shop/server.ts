import { type Faults, underFault } from '../faults.ts';
import { jsonReply, type Reply, type SandboxRequest } from '../http.ts';
import { authRoutes } from './auth.ts';
import { cancellationRoutes } from './cancellations.ts';
import { eventRoutes } from './events.ts';
import { fulfillmentRoutes } from './fulfillment.ts';
import { createGate, readBody } from './gate.ts';
import { inventoryRoutes } from './inventory.ts';
import { logisticsRoutes } from './logistics.ts';
import { orderRoutes } from './orders.ts';
import { type Outcome, violation } from './outcome.ts';
import { packageRoutes } from './packages.ts';
import { productRoutes } from './products.ts';
import { returnRoutes } from './returns.ts';
import type { Call, Route } from './route.ts';
import type { World } from './state.ts';
import type { Tokens } from './tokens.ts';
import type { CallRecord } from './types.ts';

type Compiled = { route: Route; pattern: RegExp };

type Match = { route: Route; params: string[] } | { outcome: Outcome };

const compile = (route: Route): Compiled => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll('{id}', '([^/]+)')}$`),
});

const createMatcher = (ownRoutes: Route[]) => {
  const compiled = [
    ...ownRoutes,
    ...orderRoutes,
    ...fulfillmentRoutes,
    ...packageRoutes,
    ...logisticsRoutes,
    ...productRoutes,
    ...inventoryRoutes,
    ...cancellationRoutes,
    ...returnRoutes,
    ...eventRoutes,
  ].map(compile);
  return (request: SandboxRequest): Match => {
    const here = compiled.filter(({ pattern }) => pattern.test(request.path));
    const found = here.find(({ route }) => route.method === request.method);
    if (found === undefined) {
      const what = `${request.method} ${request.path}`;
      return here.length === 0
        ? { outcome: violation(36009009, `Invalid path: ${what}`) }
        : { outcome: violation(36009010, `Invalid method: ${what}`) };
    }
    return { route: found.route, params: found.pattern.exec(request.path)?.slice(1) ?? [] };
  };
};

const SUCCESS_HTTP = 200;

const createAnswer = (world: World) => {
  let count = 0;
  return (outcome: Outcome, record: CallRecord): Reply => {
    count += 1;
    const request_id = `SANDBOX${String(count).padStart(28, '0')}`;
    record.code = outcome.ok ? 0 : outcome.code;
    record.status = outcome.ok ? SUCCESS_HTTP : (outcome.status ?? world.settings.refusalHttpStatus);
    if (outcome.ok)
      return jsonReply(record.status, { code: 0, data: outcome.data, message: 'Success', request_id });
    if (outcome.violation) {
      const message = `${outcome.code} ${outcome.message}`;
      world.violations.push({ at: world.clock.nowMs(), operation: record.operation, message });
    }
    return jsonReply(record.status, { code: outcome.code, data: null, message: outcome.message, request_id });
  };
};

const faultName = (fault: ReturnType<Faults['take']>): string | null => {
  if (fault === undefined) return null;
  if (typeof fault === 'string') return fault;
  return 'status' in fault ? `status-${fault.status}` : 'slow';
};

/** Everything between a request on the wire and the endpoint that answers it. */
export const createHandler = (options: {
  world: World;
  tokens: Tokens;
  faults: Faults;
  calls: CallRecord[];
  appKey: string;
  appSecret: string;
}): ((request: SandboxRequest) => Promise<Reply>) => {
  const { world, tokens, faults, calls } = options;
  const match = createMatcher(authRoutes(world, tokens, options));
  const gate = createGate(options);
  const answer = createAnswer(world);

  const decide = (request: SandboxRequest, found: Match, record: CallRecord): Outcome => {
    if ('outcome' in found) return found.outcome;
    const { route, params } = found;
    // The auth host takes plain GETs: nothing there is signed.
    const refusal = request.path.startsWith('/api/v2/token/') ? null : gate(request, route);
    if (refusal !== null) return refusal;
    if (params.some((id) => !/^\d+$/.test(id)))
      return violation(36009004, 'An id in the path is not a number.');
    const body = readBody(request.body);
    if ('ok' in body) return body;
    const call: Call = { world, params, query: request.query, body: body.body, orderIds: record.orderIds };
    return route.handle(call);
  };

  return (request) => {
    world.timers.settle();
    const found = match(request);
    const operation = 'route' in found ? found.route.operation : 'unknown';
    const fault = faults.take(operation);
    const record: CallRecord = {
      operation,
      at: world.clock.nowMs(),
      status: null,
      code: null,
      orderIds: [],
      fault: faultName(fault),
    };
    calls.push(record);
    return underFault(fault, async () => answer(decide(request, found, record), record));
  };
};
