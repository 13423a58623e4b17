import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecipientAddress } from '../../channels/channel.ts';
import type { Destination } from '../../fulfillment/provider.ts';
import { areas, destinationOf } from './fixtures.ts';
import { normaliseAddress } from './index.ts';
import { LIMITS } from './limits.ts';

const MARKETS = ['US', 'CA', 'GB', 'DE', 'NL', 'BR', 'AU', 'JP', 'ZA'];
const POSTAL_CODES: Record<string, string> = {
  US: '62701',
  CA: 'K1A 0B1',
  GB: 'SW1A 1AA',
  DE: '10115',
  NL: '1234 AB',
  BR: '01310-100',
  AU: '2000',
  JP: '150-0043',
  ZA: '8001',
};
const STATES: Record<string, string> = { US: 'IL', CA: 'ON', AU: 'NSW' };

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.nat(0xffff), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom('', '*', 'US', 'L1', 'L3', '62701', 'Illinois', '__proto__'),
);

const anyRecipient: fc.Arbitrary<RecipientAddress> = fc.record({
  name: anyText,
  phone: anyText,
  countryCode: fc.oneof(fc.constantFrom(...MARKETS), anyText),
  postalCode: fc.oneof(fc.constantFrom(...Object.values(POSTAL_CODES)), anyText),
  lines: fc.array(anyText, { maxLength: 5 }),
  detail: anyText,
  postTown: anyText,
  districts: fc.array(fc.record({ level: anyText, levelName: anyText, name: anyText }), { maxLength: 5 }),
});

// None of these words can be part of a message of ours, of a country's name or of another field.
const word = fc.stringMatching(/^[xzqjvwßéÜñ]{3,14}[0-9]{0,3}$/);
const phrase = (most: number) =>
  fc.array(word, { minLength: 1, maxLength: most }).map((words) => words.join(' '));

const plausible = fc
  .record({
    market: fc.constantFrom(...MARKETS),
    name: phrase(5),
    lines: fc.array(phrase(9), { minLength: 1, maxLength: 4 }),
    extra: fc.oneof(fc.constant(''), phrase(3)),
    city: phrase(3),
  })
  .map(({ market, name, lines, extra, city }) => ({
    market,
    words: [name, ...lines].flatMap((text) => text.split(' ')),
    recipient: {
      name,
      phone: '',
      countryCode: market,
      postalCode: POSTAL_CODES[market] ?? '',
      lines,
      detail: [...lines, extra, city].join(', '),
      postTown: '',
      districts: areas({ L1: STATES[market] ?? 'Qqqqq', L3: city }),
    } satisfies RecipientAddress,
    extra,
  }));

const streetOf = (destination: Destination) =>
  [destination.addressLine1, destination.addressLine2, destination.addressLine3].filter(
    (line) => line !== undefined,
  );

const asRecipient = (destination: Destination): RecipientAddress => ({
  name: destination.name,
  phone: destination.phone ?? '',
  countryCode: destination.countryCode,
  postalCode: destination.postalCode,
  lines: streetOf(destination),
  detail: '',
  postTown: '',
  districts: areas({
    L1: destination.stateOrRegion ?? '',
    L2: destination.districtOrCounty ?? '',
    L3: destination.city ?? '',
  }),
});

const BASE: Destination = destinationOf();

const defect = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => `${text}*`,
  (text) => `${text} Ж`,
  (text) => text.repeat(40),
  (text) => `${text} `.repeat(90),
);

function spoiled(recipient: RecipientAddress, field: string, text: string): RecipientAddress {
  if (field === 'street') return { ...recipient, lines: [text], detail: '' };
  if (field === 'city') return { ...recipient, districts: areas({ L1: 'IL', L3: text }) };
  if (field === 'state') return { ...recipient, districts: areas({ L1: text, L3: 'Qqqqq' }) };
  return { ...recipient, [field]: text };
}

function expectLimits(destination: Destination): void {
  expect(Math.max(...streetOf(destination).map((line) => line.length))).toBeLessThanOrEqual(LIMITS.line);
  expect(streetOf(destination).length).toBeLessThanOrEqual(LIMITS.lines);
  expect(destination.name.length).toBeLessThanOrEqual(LIMITS.name);
  expect((destination.city ?? '').length).toBeLessThanOrEqual(LIMITS.city);
  expect((destination.stateOrRegion ?? '').length).toBeLessThanOrEqual(LIMITS.state);
  expect((destination.districtOrCounty ?? '').length).toBeLessThanOrEqual(LIMITS.district);
  expect(destination.postalCode.length).toBeLessThanOrEqual(LIMITS.postalCode);
  expect((destination.phone ?? '').length).toBeLessThanOrEqual(20);
}

const counted = (words: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const each of words) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
};

const wordsIn = (texts: readonly string[]) => texts.join(' ').match(/[\p{L}\p{N}]+/gu) ?? [];

describe('any recipient', () => {
  it('is answered without throwing; what is sent has no mask and keeps the limits', () => {
    fc.assert(
      fc.property(
        anyRecipient,
        fc.oneof(fc.constantFrom(...MARKETS), anyText),
        (recipient, marketplaceCountry) => {
          const result = normaliseAddress(recipient, { marketplaceCountry });
          if (!result.ok) return;

          expect(JSON.stringify(result.value)).not.toMatch(/[*＊]/);
          expectLimits(result.value);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is answered so too when only its free texts are strange', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.array(anyText, { maxLength: 4 }),
        anyText,
        (name, city, lines, detail) => {
          const recipient = {
            ...asRecipient(BASE),
            name,
            lines,
            detail,
            districts: areas({ L1: 'IL', L3: city }),
          };
          const result = normaliseAddress(recipient, { marketplaceCountry: 'US' });
          if (!result.ok) return;

          expect(JSON.stringify(result.value)).not.toMatch(/[*＊]/);
          expectLimits(result.value);
          expect(normaliseAddress(asRecipient(result.value), { marketplaceCountry: 'US' })).toEqual(result);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a plausible recipient', () => {
  it('keeps every word or is refused', () => {
    fc.assert(
      fc.property(plausible, ({ recipient, market, words, extra }) => {
        const result = normaliseAddress(recipient, { marketplaceCountry: market });
        const reason = result.ok ? 'sent' : result.problem.reason;

        expect(['sent', 'address_too_long']).toContain(reason);
        if (!result.ok) return;
        const sent = counted(wordsIn([result.value.name, ...streetOf(result.value)]));

        for (const [each, count] of counted(words)) expect(sent.get(each) ?? 0).toBeGreaterThanOrEqual(count);
        expect([...sent.keys(), ...wordsIn([recipient.districts[1]?.name ?? ''])]).toEqual(
          expect.arrayContaining([...wordsIn([extra])]),
        );
        expectLimits(result.value);
      }),
      { numRuns: 1000 },
    );
  });

  it('once normal, stays the same', () => {
    fc.assert(
      fc.property(plausible, ({ recipient, market }) => {
        const once = normaliseAddress(recipient, { marketplaceCountry: market });
        if (!once.ok) return;

        expect(normaliseAddress(asRecipient(once.value), { marketplaceCountry: market })).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused without a word of it', () => {
    fc.assert(
      fc.property(
        plausible,
        fc.constantFrom('name', 'street', 'city', 'state', 'postalCode', 'countryCode'),
        word,
        defect,
        ({ recipient, market }, field, secret, spoil) => {
          const result = normaliseAddress(spoiled(recipient, field, spoil(secret)), {
            marketplaceCountry: market,
          });
          if (result.ok) return;
          const secrets = wordsIn([
            secret,
            recipient.name,
            ...recipient.lines,
            ...recipient.districts.map((it) => it.name),
          ]);

          for (const each of secrets.filter((it) => it.length >= 3)) {
            expect(result.problem.detail.toLowerCase()).not.toContain(each.toLowerCase());
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
