import type { RecipientAddress } from '../../channels/channel.ts';
import { ok, refuse } from '../../lib/result.ts';
import { type CitySource, type CountryRules, rulesOf } from './countries.ts';
import type { Country } from './country.ts';
import { districtAt, districtNamed } from './districts.ts';
import { readOptional, readRequired } from './fields.ts';
import { type Checked, incomplete, invalid } from './problem.ts';
import { regionCode } from './regions.ts';
import { keyOf } from './text.ts';
import { isMilitaryCity, US_MILITARY_STATES } from './us-states.ts';

/** '' stands for a part that is not sent. */
export type Locality = { city: string; district: string; state: string; postalCode: string };

const CITY_LEVEL = /\b(?:city|town|municipality|locality|ciudad|municipio|cidade|ville|stadt|comune)\b/i;
const STATE_LEVEL = /\b(?:state|province|region|prefecture|estado|bundesland)\b/i;

/** City, state, district and postal code as the country's rules want them. */
export function readLocality(recipient: RecipientAddress, country: Country): Checked<Locality> {
  const rules = rulesOf(country.code);
  const city = readCity(recipient, rules);
  if (!city.ok) return city;
  const state = country.state === null ? readState(recipient, rules) : ok(country.state);
  if (!state.ok) return state;
  const district = readDistrict(recipient, rules, city.value);
  if (!district.ok) return district;
  const postalCode = readPostalCode(recipient, rules);
  if (!postalCode.ok) return postalCode;
  if (country.code === 'US' && isMilitaryCity(city.value) !== US_MILITARY_STATES.has(state.value))
    return refuse(invalid('state', 'in keeping with the city: APO, FPO and DPO go with AA, AE or AP'));
  return ok({
    city: city.value,
    district: district.value,
    state: state.value,
    postalCode: postalCode.value,
  });
}

function readCity(recipient: RecipientAddress, rules: CountryRules): Checked<string> {
  if (rules.city === 'in-lines') return ok('');
  const found = rules.city.map((source) => cityFrom(recipient, source)).find((name) => name !== '');
  return readRequired('city', found ?? '', rules.script);
}

function cityFrom(recipient: RecipientAddress, source: CitySource): string {
  if (source === 'postTown') return recipient.postTown.trim();
  if (source === 'named') return districtNamed(recipient, CITY_LEVEL);
  return districtAt(recipient, source);
}

function readState(recipient: RecipientAddress, rules: CountryRules): Checked<string> {
  if (rules.state === 'none') return ok('');
  const state = readOptional(
    'state',
    districtAt(recipient, 'L1') || districtNamed(recipient, STATE_LEVEL),
    rules.script,
  );
  if (!state.ok) return state;
  if (state.value === '') return rules.state === 'required' ? refuse(incomplete('state')) : state;
  if (rules.regions === undefined) return state;
  const code = regionCode(rules.regions, state.value);
  return code === null ? refuse(invalid('state', 'a state or province of its country')) : ok(code);
}

function readDistrict(recipient: RecipientAddress, rules: CountryRules, city: string): Checked<string> {
  const { level, named } = rules.district ?? {};
  const name =
    (level === undefined ? '' : districtAt(recipient, level)) ||
    (named === undefined ? '' : districtNamed(recipient, named));
  const district = readOptional('district', name, rules.script);
  return district.ok && keyOf(district.value) === keyOf(city) ? ok('') : district;
}

function readPostalCode(recipient: RecipientAddress, rules: CountryRules): Checked<string> {
  const postalCode = readRequired('postalCode', recipient.postalCode, 'latin');
  if (!postalCode.ok) return postalCode;
  const written = postalCode.value.toUpperCase();
  if (rules.postal === undefined) return ok(postalCode.value);
  const match = rules.postal.pattern.exec(written);
  if (match === null) return refuse(invalid('postalCode', rules.postal.shape));
  return ok(
    match
      .slice(1)
      .filter((part) => part !== undefined)
      .join(rules.postal.separator),
  );
}
