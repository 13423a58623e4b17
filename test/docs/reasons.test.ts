import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reasonIndex, reasonPage } from '../../src/orders/reason-pages.ts';
import { REASON_CODES } from '../../src/orders/reasons.ts';

describe('docs/reasons', () => {
  it.each(REASON_CODES)('%s has its page, as the catalogue says it now', (code) => {
    expect(readFileSync(`docs/reasons/${code}.md`, 'utf8')).toBe(reasonPage(code));
  });

  it('lists every reason and holds no page of one that is gone', () => {
    expect(readFileSync('docs/reasons/README.md', 'utf8')).toBe(reasonIndex());
    expect(readdirSync('docs/reasons').toSorted()).toEqual(
      ['README.md', ...REASON_CODES.map((code) => `${code}.md`)].toSorted(),
    );
  });
});
