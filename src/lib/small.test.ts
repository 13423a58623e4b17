import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/fakes.ts';
import { isoTime, scaledClock, secondsToMs, systemClock } from './clock.ts';
import { AppError, describeError, UpstreamError } from './errors.ts';
import { parseJson } from './json.ts';
import { ok, refuse } from './result.ts';
import { backoffDelayMs } from './retry.ts';

describe('a retry', () => {
  const backoff = { baseMs: 5_000, maxMs: 900_000 };
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('is never immediate and never later than the maximum', () => {
    fc.assert(
      fc.property(fc.nat(100_000), random, (attempt, share) => {
        const delayMs = backoffDelayMs(backoff, attempt, share);
        const spanMs = Math.min(900_000, 5_000 * 2 ** Math.min(attempt, 30));

        expect(delayMs).toBeGreaterThanOrEqual(spanMs / 10);
        expect(delayMs).toBeLessThanOrEqual(spanMs);
        expect(Number.isInteger(delayMs)).toBe(true);
      }),
    );
  });

  it('waits longer each time until the maximum is reached', () => {
    const pauses = [0, 1, 2, 7, 8, 50].map((attempt) => backoffDelayMs(backoff, attempt, 0));

    expect(pauses).toEqual([500, 1000, 2000, 64_000, 90_000, 90_000]);
  });

  it('is spread over the whole span, so that many do not come at once', () => {
    expect(backoffDelayMs(backoff, 0, 0)).toBe(500);
    expect(backoffDelayMs(backoff, 0, 0.999999)).toBe(5000);
  });
});

describe('JSON with 64-bit numbers', () => {
  it('keeps every bare integer beyond 2^53 digit by digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (number) => {
        const isSafe = number >= BigInt(Number.MIN_SAFE_INTEGER) && number <= BigInt(Number.MAX_SAFE_INTEGER);

        const value = parseJson(`{"data":[{"product_id":${number}}, ${number}]}`);

        const expected = isSafe ? Number(number) : String(number);
        expect(value).toEqual({ data: [{ product_id: expected }, expected] });
      }),
    );
  });

  it('reads everything else as JSON.parse does', () => {
    const withoutLongIntegers = fc
      .jsonValue({ noUnicodeString: false })
      .map((value) => JSON.stringify(value));

    fc.assert(
      fc.property(withoutLongIntegers, (text) => {
        fc.pre(!/\d{16,}(?![.\deE])/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    '{"a":1729382256910270464.5}',
    '{"a":1e300}',
    '{"a":"1729382256910270464"}',
    '[12345678901234567e2]',
  ])('leaves fractions, exponents and texts as they are: %s', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it.each(['', '{', '{"a":1729382256910270464', '[1729382256910270464,]'])(
    'refuses what is no JSON: %j',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );
});

describe('errors', () => {
  it('keep what a caller needs to go on', () => {
    const cause = new Error('socket');
    const error = failureOf({ cause, httpStatus: 503, remoteCode: 'X', requestId: 'r', retryAfterMs: 5 });

    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({
      name: 'UpstreamError',
      upstream: 'amazon-mcf',
      operation: 'test',
      code: 'upstream_timeout',
      stage: 'during',
      retry: 'later',
      httpStatus: 503,
      remoteCode: 'X',
      requestId: 'r',
      retryAfterMs: 5,
      cause,
    });
  });

  it('are described by their own words, never by their cause', () => {
    expect(describeError(failureOf({ message: 'said', cause: new Error('secret') }))).toEqual({
      code: 'upstream_timeout',
      message: 'said',
    });
    expect(describeError(new AppError('bad_input', 400, 'wrong'))).toEqual({
      code: 'bad_input',
      message: 'wrong',
    });
  });

  it.each([new Error('secret'), 'secret', null, { message: 'secret' }])(
    'of ours say nothing of the inside: %s',
    (error) => {
      expect(describeError(error)).toEqual({
        code: 'internal_error',
        message: 'An unexpected fault; see the log.',
      });
    },
  );

  it('of input name every fault', () => {
    expect(new AppError('bad', 400, 'wrong', ['a', 'b'])).toMatchObject({
      httpStatus: 400,
      details: ['a', 'b'],
    });
    expect(new AppError('bad', 400, 'wrong').details).toEqual([]);
  });

  it('that are ordinary outcomes are values', () => {
    expect([ok(1), refuse('no')]).toEqual([
      { ok: true, value: 1 },
      { ok: false, problem: 'no' },
    ]);
  });
});

describe('the clock', () => {
  it('goes forward, as fast as it is scaled', async () => {
    const fast = scaledClock(1_000_000);
    const startMs = fast.nowMs();

    await fast.sleep(5_000_000);

    expect(fast.nowMs()).toBeGreaterThan(startMs);
    expect(systemClock.nowMs()).toBeLessThanOrEqual(Date.now());
  });

  it('ends a sleep at once, without an error, when it is aborted', async () => {
    const stop = new AbortController();
    const sleep = systemClock.sleep(3_600_000, stop.signal);

    stop.abort();

    await expect(sleep).resolves.toBeUndefined();
    await expect(systemClock.sleep(3_600_000, stop.signal)).resolves.toBeUndefined();
  });

  it('writes times as ISO 8601 in UTC', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(secondsToMs(1.5)).toBe(1500);
  });
});
