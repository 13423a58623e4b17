import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './mutations.ts';
import { mutated, ROOT } from './workshop.ts';

describe('the list of mutations', () => {
  it.each(MUTATIONS)('$name still fits the code and changes it', (mutation) => {
    const text = readFileSync(join(ROOT, mutation.file), 'utf8');
    expect(mutated(text, mutation)).not.toBe(text);
  });

  it.each(MUTATIONS)('$name names catchers that exist', ({ caughtBy }) => {
    const missing = caughtBy.filter((catcher) => 'test' in catcher && !existsSync(join(ROOT, catcher.test)));
    expect(missing).toEqual([]);
  });

  it('names each mutation once', () => {
    const names = MUTATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
