import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderKey } from '../../src/orders/model.ts';
import { orderOf } from '../fakes.ts';
import { openWeather, type WeatherWorld } from './world.ts';

let world: WeatherWorld;
let last = 0;

beforeEach(async () => {
  world = await openWeather({ latencyMs: [100, 400], accountOf: (shopId) => `amazon-${shopId.slice(0, 3)}` });
  world.worker.start();
});
afterEach(() => world.stop());

/** Orders of a shop, each named by a webhook. The shop's first three letters name its Amazon account. */
const arrive = async (shopId: string, count: number): Promise<OrderKey[]> => {
  const keys: OrderKey[] = [];
  for (let index = 0; index < count; index += 1) {
    last += 1;
    const key = { channel: 'tiktok-shop', shopId, orderId: String(10_000 + last) };
    world.put(orderOf({ orderId: key.orderId }));
    await world.webhook(key);
    keys.push(key);
  }
  return keys;
};
const createdOf = (keys: readonly OrderKey[]): number =>
  keys.filter(({ orderId }) => world.fulfillments.has(`TTS-${orderId}`)).length;

describe('two Amazon accounts', () => {
  it('each take creates at their own full speed', async () => {
    const one = await arrive('one', 100);
    const two = await arrive('two', 100);

    await world.clock.advance(45_000);

    expect([createdOf(one), createdOf(two)]).toEqual([100, 100]);
    expect(world.failures).toEqual([]);
  });

  it('two shops of one account share its speed, and a shop of the other is not slowed down', async () => {
    const shared = [...(await arrive('one-a', 100)), ...(await arrive('one-b', 100))];
    const alone = await arrive('two', 100);

    await world.clock.advance(45_000);

    expect(createdOf(alone)).toBe(100);
    expect(createdOf(shared)).toBeGreaterThan(100);
    expect(createdOf(shared)).toBeLessThan(140);
  });

  it.each(['away', 'refused', 'hanging'] as const)(
    'one that is %s holds up no order of the other, and its own go once it is back',
    async (weather) => {
      world.weather.set('amazon-one', weather);
      const held = await arrive('one', 60);
      const going = await arrive('two', 60);

      await world.clock.advance(45_000);
      const meanwhile = [createdOf(held), createdOf(going)];
      world.weather.set('amazon-one', 'fair');
      world.side('amazon-one').allowTrial();
      await world.store.orders.wake(
        ['credentials_refused', 'upstream_failing', 'create_unclear'],
        world.clock.nowMs(),
      );
      await world.clock.advance(20 * 60_000);

      expect(meanwhile).toEqual([0, 60]);
      expect(createdOf(held)).toBe(60);
    },
  );

  it('an order for an account with quota left is created behind its webhook while the other’s queue waits', async () => {
    world.empty('amazon-one', 'createFulfillmentOrder');
    const queued = await arrive('one', 80);
    await world.clock.advance(10_000);
    expect(createdOf(queued)).toBeLessThan(80);

    const [fresh] = await arrive('two', 1);
    await world.clock.advance(3_000);

    expect(createdOf(fresh ? [fresh] : [])).toBe(1);
  });
});
