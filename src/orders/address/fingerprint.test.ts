import { describe, expect, it } from 'vitest';
import { addressFingerprintText } from './fingerprint.ts';
import { destinationOf } from './fixtures.ts';

const { addressLine2: _line, ...oneLine } = destinationOf({ addressLine1: '100 EXAMPLE  Street Apt 4b' });

describe('addressFingerprintText', () => {
  it('is the same however the address is broken into lines or cased', () => {
    expect(addressFingerprintText(oneLine)).toBe(addressFingerprintText(destinationOf()));
  });

  it.each([
    { name: 'Jan Example' },
    { addressLine1: '101 Example Street' },
    { addressLine3: 'Rear' },
    { city: 'Chatham' },
    { districtOrCounty: 'Sangamon' },
    { stateOrRegion: 'MA' },
    { postalCode: '62702' },
    { countryCode: 'CA' },
  ])('changes with %o', (changes) => {
    expect(addressFingerprintText(destinationOf(changes))).not.toBe(addressFingerprintText(destinationOf()));
  });

  it('does not change with the phone', () => {
    const { phone: _phone, ...unreachable } = destinationOf();

    expect(addressFingerprintText(unreachable)).toBe(addressFingerprintText(destinationOf()));
  });

  it('has a place for every field, present or not', () => {
    const { name, addressLine1, postalCode, countryCode } = destinationOf();

    expect(addressFingerprintText({ name, addressLine1, postalCode, countryCode })).toBe(
      'jane example\n100 example street\n\n\n\n62701\nus',
    );
  });
});
