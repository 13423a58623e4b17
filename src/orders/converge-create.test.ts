import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { FULFILLMENT_ID, failureOf, fulfillmentOf, HOUR, MINUTE, NOW, orderOf } from '../../test/fakes.ts';
import type { ProviderRefusal } from '../fulfillment/provider.ts';
import { recipientOf } from './address/fixtures.ts';
import type { OrderRecord } from './model.ts';

let world: FakeWorld;

beforeEach(async () => {
  world = await openWorld();
  world.channel.put(orderOf());
  await world.hint();
});
afterEach(() => world.store.close());

const submits = (): number => world.provider.board.callsOf('submit').length;

describe('sending an order to Amazon', () => {
  it('creates it once and rests at Amazon', async () => {
    const report = await world.converge();

    expect(report).toMatchObject({ outcome: 'settled', stage: 'fulfilling', created: 1, error: null });
    expect(await world.record()).toMatchObject({
      reason: 'at_amazon',
      fulfillmentId: FULFILLMENT_ID,
      fulfillmentCount: 1,
      acceptedAtMs: NOW,
      intent: null,
      nextAttemptAtMs: NOW + 2 * MINUTE,
    });
    expect(await world.events()).toEqual(['create_sent', 'created', 'stage_fulfilling']);
  });

  it('creates nothing more, however often it is triggered', async () => {
    for (let count = 0; count < 5; count += 1) {
      await world.hint();
      await world.converge();
    }

    expect(submits()).toBe(1);
  });

  it('has its intent and its promise committed before the call goes out', async () => {
    let seen: OrderRecord | null = null;
    let promised: unknown = null;
    world.provider.board.onCall = async (operation) => {
      if (operation !== 'submit') return;
      seen = await world.record();
      promised = await world.store.orders.promisedUnits();
    };

    await world.converge();

    expect(seen).toMatchObject({
      stage: 'routing',
      reason: 'creating',
      fulfillmentId: FULFILLMENT_ID,
      intent: { kind: 'create', fulfillmentId: FULFILLMENT_ID, atMs: NOW, inFlight: true },
      items: [{ amazonSku: 'A', quantity: 1 }],
    });
    expect(promised).toMatchObject([
      { amazonSku: 'A', units: 1, amazonAccount: 'amazon', acceptedAtMs: null, reserved: false },
    ]);
  });

  it('keeps nothing of the buyer’s address', async () => {
    await world.converge();

    const kept = JSON.stringify([
      await world.record(),
      await world.store.orders.events((await world.record()).key),
    ]);
    const { addressHash, requestHash, ...rest } = await world.record();
    expect(addressHash).not.toBeNull();
    expect(requestHash).not.toBeNull();
    expect(JSON.stringify(rest)).not.toMatch(/Jane|Example Street|62701|Springfield/);
    expect(kept).toContain(FULFILLMENT_ID);
  });

  it('reads nothing at Amazon before anything can be there', async () => {
    await world.converge();

    expect(world.provider.board.calls.map(({ operation }) => operation)).toEqual(['submit']);
  });
});

describe('a create whose answer was lost', () => {
  it('is followed by a read and by no second create when it had its effect', async () => {
    world.provider.board.fail('submit', { after: failureOf() });

    const lost = await world.converge();
    const next = await world.convergeWhenDue();

    expect(lost).toMatchObject({ outcome: 'failed', stage: 'routing', error: { code: 'upstream_timeout' } });
    expect(next).toMatchObject({ outcome: 'settled', stage: 'fulfilling' });
    expect(world.provider.board.calls.map(({ operation }) => operation)).toEqual(['submit', 'fetch']);
    expect(await world.events()).toContain('adopted');
  });

  it('shows as not confirmed, with a next attempt', async () => {
    world.provider.board.fail('submit', { after: failureOf() });

    await world.converge();

    const record = await world.record();
    expect(record).toMatchObject({ stage: 'routing', reason: 'create_unclear', failures: 1 });
    expect(record.nextAttemptAtMs).toBeGreaterThan(NOW);
  });

  it('is repeated exactly once, with the same id, when it had none', async () => {
    world.provider.board.fail('submit', { before: failureOf() });

    await world.converge();
    for (let count = 0; count < 4; count += 1) await world.convergeWhenDue();

    const ids = world.provider.board
      .callsOf('submit')
      .map((request) => (request as { fulfillmentId: string }).fulfillmentId);
    expect(ids).toEqual([FULFILLMENT_ID, FULFILLMENT_ID]);
    expect(await world.record()).toMatchObject({ stage: 'fulfilling', fulfillmentCount: 1 });
    expect(await world.events()).toContain('create_outcome_looked_up');
  });

  it('is not repeated while the first one may still be on its way', async () => {
    world.provider.board.fail('submit', { before: failureOf() });
    await world.converge();

    await world.clock.advance(19_999);
    await world.converge();
    const early = submits();
    const { nextAttemptAtMs } = await world.record();
    await world.clock.advance(1);
    await world.converge();

    expect(early).toBe(1);
    expect(nextAttemptAtMs).toBe(NOW + 20_000);
    expect(submits()).toBe(2);
  });

  it('is adopted when it arrives while it is waited for', async () => {
    world.provider.board.fail('submit', { before: failureOf() });
    await world.converge();
    world.provider.state.fulfillments.set(FULFILLMENT_ID, fulfillmentOf({ state: 'accepted' }));

    await world.convergeWhenDue();

    expect(submits()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'fulfilling', intent: null });
  });

  it('is read before it is repeated when Amazon answered with its own failure', async () => {
    world.provider.board.fail('submit', { before: failureOf({ code: 'upstream_unavailable' }) });

    await world.converge();
    const { intent } = await world.record();
    await world.convergeWhenDue();
    const readsBefore = world.provider.board.calls.map(({ operation }) => operation);
    await world.convergeWhenDue();

    expect(intent).toMatchObject({ kind: 'create', inFlight: false });
    expect(readsBefore).toEqual(['submit', 'fetch']);
    expect(world.provider.board.calls.map(({ operation }) => operation)).toEqual([
      'submit',
      'fetch',
      'fetch',
      'submit',
    ]);
  });

  it('counts its units as promised until it is settled', async () => {
    world.provider.board.fail('submit', { before: failureOf() });

    await world.converge();

    expect(await world.store.orders.promisedUnits()).toMatchObject([{ amazonSku: 'A', units: 1 }]);
  });
});

describe('a create that surely had no effect', () => {
  it('is sent again without a read', async () => {
    world.provider.board.fail('submit', {
      before: failureOf({ code: 'upstream_throttled', stage: 'before', retryAfterMs: 30_000 }),
    });

    await world.converge();
    const { intent, nextAttemptAtMs, reason } = await world.record();
    await world.convergeWhenDue();

    expect(intent).toBeNull();
    expect(reason).toBe('upstream_failing');
    expect(nextAttemptAtMs).toBe(NOW + 30_000);
    expect(world.provider.board.calls.map(({ operation }) => operation)).toEqual(['submit', 'submit']);
  });
});

describe('an id that Amazon has already', () => {
  it('is adopted when the order there is ours', async () => {
    world.provider.state.fulfillments.set(FULFILLMENT_ID, fulfillmentOf({ state: 'planning' }));

    await world.converge();

    expect(submits()).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'fulfilling', fulfillmentState: 'planning' });
    expect(await world.events()).toContain('create_found_existing');
  });

  it('is for a person when the order there is another one', async () => {
    world.provider.state.fulfillments.set(FULFILLMENT_ID, fulfillmentOf({ state: 'planning' }, { A: 7 }));

    await world.converge();

    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'mcf_mismatch' });
  });
});

describe('a create that Amazon refused', () => {
  const refusals: { refusal: ProviderRefusal; reason: string; detail: string }[] = [
    {
      refusal: { reason: 'sku_unknown', message: 'no such SKU', itemId: '101' },
      reason: 'sku_unknown',
      detail: 'Amazon SKU: A.',
    },
    { refusal: { reason: 'no_stock', message: 'no stock' }, reason: 'mcf_no_stock', detail: 'no stock' },
    { refusal: { reason: 'address_refused', message: 'city' }, reason: 'address_refused', detail: 'city' },
    { refusal: { reason: 'config', message: 'marketplace' }, reason: 'mcf_config', detail: 'marketplace' },
    { refusal: { reason: 'opaque', message: 'no reason' }, reason: 'mcf_refused', detail: 'no reason' },
  ];

  it.each(refusals)('is in review as $reason and not sent again', async ({ refusal, reason, detail }) => {
    world.provider.state.refuseSubmit = refusal;

    await world.converge();
    await world.convergeWhenDue();

    expect(submits()).toBe(1);
    expect(await world.record()).toMatchObject({
      stage: 'review',
      reason,
      detail,
      nextAttemptAtMs: NOW + 2 * HOUR,
    });
  });

  it('is sent again, with the same id, once the order changed', async () => {
    world.provider.state.refuseSubmit = { reason: 'address_refused', message: 'city' };
    await world.converge();
    world.provider.state.refuseSubmit = null;
    world.channel.change(orderOf().orderId, { recipient: recipientOf({ name: 'Jane Elsewhere' }) });

    await world.convergeWhenDue();

    expect(submits()).toBe(2);
    expect(await world.record()).toMatchObject({ stage: 'fulfilling', fulfillmentId: FULFILLMENT_ID });
  });
});

describe('a fulfillment that was stopped for a new address', () => {
  it('is replaced by one with the new address, under the next id, after Amazon proved the stop', async () => {
    await world.converge();
    world.channel.change(orderOf().orderId, {
      addressEdited: true,
      recipient: recipientOf({ name: 'Jane Elsewhere' }),
    });

    await world.convergeWhenDue();

    expect(world.provider.board.calls.map(({ operation }) => operation)).toEqual([
      'submit',
      'fetch',
      'cancel',
      'fetch',
      'submit',
    ]);
    expect(world.provider.fulfillment(`${FULFILLMENT_ID}-2`).destination?.name).toBe('Jane Elsewhere');
    expect(world.provider.fulfillment(FULFILLMENT_ID).state).toBe('cancelled');
    expect(await world.record()).toMatchObject({ fulfillmentId: `${FULFILLMENT_ID}-2`, stage: 'fulfilling' });
  });
});
