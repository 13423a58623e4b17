import type { RecipientAddress } from '../../channels/channel.ts';
import type { Destination } from '../../fulfillment/provider.ts';
import { ok, refuse } from '../../lib/result.ts';
import { rulesOf } from './countries.ts';
import { readCountry } from './country.ts';
import { readRequired } from './fields.ts';
import { type Locality, readLocality } from './locality.ts';
import { containsMask } from './masks.ts';
import { normalisePhone } from './phone.ts';
import { type AddressField, type Checked, masked, missing } from './problem.ts';
import { readStreet } from './street.ts';

export { type AddressClass, classifyAddress } from './classify.ts';
export { addressFingerprintText } from './fingerprint.ts';
export type { AddressProblem } from './problem.ts';

const LEVEL_FIELDS: ReadonlyMap<string, AddressField> = new Map([
  ['L0', 'country'],
  ['L1', 'state'],
  ['L3', 'city'],
]);

/**
 * A channel's recipient in the shape and within the limits the provider takes, or why not. Every word of the name and
 * of the street address is in the result; nothing is cut. Pure, and total over all strings.
 *
 * After TikTok Shop's order model (`recipient_address`, masking of 2025-07) and Amazon's MCF address model
 * (2020-07-01).
 */
export function normaliseAddress(
  recipient: RecipientAddress | null,
  options: { marketplaceCountry: string },
): Checked<Destination> {
  if (recipient === null) return refuse(missing());
  const hidden = maskedField(recipient);
  if (hidden !== null) return refuse(masked(hidden));
  const country = readCountry(recipient, options.marketplaceCountry);
  if (!country.ok) return country;
  const name = readRequired('name', recipient.name, rulesOf(country.value.code).script);
  if (!name.ok) return name;
  const street = readStreet(recipient, country.value);
  if (!street.ok) return street;
  const locality = readLocality(recipient, country.value);
  if (!locality.ok) return locality;
  const countryCode = country.value.code;
  const phone = normalisePhone(recipient.phone, countryCode);
  return ok({
    name: name.value,
    ...linesOf(street.value),
    ...partsOf(locality.value),
    countryCode,
    ...(phone === null ? {} : { phone }),
  });
}

function maskedField(recipient: RecipientAddress): AddressField | null {
  const texts: [AddressField, string][] = [
    ['name', recipient.name],
    ...recipient.lines.map((line): [AddressField, string] => ['street', line]),
    ['street', recipient.detail],
    ['postalCode', recipient.postalCode],
    ['country', recipient.countryCode],
    ['city', recipient.postTown],
    ...recipient.districts.map(({ level, name }): [AddressField, string] => [fieldOfLevel(level), name]),
  ];
  return texts.find(([, text]) => containsMask(text))?.[0] ?? null;
}

const fieldOfLevel = (level: string): AddressField =>
  LEVEL_FIELDS.get(level.trim().toUpperCase()) ?? 'district';

function linesOf([line1 = '', line2, line3]: readonly string[]): Pick<
  Destination,
  'addressLine1' | 'addressLine2' | 'addressLine3'
> {
  return {
    addressLine1: line1,
    ...(line2 === undefined ? {} : { addressLine2: line2 }),
    ...(line3 === undefined ? {} : { addressLine3: line3 }),
  };
}

function partsOf({
  city,
  district,
  state,
  postalCode,
}: Locality): Pick<Destination, 'city' | 'districtOrCounty' | 'stateOrRegion' | 'postalCode'> {
  return {
    ...(city === '' ? {} : { city }),
    ...(district === '' ? {} : { districtOrCounty: district }),
    ...(state === '' ? {} : { stateOrRegion: state }),
    postalCode,
  };
}
