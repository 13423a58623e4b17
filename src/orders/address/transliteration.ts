/**
 * Characters outside ISO 8859-1 that Unicode does not decompose. Letters after ICAO Doc 9303 part 3 §6 (the machine
 * readable passport); punctuation by its ASCII counterpart.
 */
const GROUPS: readonly [from: string, to: string][] = [
  ['Đ', 'D'],
  ['đ', 'd'],
  ['Ħ', 'H'],
  ['ħ', 'h'],
  ['ı', 'i'],
  ['ĸ', 'q'],
  ['Ł', 'L'],
  ['ł', 'l'],
  ['Ŋ', 'N'],
  ['ŋ', 'n'],
  ['Œ', 'OE'],
  ['œ', 'oe'],
  ['Ŧ', 'T'],
  ['ŧ', 't'],
  ['Ə', 'E'],
  ['ə', 'e'],
  ['ẞ', 'SS'],
  ['‘’‚‛′ʹʻʼʽˈ', "'"],
  ['“”„‟″', '"'],
  ['‹', '<'],
  ['›', '>'],
  ['‐‑‒–—―−⁃', '-'],
  ['⁄∕', '/'],
  ['•●∙⋅', '·'],
  ['、', ','],
  ['。', '.'],
  ['€', 'EUR'],
  ['🅰', 'A'],
  ['🅱', 'B'],
  ['🆎', 'AB'],
  ['🅾', 'O'],
  ['🅿', 'P'],
  ['🔟', ' 10 '],
];

export const TRANSLITERATION: ReadonlyMap<string, string> = new Map(
  GROUPS.flatMap(([from, to]) => Array.from(from, (char): [string, string] => [char, to])),
);
