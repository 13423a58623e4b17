import { beforeEach, describe, expect, it } from 'vitest';
import { failureOf, MINUTE, NOW } from '../../test/fakes.ts';
import { createHeldClock, type HeldClock } from '../../test/held-clock.ts';
import type { UpstreamErrorCode } from './errors.ts';
import { ownerNames } from './owner-names.ts';
import { createSide, partsOfSide, type Side, sideName } from './side.ts';

let clock: HeldClock;
let side: Side;
let calls: number;

beforeEach(() => {
  clock = createHeldClock(NOW);
  side = createSide('amazon-mcf', clock);
  calls = 0;
});

const works = () =>
  side.guard('fetch', () => {
    calls += 1;
    return Promise.resolve('answer');
  });
const fails = async (code: UpstreamErrorCode): Promise<unknown> =>
  side
    .guard('fetch', () => {
      calls += 1;
      return Promise.reject(failureOf({ code, message: `it is ${code}` }));
    })
    .catch((error: unknown) => error);

describe('a side that works', () => {
  it('passes answers on and shows as ok', async () => {
    await expect(works()).resolves.toBe('answer');

    expect(side.state()).toMatchObject({
      name: 'amazon-mcf',
      state: 'ok',
      sinceMs: null,
      code: null,
      message: null,
    });
  });

  it('passes our own faults on and learns nothing from them', async () => {
    await expect(side.guard('fetch', () => Promise.reject(new TypeError('ours')))).rejects.toThrow('ours');

    expect(side.state().state).toBe('ok');
  });
});

describe('a side that fails', () => {
  it.each<UpstreamErrorCode>([
    'upstream_timeout',
    'upstream_unreachable',
    'upstream_unavailable',
    'upstream_malformed',
  ])('shows it with its code, since the first %s', async (code) => {
    await fails(code);
    await clock.advance(MINUTE);
    await fails(code);

    expect(side.state()).toMatchObject({
      name: 'amazon-mcf',
      state: 'failing',
      sinceMs: NOW,
      code,
      message: `it is ${code}`,
    });
  });

  it('is still called, and is ok again once a call works', async () => {
    await fails('upstream_timeout');

    await works();

    expect(calls).toBe(2);
    expect(side.state().state).toBe('ok');
  });

  it.each<UpstreamErrorCode>(['upstream_refused', 'upstream_conflict'])(
    'is ok again once it answers about an order: %s',
    async (code) => {
      await fails('upstream_timeout');

      await fails(code);

      expect(side.state().state).toBe('ok');
    },
  );

  it('is neither better nor worse for being throttled', async () => {
    await fails('upstream_throttled');
    const fresh = side.state().state;
    await fails('upstream_timeout');
    await fails('upstream_throttled');

    expect(fresh).toBe('ok');
    expect(side.state().state).toBe('failing');
  });
});

describe('a side at which nobody answers', () => {
  const failTimes = async (times: number, code: UpstreamErrorCode = 'upstream_timeout'): Promise<void> => {
    for (let count = 0; count < times; count += 1) await fails(code);
  };

  it('is not called any more after five calls in a row, and says when it will be', async () => {
    await failTimes(5);

    await expect(works()).rejects.toMatchObject({
      code: 'upstream_unavailable',
      stage: 'before',
      retry: 'later',
      isLocal: true,
      retryAfterMs: 2000,
    });
    expect(calls).toBe(5);
    expect(side.state()).toMatchObject({ state: 'failing', sinceMs: NOW, nextTryMs: NOW + 2000 });
    expect(side.admits()).toBe(0);
  });

  it.each([
    { why: 'one of them was answered', between: () => works() },
    { why: 'they are more than a minute apart', between: () => clock.advance(MINUTE + 1) },
  ])('is called on when $why', async ({ between }) => {
    await failTimes(4);
    await between();
    await failTimes(4);

    await works();

    expect(side.state().state).toBe('ok');
  });

  it('is called on when its answers cannot be read: it is there', async () => {
    await failTimes(8, 'upstream_malformed');

    expect(calls).toBe(8);
    expect(side.admits()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is tried by one call at a time, after pauses that grow to a minute', async () => {
    await failTimes(5);
    const pauses: number[] = [];
    for (let trial = 0; trial < 7; trial += 1) {
      const pauseMs = (side.state().nextTryMs ?? 0) - clock.nowMs();
      pauses.push(pauseMs);
      await clock.advance(pauseMs);
      expect(side.admits()).toBe(1);
      await failTimes(2);
    }

    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(calls).toBe(12);
  });

  it('is called freely again after a trial that was answered', async () => {
    await failTimes(5);
    await clock.advance(2000);

    await works();
    await failTimes(4);

    expect(calls).toBe(10);
    expect(side.admits()).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not wait longer for calls that were out when it was given up', async () => {
    let end = (_error: unknown): void => undefined;
    const slow = side
      .guard('fetch', () => new Promise<never>((_, reject) => (end = reject)))
      .catch(() => undefined);
    await failTimes(5);
    end(failureOf({ code: 'upstream_timeout' }));
    await slow;

    expect(side.state().nextTryMs).toBe(NOW + 2000);
  });

  it('is given its next trial when the one before ended in a fault of ours', async () => {
    await failTimes(5);
    await clock.advance(2000);
    await side.guard('fetch', () => Promise.reject(new TypeError('ours'))).catch(() => undefined);

    await clock.advance(2000);

    await expect(works()).resolves.toBe('answer');
  });
});

describe('a side that refuses our credentials', () => {
  it('is called no more, and says so without a call', async () => {
    await fails('upstream_auth_refused');
    await clock.advance(MINUTE);

    await expect(works()).rejects.toMatchObject({
      code: 'upstream_auth_refused',
      stage: 'before',
      retry: 'later',
      retryAfterMs: 14 * MINUTE,
      message: 'amazon-mcf is stopped: it is upstream_auth_refused',
    });
    expect(calls).toBe(1);
    expect(side.state()).toMatchObject({ state: 'stopped', sinceMs: NOW });
  });

  it('is tried once every fifteen minutes', async () => {
    await fails('upstream_auth_refused');
    await clock.advance(15 * MINUTE);
    await fails('upstream_auth_refused');
    await fails('upstream_auth_refused');

    expect(calls).toBe(2);
    expect(side.state().sinceMs).toBe(NOW);
  });

  it('lets one call through as a trial while it is out, and no second', async () => {
    await fails('upstream_auth_refused');
    side.allowTrial();
    let answer = (_value: string): void => undefined;
    const trial = side.guard('fetch', () => new Promise<string>((resolve) => (answer = resolve)));

    await expect(works()).rejects.toMatchObject({ code: 'upstream_auth_refused' });
    answer('works');

    await expect(trial).resolves.toBe('works');
    expect(side.state().state).toBe('ok');
  });

  it('works again at once after a trial that worked', async () => {
    await fails('upstream_auth_refused');
    side.allowTrial();

    await works();
    await works();

    expect(side.state().state).toBe('ok');
  });
});

describe('the name of a side', () => {
  it.each(['orders', 'stock', 'returns'] as const)('leads back to its account and area: %s', (area) => {
    expect(partsOfSide(sideName('tiktok-shop/7', area))).toEqual({ account: 'tiktok-shop/7', area });
  });

  it('of the orders is the account’s own', () => {
    expect(sideName('amazon-mcf', 'orders')).toBe('amazon-mcf');
  });

  it('tells whether a call has shown its state yet', async () => {
    const before = side.state().isKnown;

    await works();

    expect([before, side.state().isKnown]).toEqual([false, true]);
  });
});

describe('the name of a run', () => {
  it('is never used twice, by this start or another', () => {
    const [first, second] = [ownerNames(), ownerNames()];

    expect(new Set([first(), first(), second(), second()]).size).toBe(4);
  });
});
