import { keyOf } from './text.ts';

/** Countries of the two platforms' markets, as a channel may spell them. First the ISO 3166 alpha-2 code. */
const ROWS: readonly (readonly [code: string, ...names: string[]])[] = [
  ['US', 'United States', 'United States of America', 'USA'],
  ['PR', 'Puerto Rico'],
  ['GU', 'Guam'],
  ['VI', 'US Virgin Islands', 'United States Virgin Islands'],
  ['AS', 'American Samoa'],
  ['MP', 'Northern Mariana Islands'],
  ['GB', 'United Kingdom', 'Great Britain', 'UK', 'England', 'Scotland', 'Wales', 'Northern Ireland'],
  ['CA', 'Canada'],
  ['MX', 'Mexico', 'México'],
  ['BR', 'Brazil', 'Brasil'],
  ['DE', 'Germany', 'Deutschland'],
  ['FR', 'France'],
  ['IT', 'Italy', 'Italia'],
  ['ES', 'Spain', 'España'],
  ['NL', 'Netherlands', 'The Netherlands', 'Nederland'],
  ['BE', 'Belgium', 'België', 'Belgique'],
  ['IE', 'Ireland', 'Republic of Ireland', 'Éire'],
  ['AT', 'Austria', 'Österreich'],
  ['PL', 'Poland', 'Polska'],
  ['PT', 'Portugal'],
  ['SE', 'Sweden', 'Sverige'],
  ['TR', 'Turkey', 'Türkiye'],
  ['AU', 'Australia'],
  ['JP', 'Japan', '日本', '日本国'],
  ['IN', 'India'],
  ['SG', 'Singapore'],
  ['ID', 'Indonesia'],
  ['MY', 'Malaysia'],
  ['PH', 'Philippines', 'The Philippines'],
  ['TH', 'Thailand'],
  ['VN', 'Vietnam', 'Viet Nam'],
  ['AE', 'United Arab Emirates', 'UAE'],
  ['SA', 'Saudi Arabia'],
  ['EG', 'Egypt'],
  ['ZA', 'South Africa'],
];

const BY_NAME: ReadonlyMap<string, string> = new Map(
  ROWS.flatMap((row) => row.map((name): [string, string] => [keyOf(name), row[0]])),
);
const NAMES: ReadonlyMap<string, readonly string[]> = new Map(ROWS.map((row) => [row[0], row]));

/** The code of a country named in words or by its code, or null when it is not in the table. */
export const countryByName = (name: string): string | null => BY_NAME.get(keyOf(name)) ?? null;

/** Code and names of a country. */
export const countryNames = (code: string): readonly string[] => NAMES.get(code) ?? [code];
