import type { RecipientAddress } from '../../channels/channel.ts';
import { ok, refuse } from '../../lib/result.ts';
import { rulesOf } from './countries.ts';
import type { Country } from './country.ts';
import { countryNames } from './country-names.ts';
import { districtAt } from './districts.ts';
import { extraPhrases, segmentsOf } from './extra-words.ts';
import { LIMITS } from './limits.ts';
import {
  type AddressProblem,
  type Checked,
  incomplete,
  streetTooLong,
  unsupportedCharacters,
  wordTooLong,
} from './problem.ts';
import { reflow } from './reflow.ts';
import { cleanText, keyOf, type Script, wordsOf } from './text.ts';

/** Longer lines are refused whatever the full text adds, so comparing it would be work for nothing. */
const CAPACITY = LIMITS.lines * (LIMITS.line + 1);

/** One to three address lines that hold every word of the street address. */
export function readStreet(recipient: RecipientAddress, country: Country): Checked<string[]> {
  const rules = rulesOf(country.code);
  const street = streetLines(recipient, country, rules.script);
  if (street === null) return refuse(unsupportedCharacters('street'));
  if (!street.some((line) => /[\p{L}\p{N}]/u.test(line))) return refuse(incomplete('street'));
  const lines = rules.city === 'in-lines' ? withLocality(recipient, street, rules.script) : street;
  if (lines === null) return refuse(unsupportedCharacters('city'));
  const fitted = reflow(lines, LIMITS.lines, LIMITS.line);
  return fitted === null ? refuse(overflow(lines)) : ok(fitted);
}

function overflow(lines: readonly string[]): AddressProblem {
  const text = lines.join(' ');
  const longest = text.split(' ').reduce((most, word) => Math.max(most, word.length), 0);
  return longest > LIMITS.line
    ? wordTooLong(longest, LIMITS.line)
    : streetTooLong(text.length, LIMITS.lines, LIMITS.line);
}

function streetLines(recipient: RecipientAddress, country: Country, script: Script): string[] | null {
  const lines = cleanAll(recipient.lines, script);
  if (lines === null) return null;
  if (lines.length === 0) return cleanAll(recipient.detail.split(/[\r\n]+/), script);
  if (lines.join(' ').length > CAPACITY) return lines;
  const segments = cleanAll(segmentsOf(recipient.detail), script);
  if (segments === null) return null;
  return [...lines, ...extraLine(extraPhrases(segments, lines, placeWords(recipient, country)))];
}

const extraLine = (phrases: readonly string[]): string[] =>
  phrases.length === 0 ? [] : [phrases.join(', ')];

function cleanAll(texts: readonly string[], script: Script): string[] | null {
  const cleaned = texts.map((text) => cleanText(text, script)).filter((text) => text !== '');
  const printable = cleaned.filter((text) => text !== null);
  return printable.length === cleaned.length ? printable : null;
}

/** Words by which a full-text address repeats what goes into city, state, postal code and country. */
function placeWords(recipient: RecipientAddress, country: Country): ReadonlySet<string> {
  const { districts, postTown, postalCode, countryCode } = recipient;
  const names = [
    ...districts.map((district) => district.name),
    postTown,
    postalCode,
    countryCode,
    ...countryNames(country.code),
  ];
  return new Set(names.flatMap(wordsOf));
}

/** Where the provider takes no city, the areas below the prefecture go in front of the lines that lack them. */
function withLocality(
  recipient: RecipientAddress,
  lines: readonly string[],
  script: Script,
): string[] | null {
  const areas = cleanAll(
    ['L2', 'L3', 'L4'].map((level) => districtAt(recipient, level)),
    script,
  );
  if (areas === null) return null;
  const text = keyOf(lines.join(' '));
  const lacking = areas.filter((area) => !text.includes(keyOf(area)));
  return lacking.length === 0 ? [...lines] : [lacking.join(' '), ...lines];
}
