/**
 * The same words on at most `lines` lines of at most `width` characters, or null when they do not fit. Breaks are
 * kept where they fit, then whole lines share one, and only then are lines broken between words.
 */
export function reflow(input: readonly string[], lines: number, width: number): string[] | null {
  const fits = (candidate: readonly string[]): boolean =>
    candidate.length <= lines && candidate.every((line) => line.length <= width);
  for (const arrange of [asIs, shareLines, breakEachLine, breakAll]) {
    const candidate = arrange(input, width);
    if (fits(candidate)) return candidate;
  }
  return null;
}

const asIs = (input: readonly string[]): string[] => [...input];
const shareLines = (input: readonly string[], width: number): string[] => fill(input, ', ', width);
const breakEachLine = (input: readonly string[], width: number): string[] =>
  input.flatMap((line) => fill(line.split(' '), ' ', width));
const breakAll = (input: readonly string[], width: number): string[] =>
  fill(input.join(' ').split(' '), ' ', width);

function fill(pieces: readonly string[], separator: string, width: number): string[] {
  const filled: string[] = [];
  let current = '';
  for (const piece of pieces) {
    const joined = current === '' ? piece : current + separator + piece;
    if (current !== '' && joined.length > width) {
      filled.push(current);
      current = piece;
    } else current = joined;
  }
  return current === '' ? filled : [...filled, current];
}
