import { describe, expect, it } from 'vitest';
import { AT_RISK_MS, riskOf } from './deadlines.ts';
import { STAGES } from './model.ts';

const NOW = 1_800_000_000_000;
const record = (overrides: Partial<Parameters<typeof riskOf>[0]> = {}) => ({
  stage: 'fulfilling' as const,
  shipByMs: NOW + 2 * AT_RISK_MS,
  autoCancelMs: NOW + 10 * AT_RISK_MS,
  expectedShipAtMs: null,
  ...overrides,
});

describe('riskOf', () => {
  it.each([
    ['far from its deadlines is at none', {}, { state: 'none', deadline: null, atMs: null }],
    [
      'near its ship-by time is at risk',
      { shipByMs: NOW + AT_RISK_MS },
      { state: 'at_risk', deadline: 'ship_by' },
    ],
    ['past its ship-by time has breached it', { shipByMs: NOW }, { state: 'breached', deadline: 'ship_by' }],
    [
      'that Amazon means to ship too late is at risk at once',
      { expectedShipAtMs: NOW + 3 * AT_RISK_MS },
      { state: 'at_risk', deadline: 'ship_by' },
    ],
    [
      'that TikTok is about to cancel is at risk of that',
      { autoCancelMs: NOW + 1 },
      { state: 'at_risk', deadline: 'auto_cancel' },
    ],
    [
      'past its automatic cancellation has breached it',
      { autoCancelMs: NOW - 1 },
      { state: 'breached', deadline: 'auto_cancel' },
    ],
    ['without timestamps is at none', { shipByMs: null, autoCancelMs: null }, { state: 'none' }],
  ] as const)('an order %s', (_what, overrides, expected) => {
    expect(riskOf(record(overrides), NOW)).toMatchObject(expected);
  });

  it.each(STAGES.filter((stage) => !['waiting', 'routing', 'fulfilling', 'review'].includes(stage)))(
    'an order that is %s can miss nothing any more',
    (stage) => {
      expect(riskOf(record({ stage, shipByMs: NOW - 1 }), NOW)).toEqual({
        state: 'none',
        deadline: null,
        atMs: null,
      });
    },
  );
});
