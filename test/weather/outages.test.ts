import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderKey, OrderRecord } from '../../src/orders/model.ts';
import { MINUTE, orderOf } from '../fakes.ts';
import { openWeather, type WeatherWorld } from './world.ts';

let world: WeatherWorld;
let last = 0;

beforeEach(async () => {
  world = await openWeather({ latencyMs: [100, 400] });
  world.worker.start();
});
afterEach(() => world.stop());

/** Orders of a shop, each named by a webhook. */
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
const recordsOf = async (keys: readonly OrderKey[]): Promise<OrderRecord[]> => {
  const records = await Promise.all(keys.map((key) => world.store.orders.get(key)));
  return records.filter((record) => record !== null);
};
const createdOf = (keys: readonly OrderKey[]): number =>
  keys.filter(({ orderId }) => world.fulfillments.has(`TTS-${orderId}`)).length;
const callsOf = (account: string): number => world.calls.filter((call) => call.account === account).length;

describe('a shop whose authorization TikTok refuses', () => {
  it('waits with that reason and is hardly called, while another shop goes on at full speed', async () => {
    world.weather.set('refused', 'refused');

    const refused = await arrive('refused', 100);
    const served = await arrive('served', 100);
    await world.clock.advance(45_000);

    expect(createdOf(served)).toBe(100);
    expect(new Set((await recordsOf(refused)).map(({ reason }) => reason))).toEqual(
      new Set(['credentials_refused']),
    );
    await world.clock.advance(10 * MINUTE);
    expect(callsOf('refused')).toBeLessThan(20);
    expect(world.side('refused').state().state).toBe('stopped');
    expect(world.side('served').state().state).toBe('ok');
  });

  it('goes on by itself within 20 minutes after it was authorized again', async () => {
    world.weather.set('refused', 'refused');
    const keys = await arrive('refused', 60);
    await world.clock.advance(5 * MINUTE);

    world.weather.set('refused', 'fair');
    await world.clock.advance(20 * MINUTE);

    expect(createdOf(keys)).toBe(60);
    expect(world.side('refused').state().state).toBe('ok');
  });
});

describe('a shop at which TikTok does not answer', () => {
  it('keeps no other shop waiting, neither before nor in the queue for quota', async () => {
    const queued = await arrive('hanging', 200);
    await world.clock.advance(10_000);
    world.weather.set('hanging', 'hanging');
    const before = createdOf(queued);

    const served = await arrive('served', 100);
    await world.clock.advance(70_000);

    expect(before).toBeLessThan(60);
    expect(createdOf(served)).toBe(100);
  });
});

describe('an outage of Amazon', () => {
  it.each(['away', 'hanging'] as const)(
    'of ten minutes (%s) costs few calls, loses nothing, and is over within a minute of its end',
    async (weather) => {
      world.weather.set('amazon', weather);
      const keys = await arrive('shop', 120);
      await world.clock.advance(2 * MINUTE);
      const early = callsOf('amazon');
      await world.clock.advance(8 * MINUTE);
      const late = callsOf('amazon') - early;
      const during = world.side('amazon').state();

      world.weather.set('amazon', 'fair');
      await world.clock.advance(MINUTE);
      const after = world.side('amazon').state();
      await world.clock.advance(2 * MINUTE);

      expect(during.state).toBe('failing');
      expect(during.nextTryMs).not.toBeNull();
      expect(late).toBeLessThan(20);
      expect(after.state).toBe('ok');
      expect(createdOf(keys)).toBe(120);
      expect(world.faults).toEqual([]);
    },
  );
});

describe('a quota that another process has used up', () => {
  it('costs a handful of refusals at the start and none after', async () => {
    world.empty('amazon', 'createFulfillmentOrder');

    const keys = await arrive('shop', 400);
    await world.clock.advance(20_000);
    const early = world.calls.filter(({ status }) => status === 429).length;
    await world.clock.advance(220_000);
    const all = world.calls.filter(({ status }) => status === 429).length;

    expect(createdOf(keys)).toBe(400);
    expect(early).toBeLessThanOrEqual(30);
    expect(all).toBe(early);
  });
});

describe('calls that arrive closer together than they were sent', () => {
  it('are within Amazon’s quota as long as their way takes no more than a second longer or shorter', async () => {
    await world.stop();
    world = await openWeather({ latencyMs: [100, 2000], seed: 3 });
    world.worker.start();

    const keys = await arrive('shop', 1000);
    await world.clock.advance(10 * MINUTE);

    expect(createdOf(keys)).toBe(1000);
    expect(world.calls.filter(({ status }) => status === 429)).toEqual([]);
  });
});
