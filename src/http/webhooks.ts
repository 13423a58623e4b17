import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ChannelNotification, WebhookReader } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import type { Scavenger } from '../lib/scavenge.ts';
import type { Dispatcher } from '../orders/dispatch.ts';
import { type Hint, type Store, StoreUnavailable } from '../store/store.ts';
import type { WebhookCounts } from '../telemetry/webhook-counts.ts';
import type { LimitCheck } from './limits.ts';
import { sendProblem } from './problems.ts';

export type WebhookDeps = {
  channel: string;
  reader: WebhookReader;
  deliveries: Pick<Store['notifications'], 'accept'>;
  counts: WebhookCounts;
  dispatcher: Dispatcher;
  /** Looks at the returns of these orders, behind the answer. */
  lookAtReturns(keys: readonly Hint['key'][]): void;
  /** False for a shop that is not ours: stored, without effect. */
  servesShop(shopId: string): boolean;
  clock: Clock;
  scavenger: Scavenger;
};

/** TikTok's largest documented bodies are a few KiB; package updates with many orders stay far below this. */
const MAX_BODY_BYTES = 256 * 1024;

const hintsOf = (deps: WebhookDeps, { shopId, orders }: ChannelNotification, nowMs: number): Hint[] => {
  if (!deps.servesShop(shopId)) return [];
  const { channel } = deps;
  return orders.map(({ orderId, updatedAtMs }) => ({
    key: { channel, shopId, orderId },
    // No read is ever as new as a time to come, so such a hint would have the order read for ever.
    updatedAtMs: updatedAtMs === null ? null : Math.min(updatedAtMs, nowMs),
  }));
};

const refuseSignature = async (request: FastifyRequest, reply: FastifyReply, onRefused: LimitCheck) => {
  const status = (await onRefused(request)) ? 429 : 401;
  return reply.code(status).send();
};

/** Resolves once it is durable. */
const store = (
  { channel, deliveries }: WebhookDeps,
  { type, shopId, dedupeKey, sentAtMs, body }: ChannelNotification,
  hints: readonly Hint[],
  nowMs: number,
) => deliveries.accept({ channel, dedupeKey, type, shopId, sentAtMs, body }, hints, nowMs);

/** Runs its orders. Null: there is nothing to wait for. */
const follow = (
  deps: WebhookDeps,
  { isAboutReturns }: ChannelNotification,
  hints: readonly Hint[],
): Promise<void> | null => {
  const keys = hints.map(({ key }) => key);
  if (isAboutReturns) deps.lookAtReturns(keys);
  return deps.dispatcher.dispatch(keys);
};

const receive =
  (deps: WebhookDeps, onRefused: LimitCheck) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { reader, counts } = deps;
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!reader.verify(raw, request.headers.authorization)) {
      counts.signature_refused += 1;
      return refuseSignature(request, reply, onRefused);
    }
    const read = reader.read(raw);
    if (!read.ok) {
      counts.unreadable += 1;
      return sendProblem(reply, { status: 400, code: 'webhook_unreadable', detail: read.problem });
    }
    const nowMs = deps.clock.nowMs();
    const hints = hintsOf(deps, read.value, nowMs);
    try {
      const outcome = await store(deps, read.value, hints, nowMs);
      counts[outcome === 'stored' ? 'accepted' : 'duplicate'] += 1;
      // Each promise that is waited for costs a burst.
      const running = outcome === 'stored' ? follow(deps, read.value, hints) : null;
      if (running) await running;
      deps.scavenger.answered();
    } catch (error) {
      if (error instanceof StoreUnavailable) counts.store_unavailable += 1;
      throw error;
    }
    // Fastify answers 200 with an empty body; to be handed the reply, it would wait for one more promise.
    return undefined;
  };

/**
 * `POST /webhooks/tiktok`: size limit, raw bytes, signature, parse, store, commit, then converge inline within the
 * budget. 200 with an empty body once it is durable. The raw bytes are what is signed, so this scope parses nothing.
 */
export const webhookRoutes = (app: FastifyInstance, deps: WebhookDeps, onRefused: LimitCheck): void => {
  app.removeAllContentTypeParsers();
  // Fastify refuses a content type that it cannot read, and what is signed is the body alone.
  app.addHook('onRequest', (request, _reply, done) => {
    request.headers['content-type'] = undefined;
    done();
  });
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  const options = {
    bodyLimit: MAX_BODY_BYTES,
    config: { rateLimit: false as const },
  };

  app.post('/webhooks/tiktok', options, receive(deps, onRefused));

  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/webhooks/tiktok',
    handler: (_request, reply) => {
      reply.header('allow', 'POST');
      return sendProblem(reply, {
        status: 405,
        code: 'method_not_allowed',
        detail: 'Webhooks are sent with POST.',
      });
    },
  });
};
