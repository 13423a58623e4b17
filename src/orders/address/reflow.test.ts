import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reflow } from './reflow.ts';

describe('reflow', () => {
  it.each<[string, string[], string[] | null]>([
    ['keeps lines that fit', ['a b', 'c'], ['a b', 'c']],
    ['lets lines share one before it breaks any', ['aa bb', 'cc', 'dd ee'], ['aa bb, cc', 'dd ee']],
    ['breaks a long line between words', ['aaaa bbbb cccc'], ['aaaa bbbb', 'cccc']],
    ['breaks all when each alone does not do', ['aaaaa bbbbb c', 'dd'], ['aaaaa', 'bbbbb c dd']],
    ['gives up on one long word', ['aaaaaaaaaaa'], null],
    ['gives up on too much', ['aaaaaa bbbbbb cccccc'], null],
  ])('%s', (_, lines, expected) => {
    expect(reflow(lines, 2, 10)).toEqual(expected);
  });

  it('keeps all words in order and the limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,9}( [a-z]{1,9}){0,6}$/), { minLength: 1, maxLength: 6 }),
        (lines) => {
          const flowed = reflow(lines, 3, 30);
          if (flowed === null) return;

          expect(flowed.join(' ').match(/[a-z]+/g)).toEqual(lines.join(' ').match(/[a-z]+/g));
          expect(flowed.length).toBeLessThanOrEqual(3);
          expect(Math.max(...flowed.map((line) => line.length))).toBeLessThanOrEqual(30);
        },
      ),
    );
  });
});
