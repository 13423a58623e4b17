import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW, SHOP } from '../../test/fakes.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import type { ChannelNotification } from '../channels/channel.ts';
import { StoreUnavailable } from '../store/store.ts';
import { noWebhooks } from '../telemetry/webhook-counts.ts';
import { type WebhookDeps, webhookRoutes } from './webhooks.ts';

const NOTIFICATION: ChannelNotification = {
  type: 1,
  shopId: SHOP.shopId,
  dedupeKey: 'n-1',
  sentAtMs: NOW,
  orders: [{ orderId: '1', updatedAtMs: NOW }],
  isAboutReturns: false,
  body: '{}',
};

let app: FastifyInstance;
beforeEach(() => {
  app = fastify();
});
afterEach(() => app.close());

/** The answer to one webhook, and what was counted, run and cleared for it. */
const deliver = async (parts: Partial<WebhookDeps>) => {
  const counts = noWebhooks();
  const dispatched: string[] = [];
  let cleared = 0;
  const deps: WebhookDeps = {
    channel: 'tiktok-shop',
    reader: { verify: () => true, read: () => ({ ok: true, value: NOTIFICATION }) },
    deliveries: { accept: () => Promise.resolve('stored') },
    counts,
    dispatcher: {
      dispatch: (keys) => Promise.resolve(void dispatched.push(...keys.map((key) => key.orderId))),
      settled: () => Promise.resolve(),
    },
    lookAtReturns: () => undefined,
    servesShop: () => true,
    clock: createHeldClock(NOW),
    scavenger: { answered: () => void (cleared += 1) },
    ...parts,
  };
  await app.register((scope, _options, done) => {
    webhookRoutes(scope, deps, () => Promise.resolve(false));
    done();
  });
  const { statusCode } = await app.inject({ method: 'POST', url: '/webhooks/tiktok', payload: '{}' });
  return { statusCode, counts, dispatched, cleared };
};

describe('a webhook is counted by its outcome', () => {
  const reader = (verified: boolean): WebhookDeps['reader'] => ({
    verify: () => verified,
    read: () => ({ ok: false, problem: 'no JSON' }),
  });
  const failing = (error: Error): Partial<WebhookDeps> => ({
    deliveries: {
      accept: async () => {
        throw error;
      },
    },
  });

  it.each([
    ['news', {}, 200, 'accepted'],
    ['a repeat', { deliveries: { accept: () => Promise.resolve('duplicate') } }, 200, 'duplicate'],
    ['a wrong signature', { reader: reader(false) }, 401, 'signature_refused'],
    ['an unreadable body', { reader: reader(true) }, 400, 'unreadable'],
    ['a store that is away', failing(new StoreUnavailable('disk full')), 500, 'store_unavailable'],
  ] satisfies [string, Partial<WebhookDeps>, number, string][])(
    '%s',
    async (_what, parts, status, counted) => {
      const { statusCode, counts, dispatched, cleared } = await deliver(parts);

      expect(statusCode).toBe(status);
      expect(counts).toEqual({ ...noWebhooks(), [counted]: 1 });
      expect(dispatched).toEqual(counted === 'accepted' ? ['1'] : []);
      expect(cleared).toBe(status === 200 ? 1 : 0);
    },
  );

  it('a fault of ours is none of them', async () => {
    const { statusCode, counts } = await deliver(failing(new TypeError('x')));

    expect(statusCode).toBe(500);
    expect(counts).toEqual(noWebhooks());
  });
});
