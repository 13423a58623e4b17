import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../e2e/world.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const Added = z.object({ endpoint: z.object({ endpointId: z.string() }), secret: z.string() });
const Event = z.object({
  type: z.string(),
  data: z.object({ orderId: z.string(), packages: z.array(z.unknown()) }),
});
const PROMPT = { timeout: 10_000 };

describe('outgoing webhooks of the whole service', () => {
  let world: World;
  let receiver: Receiver;

  beforeEach(async () => {
    world = await startWorld({ env: { OUTGOING_ALLOW_PRIVATE: 'true' } });
    receiver = await openReceiver();
    world.amazon.addSku('MUG', 50);
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 30 }] });
  });
  afterEach(async () => {
    await world.close();
    await receiver.close();
  });

  const events = () => receiver.received.map(({ body }) => Event.parse(JSON.parse(body)));

  it('tell of an order from its create to its parcel, signed, and without a word about its buyer', async () => {
    const answer = await world.api('POST', '/api/outgoing-webhooks', { url: receiver.url });
    const { secret } = Added.parse(answer.body);
    const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    await vi.waitFor(() => expect(events().map(({ type }) => type)).toEqual(['order.routed']), PROMPT);

    const parcel = { items: [{ sku: 'MUG', quantity: 1 }], carrier: 'AMZN_US', tracking: 'TBA300000000001' };
    world.amazon.addParcel(`TTS-${orderId}`, parcel);
    await world.reconcile();
    await vi.waitFor(() => expect(events()).toHaveLength(2), PROMPT);

    expect(events()[1]).toMatchObject({
      type: 'order.shipped',
      data: { orderId, packages: [{ trackingNumber: 'TBA300000000001' }] },
    });
    for (const { headers, body } of receiver.received) {
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
      expect(Object.keys(JSON.parse(body).data).toSorted()).toEqual(
        [
          'channel',
          'fulfillmentId',
          'message',
          'orderId',
          'packages',
          'reason',
          'shopId',
          'stage',
        ].toSorted(),
      );
    }
    const listed = await world.api('GET', `/api/outgoing-webhooks/deliveries?orderId=${orderId}`);
    expect(listed.body).toMatchObject({ deliveries: [{ status: 'delivered' }, { status: 'delivered' }] });
  });

  it('show a secret once only, and keep none of it in the open', async () => {
    const answer = await world.api('POST', '/api/outgoing-webhooks', { url: receiver.url });
    const { endpoint, secret } = Added.parse(answer.body);
    const path = `/api/outgoing-webhooks/${endpoint.endpointId}`;
    const test = await world.api('POST', `${path}/test`);
    const seen = [await world.api('GET', path), await world.api('GET', '/api/outgoing-webhooks'), test];

    expect(test.body).toMatchObject({ status: 'delivered', type: 'endpoint.test', lastStatus: 204 });
    expect(JSON.stringify(seen)).not.toContain(secret);
    expect(world.logs.join('\n')).not.toContain(secret);
  });

  it('written down while the service cannot send them go out after the next start', async () => {
    await world.api('POST', '/api/outgoing-webhooks', { url: receiver.url });
    await world.service.service.sender.stop();
    world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
    await vi.waitFor(() => expect(world.amazon.creates).toHaveLength(1), PROMPT);
    await world.restart();

    await vi.waitFor(() => expect(events().map(({ type }) => type)).toEqual(['order.routed']), PROMPT);
  });
});
