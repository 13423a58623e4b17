import type { RecipientAddress } from '../../channels/channel.ts';
import { ok, refuse } from '../../lib/result.ts';
import { countryByName } from './country-names.ts';
import { districtAt, districtNamed } from './districts.ts';
import { type Checked, incomplete, invalid, unsupportedDestination } from './problem.ts';
import { US_TERRITORIES } from './us-states.ts';

/** `state` is given when the country code already said it. */
export type Country = { code: string; state: string | null };

/**
 * The destination country, which must be the marketplace's own: MCF does not export (Seller Central help, undated). A
 * US territory is a state of the United States, whichever way the channel codes it (TikTok's form is undocumented).
 */
export function readCountry(recipient: RecipientAddress, marketplaceCountry: string): Checked<Country> {
  const marketplace = isoCode(marketplaceCountry);
  const given = recipient.countryCode.trim() !== '';
  const area = districtAt(recipient, 'L0') || districtNamed(recipient, /^country$/i);
  const code = given ? isoCode(recipient.countryCode) : countryByName(area);
  if (code === null) return refuse(incomplete('country'));
  if (!/^[A-Z]{2}$/.test(code)) return refuse(invalid('country', 'a country code of two letters'));
  if (marketplace === 'US' && US_TERRITORIES.has(code)) return ok({ code: 'US', state: code });
  if (code !== marketplace) return refuse(unsupportedDestination(marketplace));
  return ok({ code, state: null });
}

function isoCode(text: string): string {
  const plain = text.normalize('NFKC').trim().toUpperCase();
  return countryByName(plain) ?? plain;
}
