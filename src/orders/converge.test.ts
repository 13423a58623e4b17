import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import {
  FULFILLMENT_ID,
  failureOf,
  HOUR,
  KEY,
  MINUTE,
  NOW,
  numberedParcelOf,
  ORDER_ID,
  orderOf,
} from '../../test/fakes.ts';

let world: FakeWorld;

beforeEach(async () => {
  world = await openWorld();
  world.channel.put(orderOf());
  await world.hint();
});
afterEach(() => world.store.close());

const reads = (): number => world.channel.board.callsOf('fetchOrders').length;
const submits = (): number => world.provider.board.callsOf('submit').length;

describe('one order, one runner', () => {
  it('leaves an order alone that somebody else runs, and the mark makes that runner look once more', async () => {
    let second: unknown = null;
    world.provider.board.onCall = async (operation) => {
      if (operation !== 'submit' || second !== null) return;
      await world.hint();
      second = await world.converge();
    };

    const first = await world.converge();

    expect(second).toMatchObject({ outcome: 'busy', stage: null });
    expect(first).toMatchObject({ outcome: 'settled', created: 1 });
    expect(reads()).toBe(2);
    expect(submits()).toBe(1);
  });

  it('looks at most three times for marks and leaves the order due for the rest', async () => {
    world.channel.board.onCall = async (operation) => {
      if (operation === 'fetchOrders') await world.hint();
    };

    const report = await world.converge();

    expect(report.outcome).toBe('settled');
    expect(reads()).toBe(3);
    expect(await world.record()).toMatchObject({ nextAttemptAtMs: NOW });
    expect(await world.store.orders.lease(KEY, 'another', NOW)).not.toBeNull();
  });

  it('stops before its next effect when its lease went to another runner', async () => {
    world.channel.board.onCall = async (operation) => {
      if (operation !== 'fetchOrders') return;
      await world.clock.advance(121_000);
      await world.store.orders.lease(KEY, 'thief', world.clock.nowMs());
    };

    const report = await world.converge();

    expect(report).toMatchObject({ outcome: 'lost', created: 0 });
    expect(submits()).toBe(0);
  });

  it('answers that it lost the order when the lease went while there was nothing to do', async () => {
    world.channel.put(orderOf({ status: 'unpaid' }));
    world.channel.board.onCall = async (operation) => {
      if (operation !== 'fetchOrders') return;
      await world.clock.advance(121_000);
      await world.store.orders.lease(KEY, 'thief', world.clock.nowMs());
    };

    expect(await world.converge()).toMatchObject({ outcome: 'lost' });
  });

  it('is busy for an order that nobody named', async () => {
    expect(await world.converger.converge({ ...KEY, orderId: 'never-seen' })).toMatchObject({
      outcome: 'busy',
    });
  });
});

describe('a failed look', () => {
  const failing = (overrides: Parameters<typeof failureOf>[0]) =>
    world.channel.board.fail('fetchOrders', { before: failureOf({ upstream: 'tiktok-shop', ...overrides }) });

  it('keeps the stage, says why, and is repeated with growing pauses', async () => {
    const pauses: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      failing({ code: 'upstream_unavailable' });
      await world.convergeWhenDue();
      pauses.push(((await world.record()).nextAttemptAtMs ?? 0) - world.clock.nowMs());
    }

    expect(pauses).toEqual([500, 1000, 2000, 4000]);
    expect(await world.record()).toMatchObject({ stage: 'waiting', reason: 'upstream_failing', failures: 4 });
  });

  it('starts counting anew after one that worked', async () => {
    failing({});
    await world.converge();

    await world.convergeWhenDue();

    expect(await world.record()).toMatchObject({ failures: 0, stage: 'fulfilling' });
  });

  it('waits as long as the other side asks for', async () => {
    failing({ code: 'upstream_throttled', stage: 'before', retryAfterMs: 7 * MINUTE });

    await world.converge();

    expect(await world.record()).toMatchObject({ nextAttemptAtMs: NOW + 7 * MINUTE });
  });

  it('because of refused credentials keeps the stage and has a next attempt', async () => {
    failing({ code: 'upstream_auth_refused', stage: 'before', message: 'token refused' });

    await world.converge();

    const record = await world.record();
    expect(record).toMatchObject({
      stage: 'waiting',
      reason: 'credentials_refused',
      detail: 'token refused',
    });
    expect(record.nextAttemptAtMs).toBeGreaterThan(NOW);
  });

  it('keeps the reason of an order that is in review', async () => {
    world.channel.put(orderOf({ recipient: null }));
    await world.converge();
    failing({ code: 'upstream_unavailable' });

    await world.convergeWhenDue();

    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'address_missing', failures: 1 });
  });

  it('is told to a person when answers stay unreadable, and still tried again', async () => {
    for (let count = 0; count < 4; count += 1) {
      failing({ code: 'upstream_malformed' });
      await world.convergeWhenDue();
    }
    const { stage } = await world.record();
    failing({ code: 'upstream_malformed' });
    await world.convergeWhenDue();
    const told = await world.record();
    await world.convergeWhenDue();

    expect(stage).toBe('waiting');
    expect(told).toMatchObject({ stage: 'review', reason: 'answers_malformed' });
    expect(told.nextAttemptAtMs).not.toBeNull();
    expect(await world.record()).toMatchObject({ stage: 'fulfilling' });
  });

  it('that no repetition helps is in review and looked at hourly', async () => {
    failing({ code: 'upstream_refused', retry: 'never', message: 'wrong shop' });

    await world.converge();

    expect(await world.record()).toMatchObject({
      stage: 'review',
      reason: 'channel_refused',
      detail: 'wrong shop',
      nextAttemptAtMs: NOW + HOUR,
    });
  });

  it('of ours is told, leaves no inside in the record, and is tried again', async () => {
    world.channel.board.onCall = () => Promise.reject(new TypeError('secret inside'));

    const report = await world.converge();

    expect(world.faults).toHaveLength(1);
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'internal_error' } });
    expect(JSON.stringify(await world.record())).not.toContain('secret inside');
    expect((await world.record()).nextAttemptAtMs).toBeGreaterThan(NOW);
  });

  it('before its turn gives the order back with a next attempt', async () => {
    const [record] = await world.store.orders.claimDue('batch', NOW, 1, 'new', KEY.shopId);

    const report = await world.converger.fail(record!, 'batch', failureOf({ upstream: 'tiktok-shop' }));

    expect(report).toMatchObject({ outcome: 'failed', stage: 'waiting' });
    expect(await world.record()).toMatchObject({ reason: 'upstream_failing', failures: 1 });
    expect(await world.store.orders.lease(KEY, 'another', NOW)).not.toBeNull();
  });
});

describe('a read that is older than its trigger', () => {
  it('is repeated in ten seconds', async () => {
    await world.hint(NOW - MINUTE);

    await world.converge();

    expect(await world.record()).toMatchObject({ stage: 'fulfilling', nextAttemptAtMs: NOW + 10_000 });
  });

  it('is repeated even for an order that would be final', async () => {
    world.channel.put(orderOf({ status: 'completed' }));
    await world.hint(NOW - MINUTE);

    await world.converge();

    expect(await world.record()).toMatchObject({ stage: 'completed', nextAttemptAtMs: NOW + 10_000 });
  });

  it('is believed when the trigger is two minutes old', async () => {
    await world.hint(NOW - 2 * MINUTE);

    await world.converge();

    expect(await world.record()).toMatchObject({ nextAttemptAtMs: NOW + 2 * MINUTE });
  });

  it('is not repeated when it is as new as the trigger', async () => {
    await world.hint(NOW - HOUR);

    await world.converge();

    expect(await world.record()).toMatchObject({ nextAttemptAtMs: NOW + 2 * MINUTE });
  });
});

describe('a look', () => {
  it('uses the order that was read with others and does not read it again', async () => {
    const [record] = await world.store.orders.claimDue('batch', NOW, 1, 'new', KEY.shopId);

    await world.converger.run(record!, 'batch', { prefetched: orderOf() });

    expect(reads()).toBe(0);
    expect(submits()).toBe(1);
  });

  it('takes an order that was read with others and not found for missing', async () => {
    const [record] = await world.store.orders.claimDue('batch', NOW, 1, 'new', KEY.shopId);

    await world.converger.run(record!, 'batch', { prefetched: null });

    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'order_missing' });
  });

  it('notes in the timeline only what changed', async () => {
    await world.converge();
    await world.convergeWhenDue();
    await world.convergeWhenDue();

    expect(await world.events()).toEqual(['create_sent', 'created', 'stage_fulfilling']);
  });

  it('asks for carriers only when a number is to be reported', async () => {
    await world.converge();
    await world.convergeWhenDue();
    const before = world.channel.board.callsOf('fetchCarriers').length;
    world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [numberedParcelOf(1)] });
    await world.convergeWhenDue();
    await world.convergeWhenDue();

    expect(before).toBe(0);
    expect(world.channel.board.callsOf('fetchCarriers')).toEqual(['option-1']);
  });

  it('sends a report once that TikTok calls done and does not show, and looks again', async () => {
    world.channel.board.onCall = (operation) => {
      // A channel that forgets each report and says it was done already.
      if (operation === 'ship')
        world.channel.state.refusals.set('ship', { reason: 'already_done', remoteCode: '1', message: '' });
      return Promise.resolve();
    };
    await world.converge();
    world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [numberedParcelOf(1)] });

    const report = await world.convergeWhenDue();

    expect(report).toMatchObject({ outcome: 'settled', stage: 'fulfilling' });
    expect(world.channel.board.callsOf('ship')).toHaveLength(1);
    expect((await world.record()).nextAttemptAtMs).toBeGreaterThan(world.clock.nowMs());
  });
});

describe('reading without deciding', () => {
  it('makes the units of an order count as promised and sends nothing', async () => {
    await world.converger.read(KEY, orderOf({ status: 'unpaid' }));

    expect(await world.store.orders.promisedUnits()).toMatchObject([{ amazonSku: 'A', units: 1 }]);
    expect(await world.record()).toMatchObject({
      stage: 'waiting',
      reason: 'received',
      nextAttemptAtMs: NOW,
    });
    expect(submits()).toBe(0);
  });

  it('leaves an order alone that somebody runs', async () => {
    await world.store.orders.lease(KEY, 'another', NOW);

    await world.converger.read(KEY, orderOf());

    expect(await world.record()).toMatchObject({ snapshot: null });
  });

  it('names the order by the id it was asked for', async () => {
    await world.converge();

    expect(world.channel.board.callsOf('fetchOrders')).toEqual([[ORDER_ID]]);
  });
});
