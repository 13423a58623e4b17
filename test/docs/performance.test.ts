import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Results } from '../../bench/lib/results.ts';
import { performancePage } from '../../bench/performance.ts';

const measured = Results.parse(JSON.parse(readFileSync('bench/results.json', 'utf8')));

describe('docs/performance.md', () => {
  it('says what was measured, and nothing else', () => {
    expect(readFileSync('docs/performance.md', 'utf8')).toBe(performancePage(measured));
  });

  it('tells a missed target as missed', () => {
    const [row] = measured.rows;
    if (!row) throw new Error('nothing was measured');
    const name = 'a guarantee of the service';
    const rows = [{ ...row, name, target: { text: '>= 2 x', met: false } }];
    const page = performancePage({ ...measured, rows });

    expect(page).toContain(`**1 of 1 targets are missed**: ${name}.`);
    expect(page).toContain('| NOT MET: >= 2 x |');
  });

  it('says of a quick run that it was one, and names what was left out', () => {
    const page = performancePage({ ...measured, quick: true, notes: ['BullMQ is left out'] });

    expect(page).toContain('**This was a quick run**');
    expect(page).toContain('**Note:** BullMQ is left out');
  });
});
