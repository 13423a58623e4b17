import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import {
  cancellationOf,
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
import { createOperator } from './operate.ts';

let world: FakeWorld;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.store.close());

const begin = async (): Promise<void> => {
  world.channel.put(orderOf());
  await world.hint();
};
const place = async (): Promise<void> => {
  await begin();
  await world.converge();
  await world.clock.advance(MINUTE);
};
const askToCancel = (): void => {
  world.channel.state.cancellations.push(cancellationOf());
  world.channel.change(ORDER_ID, { buyerRequestedCancel: true });
};
const operator = () => createOperator({ store: world.store, converger: world.converger, clock: world.clock });
const made = (operation: string): number =>
  world.channel.board.callsOf(operation).length + world.provider.board.callsOf(operation).length;

describe('a buyer’s request before the create', () => {
  it('is approved, and nothing is ever sent to Amazon', async () => {
    await begin();
    askToCancel();

    await world.converge();

    expect(world.channel.board.callsOf('approveCancellation')).toEqual([
      { cancelId: 'cancel-1', key: 'approve-cancel-1' },
    ]);
    expect(made('submit')).toBe(0);
    expect(await world.record()).toMatchObject({ stage: 'cancelled' });
  });

  it('is approved once in a run although TikTok does not show it yet', async () => {
    await begin();
    askToCancel();
    world.channel.state.isLagging = true;

    await world.converge();

    expect(made('approveCancellation')).toBe(1);
    expect(world.faults).toEqual([]);
    const { nextAttemptAtMs } = await world.record();
    expect(nextAttemptAtMs).toBeGreaterThan(NOW);
  });
});

describe('a buyer’s request after the create', () => {
  it('stops Amazon, reads the proof, and only then is approved', async () => {
    await place();
    const approvedWhile: string[] = [];
    world.channel.board.onCall = (operation) => {
      if (operation === 'approveCancellation')
        approvedWhile.push(world.provider.fulfillment(FULFILLMENT_ID).state);
      return Promise.resolve();
    };
    askToCancel();

    await world.converge();

    expect(approvedWhile).toEqual(['cancelled']);
    expect(await world.record()).toMatchObject({ stage: 'cancelled', nextAttemptAtMs: null });
    expect(await world.events()).toEqual(
      expect.arrayContaining(['cancel_sent', 'cancellation_approved', 'stage_cancelled']),
    );
  });

  it('waits for the proof when Amazon took the cancel and goes on for a while', async () => {
    await place();
    world.provider.state.cancelWorks = false;
    askToCancel();

    await world.converge();
    await world.convergeWhenDue();

    expect(made('cancel')).toBe(1);
    expect(made('approveCancellation')).toBe(0);
    expect(await world.record()).toMatchObject({ stage: 'routing', reason: 'cancelling' });
  });

  it('is not approved when Amazon began to process meanwhile', async () => {
    await place();
    world.provider.board.onCall = (operation) => {
      if (operation === 'cancel') world.provider.change(FULFILLMENT_ID, { state: 'processing' });
      return Promise.resolve();
    };
    askToCancel();

    await world.converge();

    expect(made('approveCancellation')).toBe(0);
    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'cancel_requested_too_late' });
    expect(await world.events()).toContain('cancel_refused');
  });

  it('is looked up, not repeated blindly, when the answer to the cancel was lost', async () => {
    await place();
    world.provider.board.fail('cancel', { after: failureOf() });
    askToCancel();

    await world.converge();
    await world.convergeWhenDue();

    expect(made('cancel')).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'cancelled' });
  });

  it('is approved once when the answer to the approval was lost', async () => {
    await begin();
    world.channel.board.fail('approveCancellation', { after: failureOf({ upstream: 'tiktok-shop' }) });
    askToCancel();

    await world.converge();
    await world.convergeWhenDue();

    expect(made('approveCancellation')).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'cancelled' });
  });

  it('that TikTok settled meanwhile is read anew', async () => {
    await begin();
    askToCancel();
    world.channel.state.refusals.set('approveCancellation', {
      reason: 'state_changed',
      remoteCode: '25011011',
      message: '',
    });
    world.channel.board.onCall = (operation) => {
      if (operation === 'approveCancellation') world.channel.change(ORDER_ID, { status: 'cancelled' });
      return Promise.resolve();
    };

    await world.converge();

    expect(await world.record()).toMatchObject({ stage: 'cancelled' });
    expect(await world.events()).toContain('cancellation_approved_refused');
  });

  it('is in review when TikTok refuses the approval for good', async () => {
    await begin();
    askToCancel();
    world.channel.state.refusals.set('approveCancellation', {
      reason: 'refused',
      remoteCode: '25020005',
      message: 'no permission',
    });

    const report = await world.converge();

    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'upstream_refused' } });
    expect(await world.record()).toMatchObject({
      stage: 'review',
      reason: 'channel_refused',
      nextAttemptAtMs: NOW + HOUR,
    });
    expect(made('submit')).toBe(0);
  });

  it('is rejected outside the US before the parcel is reported', async () => {
    await place();
    world.setPolicy({ marketplaceCountry: 'GB' });
    askToCancel();
    world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [numberedParcelOf(1)] });

    await world.converge();

    const answers = world.channel.board.calls.map(({ operation }) => operation);
    expect(answers.filter((operation) => operation === 'rejectCancellation' || operation === 'ship')).toEqual(
      ['rejectCancellation', 'ship'],
    );
    expect(await world.record()).toMatchObject({ stage: 'shipped' });
  });

  it('is never rejected by a call in the US, where the report answers it', async () => {
    await place();
    askToCancel();
    world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [numberedParcelOf(1)] });

    await world.converge();

    expect(made('rejectCancellation')).toBe(0);
    expect(made('ship')).toBe(1);
  });
});

describe('an order cancelled at TikTok', () => {
  it('is stopped at Amazon and cancelled once that is proven', async () => {
    await place();
    world.channel.change(ORDER_ID, { status: 'cancelled' });

    await world.converge();

    expect(world.provider.fulfillment(FULFILLMENT_ID).state).toBe('cancelled');
    expect(await world.record()).toMatchObject({ stage: 'cancelled', nextAttemptAtMs: null });
    expect(await world.store.orders.promisedUnits()).toEqual([]);
  });
});

describe('a person’s cancel', () => {
  it('stops Amazon first and then cancels at TikTok with the reason given', async () => {
    await place();

    const record = await operator().cancel(KEY, 'ann', { reason: 'out_of_stock', keepOrder: false });

    expect(world.channel.board.callsOf('cancelOrder')).toEqual([
      { orderId: ORDER_ID, reason: 'out_of_stock' },
    ]);
    expect(world.provider.fulfillment(FULFILLMENT_ID).state).toBe('cancelled');
    expect(record).toMatchObject({ stage: 'cancelled' });
  });

  it('stops only Amazon’s part when the order is to be kept', async () => {
    await place();

    const record = await operator().cancel(KEY, 'ann', { reason: '', keepOrder: true });

    expect(made('cancelOrder')).toBe(0);
    expect(record).toMatchObject({ stage: 'review', reason: 'mcf_cancelled' });
    expect(world.channel.order(ORDER_ID).status).toBe('awaiting_shipment');
  });

  it('is sent once in a run although TikTok keeps it pending', async () => {
    await place();
    world.channel.state.isLagging = true;

    await operator().cancel(KEY, 'ann', { reason: 'out_of_stock', keepOrder: false });

    expect(made('cancelOrder')).toBe(1);
    expect(world.faults).toEqual([]);
    expect(await world.record()).toMatchObject({ stage: 'routing', reason: 'cancelling' });
  });

  it('counts as a cancellation only when TikTok took it', async () => {
    await begin();
    world.channel.state.refusals.set('cancelOrder', {
      reason: 'refused',
      remoteCode: '25001021',
      message: 'reason',
    });
    await world.store.orders.amend(
      KEY,
      { patch: { cancelRequest: { reason: 'x', keepOrder: false, sentAtMs: null } } },
      NOW,
    );

    const report = await world.converge();

    expect(report).toMatchObject({ outcome: 'failed', cancelled: 0 });
  });
});

describe('a person’s retry', () => {
  it('makes a fulfillment that ended badly anew under the next id, once', async () => {
    await place();
    world.provider.change(FULFILLMENT_ID, { state: 'unfulfillable' });
    await world.converge();

    const record = await operator().retry(KEY, 'ann');
    await world.converge();

    expect(record).toMatchObject({
      stage: 'fulfilling',
      fulfillmentId: `${FULFILLMENT_ID}-2`,
      recreate: false,
    });
    expect(made('submit')).toBe(2);
  });

  it('of a lost order that turns up alive does not make it anew when it ends badly later', async () => {
    await place();
    const lost = world.provider.fulfillment(FULFILLMENT_ID);
    world.provider.state.fulfillments.clear();
    await world.clock.advance(11 * MINUTE);
    await world.converge();
    const { reason } = await world.record();
    world.provider.state.fulfillments.set(FULFILLMENT_ID, { ...lost, state: 'accepted' });
    await operator().retry(KEY, 'ann');
    world.provider.change(FULFILLMENT_ID, { state: 'unfulfillable' });

    await world.converge();

    expect(reason).toBe('mcf_lost');
    expect(made('submit')).toBe(1);
    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'mcf_unfulfillable' });
  });

  it('sends a refused create again', async () => {
    world.provider.state.refuseSubmit = { reason: 'no_stock', message: '' };
    await begin();
    await world.converge();
    world.provider.state.refuseSubmit = null;

    const record = await operator().retry(KEY, 'ann');

    expect(record).toMatchObject({ stage: 'fulfilling', fulfillmentId: FULFILLMENT_ID });
  });

  it('sends a refused report again', async () => {
    await place();
    world.provider.change(FULFILLMENT_ID, { state: 'processing', packages: [numberedParcelOf(1)] });
    world.channel.state.refusals.set('ship', { reason: 'refused', remoteCode: '1', message: '' });
    await world.converge();
    world.channel.state.refusals.clear();

    const record = await operator().retry(KEY, 'ann');

    expect(made('ship')).toBe(2);
    expect(record).toMatchObject({ stage: 'shipped' });
  });

  it('of an order that was never seen is refused as unknown', async () => {
    await expect(operator().retry(KEY, 'ann')).rejects.toMatchObject({
      code: 'order_unknown',
      httpStatus: 404,
    });
  });

  it('takes back a cancel and a closing by hand', async () => {
    await begin();
    await operator().resolve(KEY, 'ann', 'done by phone');
    const { stage } = await world.record();

    const record = await operator().retry(KEY, 'ann');

    expect(stage).toBe('completed');
    expect(record).toMatchObject({ stage: 'fulfilling', resolvedAtMs: null });
  });
});

describe('a person’s resolve', () => {
  it('closes the order for good with the note in its timeline', async () => {
    await begin();

    const record = await operator().resolve(KEY, 'ann', 'shipped by hand');

    expect(record).toMatchObject({ stage: 'completed', reason: 'resolved', nextAttemptAtMs: null });
    expect(await world.store.orders.events(KEY)).toContainEqual({
      atMs: NOW,
      event: 'operator_resolve',
      detail: 'by ann: shipped by hand',
    });
    expect(made('submit')).toBe(0);
  });
});
