import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order } from '../e2e/lives.ts';
import { hasChromium } from './chromium.ts';
import {
  ADMIN,
  becomes,
  type ConsoleWorld,
  openConsole,
  PASSWORD,
  runCommand,
  sees,
  shipAll,
  signIn,
  TEST_MS,
  tabTo,
} from './harness.ts';

const MASKED = 'J*** E******';

describe.skipIf(!hasChromium)('a working day in the console', { timeout: TEST_MS }, () => {
  let world: ConsoleWorld;

  beforeEach(async () => {
    world = await openConsole({ env: { SKU_MAP_DEFAULT: 'none' } });
    await world.api('PUT', '/api/sku-map', {
      entries: [{ shopId: null, channelSku: 'MUG', components: [{ amazonSku: 'MUG', quantity: 1 }] }],
    });
  });

  afterEach(async () => {
    const { amazon, tiktok } = world;
    await world.close();
    expect([...amazon.violations, ...tiktok.violations, ...amazon.duplicateCreates]).toEqual([]);
  });

  const nameSent = (orderId: string): unknown =>
    world.amazon.order(`TTS-${orderId}`)?.body.destinationAddress.name;

  it('with the mouse: an order arrives live, both cases in review are fixed in place, and both ship', async () => {
    await world.addUser({ name: 'olga', role: 'operator' });
    const visitor = await world.visit();
    const { page } = visitor;
    await signIn(world, visitor, { name: 'olga', password: PASSWORD });

    await page.evaluate('window.isTheSamePage = true');
    const plain = order(world);
    await becomes(world, plain.orderId, { stage: 'fulfilling' });
    await page.locator('main .figure', { hasText: 'fulfilling' }).getByText('1', { exact: true }).waitFor();
    expect(await page.evaluate('window.isTheSamePage')).toBe(true);

    const masked = order(world, { MUG: 1 }, { address: { name: MASKED } });
    const unmapped = order(world, { HAT: 1 });
    await becomes(world, masked.orderId, { stage: 'review', reason: 'address_masked' });
    await becomes(world, unmapped.orderId, { stage: 'review', reason: 'sku_unmapped' });

    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: /^Review/ })
      .click();
    const addressItem = page.locator(`#item-${masked.orderId}`);
    await addressItem.getByText('Fix the address').click();
    await addressItem.getByLabel('Name', { exact: true }).fill('Jane Example');
    await addressItem.getByRole('button', { name: 'Preview' }).click();
    await addressItem.getByRole('button', { name: 'Send with this address' }).click();
    await sees(addressItem, /^Done\./);
    await becomes(world, masked.orderId, { stage: 'fulfilling' });
    expect(nameSent(masked.orderId)).toBe('Jane Example');

    const skuItem = page.locator(`#item-${unmapped.orderId}`);
    await skuItem.getByText('Map the SKU').click();
    await skuItem.getByLabel(/is shipped by the Amazon SKU/).fill('HAT');
    await skuItem.getByRole('button', { name: /^Map and send/ }).click();
    await sees(skuItem, /^Done\./);
    await becomes(world, unmapped.orderId, { stage: 'fulfilling' });

    shipAll(world, masked.orderId, 'MUG', 1);
    shipAll(world, unmapped.orderId, 'HAT', 2);
    await page.getByRole('link', { name: 'Today' }).click();
    await page.getByRole('button', { name: 'Run a pass now' }).click();
    await page.locator('main .figure', { hasText: 'shipped' }).getByText('2', { exact: true }).waitFor();
    expect(world.tiktok.reports.map(({ orderId }) => orderId).sort()).toEqual(
      [masked.orderId, unmapped.orderId].sort(),
    );
  });

  it('by keyboard alone: the same', async () => {
    const { page } = await world.visit();
    const { keyboard } = page;
    await page.goto(`${world.url}/console`);
    await keyboard.type(ADMIN.name);
    await keyboard.press('Tab');
    await keyboard.type(ADMIN.password);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Today' }).waitFor();

    const masked = order(world, { MUG: 1 }, { address: { name: MASKED } });
    const unmapped = order(world, { HAT: 1 });
    await becomes(world, masked.orderId, { stage: 'review' });
    await becomes(world, unmapped.orderId, { stage: 'review' });
    await page.locator('main .figure', { hasText: 'review' }).getByText('2', { exact: true }).waitFor();

    await keyboard.press('g');
    await keyboard.press('r');
    await page.getByRole('heading', { name: 'Review', exact: true }).waitFor();
    await keyboard.press('j');
    await tabTo(page, `#item-${masked.orderId} a.button:not(.second)`);
    await keyboard.press('Enter');
    await page.locator(`#item-${masked.orderId} .fix`).waitFor();
    await tabTo(page, `#item-${masked.orderId} .fix input[name=name]`);
    await keyboard.press('Control+a');
    await keyboard.type('Jane Example');
    await keyboard.press('Enter');
    const send = `#item-${masked.orderId} .fix button[value=send]`;
    await page.locator(send).waitFor();
    await tabTo(page, send);
    await keyboard.press('Enter');
    await sees(page.locator(`#item-${masked.orderId}`), /^Done\./);

    await tabTo(page, `#item-${unmapped.orderId} a.button:not(.second)`);
    await keyboard.press('Enter');
    const sku = `#item-${unmapped.orderId} input[name=amazonSku]`;
    await page.locator(sku).waitFor();
    await tabTo(page, sku);
    await keyboard.type('HAT');
    await keyboard.press('Enter');
    await sees(page.locator(`#item-${unmapped.orderId}`), /^Done\./);
    await becomes(world, masked.orderId, { stage: 'fulfilling' });
    await becomes(world, unmapped.orderId, { stage: 'fulfilling' });
    expect(nameSent(masked.orderId)).toBe('Jane Example');

    shipAll(world, masked.orderId, 'MUG', 1);
    shipAll(world, unmapped.orderId, 'HAT', 2);
    await keyboard.press('Escape');
    await runCommand(page, 'go to today');
    await page.getByRole('heading', { name: 'Today' }).waitFor();
    await runCommand(page, 'run a pass');
    await page.locator('main .figure', { hasText: 'shipped' }).getByText('2', { exact: true }).waitFor();

    await runCommand(page, masked.orderId);
    await page.getByRole('heading', { name: `Order ${masked.orderId}` }).waitFor();
    expect(world.tiktok.reports).toHaveLength(2);
  });
});
