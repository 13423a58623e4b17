import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorld, type World } from './world.ts';

describe('the main job', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
    world.amazon.addSku('MUG', 50);
    world.amazon.addSku('TEE', 50);
    world.tiktok.addProduct({
      skus: [
        { sellerSku: 'MUG', stock: 10 },
        { sellerSku: 'TEE', stock: 10 },
      ],
    });
  });
  afterEach(async () => {
    expect(world.amazon.violations).toEqual([]);
    expect(world.tiktok.violations).toEqual([]);
    await world.close();
  });

  it('makes exactly one fulfillment order from one webhook', async () => {
    const { orderId, lineIds } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG', units: 2 }], ready: true });
    await world.tiktok.webhooks.idle();
    await vi.waitFor(() => expect(world.amazon.creates).toHaveLength(1));
    expect(world.amazon.creates[0]?.fulfillmentId).toBe(`TTS-${orderId}`);
    const order = await world.order(orderId);
    expect(order).toMatchObject({ stage: 'fulfilling', fulfillmentId: `TTS-${orderId}` });

    world.amazon.advanceOrder(`TTS-${orderId}`, 'Processing');
    world.amazon.addParcel(`TTS-${orderId}`, {
      items: [{ sku: 'MUG', quantity: 1 }],
      carrier: 'AMZN_US',
      tracking: 'TBA300000000001',
    });
    world.amazon.addParcel(`TTS-${orderId}`, {
      items: [{ sku: 'MUG', quantity: 1 }],
      carrier: 'UPS',
      tracking: '1Z50V7420354708051',
    });
    const report = await world.reconcile();
    expect(report.errors).toEqual([]);
    expect(report.tracking.reported).toBe(2);
    expect(world.tiktok.reports.map((r) => [r.trackingNumber, r.lineIds.length])).toEqual([
      ['TBA300000000001', 1],
      ['1Z50V7420354708051', 1],
    ]);
    expect(world.tiktok.reports.flatMap((r) => r.lineIds).sort()).toEqual([...lineIds].sort());
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
    const again = await world.reconcile();
    expect(again.errors).toEqual([]);
    console.log(
      JSON.stringify(report),
      JSON.stringify(again),
      JSON.stringify(await world.order(orderId), null, 1),
    );
    console.log(
      world.amazon.calls.map((c) => c.operation).join(' '),
      world.tiktok.calls.map((c) => c.operation).join(' '),
    );
  });
});
