import { createRequire } from 'node:module';
import type * as PhoneNumbers from 'libphonenumber-js/min';
import { once } from '../../lib/once.ts';
import { containsMask } from './masks.ts';

/** The numbering plans of all countries are a tenth of the time a start takes. */
const phoneNumbers = once((): typeof PhoneNumbers => createRequire(import.meta.url)('libphonenumber-js/min'));

/** TikTok Shop writes `(+1)2175550143`. */
const BRACKETED_PREFIX = /^\((\+\d{1,3})\)/;

/**
 * A phone number in E.164 without its extension, or null when it is hidden or not a valid number: Amazon takes an
 * order without a phone, and a wrong one is worse than none.
 */
export function normalisePhone(text: string, countryCode: string): string | null {
  if (containsMask(text)) return null;
  const { isSupportedCountry, parsePhoneNumberFromString } = phoneNumbers();
  const phone = parsePhoneNumberFromString(text.trim().replace(BRACKETED_PREFIX, '$1 '), {
    extract: false,
    ...(isSupportedCountry(countryCode) ? { defaultCountry: countryCode } : {}),
  });
  return phone?.isValid() === true ? phone.number : null;
}
