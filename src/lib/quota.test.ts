import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/fakes.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import { createQuota } from './quota.ts';

const LIMIT = { ratePerSecond: 2, burst: 3 };

/** A quota whose takers are noted by name and time as they get their token. */
const setUp = () => {
  const clock = createHeldClock(NOW);
  const quota = createQuota(clock);
  const served: [string, number][] = [];
  const take = (name: string, key = 'key', signal?: AbortSignal): void => {
    void quota.take(key, LIMIT, signal).then(() => served.push([name, clock.nowMs() - NOW]));
  };
  return { clock, quota, served, take };
};

describe('a quota', () => {
  it('lets a burst through at once and the rest at exactly the published rate, in order', async () => {
    const { clock, served, take } = setUp();

    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) take(name);
    await clock.advance(1500);
    await clock.advance(0);

    expect(served).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
      ['d', 500],
      ['e', 1000],
      ['f', 1500],
    ]);
  });

  it('fills up to its burst and no further', async () => {
    const { clock, quota, served, take } = setUp();
    for (const name of ['a', 'b', 'c']) take(name);
    await clock.advance(60_000);

    const available = quota.available('key', LIMIT);
    for (const name of ['d', 'e', 'f', 'g']) take(name);
    await clock.advance(499);

    expect(available).toBe(3);
    expect(served.map(([name]) => name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('is kept for each account and operation apart', async () => {
    const { clock, quota, served, take } = setUp();
    for (const name of ['a', 'b', 'c', 'd']) take(name);

    take('other', 'another key');
    await clock.advance(0);

    expect(served.map(([name]) => name)).toContain('other');
    expect(quota.available('key', LIMIT)).toBe(0);
    expect(quota.available('never used', LIMIT)).toBe(3);
  });

  it('that said 429 lets nothing out before one refill', async () => {
    const { clock, quota, served, take } = setUp();
    take('a');
    await clock.advance(0);

    quota.exhausted('key');
    take('b');
    await clock.advance(499);
    const early = served.length;
    await clock.advance(1);
    await clock.advance(0);

    expect(early).toBe(1);
    expect(served).toEqual([
      ['a', 0],
      ['b', 500],
    ]);
  });

  it('that said how long to wait lets nothing out before', async () => {
    const { clock, quota, served, take } = setUp();
    take('a');
    await clock.advance(0);

    quota.exhausted('key', 10_000);
    take('b');
    await clock.advance(10_499);
    const early = served.length;
    await clock.advance(1);
    await clock.advance(0);

    expect(early).toBe(1);
    expect(served.at(-1)).toEqual(['b', 10_500]);
  });

  it('takes the rate that the other side reports', async () => {
    const { clock, quota, served, take } = setUp();
    for (const name of ['a', 'b', 'c']) take(name);
    await clock.advance(0);

    quota.learnRate('key', 10);
    take('d');
    await clock.advance(100);
    await clock.advance(0);

    expect(served.at(-1)).toEqual(['d', 100]);
  });

  it('learns nothing from a rate of zero or for a key that was never used', async () => {
    const { clock, quota, served, take } = setUp();
    for (const name of ['a', 'b', 'c']) take(name);

    quota.learnRate('key', 0);
    quota.learnRate('unknown', 5);
    quota.exhausted('unknown');
    take('d');
    await clock.advance(500);
    await clock.advance(0);

    expect(served.at(-1)).toEqual(['d', 500]);
    expect(quota.available('unknown', LIMIT)).toBe(3);
  });

  it('lets a taker that gave up go at once, without costing the next one its turn', async () => {
    const { clock, served, take } = setUp();
    for (const name of ['a', 'b', 'c']) take(name);
    const impatient = new AbortController();

    take('d', 'key', impatient.signal);
    take('e');
    await clock.advance(100);
    impatient.abort();
    await clock.advance(400);
    await clock.advance(0);

    expect(served.slice(3)).toEqual([
      ['d', 100],
      ['e', 500],
    ]);
  });
});
