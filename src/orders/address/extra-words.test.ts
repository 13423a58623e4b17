import { describe, expect, it } from 'vitest';
import { extraPhrases, segmentsOf } from './extra-words.ts';

const PLACE = new Set(['springfield', 'illinois', 'il', '62701']);
const LINES = ['5 Main Street', 'Apt 4B'];

describe('extraPhrases', () => {
  it.each<[string, string[]]>([
    ['5 Main Street Apt 4B', []],
    ['5 MAIN STREET, APT. 4 B', []],
    ['5 Main StreetApt 4B', []],
    ['apt 4b 5 main street', []],
    ['Street Main 5', []],
    ['5 Main Street, Apt 4B, Springfield, IL 62701', []],
    ['5 Main Street Apt 4B Gate 5', ['Gate 5']],
    ['Rear Unit, 5 Main Street, Apt 4B, Gate 7.', ['Rear Unit', 'Gate 7.']],
    ['7 Illinois Street', ['7 Illinois']],
    ['5 Main Street Apt 4BX', ['4BX']],
    ['', []],
  ])('%o adds %o', (text, expected) => {
    const segments = segmentsOf(text).map((segment) => segment.trim());

    expect(extraPhrases(segments, LINES, PLACE)).toEqual(expected);
  });
});
