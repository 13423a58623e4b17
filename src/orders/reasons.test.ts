import { describe, expect, it } from 'vitest';
import { failureOf, HOUR, NOW, orderOf, placedRecordOf, recordOf } from '../../test/fakes.ts';
import { failurePatch } from './failure.ts';
import { isReasonCode, REASONS, reasonMessage } from './reasons.ts';

describe('the catalogue of reasons', () => {
  it.each(Object.entries(REASONS))(
    'says in words what %s is and what to do',
    (code, { title, whatHappened, whatToDo }) => {
      expect(isReasonCode(code)).toBe(true);
      expect(code).toMatch(/^[a-z_]+$/);
      for (const text of [title, whatHappened, whatToDo]) expect(text.trim()).not.toBe('');
      expect(whatHappened).toMatch(/[.’]$/);
    },
  );

  it.each(['', 'toString', '__proto__', 'made_up'])('knows no other code: %j', (code) => {
    expect(isReasonCode(code)).toBe(false);
  });

  it('adds what is particular to the order', () => {
    expect(reasonMessage('sku_unmapped', 'SKU: A.')).toBe('A line has no Amazon SKU. SKU: A.');
    expect(reasonMessage('sku_unmapped', null)).toBe('A line has no Amazon SKU.');
  });
});

describe('what a failed look leaves behind', () => {
  const rules = { backoff: { baseMs: 5_000, maxMs: 900_000 }, random: () => 0 };
  const patchOf = (overrides: Parameters<typeof failureOf>[0], record = recordOf()) =>
    failurePatch(record, failureOf(overrides), rules, NOW);

  it.each([
    { error: { upstream: 'amazon-mcf', code: 'upstream_config_refused' as const }, reason: 'mcf_config' },
    { error: { upstream: 'amazon-mcf', code: 'upstream_refused' as const }, reason: 'mcf_refused' },
    {
      error: { upstream: 'tiktok-shop', code: 'upstream_config_refused' as const },
      reason: 'channel_refused',
    },
  ])('is a review as $reason when no repetition helps, looked at hourly', ({ error, reason }) => {
    expect(patchOf({ ...error, retry: 'never' })).toMatchObject({
      stage: 'review',
      reason,
      nextAttemptAtMs: NOW + HOUR,
    });
  });

  it('names an unclear create before anything else', () => {
    const intent = { kind: 'create', fulfillmentId: 'x', atMs: NOW, inFlight: true } as const;
    const record = placedRecordOf(orderOf(), { intent });

    expect(patchOf({ code: 'upstream_auth_refused' }, record)).toMatchObject({ reason: 'create_unclear' });
  });

  it('leaves the stage as it is', () => {
    expect(patchOf({})).not.toHaveProperty('stage');
  });
});
