import type { Destination } from '../../fulfillment/provider.ts';

/**
 * The address in a canonical form, of which a keyed hash may be kept: equal addresses give equal text, however their
 * lines are broken. Personal data itself. The phone is no part of it, because a channel may hide the phone of an
 * address that has not changed.
 */
export function addressFingerprintText(destination: Destination): string {
  const { addressLine1, addressLine2 = '', addressLine3 = '' } = destination;
  return [
    destination.name,
    [addressLine1, addressLine2, addressLine3].join(' '),
    destination.city ?? '',
    destination.districtOrCounty ?? '',
    destination.stateOrRegion ?? '',
    destination.postalCode,
    destination.countryCode,
  ]
    .map((part) => part.toLowerCase().replace(/\s+/g, ' ').trim())
    .join('\n');
}
