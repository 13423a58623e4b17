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
