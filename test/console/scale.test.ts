import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { measureConsolePages } from '../../bench/lib/console-pages.ts';

/** `npm run bench -- --only console` holds five times at p99 on a machine that does nothing else. */
const AT_MOST = 15;
/** Of 150 KiB, what styles, scripts and the icon take where nothing packs them. */
const MAX_PAGE_BYTES = 150 * 1024 - 64 * 1024;

describe('with many orders in the store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcf-console-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('every page is near a route that does nothing, and none is heavy', { timeout: 180_000 }, async () => {
    const { trivial, pages } = await measureConsolePages({ folder, orders: 10_000, rounds: 30 });

    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter(({ p50Ms }) => p50Ms > AT_MOST * trivial.p50Ms)).toEqual([]);
    expect(pages.filter(({ bytes }) => bytes > MAX_PAGE_BYTES)).toEqual([]);
  });
});
