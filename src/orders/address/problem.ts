import type { Result } from '../../lib/result.ts';

/** Why an address is not sent. `detail` is stored and logged, so it never holds any part of the address. */
export type AddressProblem = {
  reason:
    | 'address_missing'
    | 'address_masked'
    | 'address_incomplete'
    | 'address_invalid'
    | 'address_too_long'
    | 'address_unsupported_characters'
    | 'destination_unsupported';
  field: string;
  detail: string;
};

export type AddressField = 'name' | 'street' | 'city' | 'state' | 'district' | 'postalCode' | 'country';

export type Checked<T> = Result<T, AddressProblem>;

const LABELS: Record<AddressField, string> = {
  name: 'The recipient’s name',
  street: 'The street address',
  city: 'The city',
  state: 'The state or region',
  district: 'The district',
  postalCode: 'The postal code',
  country: 'The country',
};

export const missing = (): AddressProblem => ({
  reason: 'address_missing',
  field: 'address',
  detail: 'The order has no recipient address. Look at the order in Seller Center, then retry.',
});

export const masked = (field: AddressField): AddressProblem => ({
  reason: 'address_masked',
  field,
  detail: `${LABELS[field]} is hidden by the channel. Retry once it is shown in full.`,
});

export const incomplete = (field: AddressField): AddressProblem => ({
  reason: 'address_incomplete',
  field,
  detail: `${LABELS[field]} is missing. Have it added to the order, then retry.`,
});

/** `expected` says what would have been right, in words of ours. */
export const invalid = (field: AddressField, expected: string): AddressProblem => ({
  reason: 'address_invalid',
  field,
  detail: `${LABELS[field]} is not ${expected}. Have it corrected on the order, then retry.`,
});

export const tooLong = (field: AddressField, length: number, limit: number): AddressProblem => ({
  reason: 'address_too_long',
  field,
  detail: `${LABELS[field]} has ${length} characters; at most ${limit} can be sent. Have it shortened on the order, then retry.`,
});

export const wordTooLong = (length: number, limit: number): AddressProblem => ({
  reason: 'address_too_long',
  field: 'street',
  detail: `${LABELS.street} has one word of ${length} characters; a line takes ${limit}. Have it shortened on the order, then retry.`,
});

export const streetTooLong = (length: number, lines: number, limit: number): AddressProblem => ({
  reason: 'address_too_long',
  field: 'street',
  detail: `${LABELS.street} has ${length} characters and does not fit ${lines} lines of ${limit} without breaking a word. Have it shortened on the order, then retry.`,
});

export const unsupportedCharacters = (field: AddressField): AddressProblem => ({
  reason: 'address_unsupported_characters',
  field,
  detail: `${LABELS[field]} has characters that cannot be written in Latin script. Have it written in Latin letters on the order, then retry.`,
});

export const unsupportedDestination = (marketplaceCountry: string): AddressProblem => ({
  reason: 'destination_unsupported',
  field: 'country',
  detail: `${LABELS.country} is not ${marketplaceCountry}, which is all this marketplace ships to. Ship the order by hand.`,
});
