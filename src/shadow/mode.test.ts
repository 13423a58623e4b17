import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { orderOf } from '../../test/fakes.ts';
import type { Store } from '../store/store.ts';
import { type Mode, openMode } from './mode.ts';

let world: FakeWorld;
let store: FakeWorld['store'];
let clock: FakeWorld['clock'];
beforeEach(async () => {
  world = await openWorld();
  ({ store, clock } = world);
});
afterEach(() => store.close());

const start = async (mode: Mode, configuredMs: number | null = null): Promise<number | null> =>
  (await openMode({ store, clock }, mode, configuredMs)).liveFromMs;

describe('the time from which orders are this service’s', () => {
  it('is none where there never was a shadow', async () => {
    expect(await start('live')).toBeNull();
  });

  it('is the first live start after a shadow one, and stays that over later starts', async () => {
    await start('shadow');
    const wentLiveMs = clock.nowMs();
    expect(await start('live')).toBe(wentLiveMs);
    await clock.advance(60_000);

    expect(await start('live')).toBe(wentLiveMs);
  });

  it('moves on with another shadow', async () => {
    await start('shadow');
    await start('live');
    await start('shadow');
    await clock.advance(60_000);

    expect(await start('live')).toBe(clock.nowMs());
  });

  it('is the one of the environment where that is later, and never earlier than going live', async () => {
    await start('shadow');
    const wentLiveMs = clock.nowMs();
    await start('live');

    expect(await start('live', wentLiveMs + 5000)).toBe(wentLiveMs + 5000);
    expect(await start('live', wentLiveMs - 5000)).toBe(wentLiveMs);
  });

  it('comes with a look at every order that rested in the shadow', async () => {
    const shadow = await openWorld({ isShadow: true });
    shadow.channel.put(orderOf());
    await shadow.hint();
    await shadow.converge();
    await openMode(shadow, 'shadow', null);
    expect((await shadow.record()).nextAttemptAtMs).toBeGreaterThan(shadow.clock.nowMs());

    await openMode(shadow, 'live', null);

    expect((await shadow.record()).nextAttemptAtMs).toBe(shadow.clock.nowMs());
    await shadow.store.close();
  });

  it('is not lost when the start stops half way', async () => {
    await start('shadow');
    const failing: Pick<Store, 'cursors' | 'orders'> = {
      orders: store.orders,
      cursors: {
        get: (name) => store.cursors.get(name),
        set: (name, value) =>
          name === 'mode' ? Promise.reject(new Error('gone')) : store.cursors.set(name, value),
      },
    };
    await expect(openMode({ store: failing, clock }, 'live', null)).rejects.toThrow('gone');

    expect(await start('live')).toBe(clock.nowMs());
  });
});
