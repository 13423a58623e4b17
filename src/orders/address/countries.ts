import { AU_STATES } from './au-states.ts';
import { CA_PROVINCES } from './ca-provinces.ts';
import type { RegionTable } from './regions.ts';
import type { Script } from './text.ts';
import { US_STATES } from './us-states.ts';

/** The groups of `pattern`, joined by `separator`, are the postal code as it is written. */
export type PostalFormat = { pattern: RegExp; separator: string; shape: string };

/** Where a channel may keep the city: an administrative level, a level called city or town, or the post town. */
export type CitySource = 'L2' | 'L3' | 'named' | 'postTown';

export type CountryRules = {
  script: Script;
  /** In order of trust. `in-lines`: the provider takes no city, so it has to stand in the address lines. */
  city: readonly CitySource[] | 'in-lines';
  state: 'required' | 'optional' | 'none';
  /** Present where the state is sent as a code. */
  regions?: RegionTable;
  /** Which administrative area goes into the district, if any. */
  district?: { level?: string; named?: RegExp };
  /** Absent: any text. */
  postal?: PostalFormat;
};

const OTHER: CountryRules = { script: 'latin', city: ['named', 'L3', 'postTown'], state: 'optional' };

const FIVE_DIGITS: PostalFormat = { pattern: /^(\d{5})$/, separator: '', shape: 'five digits' };
const FOUR_DIGITS: PostalFormat = { pattern: /^(\d{4})$/, separator: '', shape: 'four digits' };

const LATIN_AMERICAN_DISTRICT = { named: /district|neighbou?rhood|bairro|colonia/i };

/**
 * What each country's address needs. Amazon's MCF address model: the city is needed everywhere but in Japan, which
 * must not have one; the state in the US, Canada, Mexico, Brazil, Australia and India. Postal code shapes are those of
 * the countries' posts.
 */
const RULES: ReadonlyMap<string, CountryRules> = new Map<string, CountryRules>([
  [
    'US',
    {
      ...OTHER,
      city: ['L3', 'named'],
      state: 'required',
      regions: US_STATES,
      postal: {
        pattern: /^(\d{5})(?: ?-? ?(\d{4}))?$/,
        separator: '-',
        shape: 'a ZIP code of the form 12345 or 12345-6789',
      },
    },
  ],
  [
    'CA',
    {
      ...OTHER,
      state: 'required',
      regions: CA_PROVINCES,
      postal: {
        pattern: /^([ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]) ?-? ?(\d[ABCEGHJ-NPRSTV-Z]\d)$/,
        separator: ' ',
        shape: 'of the form A1A 1A1',
      },
    },
  ],
  [
    'GB',
    {
      ...OTHER,
      city: ['postTown', 'named', 'L3', 'L2'],
      state: 'none',
      district: { level: 'L2' },
      postal: {
        pattern: /^([A-Z]{1,2}\d[A-Z\d]?|GIR) ?(\d[A-Z]{2})$/,
        separator: ' ',
        shape: 'a British postcode',
      },
    },
  ],
  ['DE', { ...OTHER, postal: FIVE_DIGITS }],
  ['FR', { ...OTHER, postal: FIVE_DIGITS }],
  ['IT', { ...OTHER, postal: FIVE_DIGITS }],
  ['ES', { ...OTHER, postal: FIVE_DIGITS }],
  ['BE', { ...OTHER, postal: FOUR_DIGITS }],
  [
    'NL',
    {
      ...OTHER,
      postal: { pattern: /^([1-9]\d{3}) ?([A-Z]{2})$/, separator: ' ', shape: 'of the form 1234 AB' },
    },
  ],
  [
    'PL',
    { ...OTHER, postal: { pattern: /^(\d{2})[- ]?(\d{3})$/, separator: '-', shape: 'of the form 00-000' } },
  ],
  [
    'SE',
    { ...OTHER, postal: { pattern: /^(\d{3}) ?(\d{2})$/, separator: ' ', shape: 'of the form 123 45' } },
  ],
  ['MX', { ...OTHER, state: 'required', district: LATIN_AMERICAN_DISTRICT, postal: FIVE_DIGITS }],
  [
    'BR',
    {
      ...OTHER,
      state: 'required',
      district: LATIN_AMERICAN_DISTRICT,
      postal: { pattern: /^(\d{5})[- ]?(\d{3})$/, separator: '-', shape: 'of the form 00000-000' },
    },
  ],
  ['AU', { ...OTHER, state: 'required', regions: AU_STATES, postal: FOUR_DIGITS }],
  ['IN', { ...OTHER, state: 'required' }],
  [
    'JP',
    {
      script: 'any',
      city: 'in-lines',
      state: 'required',
      postal: { pattern: /^(\d{3})[- ]?(\d{4})$/, separator: '-', shape: 'of the form 123-4567' },
    },
  ],
]);

export const rulesOf = (countryCode: string): CountryRules => RULES.get(countryCode) ?? OTHER;
