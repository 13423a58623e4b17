import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLACES } from '../../src/console/layout.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const MAX_BYTES = 120 * 1024;

describe('docs/console.md', () => {
  const text = readFileSync(join(DOCS, 'console.md'), 'utf8');
  const files = readdirSync(join(DOCS, 'screenshots'));

  it('shows every picture there is, and none that is missing', () => {
    const shown = [...text.matchAll(/\(screenshots\/([^)]+)\)/g)].map(([, name]) => name);

    expect(shown.toSorted()).toEqual(files.toSorted());
  });

  it.each(PLACES.map(({ title }) => title))('explains %s', (title) => {
    expect(text).toContain(`\n## ${title}\n`);
  });

  it('has pictures that nobody waits for', () => {
    const big = files.filter((name) => statSync(join(DOCS, 'screenshots', name)).size > MAX_BYTES);

    expect(big).toEqual([]);
  });
});
