import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ChannelNotification, WebhookReader } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import type { Dispatcher } from '../orders/dispatch.ts';
import type { OrderKey } from '../orders/model.ts';
import type { Hint, Store } from '../store/store.ts';
import type { LimitCheck } from './limits.ts';
import { sendProblem } from './problems.ts';

export type WebhookDeps = {
  channel: string;
  reader: WebhookReader;
  store: Pick<Store, 'notifications'>;
  dispatcher: Dispatcher;
  /** Looks at the returns of these orders, behind the answer. */
  lookAtReturns(keys: readonly OrderKey[]): void;
  /** False for a shop that is not ours: stored, without effect. */
  servesShop(shopId: string): boolean;
  clock: Clock;
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

const accept = async (
  deps: WebhookDeps,
  raw: Buffer,
  notification: ChannelNotification,
): Promise<OrderKey[]> => {
  const { type, shopId, dedupeKey, sentAtMs, mayKeepBody } = notification;
  const nowMs = deps.clock.nowMs();
  const hints = hintsOf(deps, notification, nowMs);
  const body = mayKeepBody ? raw.toString('utf8') : null;
  const outcome = await deps.store.notifications.accept(
    { channel: deps.channel, dedupeKey, type, shopId, sentAtMs, body },
    hints,
    nowMs,
  );
  return outcome === 'stored' ? hints.map(({ key }) => key) : [];
};

const refuseSignature = async (request: FastifyRequest, reply: FastifyReply, onRefused: LimitCheck) => {
  const status = (await onRefused(request)) ? 429 : 401;
  return reply.code(status).send();
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
    // A logger of its own would only add the id of a request that is not logged.
    childLoggerFactory: (logger: FastifyBaseLogger) => logger,
  };

  app.post('/webhooks/tiktok', options, async (request, reply) => {
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!deps.reader.verify(raw, request.headers.authorization))
      return refuseSignature(request, reply, onRefused);
    const notification = deps.reader.read(raw);
    if (!notification.ok) {
      return sendProblem(reply, { status: 400, code: 'webhook_unreadable', detail: notification.problem });
    }
    const keys = await accept(deps, raw, notification.value);
    if (notification.value.isAboutReturns) deps.lookAtReturns(keys);
    if (keys.length > 0) await deps.dispatcher.dispatch(keys);
    return reply.code(200).send();
  });

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
