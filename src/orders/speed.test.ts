import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Preview } from '../fulfillment/provider.ts';
import { chooseSpeed, type SpeedRule, speedFor, speedsOf } from './speed.ts';

const preview = (speed: string, overrides: Partial<Preview> = {}): Preview => ({
  speed,
  isFulfillable: true,
  latestShipAtMs: 100,
  latestArrivalAtMs: 200,
  fee: null,
  problems: [],
  ...overrides,
});
const usd = (value: string) => ({ currency: 'USD', value });

describe('speedFor', () => {
  const rule: SpeedRule = {
    fallback: 'auto',
    byDeliveryOption: new Map([['express shipping', 'Expedited']]),
  };

  it('goes by the delivery option’s name, whatever its case, else by the fallback', () => {
    expect(speedFor(rule, ' Express Shipping ')).toBe('Expedited');
    expect(speedFor(rule, 'Standard Shipping')).toBe('auto');
    expect(speedFor(rule, null)).toBe('auto');
  });

  it('asks only for speeds that the market has', () => {
    expect(speedsOf('US')).toEqual(['Standard', 'Expedited']);
    expect(speedsOf('GB')).toContain('Priority');
  });
});

describe('chooseSpeed', () => {
  it('takes the cheapest that ships and arrives in time, not the slowest', () => {
    const previews = [preview('Standard', { fee: usd('9.46') }), preview('Expedited', { fee: usd('9.4') })];

    expect(chooseSpeed(previews, 100, 200)).toEqual({ speed: 'Expedited', fee: usd('9.4') });
  });

  it.each([
    ['ships', { latestShipAtMs: 101 }],
    ['arrives', { latestArrivalAtMs: 201 }],
  ])('leaves out one that %s after TikTok’s deadline', (_what, late) => {
    expect(chooseSpeed([preview('Standard', late), preview('Expedited')], 100, 200).speed).toBe('Expedited');
  });

  it('takes the one that arrives first when none is in time', () => {
    const previews = [
      preview('Standard', { latestArrivalAtMs: 900 }),
      preview('Expedited', { latestArrivalAtMs: 500 }),
    ];

    expect(chooseSpeed(previews, null, 200).speed).toBe('Expedited');
  });

  it('takes the slower one where Amazon gives no fees', () => {
    expect(chooseSpeed([preview('Expedited'), preview('Standard')], null, null).speed).toBe('Standard');
  });

  it('falls back to Standard when nothing can be used: a preview is advice, never a lock', () => {
    expect(chooseSpeed([], null, null)).toEqual({ speed: 'Standard', fee: null });
    expect(
      chooseSpeed([preview('Expedited', { isFulfillable: false }), preview('Teleport')], null, null).speed,
    ).toBe('Standard');
  });

  it('compares fees to the cent, whatever their number of digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (a, b) => {
        const fee = (cents: number) => usd((cents / 100).toFixed(2));
        const { speed } = chooseSpeed(
          [preview('Expedited', { fee: fee(a) }), preview('Standard', { fee: fee(b) })],
          null,
          null,
        );
        expect(speed).toBe(a < b ? 'Expedited' : 'Standard');
      }),
    );
  });
});
