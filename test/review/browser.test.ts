import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasChromium } from '../console/chromium.ts';
import {
  ADMIN,
  becomes,
  type ConsoleWorld,
  openConsole,
  sees,
  signIn,
  TEST_MS,
  type Visitor,
} from '../console/harness.ts';
import { order } from '../e2e/lives.ts';

describe.skipIf(!hasChromium)('the review queue in a browser', { timeout: TEST_MS }, () => {
  let world: ConsoleWorld;
  let visitor: Visitor;

  beforeEach(async () => {
    world = await openConsole({ env: { SKU_MAP_DEFAULT: 'none' } });
  });
  afterEach(() => world.close());

  const unmapped = async (): Promise<string> => {
    const { orderId } = order(world, { HAT: 1 });
    await becomes(world, orderId, { stage: 'review' });
    return orderId;
  };
  const openQueue = async (): Promise<Visitor['page']> => {
    visitor = await world.visit();
    await signIn(world, visitor, ADMIN, '/console/review');
    return visitor.page;
  };

  it('a shortcut acts on the order one stands on, and closing is undone where it was done', async () => {
    const [first, second] = [await unmapped(), await unmapped()];
    const page = await openQueue();
    const item = (orderId: string) => page.locator(`#item-${orderId}`);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    await item(second).locator('.fix').waitFor();
    expect(await item(first).locator('.fix').count()).toBe(0);

    await item(second).locator('a.row-link').focus();
    await page.keyboard.press('x');
    await item(second).getByLabel('Why').fill('shipped by hand');
    await page.keyboard.press('Enter');
    await sees(item(second), /^Done\./);
    await page.locator('#review-count', { hasText: /^1$/ }).waitFor();
    await item(second).getByRole('button', { name: 'Undo: open it again' }).click();
    await sees(item(second), /^Still in review\./);
    await page.locator('#review-count', { hasText: /^2$/ }).waitFor();
  });

  it('an order that comes meanwhile is told without losing what is open', async () => {
    const first = await unmapped();
    const page = await openQueue();
    await page.locator(`#item-${first}`).getByText('Map the SKU').click();
    const input = page.locator(`#item-${first} input[name=amazonSku]`);
    await input.fill('half-typ');
    const second = await unmapped();
    await sees(page, 'Another order waits');
    await page.locator('#review-count', { hasText: /^2$/ }).waitFor();
    expect(await input.inputValue()).toBe('half-typ');

    await page.getByRole('link', { name: 'Show the queue anew' }).click();
    await page.locator(`#item-${second}`).waitFor();
  });

  it('a fix that is refused says why and keeps what was filled in', async () => {
    const orderId = await unmapped();
    const page = await openQueue();
    const item = page.locator(`#item-${orderId}`);
    await item.getByText('Map the SKU').click();
    await item.locator('input[name=amazonSku]').fill('MUG');
    await item.getByText('It is a bundle of several').click();
    await item.getByLabel('and by').first().fill('MUG');
    await item.getByRole('button', { name: /^Map and send/ }).click();
    await sees(item, /names an Amazon SKU twice/);
    expect(await item.locator('input[name=amazonSku]').inputValue()).toBe('MUG');
  });

  it('the page of long work follows by itself until it is over', async () => {
    await unmapped();
    await unmapped();
    const page = await openQueue();
    await page.getByText('Close all…').click();
    await page.locator('form[action$="/resolve-all"]').getByLabel('Why').fill('sold elsewhere');
    await page.getByRole('button', { name: 'Close all of them' }).click();
    await sees(page, 'All done');
    expect(await page.locator('#job-progress').getAttribute('value')).toBe('2');
    await page.locator('#review-count').waitFor({ state: 'hidden' });
  });
});
