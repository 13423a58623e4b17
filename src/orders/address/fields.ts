import { ok, refuse } from '../../lib/result.ts';
import { LIMITS } from './limits.ts';
import { type AddressField, type Checked, incomplete, tooLong, unsupportedCharacters } from './problem.ts';
import { cleanText, type Script } from './text.ts';

type SingleField = Exclude<AddressField, 'street' | 'country'>;

/** One field, cleaned and within its length; '' when there is nothing in it. */
export function readOptional(field: SingleField, text: string, script: Script): Checked<string> {
  const cleaned = cleanText(text, script);
  if (cleaned === null) return refuse(unsupportedCharacters(field));
  const limit = LIMITS[field];
  return cleaned.length > limit ? refuse(tooLong(field, cleaned.length, limit)) : ok(cleaned);
}

/** As `readOptional`, refusing a field without any letter or digit. */
export function readRequired(field: SingleField, text: string, script: Script): Checked<string> {
  const read = readOptional(field, text, script);
  return read.ok && !/[\p{L}\p{N}]/u.test(read.value) ? refuse(incomplete(field)) : read;
}
