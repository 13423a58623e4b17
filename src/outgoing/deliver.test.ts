import { describe, expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { HttpClient } from '../lib/http-client.ts';
import { outcomeOf, type Result, sendOnce } from './deliver.ts';
import type { EndpointRow } from './records.ts';
import { GIVE_UP_MS, nextAttemptMs } from './schedule.ts';

const NOW = 1_767_225_600_000;
const resultOf = (over: Partial<Result> = {}): Result => ({
  atMs: NOW,
  status: 500,
  error: 'no',
  retryAfterMs: 0,
  ...over,
});
const after = (attempts: number, result: Result, failingSinceMs: number | null = null) =>
  outcomeOf({ failingSinceMs }, { attempts }, result, 0);

describe('what follows from an attempt', () => {
  it('is the end of it when it was taken', () => {
    expect(after(0, resultOf({ status: 204, error: null }))).toEqual({ kind: 'delivered' });
  });

  it('is another one, later and later, for about three days, then none', () => {
    const waitsMs = [];
    for (let failed = 0; failed < 9; failed += 1) {
      const outcome = after(failed, resultOf());
      waitsMs.push(outcome.kind === 'again' ? outcome.atMs - NOW : null);
    }

    expect(waitsMs).toEqual(
      [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map((s) => s * 1000),
    );
    expect(after(9, resultOf())).toEqual({ kind: 'ended' });
  });

  it('spreads what failed together', () => {
    expect(nextAttemptMs(2, NOW, { random: 0.999 })).toBeGreaterThan(NOW + 350_000);
    expect(nextAttemptMs(2, NOW, { random: 0.999 })).toBeLessThanOrEqual(NOW + 360_000);
  });

  it('waits as long as the receiver asks, within a day', () => {
    expect(after(0, resultOf({ status: 429, retryAfterMs: 60_000 }))).toEqual({
      kind: 'again',
      atMs: NOW + 60_000,
    });
    expect(after(0, resultOf({ status: 503, retryAfterMs: 1e12 }))).toEqual({
      kind: 'again',
      atMs: NOW + 86_400_000,
    });
  });

  it('is the end of the endpoint when that is gone, or took nothing for three days', () => {
    expect(after(0, resultOf({ status: 410 }))).toEqual({ kind: 'disable', why: 'gone' });
    expect(after(3, resultOf(), NOW - GIVE_UP_MS)).toEqual({ kind: 'disable', why: 'failing' });
    expect(after(3, resultOf(), NOW - GIVE_UP_MS + 1)).toMatchObject({ kind: 'again' });
  });
});

describe('one attempt', () => {
  const endpoint: EndpointRow = {
    endpointId: 'e1',
    url: 'https://hooks.example.com/x',
    description: null,
    events: ['order.review'],
    shopIds: null,
    secrets: [{ secret: 'whsec_AAAA', untilMs: null }],
    createdAtMs: NOW,
    disabledAtMs: null,
    disabledWhy: null,
    failingSinceMs: null,
    lastError: null,
  };
  const message = { messageId: 'msg_1', type: 'endpoint.test', atMs: NOW, data: '{}' };
  const attempt = (send: HttpClient['send']) =>
    sendOnce(
      {
        http: { send, close: () => undefined },
        clock: createHeldClock(NOW),
        random: () => 0,
        allowPrivate: false,
        userAgent: 'mcf-connector',
      },
      endpoint,
      message,
    );
  const failing = (isLocal: boolean) => () =>
    Promise.reject(
      new UpstreamError({
        upstream: 'outgoing-webhook',
        operation: 'deliver',
        code: isLocal ? 'upstream_throttled' : 'upstream_timeout',
        stage: 'before',
        retry: 'later',
        message: 'no answer',
        isLocal,
      }),
    );

  it.each([301, 302, 307, 400, 404, 500])('answered with %i is not taken', async (status) => {
    const result = await attempt(async () => ({ status, headers: {}, text: '' }));

    expect(result).toMatchObject({ status, error: expect.stringContaining(String(status)) });
  });

  it('that never left counts as none; one without an answer counts', async () => {
    expect(await attempt(failing(true))).toBeNull();
    expect(await attempt(failing(false))).toMatchObject({ status: null, error: 'no answer' });
  });

  it('goes to public addresses only, unless a setting says otherwise', async () => {
    let stranger: string | undefined;
    await attempt(async (request) => {
      ({ stranger } = request);
      return { status: 200, headers: {}, text: '' };
    });

    expect(stranger).toBe('public');
  });
});
