import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecipientAddress } from '../../src/channels/channel.ts';
import { toCreateBody } from '../../src/fulfillment/amazon-mcf/map.ts';
import { recipientOf } from '../../src/orders/address/fixtures.ts';
import { addressFingerprintText, normaliseAddress } from '../../src/orders/address/index.ts';
import { LIMITS } from '../../src/orders/address/limits.ts';
import { cleanText } from '../../src/orders/address/text.ts';
import { fulfillmentRequest } from '../amazon-setup.ts';
import { runs } from './app.ts';

const US = { marketplaceCountry: 'US' };

/** Characters that mean something to a header, to JSON, to a label printer or to a reader from the right. */
const nasty = fc.constantFrom(
  '\r\n',
  '\n',
  '\u0000',
  '\u001b[31m',
  '"',
  '\\',
  '\\u0000',
  '{',
  '</script>',
  '\u2028',
  '\u202e',
  '\u200b',
  '\uFEFF',
  '\ud800',
  '\udfff',
  '\u0085',
  '\u00ad',
  '*',
  '＊',
  '∗',
  'ﷺ',
  '\u0301',
  'Å',
  '㎏',
  '½',
  '🏠',
  '👩‍👩‍👧',
  'ß',
  'Ж',
);
const piece = fc.oneof(
  nasty,
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const plain = fc.stringMatching(/^[A-Za-z0-9 ,.#-]{1,12}$/);
const text = fc
  .array(fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: piece }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pieces) => pieces.join(''));
const recipient: fc.Arbitrary<RecipientAddress> = fc
  .record({ name: text, lines: fc.array(text, { maxLength: 4 }), detail: text, phone: text, city: text })
  .map(({ name, lines, detail, phone, city }) => ({
    ...recipientOf(),
    name,
    lines,
    detail,
    phone,
    districts: recipientOf().districts.map((area) => (area.level === 'L3' ? { ...area, name: city } : area)),
  }));

/** Letters and digits in order: what must not be lost. */
const significant = (value: string): string => (value.match(/[\p{L}\p{N}]/gu) ?? []).join('');
const streetOf = (destination: {
  addressLine1: string;
  addressLine2?: string;
  addressLine3?: string;
}): string[] =>
  [destination.addressLine1, destination.addressLine2, destination.addressLine3].filter(
    (line) => line !== undefined,
  );

describe('any recipient', () => {
  it('loses no letter and no digit of its name and lines, and their order stays', () => {
    let sent = 0;
    fc.assert(
      fc.property(recipient, (given) => {
        const result = normaliseAddress(given, US);
        if (!result.ok) return;
        sent += 1;
        const lines = given.lines.length > 0 ? given.lines : [given.detail];
        const written = (value: string): string => significant(cleanText(value, 'latin') ?? '');

        expect(significant(result.value.name)).toBe(written(given.name));
        // What the full text adds comes behind the lines.
        expect(significant(streetOf(result.value).join(''))).toMatch(
          new RegExp(`^${lines.map(written).join('')}`, 'u'),
        );
      }),
      runs(600),
    );
    // A property of nothing but refusals would say nothing.
    expect(sent).toBeGreaterThan(30);
  });

  it('is sent without control characters, halves of pairs, masks or marks of direction', () => {
    let sent = 0;
    fc.assert(
      fc.property(recipient, (given) => {
        const result = normaliseAddress(given, US);
        if (!result.ok) return;
        sent += 1;
        const body = toCreateBody('ATVPDKIKX0DER', fulfillmentRequest({ destination: result.value }));

        for (const value of Object.values(body.destinationAddress)) {
          expect(value).not.toMatch(
            /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069\uFEFF]/u,
          );
          expect(value).toMatch(/^[ -~\u00a1-\u00ff]+$/);
          expect(value).not.toMatch(/[*＊]/);
          expect(value.trim()).toBe(value);
        }
        expect(JSON.parse(JSON.stringify(body)).destinationAddress).toEqual(body.destinationAddress);
        expect(Math.max(...streetOf(result.value).map((line) => line.length))).toBeLessThanOrEqual(
          LIMITS.line,
        );
        expect(result.value.name.length).toBeLessThanOrEqual(LIMITS.name);
      }),
      runs(600),
    );
    // A property of nothing but refusals would say nothing.
    expect(sent).toBeGreaterThan(30);
  });

  it('is refused without a word of it, and its fingerprint keeps its fields apart', () => {
    fc.assert(
      fc.property(recipient, (given) => {
        const result = normaliseAddress(given, US);
        const fields = result.ok ? addressFingerprintText(result.value).split('\n').length : 7;

        expect(fields).toBe(7);
        expect(result.ok ? '' : result.problem.detail).toMatch(/^[\w’.,; -]*$/u);
      }),
      runs(400),
    );
  });

  it.each([
    ['letters', (size: number) => 'x'.repeat(size)],
    ['words', (size: number) => 'x '.repeat(size / 2)],
    ['commas', (size: number) => ','.repeat(size)],
    ['blanks', (size: number) => `${' '.repeat(size)}x`],
    ['accents', (size: number) => `a${'\u0301'.repeat(size)}`],
    ['emoji', (size: number) => '👩‍👧'.repeat(size / 5)],
    ['digits', (size: number) => '1'.repeat(size)],
    ['breaks', (size: number) => '\n'.repeat(size)],
    ['marks of masks', (size: number) => '● '.repeat(size / 2)],
  ])('of %s takes a few times as long for four times the size', async (_name, fill) => {
    const once = (size: number): number => {
      const value = fill(size);
      const given = { ...recipientOf(), name: value, lines: [value, value], detail: value, phone: value };
      const startedMs = performance.now();
      for (const part of [given, { ...given, name: 'A' }, { ...given, name: 'A', lines: ['1 Main St'] }])
        normaliseAddress(part, US);
      return performance.now() - startedMs;
    };
    const best = (size: number): number => Math.min(once(size), once(size), once(size));

    await expect.poll(() => best(80_000) / (best(20_000) + 1), { timeout: 15_000 }).toBeLessThan(12);
  });
});
