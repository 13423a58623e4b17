import { expect, it, vi } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import { createScavenger } from './scavenge.ts';

/** How often it has cleared behind each turn of the event loop that answers so many requests. */
const clearings = async (turns: readonly number[]): Promise<number[]> => {
  const clock = createHeldClock();
  const collect = vi.fn<() => void>();
  const scavenger = createScavenger(clock, collect);
  const counted: number[] = [];
  for (const requests of turns) {
    const before = collect.mock.calls.length;
    for (let request = 0; request < requests; request += 1) scavenger.answered();
    expect(collect).toHaveBeenCalledTimes(before);
    await clock.advance(0);
    counted.push(collect.mock.calls.length);
  }
  return counted;
};

it('clears once behind all answers of a turn, when there were 200 or more', async () => {
  expect(await clearings([199])).toEqual([0]);
  expect(await clearings([200])).toEqual([1]);
  expect(await clearings([900])).toEqual([1]);
});

it('counts over many turns, and anew behind each clearing', async () => {
  expect(await clearings([150, 50, 199, 1, 0])).toEqual([0, 1, 1, 2, 2]);
});

it('waits for nothing where nothing can be cleared', () => {
  const clock = createHeldClock();
  const scavenger = createScavenger(clock, null);
  for (let request = 0; request < 200; request += 1) scavenger.answered();

  expect(clock.sleepers()).toBe(0);
});
