import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contextOf, isFragment, sendBack, sendHtml, takeSaid } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Promised, type TodayData, todayPage } from './today.ts';

const SHOWN = 10;
const SEEN_WITHIN_MS = 5 * 60_000;
const TRACKED_WITHIN_MS = 4 * 3_600_000;

const promised = (limitMs: number, tookMs: readonly number[]): Promised => {
  const sorted = tookMs.toSorted((one, other) => one - other);
  return {
    limitMs,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? null,
    worstMs: sorted.at(-1) ?? null,
  };
};

const read = async (deps: ConsoleDeps, { principal }: FastifyRequest): Promise<TodayData> => {
  const { store, clock, facts } = deps;
  const { shopIds } = principal;
  const nowMs = clock.nowMs();
  const isWhole = shopIds === null;
  const atRiskIn = async (state: 'breached' | 'at_risk') =>
    (await store.orders.list({ shopIds, risk: { state, nowMs }, limit: SHOWN })).orders;
  const [stages, breached, atRisk, oldestDueMs, hours] = await Promise.all([
    store.orders.stageCounts(shopIds),
    atRiskIn('breached'),
    atRiskIn('at_risk'),
    facts.oldestDueMs(shopIds),
    facts.hours(principal),
  ]);
  const kept = facts.kept();
  return {
    stages,
    atRisk: [...breached, ...atRisk].slice(0, SHOWN),
    oldestDueMs,
    kept: isWhole
      ? {
          seen: promised(SEEN_WITHIN_MS, kept.seenMs),
          tracked: promised(TRACKED_WITHIN_MS, kept.trackedMs),
        }
      : null,
    sides: isWhole ? deps.sides().map((side) => side.state()) : null,
    quotas: isWhole ? facts.quotas() : null,
    lastPass: isWhole ? deps.reconciler.lastReport() : null,
    scarce: isWhole ? await facts.scarce(SHOWN) : null,
    hours,
    banners: facts.banners(principal),
  };
};

/** `/console`: what matters now. */
export const todayRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  app.get('/console', { config: { needs: 'viewer' } }, async (request, reply) =>
    sendHtml(
      reply,
      todayPage(
        await contextOf(deps, request),
        await read(deps, request),
        isFragment(request) ? null : takeSaid(request, reply),
      ),
    ),
  );
  app.post(
    '/console/reconcile',
    { config: { needs: 'operator', isForWholeService: true, audit: 'reconcile.run' } },
    async (_request, reply) => {
      const { orders, tracking, errors } = await deps.reconciler.run('all');
      const text = `The pass ended: ${orders.created} created, ${tracking.reported} parcels reported, ${errors.length} errors.`;
      return sendBack(reply, '/console', text, errors.length > 0 ? 'warn' : 'good');
    },
  );
};
