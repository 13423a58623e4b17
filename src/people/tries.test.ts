import { describe, expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import { createTries } from './tries.ts';

const take = (tries: ReturnType<typeof createTries>, key: string, count: number): boolean[] =>
  Array.from({ length: count }, () => tries.take(key));

describe('tries', () => {
  it('are counted by key, and anew after a while', async () => {
    const clock = createHeldClock();
    const tries = createTries(clock, 2, 1_000);

    expect(take(tries, 'a', 3)).toEqual([true, true, false]);
    expect(take(tries, 'b', 1)).toEqual([true]);
    await clock.advance(999);
    expect(tries.take('a')).toBe(false);
    await clock.advance(1);
    expect(take(tries, 'a', 3)).toEqual([true, true, false]);
  });

  it('that are given back do not count, and never make room for more', () => {
    const tries = createTries(createHeldClock(), 2, 1_000);
    for (let count = 0; count < 5; count += 1) {
      expect(tries.take('a')).toBe(true);
      tries.giveBack('a');
    }
    tries.giveBack('a');

    expect(take(tries, 'a', 3)).toEqual([true, true, false]);
  });

  it('are remembered for five thousand keys, and the oldest gives way', () => {
    const tries = createTries(createHeldClock(), 1, 1_000);
    tries.take('first');
    tries.take('second');
    for (let index = 0; index < 4_999; index += 1) tries.take(`key ${index}`);

    expect(tries.take('second')).toBe(false);
    expect(tries.take('first')).toBe(true);
  });
});
