import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { HOUR, KEY, MINUTE, NOW, oneAccount, orderOf } from '../../test/fakes.ts';
import type { OrderKey } from '../orders/model.ts';
import { createWorker, type Worker } from './worker.ts';

let world: FakeWorld;
let worker: Worker;
let created: string[];

beforeEach(async () => {
  world = await openWorld();
  created = [];
  worker = createWorker({
    ...world,
    accounts: oneAccount(world.provider),
    channelOf: () => world.channel,
    onFault: (error) => world.faults.push(error),
  });
  const submit = world.provider.submit.bind(world.provider);
  world.provider.submit = (request) => {
    created.push(request.displayOrderId);
    return submit(request);
  };
});
afterEach(() => world.store.close());

const keyOf = (orderId: string, shopId = KEY.shopId): OrderKey => ({ ...KEY, orderId, shopId });
/** An order that was read and waits for quota, to be shipped within so many hours. */
const queue = async (orderId: string, hours: number | null, shopId?: string): Promise<void> => {
  const shipByMs = hours === null ? null : NOW + hours * HOUR;
  const deadlines = { shipByMs, collectByMs: null, deliverByMs: null, autoCancelMs: null };
  world.channel.put(orderOf({ orderId, deadlines }));
  const key = keyOf(orderId, shopId);
  await world.hint(null, key);
  await world.converger.converge(key, undefined, { mayCreate: () => false });
};
/** Lets everything that needs no time happen. */
const settle = async (): Promise<void> => {
  for (let round = 0; round < 60; round += 1) await world.clock.advance(0);
};
/** As long as no create ends, only what the quota serves soon is begun. */
const holdCreates = (): (() => void) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  world.provider.board.onCall = (operation) => (operation === 'submit' ? held : Promise.resolve());
  return release;
};

describe('an order that is to be created and has to wait for quota', () => {
  it('rests with that reason and with what is known of it, and nothing is sent', async () => {
    await queue('1', 48);

    expect(await world.record(keyOf('1'))).toMatchObject({
      stage: 'routing',
      reason: 'awaiting_quota',
      nextAttemptAtMs: NOW + 15 * MINUTE,
      shipByMs: NOW + 48 * HOUR,
      intent: null,
    });
    expect(await world.store.orders.promisedUnits()).toMatchObject([{ amazonSku: 'A', units: 1 }]);
    expect(created).toEqual([]);
  });

  it('keeps its failures in a row, which only a create that was tried can end', async () => {
    world.channel.put(orderOf({ orderId: '1' }));
    await world.hint(null, keyOf('1'));
    await world.store.orders.amend(keyOf('1'), { patch: { failures: 4 } }, NOW);

    await world.converger.converge(keyOf('1'), undefined, { mayCreate: () => false });

    expect(await world.record(keyOf('1'))).toMatchObject({ reason: 'awaiting_quota', failures: 4 });
  });

  it('is read anew before it is sent: one cancelled meanwhile is never sent', async () => {
    await queue('1', 48);
    world.channel.change('1', { status: 'cancelled' });

    await worker.drain();

    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'cancelled' });
    expect(created).toEqual([]);
  });

  it('is looked at when a hint names it, although no quota is there', async () => {
    await queue('1', 48);
    world.provider.state.createCapacity = 0;
    world.channel.change('1', { status: 'cancelled' });
    await world.hint(null, keyOf('1'));

    await worker.drain();

    expect(await world.record(keyOf('1'))).toMatchObject({ stage: 'cancelled' });
  });
});

describe('the queue for quota', () => {
  it('goes by the nearest deadline, an unknown one last', async () => {
    await queue('unknown', null);
    await queue('late', 72);
    await queue('soon', 12);
    await queue('middle', 48);

    await worker.drain();

    expect(created).toEqual(['soon', 'middle', 'late', 'unknown']);
  });

  it('is served in turns of the shops, as far as the quota reaches', async () => {
    for (let index = 0; index < 20; index += 1) await queue(`big-${index}`, 10, 'big');
    for (let index = 0; index < 3; index += 1) await queue(`small-${index}`, 70, 'small');
    world.provider.state.createCapacity = 6;
    const release = holdCreates();

    const work = worker.drain();
    await settle();
    const begun = created.toSorted();
    release();
    await work;

    expect(begun).toEqual(['big-0', 'big-1', 'big-2', 'small-0', 'small-1', 'small-2']);
    expect(created).toHaveLength(23);
  });

  it('gives each shop its turn although there is room for two at a time only', async () => {
    const shops = ['a', 'b', 'c'];
    for (const shopId of shops)
      for (let index = 0; index < 4; index += 1) await queue(`${shopId}${index}`, 10 + index, shopId);
    world.provider.state.createCapacity = 2;

    await worker.drain();

    expect(
      created
        .slice(0, 3)
        .map((id) => id.slice(0, 1))
        .toSorted(),
    ).toEqual(shops);
    expect(created).toHaveLength(12);
  });

  it('is not overtaken by an order that is new', async () => {
    for (let index = 0; index < 5; index += 1) await queue(`queued-${index}`, 10);
    world.provider.state.createCapacity = 3;
    const release = holdCreates();
    worker.start();
    await settle();

    world.channel.put(orderOf({ orderId: 'new' }));
    await world.hint(null, keyOf('new'));
    worker.wake();
    await settle();
    const record = await world.record(keyOf('new'));
    const begun = [...created];
    release();
    await world.clock.advance(2000);
    await settle();
    await worker.stop();

    expect(record).toMatchObject({ reason: 'awaiting_quota' });
    expect(begun).toEqual(['queued-0', 'queued-1', 'queued-2']);
    expect(created.at(-1)).toBe('new');
  });

  it('waits while Amazon is away, and a pass does not wait for it', async () => {
    await queue('1', 10);
    world.provider.state.createCapacity = 0;

    expect(await worker.drain()).toEqual([]);
    expect(worker.isBehind('amazon')).toBe(true);
  });
});

describe('polls of placed orders', () => {
  it('leave reads at Amazon for an order that something happened to', async () => {
    await queue('1', 10);
    await worker.drain();
    await world.clock.advance(2 * MINUTE);
    world.provider.readCapacity = (withinMs = 0) => (withinMs > 0 ? 18 : 10);

    const polled = await worker.drain();
    await world.hint(null, keyOf('1'));
    const named = await worker.drain();

    expect(polled).toEqual([]);
    expect(named).toHaveLength(1);
  });
});

describe('a shop that cannot be read now', () => {
  it('keeps its orders where they are, and the others go on', async () => {
    world.channel.readCapacity = ({ shopId }) => (shopId === 'away' ? 0 : 50);
    for (const shopId of ['away', 'there']) {
      world.channel.put(orderOf({ orderId: shopId }));
      await world.hint(null, keyOf(shopId, shopId));
    }

    await worker.drain();

    expect(created).toEqual(['there']);
    expect(await world.record(keyOf('away', 'away'))).toMatchObject({ reason: 'received', failures: 0 });
  });

  it('is tried with a single order while it is not known whether it is back', async () => {
    world.channel.readCapacity = () => 1;
    for (const orderId of ['1', '2', '3']) {
      world.channel.put(orderOf({ orderId }));
      await world.hint(null, keyOf(orderId));
    }

    await worker.drain();

    const sizes = world.channel.board.callsOf('fetchOrders').map((ids) => (ids as string[]).length);
    expect(Math.max(...sizes)).toBe(1);
  });
});
