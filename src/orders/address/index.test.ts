import { describe, expect, it } from 'vitest';
import type { RecipientAddress } from '../../channels/channel.ts';
import { areas, destinationOf, normalise, refusalOf, valueOf } from './fixtures.ts';
import { normaliseAddress } from './index.ts';

describe('normaliseAddress', () => {
  it('takes the documented example', () => {
    expect(valueOf({})).toEqual(destinationOf());
  });

  it('refuses an order without an address', () => {
    expect(normaliseAddress(null, { marketplaceCountry: 'US' })).toMatchObject({
      ok: false,
      problem: { reason: 'address_missing' },
    });
  });

  it.each<[Partial<RecipientAddress>, string]>([
    [{ name: 'J*** E***' }, 'name'],
    [{ name: 'J＊＊' }, 'name'],
    [{ name: 'J•••' }, 'name'],
    [{ name: 'J██' }, 'name'],
    [{ lines: ['100 Example Street', '***'] }, 'street'],
    [{ detail: '1** Example' }, 'street'],
    [{ postalCode: '627**' }, 'postalCode'],
    [{ postTown: '*' }, 'city'],
    [{ countryCode: '**' }, 'country'],
    [{ districts: areas({ L1: 'Illinois', L3: 'S***' }) }, 'city'],
    [{ districts: areas({ L1: 'Illinois', L2: '***', L3: 'Springfield' }) }, 'district'],
  ])('refuses a mask: %o', (changes, field) => {
    expect(refusalOf(changes)).toEqual(['address_masked', field]);
  });

  it('does not take an x or a single bullet for a mask', () => {
    expect(valueOf({ name: 'Max Xxx', lines: ['1 Main St • Rear'], detail: '' })).toMatchObject({
      name: 'Max Xxx',
      addressLine1: '1 Main St · Rear',
    });
  });

  it.each<[string, string | undefined]>([
    ['(+1)217***0143', undefined],
    ['', undefined],
    ['217-555-0143 ext. 5', '+12175550143'],
  ])('phone %o becomes %o', (phone, expected) => {
    expect(valueOf({ phone }).phone).toBe(expected);
  });

  it.each<[Partial<RecipientAddress>, string]>([
    [{ name: ' ' }, 'name'],
    [{ name: '🎉' }, 'name'],
    [{ lines: [], detail: '' }, 'street'],
    [{ lines: ['--'], detail: '' }, 'street'],
    [{ postalCode: '' }, 'postalCode'],
    [{ districts: areas({ L1: 'Illinois' }) }, 'city'],
    [{ districts: areas({ L3: 'Springfield' }) }, 'state'],
    [{ countryCode: '', districts: areas({ L0: 'Atlantis' }) }, 'country'],
  ])('names what is missing: %o', (changes, field) => {
    expect(refusalOf(changes)).toEqual(['address_incomplete', field]);
  });

  it.each<[Partial<RecipientAddress>, string]>([
    [{ name: 'N'.repeat(51) }, 'name'],
    [{ lines: ['W'.repeat(61)], detail: '' }, 'street'],
    [
      { lines: Array.from({ length: 4 }, () => 'forty characters in this one line, surely yes'), detail: '' },
      'street',
    ],
    [{ districts: areas({ L1: 'Illinois', L3: 'C'.repeat(51) }) }, 'city'],
  ])('refuses what is too long: %o', (changes, field) => {
    expect(refusalOf(changes)).toEqual(['address_too_long', field]);
  });

  it.each<[Partial<RecipientAddress>, string]>([
    [{ name: 'Иван' }, 'name'],
    [{ lines: ['北京路 1'] }, 'street'],
    [{ detail: '北京路 1' }, 'street'],
    [{ lines: [], detail: '北京路 1' }, 'street'],
    [{ postalCode: '〒62701' }, 'postalCode'],
    [{ districts: areas({ L1: 'Illinois', L3: 'سبرينغفيلد' }) }, 'city'],
    [{ districts: areas({ L1: 'Иллинойс', L3: 'Springfield' }) }, 'state'],
  ])('refuses another script: %o', (changes, field) => {
    expect(refusalOf(changes)).toEqual(['address_unsupported_characters', field]);
  });

  it.each(['a '.repeat(300_000), '• '.repeat(300_000), 'x'.repeat(600_000), ', '.repeat(300_000)])(
    'answers texts of any size',
    (text) => {
      expect(() => normalise({ name: text, detail: text })).not.toThrow();
      expect(() => normalise({ lines: [text, text], detail: text, postalCode: text })).not.toThrow();
      expect(() => normalise({ detail: text, phone: text })).not.toThrow();
    },
  );

  it('says the length and the limit, and nothing of the address', () => {
    const result = normalise({ name: 'Zebulon '.repeat(9) });

    expect(result).toMatchObject({
      problem: {
        detail:
          'The recipient’s name has 71 characters; at most 50 can be sent. Have it shortened on the order, then retry.',
      },
    });
  });
});

describe('the street', () => {
  it('is the full text when there are no lines', () => {
    expect(valueOf({ lines: [], detail: '100 Example Street\nApt 4B' })).toEqual(destinationOf());
  });

  it('keeps what only the full text says, and leaves out what is sent in other fields', () => {
    const detail = '100 Example Street, Apt 4B, Gate 5, Springfield, Illinois, United States 62701';

    expect(valueOf({ detail })).toEqual(destinationOf({ addressLine3: 'Gate 5' }));
  });

  it('puts four lines on three', () => {
    const lines = ['Rua das Flores 100', 'Bloco B', 'Fundos', 'Jardim'];

    expect(valueOf({ lines, detail: '' })).toMatchObject({
      addressLine1: 'Rua das Flores 100, Bloco B, Fundos, Jardim',
    });
  });
});

describe('the country', () => {
  it.each<[string, string, string]>([
    ['us', 'US', 'US'],
    ['USA', 'us', 'US'],
    ['', 'US', 'US'],
  ])('%o at marketplace %o is %o', (countryCode, marketplace, expected) => {
    expect(valueOf({ countryCode }, marketplace).countryCode).toBe(expected);
  });

  it.each([
    ['CA', 'US', 'destination_unsupported'],
    ['PR', 'GB', 'destination_unsupported'],
    ['Atlantis', 'US', 'address_invalid'],
  ])('%o at marketplace %o is %s', (countryCode, marketplace, reason) => {
    expect(refusalOf({ countryCode }, marketplace)).toEqual([reason, 'country']);
  });

  it.each(['PR', 'GU', 'VI', 'AS', 'MP'])('takes the territory %s for a state', (countryCode) => {
    const districts = areas({ L0: 'Anything', L3: 'San Juan' });

    expect(valueOf({ countryCode, districts, postalCode: '00901' })).toMatchObject({
      countryCode: 'US',
      stateOrRegion: countryCode,
    });
  });
});
