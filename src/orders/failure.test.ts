import { describe, expect, it } from 'vitest';
import { failureOf, NOW, recordOf } from '../../test/fakes.ts';
import { failurePatch } from './failure.ts';

const rules = (random: number) => ({ backoff: { baseMs: 5_000, maxMs: 900_000 }, random: () => random });

describe('a call that was answered on our side', () => {
  const local = failureOf({
    code: 'upstream_unavailable',
    stage: 'before',
    isLocal: true,
    retryAfterMs: 30_000,
  });

  it('is no failure of the order, which comes back when it was told, however often it failed before', () => {
    const patch = failurePatch(recordOf({ failures: 9 }), local, rules(0), NOW);

    expect(patch).toMatchObject({
      failures: 9,
      nextAttemptAtMs: NOW + 30_000,
      reason: 'upstream_failing',
    });
  });

  it('brings the orders back spread over a fifth of the pause more', () => {
    expect(failurePatch(recordOf(), local, rules(0.5), NOW).nextAttemptAtMs).toBe(NOW + 33_000);
  });
});

describe('a call that failed', () => {
  it('counts, and the pause grows with it', () => {
    const error = failureOf();

    expect(failurePatch(recordOf(), error, rules(1), NOW)).toMatchObject({
      failures: 1,
      nextAttemptAtMs: NOW + 5_000,
    });
    expect(failurePatch(recordOf({ failures: 3 }), error, rules(1), NOW)).toMatchObject({
      failures: 4,
      nextAttemptAtMs: NOW + 40_000,
    });
  });
});
