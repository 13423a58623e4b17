import type { FastifyInstance } from 'fastify';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Side } from '../lib/side.ts';
import type { Stage } from '../orders/model.ts';
import type { PassReport } from '../reconcile/reconcile.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';

export type HealthDeps = {
  store: Pick<Store, 'ping' | 'orders'>;
  sides(): readonly Side[];
  lastReport(): PassReport | null;
  clock: Clock;
  startedAtMs: number;
  version: string;
};

type StoreHealth = { ok: true; orders: Record<Stage, number> } | { ok: false; problem: string | null };

const checkStore = async (deps: HealthDeps): Promise<StoreHealth> => {
  try {
    await deps.store.ping();
    return { ok: true, orders: await deps.store.orders.stageCounts() };
  } catch (error) {
    // Where it lies and what to do is in the log; this page is for everybody.
    return { ok: false, problem: error instanceof StoreUnavailable ? error.problem : null };
  }
};

const sideHealth = (side: Side) => {
  const { name, state, sinceMs, nextTryMs, code, message } = side.state();
  const since = sinceMs === null ? null : isoTime(sinceMs);
  return { name, state, since, nextTry: nextTryMs === null ? null : isoTime(nextTryMs), code, message };
};

const health = async (deps: HealthDeps) => {
  const store = await checkStore(deps);
  const sides = deps.sides().map(sideHealth);
  const isWell = store.ok && sides.every((side) => side.state === 'ok');
  return {
    httpStatus: store.ok ? 200 : 503,
    body: {
      status: isWell ? 'ok' : 'degraded',
      version: deps.version,
      uptimeSeconds: Math.floor((deps.clock.nowMs() - deps.startedAtMs) / 1000),
      store: store.ok ? 'ok' : 'unavailable',
      storeProblem: store.ok ? null : store.problem,
      orders: store.ok ? store.orders : null,
      lastReconcile: deps.lastReport(),
      sides,
    },
  };
};

/** `/health` tells the truth: 503 only when webhooks cannot be accepted; a side that is down is `degraded`. */
export const healthRoutes = (app: FastifyInstance, deps: HealthDeps): void => {
  const unlimited = { config: { rateLimit: false as const } };
  app.get('/health', async (_request, reply) => {
    const { httpStatus, body } = await health(deps);
    return reply.code(httpStatus).header('cache-control', 'no-store').send(body);
  });
  app.get('/health/live', unlimited, (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/health/ready', unlimited, async (_request, reply) => {
    const store = await checkStore(deps);
    return reply.code(store.ok ? 200 : 503).send({ status: store.ok ? 'ok' : 'unavailable' });
  });
};
