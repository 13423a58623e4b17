import { expect, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { createHeldClock } from '../held-clock.ts';

it('what was written down for a shop goes when its seller takes the authorisation back', async () => {
  const clock = createHeldClock();
  const store = await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock });
  await store.outgoing.addEndpoint({
    endpointId: 'e1',
    url: 'https://hooks.example.com/x',
    description: null,
    events: ['order.review'],
    shopIds: null,
    secrets: [{ secret: 'whsec_c2VjcmV0', untilMs: null }],
    createdAtMs: 0,
    disabledAtMs: null,
    disabledWhy: null,
    failingSinceMs: null,
    lastError: null,
  });
  for (const shopId of ['shop-1', 'shop-2'])
    await store.outgoing.addDelivery({
      endpointId: 'e1',
      messageId: `msg_${shopId}`,
      type: 'order.review',
      atMs: 0,
      shopId,
      orderId: '1',
      data: '{}',
      status: 'delivered',
      attempts: 1,
      nextAttemptAtMs: null,
      lastAttemptAtMs: 0,
      lastStatus: 200,
      lastError: null,
    });
  await store.connect.forgetShop('tiktok-shop', 'shop-1');

  expect((await store.outgoing.deliveries({ limit: 10 })).deliveries).toMatchObject([{ shopId: 'shop-2' }]);
  await store.close();
});
