import { wordsOf } from './text.ts';

type Word = { text: string };
type Token = { key: string; word: Word; segment: number; covered: boolean };

/**
 * What a full-text address says beyond the address lines: phrases that hold a word which is neither in the lines nor
 * one of `placeWords` (city, state, postal code, country). Neighbouring words that the lines do not account for come
 * along, so that `Gate 5` keeps its number even when a line has another 5.
 */
export function extraPhrases(
  text: readonly string[],
  lines: readonly string[],
  placeWords: ReadonlySet<string>,
): string[] {
  const tokens = text.flatMap(tokensOf);
  const lineWords = lines.map(wordsOf);
  if (tokens.map((token) => token.key).join('') === lineWords.flat().join('')) return [];
  coverLines(tokens, lineWords);
  const known = new Set([...lineWords.flat(), ...placeWords]);
  return uncoveredRuns(tokens)
    .filter((run) => run.some((token) => !known.has(token.key)))
    .map(phraseOf);
}

/** The pieces of a full-text address between its commas and line breaks. */
export const segmentsOf = (text: string): string[] => text.split(/[,;，、；\r\n]+/);

function tokensOf(segment: string, index: number): Token[] {
  return segment.split(' ').flatMap((text) => {
    const word = { text };
    return wordsOf(text).map((key) => ({ key, word, segment: index, covered: false }));
  });
}

function coverLines(tokens: Token[], lines: readonly (readonly string[])[]): void {
  const spare = new Map<string, number>();
  for (const words of lines) {
    const start = tokens.findIndex((_, at) => matchesAt(tokens, words, at));
    if (start >= 0) for (const token of tokens.slice(start, start + words.length)) token.covered = true;
    else for (const word of words) spare.set(word, (spare.get(word) ?? 0) + 1);
  }
  for (const token of tokens) {
    const left = spare.get(token.key) ?? 0;
    if (token.covered || left === 0) continue;
    token.covered = true;
    spare.set(token.key, left - 1);
  }
  const carried = new Set(tokens.filter((token) => !token.covered).map((token) => token.word));
  for (const token of tokens) if (carried.has(token.word)) token.covered = false;
}

function matchesAt(tokens: readonly Token[], words: readonly string[], at: number): boolean {
  return words.every((word, offset) => {
    const token = tokens[at + offset];
    return token !== undefined && !token.covered && token.key === word;
  });
}

function uncoveredRuns(tokens: readonly Token[]): Token[][] {
  const runs: Token[][] = [];
  let previous: Token | undefined;
  for (const token of tokens) {
    const goesOn = previous?.covered === false && previous.segment === token.segment;
    if (!token.covered && goesOn) runs.at(-1)?.push(token);
    else if (!token.covered) runs.push([token]);
    previous = token;
  }
  return runs;
}

const phraseOf = (run: readonly Token[]): string =>
  Array.from(new Set(run.map((token) => token.word)), (word) => word.text).join(' ');
