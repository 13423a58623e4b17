import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problemOf } from '../http/problems.ts';
import { AppError } from '../lib/errors.ts';
import type { OrderKey } from '../orders/model.ts';
import { isReasonCode, REASONS, type ReasonCode } from '../orders/reasons.ts';
import { contextOf, sendBack, sendHtml } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { jobHref, jobPage } from './job-page.ts';
import { createJobs, type Job, type JobOrder, type Jobs } from './jobs.ts';
import { REVIEW, retryWords } from './review-words.ts';

/** More than a person means by "all"; what is left is begun again. */
const MAX_ORDERS = 5_000;
const PAGE = 200;

const Cause = z.object({ reason: z.string().refine(isReasonCode) });
const ClosingCause = Cause.extend({ note: z.string().trim().min(1, 'say why').max(500) });
const Params = z.object({ jobId: z.string().max(100) });

const config = { needs: 'operator' as const, audit: false as const };

/** The orders in review for this reason that a person may act on, nearest deadline first. */
const keysOf = async (
  { store }: ConsoleDeps,
  { principal }: FastifyRequest,
  reason: ReasonCode,
): Promise<OrderKey[]> => {
  const keys: OrderKey[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.orders.list>> = await store.orders.list({
      shopIds: principal.shopIds,
      stage: 'review',
      reason,
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    keys.push(...page.orders.map(({ key }) => key));
    cursor = page.nextCursor;
  } while (cursor !== null && keys.length < MAX_ORDERS);
  return keys;
};

const begin = async (
  { people }: ConsoleDeps,
  jobs: Jobs,
  reply: FastifyReply,
  action: string,
  order: JobOrder & { target: string; detail?: string },
): Promise<FastifyReply> => {
  const { principal, target, keys, detail } = order;
  if (keys.length === 0) return sendBack(reply, REVIEW, 'No order waits for this any more.', 'info');
  const said = `${keys.length} orders${detail === undefined ? '' : `: ${detail}`}`;
  await people.audit.record({ principal, action, target, detail: said });
  return reply.redirect(jobHref(jobs.start(order)), 303);
};

const startRoutes = (app: FastifyInstance, deps: ConsoleDeps, jobs: Jobs): void => {
  const { operator } = deps;
  app.post(`${REVIEW}/retry-all`, { config }, async (request, reply) => {
    const { reason } = Cause.parse(request.body);
    const { principal } = request;
    return begin(deps, jobs, reply, 'order.retry_all', {
      title: `${retryWords(reason).all}: ${REASONS[reason].title}`,
      principal,
      target: reason,
      canReopen: false,
      keys: await keysOf(deps, request, reason),
      run: (key) => operator.retry(key, principal.name),
    });
  });
  app.post(`${REVIEW}/resolve-all`, { config }, async (request, reply) => {
    const { reason, note } = ClosingCause.parse(request.body);
    const { principal } = request;
    return begin(deps, jobs, reply, 'order.resolve_all', {
      title: `Close all: ${REASONS[reason].title}`,
      principal,
      target: reason,
      detail: note,
      canReopen: true,
      keys: await keysOf(deps, request, reason),
      run: (key) => operator.resolve(key, principal.name, note),
    });
  });
};

const jobRoutes = (app: FastifyInstance, deps: ConsoleDeps, jobs: Jobs): void => {
  const findJob = (request: FastifyRequest): Job => {
    const job = jobs.find(Params.parse(request.params).jobId, request.principal);
    if (!job)
      throw new AppError(
        'job_unknown',
        404,
        'There is no such work of yours; it is forgotten when the service restarts. See the queue for what still waits.',
      );
    return job;
  };
  app.get(`${REVIEW}/jobs/:jobId`, { config }, async (request, reply) =>
    sendHtml(reply, jobPage(await contextOf(deps, request), findJob(request))),
  );
  app.post(`${REVIEW}/jobs/:jobId/reopen`, { config }, async (request, reply) => {
    const { principal } = request;
    const { id, canReopen, left } = findJob(request);
    return begin(deps, jobs, reply, 'order.reopen_all', {
      title: 'Open orders again',
      principal,
      target: id,
      canReopen: false,
      keys: canReopen ? [...left] : [],
      run: (key) => deps.operator.retry(key, principal.name),
    });
  });
};

/** The same for all orders with one cause, as work that goes on by itself, and the page that shows how far it is. */
export const reviewJobRoutes = (app: FastifyInstance, deps: ConsoleDeps): void => {
  const faultText = (error: unknown): string => {
    const { status, code, detail } = problemOf(error);
    if (status >= 500 && status !== 503)
      deps.logger.error({ code, err: error }, 'an order of long work failed');
    return detail;
  };
  const jobs = createJobs({ clock: deps.clock, faultText });
  app.addHook('preClose', () => jobs.stop());
  startRoutes(app, deps, jobs);
  jobRoutes(app, deps, jobs);
};
