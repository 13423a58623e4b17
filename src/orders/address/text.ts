import { TRANSLITERATION } from './transliteration.ts';

/** `latin`: only what ISO 8859-1 can write. `any`: every script, for markets whose labels are printed in their own. */
export type Script = 'latin' | 'any';

const BREAKS = /[\t\n\v\f\r\u0085\p{Z}]+/gu;
const INVISIBLE = /[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;
const FLAGS = /\p{RGI_Emoji_Flag_Sequence}/gv;
const ISO_8859_1 = /^[ -~\u00A1-\u00FF]$/u;
const EMOJI = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;
const ACCENT = /^[\p{M}&&\p{Script=Inherited}]$/v;
const OTHER_NUMBER = /^\p{No}$/u;
const UNPRINTABLE = /^[\p{Cs}\p{Co}\p{Cn}\p{Regional_Indicator}\uFFFD]$/u;

/**
 * A text as it can be printed, or null when a character of it cannot. Amazon's guide asks for ISO 8859-1 on MCF
 * addresses. Left out are only control characters, zero-width characters and emoji: they say nothing about a place.
 * Every sort of white space becomes one space.
 */
export function cleanText(text: string, script: Script): string | null {
  const visible = text.replace(BREAKS, ' ').replace(INVISIBLE, '').normalize('NFC').replace(FLAGS, ' ');
  const write = script === 'latin' ? latinise : keep;
  let written = '';
  for (const char of visible) {
    const replacement = write(char);
    if (replacement === null) return null;
    written += replacement;
  }
  return written.replace(/ +/g, ' ').trim();
}

function latinise(char: string): string | null {
  if (ISO_8859_1.test(char)) return char;
  let written = '';
  for (const part of TRANSLITERATION.get(char) ?? char.normalize('NFKD')) {
    const replacement = ISO_8859_1.test(part) ? part : (TRANSLITERATION.get(part) ?? accentToNothing(part));
    if (replacement === null) return EMOJI.test(char) ? ' ' : null;
    written += replacement;
  }
  // "12" followed by a single-character third is "12 1/3", not "121/3".
  return OTHER_NUMBER.test(char) ? ` ${written} ` : written;
}

const accentToNothing = (char: string): string | null => (ACCENT.test(char) ? '' : null);

function keep(char: string): string | null {
  if (ISO_8859_1.test(char)) return char;
  if (EMOJI.test(char)) return TRANSLITERATION.get(char) ?? ' ';
  return UNPRINTABLE.test(char) ? null : char;
}

/** The words of a text for comparing: no case, accents or punctuation, and `4B` the same as `4 b`. */
export function wordsOf(text: string): string[] {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return folded.match(/\p{L}+|\p{N}+/gu) ?? [];
}

/** A text for comparing as a whole: `Washington, D.C.` and `washington dc` have the same key. */
export const keyOf = (text: string): string => wordsOf(text).join('');
