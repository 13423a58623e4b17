import { afterEach, describe, expect, it, vi } from 'vitest';
import { startWorld, type World } from './world.ts';

const UPS = ['1Z50V7420354708051', '1Z50V7420354708060'];

type Shipped = { orderId: string; lineIds: string[]; fulfillmentId: string };

describe('returns, over HTTP against both simulators', () => {
  let world: World;

  afterEach(async () => {
    const { amazon, tiktok } = world;
    await world.close();
    expect(amazon.violations).toEqual([]);
    expect(amazon.duplicateCreates).toEqual([]);
    expect(tiktok.violations).toEqual([]);
  });

  const start = async (setting?: 'review' | 'create'): Promise<void> => {
    world = await startWorld({ env: setting ? { RETURNS_TO_AMAZON: setting } : {} });
    for (const sku of ['MUG', 'TEE']) world.amazon.addSku(sku, 50);
    world.tiktok.addProduct({ skus: ['MUG', 'TEE'].map((sellerSku) => ({ sellerSku, stock: 30 })) });
  };

  /** An order of `units` mugs, each in a parcel of its own, shipped, reported and delivered. */
  const shipped = async (units = 1): Promise<Shipped> => {
    const { orderId, lineIds } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG', units }], ready: true });
    const fulfillmentId = `TTS-${orderId}`;
    await vi.waitFor(() => expect(world.amazon.order(fulfillmentId)).toBeDefined());
    for (let unit = 0; unit < units; unit += 1) {
      world.amazon.addParcel(fulfillmentId, {
        items: [{ sku: 'MUG', quantity: 1 }],
        carrier: 'UPS',
        tracking: UPS[unit]!,
        status: 'SHIPPED',
      });
    }
    world.amazon.advanceOrder(fulfillmentId, 'Complete');
    await world.reconcile('tracking');
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
    world.tiktok.advance(orderId, 'DELIVERED');
    return { orderId, lineIds, fulfillmentId };
  };

  const events = async (orderId: string, event: string): Promise<string[]> =>
    (await world.order(orderId)).timeline.filter((line) => line.event === event).map(({ detail }) => detail);
  const shipmentOf = (fulfillmentId: string, tracking: string) =>
    world.amazon.order(fulfillmentId)!.parcels.find((parcel) => parcel.trackingNumber === tracking)!
      .shipmentId;

  it('a return named by a webhook is on the timeline once, with the deadline shown for review', async () => {
    await start();
    const { orderId, lineIds } = await shipped();

    const returnId = world.tiktok.openReturn(orderId, { reasonText: 'My name is Quillfeather' });

    await vi.waitFor(async () => {
      expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'return_needs_action' });
    });
    await world.reconcile();
    await world.reconcile();
    const deadline = new Date(world.tiktok.returnOf(returnId).nextAction!.deadlineMs);
    const order = await world.order(orderId);
    expect(JSON.stringify(order)).toContain(`by ${deadline.toISOString().slice(0, 19)}`);
    expect(JSON.stringify(order)).not.toContain('Quillfeather');
    expect(await events(orderId, 'return_pending')).toEqual([`${returnId}: lines ${lineIds[0]}`]);
  });

  it('a return whose webhooks were lost is found by a pass, each state once', async () => {
    await start();
    const { orderId } = await shipped();
    world.tiktok.webhooks.off();
    const returnId = world.tiktok.openReturn(orderId);

    const report = await world.reconcile();

    expect(report.errors).toEqual([]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'return_needs_action' });
    world.tiktok.approveReturn(returnId);
    await world.reconcile();
    expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'return_needs_action' });
    world.tiktok.sendReturn(returnId);
    world.tiktok.completeReturn(returnId);
    await world.reconcile();
    await world.reconcile();
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
    for (const state of ['pending', 'awaiting_parcel', 'completed'])
      expect(await events(orderId, `return_${state}`)).toHaveLength(1);
    expect(world.amazon.countCalls('createReturn')).toBe(0);
  });

  it('an approved return becomes one Amazon return with the right unit, however often it is named', async () => {
    await start('create');
    const { orderId, lineIds, fulfillmentId } = await shipped(2);
    const lineId = world.tiktok.reports.find((report) => report.trackingNumber === UPS[1])!.lineIds[0]!;
    const returnId = world.tiktok.openReturn(orderId, { lineIds: [lineId] });
    await vi.waitFor(async () => expect(await world.order(orderId)).toMatchObject({ stage: 'review' }));

    world.tiktok.webhooks.duplicate(1);
    world.tiktok.approveReturn(returnId);
    await Promise.all([
      world.reconcile(),
      ...Array.from({ length: 10 }, () =>
        world.tiktok.sendWebhook(12, { order_id: orderId, return_id: returnId, update_time: 1 }),
      ),
    ]);
    await vi.waitFor(() => expect(world.amazon.returns).toHaveLength(1));
    await world.reconcile();
    await world.restart();
    await world.reconcile();

    expect(world.amazon.returns).toMatchObject([
      {
        fulfillmentId,
        refused: [],
        body: {
          items: [
            {
              sellerReturnItemId: `${returnId}-${lineId}`,
              sellerFulfillmentOrderItemId: lineIds[0],
              amazonShipmentId: shipmentOf(fulfillmentId, UPS[1]!),
              returnReasonCode: 'CR-SWITCHEROO',
            },
          ],
        },
      },
    ]);
    expect(world.amazon.countCalls('createReturn')).toBe(1);
    const { rmaId } = world.amazon.order(fulfillmentId)!.returns[0]!;
    expect(await events(orderId, 'return_created_at_amazon')).toEqual([`${returnId}: RMA ${rmaId}`]);
    expect(await world.order(orderId)).toMatchObject({
      stage: 'shipped',
      reason: 'shipped',
      returns: [{ returnId, state: 'awaiting_parcel', amazonState: 'created', rmaIds: [rmaId] }],
    });
  });

  it('an Amazon return whose answer is lost is looked up and not asked for again', async () => {
    await start('create');
    const { orderId, fulfillmentId } = await shipped();
    world.amazon.faults.next('createReturn', 'reset-after');
    const returnId = world.tiktok.openReturn(orderId);
    world.tiktok.approveReturn(returnId);
    await vi.waitFor(() => expect(world.amazon.returns).toHaveLength(1));

    await world.restart();
    await world.reconcile();
    await world.reconcile();

    expect(world.amazon.countCalls('createReturn')).toBe(1);
    const { rmaId } = world.amazon.order(fulfillmentId)!.returns[0]!;
    expect(await events(orderId, 'return_created_at_amazon')).toEqual([`${returnId}: RMA ${rmaId}`]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
  });

  it('a refund without goods and goods the buyer keeps are on the timeline and ask for nothing', async () => {
    await start('create');
    const refund = await shipped();
    const kept = await shipped();

    world.tiktok.openReturn(refund.orderId, { type: 'REFUND' });
    world.tiktok.approveReturn(world.tiktok.openReturn(kept.orderId, { buyerKeepsItem: true }));
    await world.tiktok.webhooks.idle();
    const report = await world.reconcile();

    expect(report.errors).toEqual([]);
    expect(await events(refund.orderId, 'return_pending')).toHaveLength(1);
    expect(await events(kept.orderId, 'return_succeeded')).toHaveLength(1);
    for (const { orderId } of [refund, kept])
      expect(await world.order(orderId)).toMatchObject({ stage: 'shipped', reason: 'shipped' });
    expect(world.amazon.countCalls('createReturn')).toBe(0);
  });

  it('what Amazon refuses is in review until a person closes it, and the same is not asked again', async () => {
    await start('create');
    const { orderId } = await shipped();
    world.tiktok.approveReturn(world.tiktok.openReturn(orderId));
    await vi.waitFor(() => expect(world.amazon.returns).toHaveLength(1));
    const second = world.tiktok.openReturn(orderId);
    world.tiktok.approveReturn(second);

    await vi.waitFor(async () => {
      expect(await world.order(orderId)).toMatchObject({ stage: 'review', reason: 'return_refused' });
    });

    expect(await events(orderId, 'return_refused_at_amazon')).toEqual([
      expect.stringContaining('NoReturnableQuantity'),
    ]);
    await world.api('POST', `/api/orders/${orderId}/resolve`, { note: 'received by hand' });
    world.tiktok.sendReturn(second);
    await world.reconcile();
    expect(await world.order(orderId)).toMatchObject({ stage: 'completed', reason: 'resolved' });
    expect(world.amazon.countCalls('createReturn')).toBe(2);
  });

  it('returns that cannot be read keep neither orders nor tracking from going on', async () => {
    await start('create');
    world.tiktok.faults.next('returns.search', { status: 200, body: { code: 105005, message: 'x' } }, 50);
    const { orderId } = await shipped();

    const report = await world.reconcile();

    expect(report.errors).toMatchObject([{ code: 'upstream_auth_refused' }]);
    expect(await world.order(orderId)).toMatchObject({ stage: 'shipped' });
    expect(await world.api('GET', '/health')).toMatchObject({ status: 200, body: { status: 'degraded' } });
    const next = await shipped();
    expect(await world.order(next.orderId)).toMatchObject({ stage: 'shipped' });
    await world.tiktok.webhooks.idle();
  });
});
