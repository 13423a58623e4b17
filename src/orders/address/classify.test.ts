import { describe, expect, it } from 'vitest';
import { classifyAddress } from './classify.ts';
import { destinationOf } from './fixtures.ts';

describe('classifyAddress', () => {
  it.each([
    'PO Box 12',
    'P.O. Box 12',
    'p. o. box 12',
    'POB 12',
    'Post Office Box 12',
    'Postfach 12 34',
    'Boîte postale 7',
    'Apartado Postal 7',
  ])('%o is a post office box', (line) => {
    expect(classifyAddress(destinationOf({ addressLine1: line })).isPoBox).toBe(true);
  });

  it.each(['100 Po Boxwood Lane', '5 Post Street', 'Box Hill 3', 'Pobst Road 4'])('%o is not', (line) => {
    expect(classifyAddress(destinationOf({ addressLine1: line })).isPoBox).toBe(false);
  });

  it('looks at all lines as one', () => {
    const destination = destinationOf({
      addressLine1: 'c/o PO',
      addressLine2: 'Box 5',
      addressLine3: 'Rear',
    });

    expect(classifyAddress(destination).isPoBox).toBe(true);
  });

  it.each([
    [{ city: 'APO', stateOrRegion: 'AE' }, true],
    [{ city: 'DPO', stateOrRegion: '' }, true],
    [{ city: 'Apopka', stateOrRegion: 'FL' }, false],
    [{ countryCode: 'GB', postalCode: 'BF1 2AS' }, true],
    [{ countryCode: 'GB', postalCode: 'B1 2AS' }, false],
  ])('military %o: %s', (changes, expected) => {
    expect(classifyAddress(destinationOf(changes)).isMilitary).toBe(expected);
  });

  it('takes an address without city and state for a plain one', () => {
    const { city: _city, stateOrRegion: _state, ...rest } = destinationOf();

    expect(classifyAddress(rest)).toEqual({ isPoBox: false, isMilitary: false });
  });
});
