import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalisePhone } from './phone.ts';

describe('normalisePhone', () => {
  it.each<[string, string, string | null]>([
    ['(+1)2175550143', 'US', '+12175550143'],
    ['2175550143', 'US', '+12175550143'],
    [' 217.555.0143 ', 'US', '+12175550143'],
    ['217-555-0143 x12', 'US', '+12175550143'],
    ['+44 7911 123456', 'US', '+447911123456'],
    ['(+44)07911123456', 'GB', '+447911123456'],
    ['(+1)217-***-0143', 'US', null],
    ['(+1)217', 'US', null],
    ['call 2175550143 or 2175550144', 'US', null],
    ['2175550143', 'XX', null],
    ['', 'US', null],
  ])('%o from %s is %o', (text, country, expected) => {
    expect(normalisePhone(text, country)).toBe(expected);
  });

  it('never throws, and is E.164 or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, country) => {
        expect(normalisePhone(text, country) ?? '+1').toMatch(/^\+\d{1,15}$/);
      }),
    );
  });
});
