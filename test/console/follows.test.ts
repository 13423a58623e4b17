import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderAtAmazon } from '../e2e/lives.ts';
import { hasChromium } from './chromium.ts';
import { type ConsoleWorld, openConsole, sees, signIn, TEST_MS } from './harness.ts';

describe.skipIf(!hasChromium)('pages that follow by themselves', { timeout: TEST_MS }, () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await openConsole();
  }, TEST_MS);
  afterAll(() => world?.close());

  it('show new numbers where somebody reads them, without shutting what was opened', async () => {
    const visitor = await world.visit();
    const { page } = visitor;
    await orderAtAmazon(world);
    await signIn(world, visitor);
    await page.getByText('The numbers', { exact: true }).click();
    const row = page.locator('#hours-table tr.row').first();
    await row.waitFor();
    await orderAtAmazon(world);

    await page.locator('main .figure', { hasText: 'fulfilling' }).getByText('2', { exact: true }).waitFor();
    expect(await row.isVisible()).toBe(true);
  });

  it('the check-up appears in its place, with what to do about each fault', async () => {
    const visitor = await world.visit();
    const { page } = visitor;
    await signIn(world, visitor, undefined, '/console/shops/doctor');
    await page.evaluate('window.isTheSamePage = true');
    await page.getByRole('button', { name: 'Check everything now' }).click();

    await sees(page, 'What was found');
    expect(await page.evaluate('window.isTheSamePage')).toBe(true);
    expect(await page.locator('#found tr.row').count()).toBeGreaterThan(5);
    expect(await page.getByRole('button', { name: 'Check everything now' }).isEnabled()).toBe(true);
  });
});
