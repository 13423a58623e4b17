import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorld, type World } from '../e2e/world.ts';

/** TikTok signs no time, so whoever has seen a delivery can send it again for ever. */
describe('an old delivery, sent again', () => {
  let world: World;
  let orderId: string;
  let body: string;

  beforeEach(async () => {
    world = await startWorld();
    world.amazon.addSku('MUG', 50);
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 30 }] });
    world.tiktok.webhooks.off();
    ({ orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true }));
    body = bodyOf(orderId);
    expect(await deliver()).toBe(200);
    await vi.waitFor(async () => expect(await world.order(orderId)).toMatchObject({ stage: 'fulfilling' }));
  });
  afterEach(async () => {
    expect(world.amazon.creates.map((create) => create.fulfillmentId)).toEqual([`TTS-${orderId}`]);
    expect(world.amazon.duplicateCreates).toEqual([]);
    expect(world.tiktok.reports).toEqual([]);
    await world.close();
  });

  const bodyOf = (id: string): string =>
    JSON.stringify({
      type: 1,
      tts_notification_id: `7327112393057371910-${id}`,
      shop_id: world.tiktok.shop.id,
      timestamp: 1_764_003_600,
      data: { order_id: id, order_status: 'AWAITING_SHIPMENT', update_time: 1_764_003_600 },
    });
  const deliver = async (raw = body): Promise<number> => {
    const answer = await world.service.service.app.inject({
      method: 'POST',
      url: '/webhooks/tiktok',
      headers: { authorization: world.tiktok.signWebhook(raw) },
      payload: raw,
    });
    return answer.statusCode;
  };
  const upstreamCalls = () =>
    [...world.tiktok.calls, ...world.amazon.calls].map((call) => JSON.stringify(call));
  const settled = () => world.service.service.dispatcher.settled();
  /** As when its row is older than what is kept. */
  const forget = (): void => {
    const db = new DatabaseSync(join(world.folder, 'mcf.db'));
    db.exec('delete from notifications');
    db.close();
  };

  it('ten thousand times costs no call to anybody', async () => {
    const before = upstreamCalls();
    const statuses = new Set<number>();
    for (let round = 0; round < 100; round += 1)
      for (const status of await Promise.all(Array.from({ length: 100 }, () => deliver())))
        statuses.add(status);
    await settled();

    expect([...statuses]).toEqual([200]);
    expect(upstreamCalls()).toEqual(before);
    expect(await world.service.service.store.notifications.count()).toBe(1);
  });

  it('once it is forgotten costs one look, and has no effect', async () => {
    forget();
    const before = upstreamCalls().length;

    expect([await deliver(), await deliver(), await deliver()]).toEqual([200, 200, 200]);
    await settled();

    const made = upstreamCalls().slice(before);
    expect(made.length).toBeLessThanOrEqual(2);
    expect(await world.order(orderId)).toMatchObject({ stage: 'fulfilling' });
  });

  it('after the order was cancelled does not bring it back', async () => {
    const { orderId: other } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }] });
    const old = bodyOf(other);
    await deliver(old);
    world.tiktok.webhooks.on();
    world.tiktok.sellerCancel(other);
    await vi.waitFor(async () => expect(await world.order(other)).toMatchObject({ stage: 'cancelled' }), {
      timeout: 15_000,
    });
    world.tiktok.webhooks.off();
    forget();

    expect(await deliver(old)).toBe(200);
    await settled();

    expect(await world.order(other)).toMatchObject({ stage: 'cancelled' });
  });
});
