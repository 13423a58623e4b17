import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from './chromium.ts';
import { crawl, type Furnished, openFurnished } from './furnished.ts';
import { signIn, TEST_MS } from './harness.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const MANY_PAGES_MS = 4 * TEST_MS;

describe.skipIf(!hasChromium)('the console is for people who see, hear or move differently', () => {
  let world: Furnished;
  beforeAll(async () => {
    world = await openFurnished();
  }, TEST_MS);
  afterAll(() => world?.close(), TEST_MS);

  it('no page has a serious fault, in both themes, on desktop and phone', {
    timeout: MANY_PAGES_MS,
  }, async () => {
    // What looks for faults is a script that the policy refuses; in all other tests the policy is in force.
    const visitor = await world.visit({ bypassCSP: true });
    const { page } = visitor;
    const faults: string[] = [];
    const look = async (name: string): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const)
        for (const size of SIZES) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(size);
          const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
          for (const { id, impact, nodes } of violations)
            if (impact === 'serious' || impact === 'critical')
              faults.push(
                `${name}, ${colorScheme}, ${size.width}: ${id}, ${nodes[0]?.html}: ${nodes[0]?.failureSummary}`,
              );
        }
    };

    await page.goto(`${world.url}/console/sign-in`);
    await look('the sign-in');
    await signIn(world, visitor);
    const { pages } = await crawl(world, visitor);
    expect(pages.length).toBeGreaterThan(12);
    for (const path of pages) {
      await page.goto(`${world.url}${path}`);
      await look(path);
    }
    await page.goto(`${world.url}/console/orders/000`);
    await look('a page that is not there');
    const item = page.locator(`#item-${world.orders.masked}`);
    await page.goto(`${world.url}/console/review`);
    await item.getByText('Fix the address').click();
    await item.locator('.fix').waitFor();
    await look('a fix that is open');
    await page.keyboard.press('Control+k');
    await look('the palette');

    expect(faults).toEqual([]);
  });
});
