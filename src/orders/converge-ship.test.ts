import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import {
  contentsOf,
  FULFILLMENT_ID,
  failureOf,
  HOUR,
  linesOf,
  MINUTE,
  NOW,
  numberedParcelOf,
  ORDER_ID,
  orderOf,
} from '../../test/fakes.ts';
import type { ChannelRefusal } from '../channels/channel.ts';
import type { OrderRecord } from './model.ts';

let world: FakeWorld;

/** An order that Amazon is processing, one minute after its create. */
beforeEach(async () => {
  world = await openWorld();
  world.channel.put(orderOf());
  await world.hint();
  await world.converge();
  await world.clock.advance(MINUTE);
  world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [numberedParcelOf(1)] });
});
afterEach(() => world.store.close());

const ships = (): number => world.channel.board.callsOf('ship').length;
const channelTimeout = (stage: 'before' | 'during' = 'during') =>
  failureOf({ upstream: 'tiktok-shop', stage });

describe('reporting a parcel', () => {
  it('happens once, and the order is shipped', async () => {
    const report = await world.converge();
    await world.convergeWhenDue();

    expect(report).toMatchObject({ reported: 1, stage: 'shipped' });
    expect(ships()).toBe(1);
    expect((await world.record()).packages).toMatchObject([
      {
        lineIds: ['101'],
        reportedNumber: '1Z0000000000000001',
        reportedCarrier: 'UPS',
        reportedAtMs: NOW + MINUTE,
        channelPackageId: 'channel-1Z0000000000000001',
      },
    ]);
  });

  it('has its intent committed before the call goes out', async () => {
    let seen: OrderRecord | null = null;
    world.channel.board.onCall = async (operation) => {
      if (operation === 'ship') seen = await world.record();
    };

    await world.converge();

    expect(seen).toMatchObject({
      intent: {
        kind: 'ship',
        packageKey: 'p1',
        lineIds: ['101'],
        trackingNumber: '1Z0000000000000001',
        inFlight: true,
      },
    });
  });

  it('reports two parcels, each under its own lines', async () => {
    await world.store.close();
    world = await openWorld();
    world.channel.put(orderOf({ lines: linesOf('A', 'B') }));
    await world.hint();
    await world.converge();
    world.provider.change(FULFILLMENT_ID, {
      state: 'complete',
      packages: [
        numberedParcelOf(1, { contents: contentsOf({ B: 1 }) }),
        numberedParcelOf(2, { contents: contentsOf({ A: 1 }) }),
      ],
    });

    const report = await world.converge();

    expect(report).toMatchObject({ reported: 2, stage: 'shipped' });
    expect(world.channel.order(ORDER_ID).lines.map((line) => line.trackingNumber)).toEqual([
      '1Z0000000000000002',
      '1Z0000000000000001',
    ]);
  });

  it('with a warning is a success that is told and never sent again', async () => {
    world.channel.state.warning = 'the number matches no carrier';

    await world.converge();
    await world.convergeWhenDue();

    expect(ships()).toBe(1);
    expect((await world.record()).packages).toMatchObject([{ warning: 'the number matches no carrier' }]);
    expect(await world.events()).toContain('tracking_warning');
  });
});

describe('a report whose answer was lost', () => {
  it('is found at TikTok and not sent again when it had its effect', async () => {
    world.channel.board.fail('ship', { after: channelTimeout() });

    await world.converge();
    await world.convergeWhenDue();

    expect(ships()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'shipped', intent: null });
    expect((await world.record()).packages).toMatchObject([
      { reportedNumber: '1Z0000000000000001', channelPackageId: 'channel-1Z0000000000000001' },
    ]);
    expect(await world.events()).toContain('tracking_found_reported');
  });

  it('is sent once more when it had none, after the time it may be on its way', async () => {
    world.channel.board.fail('ship', { before: channelTimeout() });

    await world.converge();
    const sentAtMs = world.clock.nowMs();
    for (let turn = 0; turn < 10 && ships() < 2; turn += 1) await world.convergeWhenDue();

    expect(world.clock.nowMs()).toBeGreaterThanOrEqual(sentAtMs + 20_000);
    expect(await world.record()).toMatchObject({ stage: 'shipped' });
    expect(ships()).toBe(2);
  });

  it('waits with its number named while the first may be on its way', async () => {
    world.channel.board.fail('ship', { before: channelTimeout() });

    await world.converge();
    await world.clock.advance(1000);
    await world.converge();

    expect(ships()).toBe(1);
    expect(await world.record()).toMatchObject({
      stage: 'fulfilling',
      nextAttemptAtMs: NOW + MINUTE + 20_000,
      detail: 'The outcome of ship is being looked up.',
    });
  });

  it('is sent again at its next turn when the call surely never went out', async () => {
    world.channel.board.fail('ship', { before: channelTimeout('before') });

    await world.converge();
    const { intent } = await world.record();
    await world.convergeWhenDue();

    expect(intent).toBeNull();
    expect(ships()).toBe(2);
  });
});

describe('a report that TikTok refused', () => {
  const refusal = (reason: ChannelRefusal['reason']): ChannelRefusal => ({
    reason,
    remoteCode: '21011022',
    message: 'invalid number',
  });

  it.each([
    { reason: 'tracking_rejected' as const, shown: 'tracking_rejected' },
    { reason: 'duplicate_tracking' as const, shown: 'tracking_rejected' },
    { reason: 'refused' as const, shown: 'channel_refused' },
  ])('as $reason is in review and not sent again', async ({ reason, shown }) => {
    world.channel.state.refusals.set('ship', refusal(reason));

    await world.converge();
    await world.convergeWhenDue();

    expect(ships()).toBe(1);
    expect(await world.record()).toMatchObject({
      stage: 'review',
      reason: shown,
      detail: '1Z0000000000000001: TikTok 21011022, invalid number',
    });
  });

  it('is sent under the number that replaces the refused one', async () => {
    world.channel.state.refusals.set('ship', refusal('tracking_rejected'));
    await world.converge();
    world.channel.state.refusals.clear();
    world.provider.change(FULFILLMENT_ID, { packages: [numberedParcelOf(2, { packageKey: 'p1' })] });

    await world.convergeWhenDue();

    expect(ships()).toBe(2);
    expect(await world.record()).toMatchObject({ stage: 'shipped' });
  });

  it('because it was done already is settled by reading the order', async () => {
    world.channel.state.refusals.set('ship', refusal('already_done'));
    world.channel.board.onCall = (operation) => {
      if (operation === 'ship') {
        const lines = orderOf().lines.map((line) => ({
          ...line,
          status: 'shipped' as const,
          trackingNumber: '1Z0000000000000001',
          packageId: 'channel-package-7',
        }));
        world.channel.change(ORDER_ID, { lines, status: 'awaiting_collection' });
      }
      return Promise.resolve();
    };

    await world.converge();

    expect(ships()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'shipped' });
  });

  it('does not keep the other parcel from being reported', async () => {
    await world.store.close();
    world = await openWorld();
    world.channel.put(orderOf({ lines: linesOf('A', 'B') }));
    await world.hint();
    await world.converge();
    world.channel.state.refusals.set('ship', refusal('tracking_rejected'));
    const [first, second] = [
      numberedParcelOf(1, { contents: contentsOf({ A: 1 }) }),
      numberedParcelOf(2, { contents: contentsOf({ B: 1 }) }),
    ];
    world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [first] });
    await world.converge();
    world.channel.state.refusals.clear();
    world.provider.change(FULFILLMENT_ID, { packages: [first, second] });

    const report = await world.convergeWhenDue();

    expect(report).toMatchObject({ reported: 1, stage: 'review' });
    expect(world.channel.order(ORDER_ID).lines.map((line) => line.trackingNumber)).toEqual([
      null,
      '1Z0000000000000002',
    ]);
  });
});

describe('a number that Amazon replaced', () => {
  beforeEach(async () => {
    await world.converge();
    world.provider.change(FULFILLMENT_ID, { packages: [numberedParcelOf(2, { packageKey: 'p1' })] });
  });
  const corrections = (): number => world.channel.board.callsOf('correctTracking').length;

  it('is corrected once at TikTok', async () => {
    await world.converge();
    await world.converge();

    expect(corrections()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'shipped' });
    expect((await world.record()).packages).toMatchObject([{ reportedNumber: '1Z0000000000000002' }]);
  });

  it('replaced a second time is for a person', async () => {
    await world.converge();
    world.provider.change(FULFILLMENT_ID, { packages: [numberedParcelOf(3, { packageKey: 'p1' })] });

    await world.converge();

    expect(corrections()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'tracking_changed' });
  });

  it('is for a person when TikTok refuses the correction, and not tried again', async () => {
    world.channel.state.refusals.set('correctTracking', {
      reason: 'not_correctable',
      remoteCode: '21011051',
      message: '',
    });

    await world.converge();
    await world.convergeWhenDue();

    expect(corrections()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'tracking_changed' });
    expect(await world.events()).toContain('correction_refused');
  });

  it('needs nothing more when the correction’s answer was lost and TikTok shows it', async () => {
    world.channel.board.fail('correctTracking', { after: channelTimeout() });

    await world.converge();
    await world.clock.advance(20_000);
    await world.converge();

    expect(corrections()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'shipped', intent: null });
  });

  it('is for a person when the correction’s answer was lost and TikTok does not show it', async () => {
    world.channel.board.fail('correctTracking', { before: channelTimeout() });

    await world.converge();
    await world.clock.advance(20_000);
    await world.converge();

    expect(corrections()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'tracking_changed' });
  });
});

describe('an order in review', () => {
  it('has its tracking reported all the same', async () => {
    world.provider.change(FULFILLMENT_ID, { state: 'unknown', rawState: 'ODD', packages: [] });
    await world.converge();
    const { stage } = await world.record();
    world.provider.change(FULFILLMENT_ID, { state: 'unknown', packages: [numberedParcelOf(1)] });

    await world.convergeWhenDue();

    expect(stage).toBe('review');
    expect(ships()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'shipped' });
  });

  it('has a cancellation honoured all the same', async () => {
    world.provider.change(FULFILLMENT_ID, { state: 'unfulfillable', packages: [] });
    await world.converge();
    const { stage } = await world.record();
    world.channel.change(ORDER_ID, { status: 'cancelled' });

    await world.convergeWhenDue();

    expect(stage).toBe('review');
    expect(world.clock.nowMs()).toBeLessThanOrEqual(NOW + MINUTE + HOUR);
    expect(await world.record()).toMatchObject({ stage: 'cancelled', nextAttemptAtMs: null });
  });
});
