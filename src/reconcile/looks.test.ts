import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { KEY, oneAccount, orderOf } from '../../test/fakes.ts';
import type { Lane } from '../store/store.ts';
import { createLanes, type Lanes } from './lanes.ts';

let world: FakeWorld;
let lanes: Lanes;
/** The store answers about a lane only then. */
let held: Map<Lane, Promise<void>>;

/** Lets everything that needs no time happen. */
const settle = async (): Promise<void> => {
  for (let round = 0; round < 40; round += 1) await world.clock.advance(0);
};
const name = async (orderId: string): Promise<void> => {
  world.channel.put(orderOf({ orderId }));
  await world.hint(null, { ...KEY, orderId });
};

beforeEach(async () => {
  world = await openWorld();
  held = new Map();
  const { orders } = world.store;
  const dueShops = async (lane: Lane) => {
    await held.get(lane);
    return orders.dueShops(lane);
  };
  lanes = createLanes(
    {
      ...world,
      store: { orders: { ...orders, dueShops } },
      accounts: oneAccount(world.provider),
      channelOf: () => world.channel,
    },
    { onFinished: () => undefined, onFault: (error) => world.faults.push(error), onEnd: () => undefined },
  );
});
afterEach(() => world.store.close());

describe('a look answers that nothing is left to do', () => {
  it('only when another look beside it is not about to begin something', async () => {
    const [answer, create] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.provider.board.onCall = (operation) =>
      operation === 'submit' ? create.promise : Promise.resolve();
    await lanes.look(true);
    held.set('new', answer.promise);
    await name('1');

    const first = lanes.look(true);
    await settle();
    const second = lanes.look(false);
    await settle();
    answer.resolve();

    expect(await first).toMatchObject({ isBusy: true });
    expect(await second).toMatchObject({ isBusy: true });
    create.resolve();
    await lanes.settled();
  });

  it('only when no order came meanwhile into a lane that was looked at before', async () => {
    const [read, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.channel.board.onCall = (operation) =>
      operation === 'fetchOrders' ? read.promise : Promise.resolve();
    await name('1');
    await lanes.look(true);
    world.provider.state.createCapacity = 0;
    held.set('new', answer.promise);

    const look = lanes.look(true);
    await settle();
    read.resolve();
    await lanes.settled();
    world.provider.state.createCapacity = 1;
    answer.resolve();

    expect(await world.record({ ...KEY, orderId: '1' })).toMatchObject({ reason: 'awaiting_quota' });
    expect(await look).toMatchObject({ isBusy: true });
    await lanes.settled();
    expect(await world.record({ ...KEY, orderId: '1' })).toMatchObject({ stage: 'fulfilling' });
  });
});
