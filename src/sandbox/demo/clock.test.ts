import { expect, it } from 'vitest';
import { createHeldClock } from '../../../test/held-clock.ts';
import { speedClock } from './clock.ts';

const START_MS = Date.parse('2026-11-20T08:00:00Z');

it('shows the time it was given, and runs as fast as it was told', async () => {
  const machine = createHeldClock();
  const clock = speedClock(START_MS, 600, machine);
  await machine.advance(1_000);

  expect(clock.nowMs()).toBe(START_MS + 600_000);
});

it('goes on from where it is when its speed changes', async () => {
  const machine = createHeldClock();
  const clock = speedClock(START_MS, 600, machine);
  await machine.advance(1_000);
  clock.run(1);
  await machine.advance(2_000);

  expect(clock.nowMs()).toBe(START_MS + 600_000 + 2_000);
});

it('wakes who sleeps by it at the same time of its own, whatever its speed has become', async () => {
  const machine = createHeldClock();
  const clock = speedClock(START_MS, 600, machine);
  const woken: number[] = [];
  const slept = clock.sleep(60_000).then(() => woken.push(clock.nowMs()));
  await machine.advance(50);
  clock.run(1);
  await machine.advance(29_000);
  expect(woken).toEqual([]);

  await machine.advance(1_000);
  await slept;
  expect(woken).toEqual([START_MS + 60_000]);
});

it('lets who sleeps by it go when they are told to', async () => {
  const machine = createHeldClock();
  const clock = speedClock(START_MS, 1, machine);
  const stop = new AbortController();
  const slept = clock.sleep(60_000, stop.signal);
  stop.abort();

  await expect(slept).resolves.toBeUndefined();
  expect(machine.sleepers()).toBe(0);
});
