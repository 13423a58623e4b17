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

describe('a quota that was refused', () => {
  const spend = async ({ clock, take }: ReturnType<typeof setUp>): Promise<void> => {
    for (const name of ['a', 'b', 'c']) take(name);
    await clock.advance(0);
  };

  it('lets one call at a time out, until one is served', async () => {
    const set = setUp();
    const { clock, quota, served, take } = set;
    await spend(set);
    quota.exhausted('key');
    for (const name of ['d', 'e', 'f']) take(name);

    await clock.advance(5000);
    await clock.advance(0);
    const whileUnknown = served.length;
    quota.ended('key', true);
    await clock.advance(500);
    await clock.advance(0);

    expect(whileUnknown).toBe(4);
    expect(served.slice(3).map(([name]) => name)).toEqual(['d', 'e', 'f']);
  });

  it('takes refusals of calls that were out together for one, and waits longer after each refused trial', async () => {
    const set = setUp();
    const { clock, quota, served, take } = set;
    await spend(set);
    for (let count = 0; count < 3; count += 1) quota.exhausted('key');
    take('d');
    take('e');
    await clock.advance(500);
    await clock.advance(0);
    quota.exhausted('key');
    await clock.advance(60_000);
    await clock.advance(0);

    expect(served.slice(3)).toEqual([
      ['d', 500],
      ['e', 2000],
    ]);
  });

  it('goes on after half a minute when nobody told how the trial ended', async () => {
    const set = setUp();
    const { clock, quota, served, take } = set;
    await spend(set);
    quota.exhausted('key');
    take('d');
    take('e');
    await clock.advance(30_499);
    await clock.advance(0);
    const early = served.length;
    await clock.advance(1);
    await clock.advance(0);

    expect(early).toBe(4);
    expect(served).toHaveLength(5);
  });

  it('lets the next one try when the trial ended without an answer', async () => {
    const set = setUp();
    const { clock, quota, served, take } = set;
    await spend(set);
    quota.exhausted('key');
    take('d');
    take('e');
    await clock.advance(1000);
    quota.ended('key', false);
    await clock.advance(1000);
    await clock.advance(0);

    expect(served.map(([name]) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(quota.available('key', LIMIT)).toBe(0);
  });

  it('has room for one create while it is to be tried, and for none while the trial is out', async () => {
    const set = setUp();
    const { clock, quota, take } = set;
    await spend(set);
    quota.exhausted('key');
    await clock.advance(5000);
    const before = quota.available('key', LIMIT, 10_000);
    take('d');
    await clock.advance(0);

    expect(before).toBe(1);
    expect(quota.available('key', LIMIT, 10_000)).toBe(0);
  });
});

describe('a rate that the other side reports', () => {
  /** Calls that get their token in the minute after the burst. */
  const inMinute = async (reported: number, refused = false): Promise<number> => {
    const { clock, quota, served, take } = setUp();
    for (let count = 0; count < 2000; count += 1) take(String(count));
    await clock.advance(0);
    quota.learnRate('key', reported);
    if (refused) {
      quota.exhausted('key');
      quota.learnRate('key', reported);
      await clock.advance(1000);
      quota.ended('key', true);
    }
    const before = served.length;
    await clock.advance(60_000);
    return served.length - before;
  };

  it.each([
    { reported: 1, calls: 60 },
    { reported: 5, calls: 300 },
    { reported: 500, calls: 1200 },
    { reported: 0.001, calls: 6 },
  ])('of $reported a second is believed within bounds', async ({ reported, calls }) => {
    const made = await inMinute(reported);

    expect(Math.abs(made - calls)).toBeLessThanOrEqual(calls * 0.02 + 1);
  });

  it('above what is published is believed no more once it was refused', async () => {
    const made = await inMinute(5, true);

    expect(Math.abs(made - 120)).toBeLessThanOrEqual(3);
  });
});

describe('the room of a quota', () => {
  it('counts the tokens that come in the time ahead', async () => {
    const { clock, quota, take } = setUp();
    for (const name of ['a', 'b', 'c']) take(name);
    await clock.advance(0);

    expect(quota.available('key', LIMIT)).toBe(0);
    expect(quota.available('key', LIMIT, 6000)).toBe(12);
    expect(quota.available('never used', LIMIT, 6000)).toBe(15);
  });
});
