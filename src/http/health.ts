import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Clock, isoTime } from '../lib/clock.ts';
import { partsOfSide, type Side, type SideState, sideName } from '../lib/side.ts';
import { STAGES, type Stage } from '../orders/model.ts';
import type { PassReport } from '../reconcile/reconcile.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { Report } from './reconcile.ts';
import { typed } from './route-docs.ts';

export type HealthDeps = {
  store: Pick<Store, 'ping' | 'orders'>;
  sides(): readonly Side[];
  lastReport(): PassReport | null;
  clock: Clock;
  startedAtMs: number;
  version: string;
};

type StoreHealth = { ok: true; orders: Record<Stage, number> } | { ok: false; problem: string | null };

const text = z.string().nullable();
const Side = z.object({
  name: z.string(),
  state: z.string(),
  since: text,
  nextTry: text,
  code: text,
  message: text,
});
const Health = z
  .object({
    status: z.enum(['ok', 'degraded']),
    version: z.string(),
    uptimeSeconds: z.int(),
    store: z.enum(['ok', 'unavailable']),
    storeProblem: text,
    orders: z.record(z.enum(STAGES), z.int()).nullable().describe('How many orders are in each stage'),
    lastReconcile: Report.nullable(),
    sides: z.array(Side),
  })
  .meta({ id: 'Health', description: 'How the service and both sides are' });
const Live = z.object({ status: z.literal('ok') }).describe('The process answers');
const Ready = z.object({ status: z.enum(['ok', 'unavailable']) });

const tags = ['Service'];
const HEALTH = {
  operationId: 'getHealth',
  tags,
  summary: 'How the service and both sides are',
  response: { 200: Health, 503: Health.describe('Webhooks cannot be accepted now') },
};
const LIVE = { operationId: 'getLive', tags, summary: 'For orchestrators', response: { 200: Live } };
const READY = {
  operationId: 'getReady',
  tags,
  summary: 'For orchestrators: whether webhooks can be accepted',
  response: {
    200: Ready.describe('Webhooks can be accepted'),
    503: Ready.describe('Webhooks cannot be accepted now'),
  },
};

const checkStore = async (deps: HealthDeps): Promise<StoreHealth> => {
  try {
    await deps.store.ping();
    return { ok: true, orders: await deps.store.orders.stageCounts(null) };
  } catch (error) {
    // Where it lies and what to do is in the log; this page is for everybody.
    return { ok: false, problem: error instanceof StoreUnavailable ? error.problem : null };
  }
};

/**
 * Everybody reads this page, so a side is named by its kind: which of several shops it is belongs to those who may see
 * the shop.
 */
const publicName = (name: string): string => {
  const { account, area } = partsOfSide(name);
  return sideName(account.split('/')[0] ?? account, area);
};

const GRAVITY = { ok: 0, failing: 1, stopped: 2 } as const;
const graver = (one: SideState, other: SideState): SideState =>
  GRAVITY[other.state] > GRAVITY[one.state] ? other : one;

/** One line for each kind of side: the worst of its shops or accounts. */
const sidesHealth = (sides: readonly Side[]) =>
  [...Map.groupBy(sides, (side) => publicName(side.state().name))].map(([name, ofKind]) => {
    const { state, sinceMs, nextTryMs, code, message } = ofKind.map((side) => side.state()).reduce(graver);
    const since = sinceMs === null ? null : isoTime(sinceMs);
    return { name, state, since, nextTry: nextTryMs === null ? null : isoTime(nextTryMs), code, message };
  });

/** Which orders failed, and how, is for those who may see their shops. */
const publicReport = (report: PassReport | null): PassReport | null =>
  report && {
    ...report,
    errors: report.errors.map(({ code }) => ({
      code,
      message: 'The answer of /reconcile and the log of the service say more.',
    })),
  };

const health = async (deps: HealthDeps) => {
  const store = await checkStore(deps);
  const sides = sidesHealth(deps.sides());
  const isWell = store.ok && sides.every((side) => side.state === 'ok');
  return {
    httpStatus: store.ok ? (200 as const) : (503 as const),
    body: {
      status: isWell ? ('ok' as const) : ('degraded' as const),
      version: deps.version,
      uptimeSeconds: Math.floor((deps.clock.nowMs() - deps.startedAtMs) / 1000),
      store: store.ok ? ('ok' as const) : ('unavailable' as const),
      storeProblem: store.ok ? null : store.problem,
      orders: store.ok ? store.orders : null,
      lastReconcile: publicReport(deps.lastReport()),
      sides,
    },
  };
};

/** `/health` tells the truth: 503 only when webhooks cannot be accepted; a side that is down is `degraded`. */
export const healthRoutes = (app: FastifyInstance, deps: HealthDeps): void => {
  const unlimited = { config: { rateLimit: false as const } };
  const routes = typed(app);
  routes.get('/health', { schema: HEALTH }, async (_request, reply) => {
    const { httpStatus, body } = await health(deps);
    return reply.code(httpStatus).header('cache-control', 'no-store').send(body);
  });
  routes.get('/health/live', { ...unlimited, schema: LIVE }, (_request, reply) => {
    reply.send({ status: 'ok' });
  });
  routes.get('/health/ready', { ...unlimited, schema: READY }, async (_request, reply) => {
    const store = await checkStore(deps);
    return reply.code(store.ok ? 200 : 503).send({ status: store.ok ? 'ok' : 'unavailable' });
  });
};
